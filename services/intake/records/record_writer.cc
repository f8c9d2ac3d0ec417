#include "services/intake/records/record_writer.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/feed/first_answers.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "services/intake/records/contact_store.h"
#include "services/intake/records/record_plan.h"

namespace zhuqi::intake {
namespace {

std::string PathOf(size_t index) { return absl::StrCat("records[", index, "]"); }

v1::RecordResult Rejected(const rpc::Violations& violations) {
  v1::RecordResult result;
  result.set_disposition(v1::RecordResult::DISPOSITION_REJECTED);
  ToRows(violations, result.mutable_violations());
  return result;
}

// What is wrong with each record of a batch, beside what is stored and beside the records before it. Found
// before anything is taken, so that all or nothing holds for conflicts within the request too.
std::vector<rpc::Violations> Refusals(const RecordBatch& batch, const RecordPlan& plan) {
  std::vector<rpc::Violations> refusals;
  absl::flat_hash_map<NaturalKey, v1::RecordKind> kinds;
  for (size_t i = 0; i < batch.records.size(); ++i) {
    const CheckedRecord& record = batch.records[i];
    rpc::Violations refusal =
        record.violations.empty() ? plan.Conflicts(record, PathOf(i)) : record.violations;
    if (refusal.empty()) {
      const auto [first, is_new] = kinds.try_emplace(KeyOf(record), record.kind);
      if (first->second != record.kind) AddKindConflict(PathOf(i), refusal);
    }
    refusals.push_back(std::move(refusal));
  }
  return refusals;
}

// The results of the records of one batch, its effects left in `plan`.
v1::SubmitRecordsResponse ApplyBatch(const RecordBatch& batch, RecordPlan& plan) {
  const std::vector<rpc::Violations> refusals = Refusals(batch, plan);
  const bool any_refused = std::any_of(refusals.begin(), refusals.end(),
                                       [](const rpc::Violations& refusal) { return !refusal.empty(); });
  v1::SubmitRecordsResponse response;
  for (size_t i = 0; i < batch.records.size(); ++i) {
    const CheckedRecord& record = batch.records[i];
    v1::RecordResult& result = *response.add_results();
    if (!refusals[i].empty()) {
      result = Rejected(refusals[i]);
    } else if (batch.all_or_nothing && any_refused) {
      result.set_disposition(v1::RecordResult::DISPOSITION_NOT_ATTEMPTED);
    } else {
      result = plan.Take(record, batch.actor, batch.checked_with);
    }
    result.set_index(static_cast<int32_t>(i));
    ToRows(record.warnings, result.mutable_warnings());
  }
  return response;
}

// The sender's names of the rows, which are given back and kept nowhere.
void SetRowKeys(const RecordBatch& batch, v1::SubmitRecordsResponse& response) {
  for (v1::RecordResult& result : *response.mutable_results()) {
    const auto index = static_cast<size_t>(result.index());
    if (index < batch.records.size() && !batch.records[index].row_key.empty()) {
      result.set_row_key(batch.records[index].row_key);
    }
  }
}

// The contacts of records that are to be revised, in clear text. Most batches have none and ask nothing.
absl::StatusOr<absl::flat_hash_map<Uuid, std::string>> OpenContacts(
    db::Transaction& transaction, const absl::flat_hash_map<Uuid, RevisionContent>& contents,
    const encryption::KeyRing* keys) {
  absl::flat_hash_map<Uuid, std::string> contacts;
  std::vector<Uuid> ids;
  for (const auto& [id, content] : contents) {
    if (HasContact(content.contact)) ids.push_back(id);
  }
  if (ids.empty() || keys == nullptr) return contacts;
  ZHUQI_ASSIGN_OR_RETURN(const auto sealed, ReadSealedContacts(transaction.connection(), ids));
  for (const auto& [id, contact] : sealed) {
    absl::StatusOr<std::string> opened = keys->Open(contact, ContactPlace(id));
    if (opened.ok()) contacts[id] = *std::move(opened);
  }
  return contacts;
}

absl::Status SealContacts(db::Transaction& transaction,
                          const std::map<Uuid, std::optional<std::string>>& contacts,
                          const encryption::KeyRing* keys) {
  if (contacts.empty()) return absl::OkStatus();
  std::map<Uuid, std::optional<encryption::Sealed>> sealed;
  for (const auto& [id, contact] : contacts) {
    std::optional<encryption::Sealed>& to = sealed[id];
    if (!contact.has_value()) continue;
    if (keys == nullptr) return absl::InternalError("a contact came here without a key");
    ZHUQI_ASSIGN_OR_RETURN(to, keys->Seal(*contact, ContactPlace(id)));
  }
  return WriteContacts(transaction, sealed);
}

// Puts into the events of issues what their enterprises are marked with: rules that route them may ask for
// it.
absl::Status AddEnterpriseTags(db::Transaction& transaction, std::vector<feed::OutgoingEvent>& events) {
  absl::flat_hash_map<std::string, std::vector<feed::v1::IssueContent*>> issues;
  for (feed::OutgoingEvent& outgoing : events) {
    feed::v1::RecordChanged& change = *outgoing.event.mutable_record();
    if (change.has_issue() && !change.after().enterprise_usccs().empty())
      issues[change.after().enterprise_usccs(0)].push_back(change.mutable_issue());
  }
  if (issues.empty()) return absl::OkStatus();
  std::vector<std::string> usccs;
  for (const auto& [uscc, contents] : issues) usccs.push_back(uscc);
  ZHUQI_ASSIGN_OR_RETURN(const auto tags, ReadEnterpriseTags(transaction, usccs));
  for (const auto& [uscc, marks] : tags) {
    for (feed::v1::IssueContent* content : issues[uscc])
      content->mutable_enterprise_tags()->Assign(marks.begin(), marks.end());
  }
  return absl::OkStatus();
}

// Reads all that the plan needs to know of what is stored.
absl::StatusOr<RecordPlan> MakePlan(db::Transaction& transaction,
                                    const std::vector<const RecordBatch*>& batches,
                                    const RecordWriterOptions& options) {
  std::vector<NaturalKey> keys;
  absl::flat_hash_map<NaturalKey, absl::flat_hash_set<std::string>> digests;
  for (const RecordBatch* batch : batches) {
    for (const CheckedRecord& record : batch->records) {
      if (!record.violations.empty()) continue;
      NaturalKey key = KeyOf(record);
      if (digests[key].insert(record.digest).second) keys.push_back(std::move(key));
    }
  }
  KnownRecords known;
  ZHUQI_ASSIGN_OR_RETURN(known.by_key, FindRecords(transaction, keys));
  std::vector<Uuid> to_revise;
  for (const auto& [key, stored] : known.by_key) {
    const auto& sent = digests[key];
    if (sent.size() > 1 || !sent.contains(stored.digest) || stored.withdrawn) {
      to_revise.push_back(stored.record_id);
    }
  }
  ZHUQI_ASSIGN_OR_RETURN(known.contents, ReadContents(transaction, to_revise));
  ZHUQI_ASSIGN_OR_RETURN(known.contacts, OpenContacts(transaction, known.contents, options.contact_keys));
  const auto directory = options.directory->Get();
  // A batch has many records and few units.
  const auto partition_of =
      [directory, partitions = options.partitions,
       found = absl::flat_hash_map<std::string, int32_t>()](absl::string_view org_unit_id) mutable {
        const auto [entry, is_new] = found.try_emplace(org_unit_id, 0);
        if (is_new) entry->second = PartitionOf(*directory, org_unit_id, partitions);
        return entry->second;
      };
  return RecordPlan(std::move(known), partition_of, options.clock->Now());
}

// Those chunks on disk that stand before a chunk of `entries`.
absl::StatusOr<absl::flat_hash_set<ImportChunkKey>> FindPredecessors(
    db::Transaction& transaction,
    absl::Span<db::GroupCommit<RecordBatch, v1::SubmitRecordsResponse>::Entry* const> entries) {
  std::vector<ImportChunkKey> wanted;
  for (const auto* entry : entries) {
    const std::optional<ImportChunkKey>& chunk = entry->item.import_chunk;
    if (chunk.has_value() && chunk->second > 0) wanted.emplace_back(chunk->first, chunk->second - 1);
  }
  if (wanted.empty()) return absl::flat_hash_set<ImportChunkKey>();
  return FindImportChunks(transaction, wanted);
}

// The first answer to the request, whichever of its digests that was remembered with.
absl::StatusOr<v1::SubmitRecordsResponse> AnswerTo(const RecordBatch& batch,
                                                   const feed::FirstAnswers& answers) {
  absl::StatusOr<v1::SubmitRecordsResponse> answer;
  for (const std::string& digest : batch.digests) {
    answer = answers.Answer<v1::SubmitRecordsResponse>(batch.request_id, digest);
    if (answer.ok()) break;
  }
  if (answer.ok()) SetRowKeys(batch, *answer);
  return answer;
}

absl::Status ChunkMissing(int64_t number) {
  return rpc::Error(
      absl::StatusCode::kFailedPrecondition, "IMPORT_CHUNK_MISSING",
      absl::StrCat("chunk ", number, " is not on disk: open the import again and go on from there"),
      absl::StrCat("数据块 ", number, " 尚未入库，请重新打开导入并从该块继续"),
      {{"chunk", absl::StrCat(number)}});
}

}  // namespace

RecordWriter::RecordWriter(RecordWriterOptions options)
    : options_(options),
      writer_(
          options.group_commit,
          [this](db::Transaction& transaction, absl::Span<Writer::Entry* const> entries) {
            return Apply(transaction, entries);
          },
          [this] { options_.tail->NotifyCommitted(); }) {}

Task<absl::StatusOr<v1::SubmitRecordsResponse>> RecordWriter::Write(size_t lane, RecordBatch batch,
                                                                    absl::Time deadline) {
  const size_t weight = std::max<size_t>(1, batch.records.size());
  return writer_.Write(lane, std::move(batch), weight, deadline);
}

void RecordWriter::Write(size_t lane, RecordBatch batch, absl::Time deadline,
                         std::function<void(absl::StatusOr<v1::SubmitRecordsResponse>)> done) {
  const size_t weight = std::max<size_t>(1, batch.records.size());
  writer_.Write(lane, std::move(batch), weight, deadline, std::move(done));
}

absl::StatusOr<v1::SubmitRecordsResponse> RecordWriter::Preview(db::Transaction& transaction,
                                                                const RecordBatch& batch) {
  ZHUQI_ASSIGN_OR_RETURN(RecordPlan plan, MakePlan(transaction, {&batch}, options_));
  v1::SubmitRecordsResponse response = ApplyBatch(batch, plan);
  // A record that is new would get its identity when it is written; a second row of its key has none either.
  absl::flat_hash_set<std::string> invented;
  for (v1::RecordResult& result : *response.mutable_results()) {
    if (result.disposition() == v1::RecordResult::DISPOSITION_CREATED) invented.insert(result.record_id());
    if (invented.contains(result.record_id())) result.clear_record_id();
  }
  SetRowKeys(batch, response);
  return response;
}

absl::Status RecordWriter::Apply(db::Transaction& transaction, absl::Span<Writer::Entry* const> entries) {
  std::vector<Uuid> request_ids;
  for (const Writer::Entry* entry : entries) request_ids.push_back(entry->item.request_id);
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers, feed::FirstAnswers::Load(transaction, request_ids));
  ZHUQI_ASSIGN_OR_RETURN(absl::flat_hash_set<ImportChunkKey> on_disk, FindPredecessors(transaction, entries));
  std::vector<const RecordBatch*> batches;
  for (Writer::Entry* entry : entries) {
    if (!answers.IsNew(entry->item.request_id)) continue;
    const std::optional<ImportChunkKey>& chunk = entry->item.import_chunk;
    if (chunk.has_value()) {
      if (chunk->second > 0 && !on_disk.contains({chunk->first, chunk->second - 1})) {
        entry->outcome = ChunkMissing(chunk->second - 1);
        continue;
      }
      on_disk.insert(*chunk);  // what follows it in this very transaction may be written
    }
    batches.push_back(&entry->item);
  }
  ZHUQI_ASSIGN_OR_RETURN(RecordPlan plan, MakePlan(transaction, batches, options_));
  struct Applied {
    const RecordBatch* batch;
    v1::SubmitRecordsResponse response;
    size_t first_event;
    size_t end_event;
  };
  std::vector<Applied> applied;
  applied.reserve(batches.size());
  std::vector<ImportChunkKey> chunks;
  for (const RecordBatch* batch : batches) {
    const size_t first_event = plan.events().size();
    v1::SubmitRecordsResponse response = ApplyBatch(*batch, plan);
    applied.push_back({batch, std::move(response), first_event, plan.events().size()});
    if (batch->import_chunk.has_value()) chunks.push_back(*batch->import_chunk);
  }
  ZHUQI_RETURN_IF_ERROR(AddEnterpriseTags(transaction, plan.events()));
  const absl::Time now = options_.clock->Now();
  ZHUQI_RETURN_IF_ERROR(InsertRecords(transaction, plan.Created()));
  ZHUQI_RETURN_IF_ERROR(ReviseRecords(transaction, plan.Revised(), plan.superseded()));
  ZHUQI_RETURN_IF_ERROR(NoteReturned(transaction, plan.returned()));
  ZHUQI_RETURN_IF_ERROR(SealContacts(transaction, plan.contacts(), options_.contact_keys));
  ZHUQI_RETURN_IF_ERROR(InsertImportChunks(transaction, chunks));
  ZHUQI_RETURN_IF_ERROR(feed::Append(transaction, now, plan.events()));
  for (Applied& one : applied) {
    std::vector<common::v1::FeedPosition> positions;
    for (size_t i = one.first_event; i < one.end_event; ++i) {
      const feed::OutgoingEvent& outgoing = plan.events()[i];
      positions.push_back(feed::Position("intake", outgoing.partition, outgoing.event.sequence()));
    }
    one.response.set_consistency_token(feed::MakeToken(positions));
    answers.Remember(one.batch->request_id, one.batch->method, one.batch->digests.front(),
                     one.response.SerializeAsString(), now);
  }
  ZHUQI_RETURN_IF_ERROR(answers.Store(transaction));
  for (Writer::Entry* entry : entries) {
    if (!entry->outcome.has_value()) entry->outcome = AnswerTo(entry->item, answers);
  }
  return absl::OkStatus();
}

}  // namespace zhuqi::intake
