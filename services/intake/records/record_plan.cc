#include "services/intake/records/record_plan.h"

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

rpc::Violations RecordPlan::Conflicts(const CheckedRecord& record, const std::string& path) const {
  rpc::Violations violations;
  const auto known = known_.find(KeyOf(record));
  if (known != known_.end() && known->second.kind != record.kind) AddKindConflict(path, violations);
  return violations;
}

v1::RecordResult RecordPlan::Take(const CheckedRecord& record, const std::string& actor,
                                  int64_t directory_sequence) {
  const auto [known, is_new] = known_.try_emplace(KeyOf(record));
  StoredRecord& stored = known->second;
  v1::RecordResult result;
  if (is_new) {
    stored = {Uuid::NewV7(now_), 1, record.digest, record.kind,
              partition_of_(record.submission.org_unit_id())};
    created_.emplace(stored.record_id, MakeRow(record, stored));
    AddEvent(record, stored, "", directory_sequence);
    result.set_disposition(v1::RecordResult::DISPOSITION_CREATED);
  } else if (stored.digest == record.digest) {
    result.set_disposition(v1::RecordResult::DISPOSITION_UNCHANGED);
  } else {
    std::string& body = bodies_[stored.record_id];
    const bool created_here = created_.contains(stored.record_id);
    const std::string previous = created_here ? created_[stored.record_id].body : body;
    superseded_.push_back({stored.record_id, stored.revision, stored.digest, previous, now_, actor});
    ++stored.revision;
    stored.digest = record.digest;
    // A record that is new in this batch has no row yet: its row is written once, at its last revision.
    auto& rows = created_here ? created_ : revised_;
    rows[stored.record_id] = MakeRow(record, stored);
    AddEvent(record, stored, previous, directory_sequence);
    body = record.body;
    result.set_disposition(v1::RecordResult::DISPOSITION_UPDATED);
  }
  result.set_record_id(stored.record_id.ToString());
  result.set_revision(stored.revision);
  return result;
}

std::vector<const RecordRow*> RecordPlan::Created() const { return Pointers(created_); }
std::vector<const RecordRow*> RecordPlan::Revised() const { return Pointers(revised_); }

RecordRow RecordPlan::MakeRow(const CheckedRecord& record, const StoredRecord& stored) const {
  RecordRow row;
  row.record_id = stored.record_id;
  row.key = KeyOf(record);
  row.org_unit_id = record.submission.org_unit_id();
  row.kind = record.kind;
  row.on = record.on;
  row.issue_kind = record.submission.issue().kind();
  row.category_id = record.submission.issue().category_id();
  row.revision = stored.revision;
  row.digest = record.digest;
  row.partition = stored.partition;
  row.created_at = now_;  // an upsert keeps the first one
  row.updated_at = now_;
  row.body = record.body;
  row.enterprises = EnterprisesOf(record.submission);
  return row;
}

void RecordPlan::AddEvent(const CheckedRecord& record, const StoredRecord& stored,
                          const std::string& previous_body, int64_t directory_sequence) {
  feed::OutgoingEvent outgoing;
  outgoing.partition = stored.partition;
  outgoing.event.set_directory_sequence(directory_sequence);
  feed::v1::RecordChanged& change = *outgoing.event.mutable_record();
  const std::string record_id = stored.record_id.ToString();
  if (stored.revision > 1) {
    v1::RecordSubmission previous;
    previous.ParseFromString(previous_body);  // it was serialised by this service
    *change.mutable_before() = FactsOf(previous, record_id, stored.revision - 1);
  }
  *change.mutable_after() = FactsOf(record.submission, record_id, stored.revision);
  if (record.kind == v1::RECORD_KIND_ISSUE) *change.mutable_issue() = ContentOf(record.submission);
  events_.push_back(std::move(outgoing));
}

}  // namespace zhuqi::intake
