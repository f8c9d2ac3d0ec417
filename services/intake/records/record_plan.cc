#include "services/intake/records/record_plan.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace zhuqi::intake {
namespace {

std::vector<const RecordRow*> Pointers(const std::map<Uuid, RecordRow>& rows) {
  std::vector<const RecordRow*> pointers;
  pointers.reserve(rows.size());
  for (const auto& [id, row] : rows) pointers.push_back(&row);
  return pointers;
}

}  // namespace

NaturalKey KeyOf(const CheckedRecord& record) {
  return {record.submission.key().source_system(), record.submission.key().external_id()};
}

void AddKindConflict(const std::string& path, rpc::Violations& violations) {
  violations.Add(absl::StrCat(path, ".key"), "RECORD_KIND_CHANGED", "a record of another kind has this key",
                 "该编号已用于另一类记录");
}

RecordRow RowOf(const v1::RecordSubmission& normalised) {
  RecordRow row;
  row.key = {normalised.key().source_system(), normalised.key().external_id()};
  row.org_unit_id = normalised.org_unit_id();
  row.mentions = MentionsOf(normalised);
  row.kind = row.mentions.kind;
  row.on = row.mentions.on;
  row.issue_kind = normalised.issue().kind();
  row.category_id = normalised.issue().category_id();
  return row;
}

feed::OutgoingEvent EventOf(const v1::RecordSubmission& normalised, const RecordRow& row,
                            std::optional<feed::v1::RecordFacts> before, int64_t directory_sequence) {
  feed::OutgoingEvent outgoing;
  outgoing.partition = row.partition;
  outgoing.event.set_directory_sequence(directory_sequence);
  feed::v1::RecordChanged& change = *outgoing.event.mutable_record();
  if (before.has_value()) *change.mutable_before() = *std::move(before);
  *change.mutable_after() = FactsOf(normalised, row.record_id.ToString(), row.revision);
  change.mutable_after()->set_withdrawn(row.content.withdrawal_reason.has_value());
  if (row.kind == v1::RECORD_KIND_ISSUE) {
    *change.mutable_issue() = ContentOf(normalised);
    change.mutable_issue()->set_withdrawal_reason(row.content.withdrawal_reason.value_or(""));
  }
  return outgoing;
}

rpc::Violations RecordPlan::Conflicts(const CheckedRecord& record, const std::string& path) const {
  rpc::Violations violations;
  const auto known = known_.find(KeyOf(record));
  if (known != known_.end() && known->second.kind != record.kind) AddKindConflict(path, violations);
  return violations;
}

v1::RecordResult RecordPlan::Take(const CheckedRecord& record, const std::string& actor,
                                  const CheckedWith& with) {
  const auto [known, is_new] = known_.try_emplace(KeyOf(record));
  StoredRecord& stored = known->second;
  v1::RecordResult result;
  if (is_new) {
    Create(record, stored, actor, with);
    result.set_disposition(v1::RecordResult::DISPOSITION_CREATED);
  } else if (record.HasDigest(stored.digest) && !stored.withdrawn) {
    result.set_disposition(v1::RecordResult::DISPOSITION_UNCHANGED);
  } else {
    Revise(record, stored, actor, with);
    result.set_disposition(v1::RecordResult::DISPOSITION_UPDATED);
  }
  result.set_record_id(stored.record_id.ToString());
  result.set_revision(stored.revision);
  return result;
}

void RecordPlan::Create(const CheckedRecord& record, StoredRecord& stored, const std::string& actor,
                        const CheckedWith& with) {
  stored.record_id = Uuid::NewV7(now_);
  stored.revision = 1;
  stored.digest = record.digest;
  stored.kind = record.kind;
  stored.partition = partition_of_(record.submission.org_unit_id());
  stored.contact = TakeContact(record, stored);
  const RecordRow& row =
      created_.emplace(stored.record_id, MakeRow(record, stored, actor, with)).first->second;
  events_.push_back(EventOf(record.submission, row, std::nullopt, with.directory_sequence));
}

void RecordPlan::Revise(const CheckedRecord& record, StoredRecord& stored, const std::string& actor,
                        const CheckedWith& with) {
  RecordRow* written = Written(stored.record_id);
  RevisionContent& before = written != nullptr ? written->content : contents_[stored.record_id];
  v1::RecordSubmission previous;
  previous.ParseFromString(before.body);  // it was serialised by this service
  feed::v1::RecordFacts facts = FactsOf(previous, stored.record_id.ToString(), stored.revision);
  facts.set_withdrawn(stored.withdrawn);

  const int64_t superseded = stored.revision++;
  stored.digest = record.digest;
  stored.contact = TakeContact(record, stored);
  RecordRow row = MakeRow(record, stored, actor, with);
  // Of a record that is written twice here, the tables have what stood before the first time; of one that is
  // withdrawn they have nothing.
  if (written != nullptr) {
    row.former_mentions = written->former_mentions;
  } else if (!stored.withdrawn) {
    row.former_mentions = MentionsOf(previous);
  }
  if (std::exchange(stored.withdrawn, false)) returned_.push_back(stored.record_id);
  superseded_.push_back({stored.record_id, superseded, std::move(before)});
  events_.push_back(EventOf(record.submission, row, std::move(facts), with.directory_sequence));
  // A record that is new in this batch has no row yet: its row is written once, at its last revision.
  auto& rows = created_.contains(stored.record_id) ? created_ : revised_;
  rows[stored.record_id] = std::move(row);
}

ContactNote RecordPlan::TakeContact(const CheckedRecord& record, const StoredRecord& stored) {
  if (!record.contact.has_value() && !HasContact(stored.contact)) return ContactNote::kNone;
  if (!record.contact.has_value()) {
    contact_changes_[stored.record_id] = std::nullopt;
    contacts_.erase(stored.record_id);
    return ContactNote::kTaken;
  }
  std::string& contact = contacts_[stored.record_id];
  if (HasContact(stored.contact) && contact == *record.contact) return ContactNote::kAsBefore;
  contact = *record.contact;
  contact_changes_[stored.record_id] = contact;
  return ContactNote::kGiven;
}

std::vector<const RecordRow*> RecordPlan::Created() const { return Pointers(created_); }
std::vector<const RecordRow*> RecordPlan::Revised() const { return Pointers(revised_); }

RecordRow RecordPlan::MakeRow(const CheckedRecord& record, const StoredRecord& stored,
                              const std::string& actor, const CheckedWith& with) const {
  RecordRow row = RowOf(record.submission);
  row.record_id = stored.record_id;
  row.revision = stored.revision;
  row.digest = record.digest;
  row.partition = stored.partition;
  row.created_at = now_;  // an upsert keeps the first one
  row.content.recorded_at = now_;
  row.content.recorded_by = actor;
  row.content.contact = stored.contact;
  if (row.kind == v1::RECORD_KIND_ISSUE) row.content.category_tree_version = with.category_tree_version;
  row.content.body = record.body;
  return row;
}

RecordRow* RecordPlan::Written(const Uuid& record_id) {
  if (const auto created = created_.find(record_id); created != created_.end()) return &created->second;
  const auto revised = revised_.find(record_id);
  return revised == revised_.end() ? nullptr : &revised->second;
}

}  // namespace zhuqi::intake
