#include "services/intake/records/record_writer.h"

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/feed/first_answers.h"
#include "common/feed/token.h"
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

// The results of the records of one batch, its effects left in `plan`.
v1::SubmitRecordsResponse ApplyBatch(const RecordBatch& batch, RecordPlan& plan) {
  std::vector<rpc::Violations> refusals;
  bool any_refused = false;
  for (size_t i = 0; i < batch.records.size(); ++i) {
    const CheckedRecord& record = batch.records[i];
    refusals.push_back(record.violations.empty() ? plan.Conflicts(record, PathOf(i)) : record.violations);
    any_refused = any_refused || !refusals.back().empty();
  }
  v1::SubmitRecordsResponse response;
  for (size_t i = 0; i < batch.records.size(); ++i) {
    const CheckedRecord& record = batch.records[i];
    v1::RecordResult& result = *response.add_results();
    if (!refusals[i].empty()) {
      result = Rejected(refusals[i]);
    } else if (batch.all_or_nothing && any_refused) {
      result.set_disposition(v1::RecordResult::DISPOSITION_NOT_ATTEMPTED);
    } else if (const rpc::Violations conflicts = plan.Conflicts(record, PathOf(i)); !conflicts.empty()) {
      result = Rejected(conflicts);  // with an earlier record of this very batch
    } else {
      result = plan.Take(record, batch.actor, batch.directory_sequence);
    }
    result.set_index(static_cast<int32_t>(i));
    ToRows(record.warnings, result.mutable_warnings());
  }
  return response;
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
      NaturalKey key(record.submission.key().source_system(), record.submission.key().external_id());
      if (digests[key].insert(record.digest).second) keys.push_back(std::move(key));
    }
  }
  ZHUQI_ASSIGN_OR_RETURN(auto known, FindRecords(transaction, keys));
  std::vector<Uuid> to_revise;
  for (const auto& [key, stored] : known) {
    const auto& sent = digests[key];
    if (sent.size() > 1 || !sent.contains(stored.digest)) to_revise.push_back(stored.record_id);
  }
  ZHUQI_ASSIGN_OR_RETURN(auto bodies, ReadBodies(transaction, to_revise));
  const auto directory = options.directory->Get();
  // A batch has many records and few units.
  const auto partition_of =
      [directory, partitions = options.partitions,
       found = absl::flat_hash_map<std::string, int32_t>()](absl::string_view org_unit_id) mutable {
        const auto [entry, is_new] = found.try_emplace(org_unit_id, 0);
        if (is_new) entry->second = PartitionOf(*directory, org_unit_id, partitions);
        return entry->second;
      };
  return RecordPlan(std::move(known), std::move(bodies), partition_of, options.clock->Now());
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

absl::StatusOr<v1::SubmitRecordsResponse> RecordWriter::Preview(db::Transaction& transaction,
                                                                const RecordBatch& batch) {
  ZHUQI_ASSIGN_OR_RETURN(RecordPlan plan, MakePlan(transaction, {&batch}, options_));
  v1::SubmitRecordsResponse response = ApplyBatch(batch, plan);
  for (v1::RecordResult& result : *response.mutable_results()) {
    if (result.disposition() == v1::RecordResult::DISPOSITION_CREATED) result.clear_record_id();
  }
  return response;
}

absl::Status RecordWriter::Apply(db::Transaction& transaction, absl::Span<Writer::Entry* const> entries) {
  std::vector<Uuid> request_ids;
  for (const Writer::Entry* entry : entries) request_ids.push_back(entry->item.request_id);
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers, feed::FirstAnswers::Load(transaction, request_ids));
  std::vector<const RecordBatch*> batches;
  for (const Writer::Entry* entry : entries) {
    if (answers.IsNew(entry->item.request_id)) batches.push_back(&entry->item);
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
  std::vector<std::pair<Uuid, int64_t>> chunks;
  for (const RecordBatch* batch : batches) {
    const size_t first_event = plan.events().size();
    v1::SubmitRecordsResponse response = ApplyBatch(*batch, plan);
    applied.push_back({batch, std::move(response), first_event, plan.events().size()});
    if (batch->import_chunk.has_value()) chunks.push_back(*batch->import_chunk);
  }
  const absl::Time now = options_.clock->Now();
  ZHUQI_RETURN_IF_ERROR(InsertRecords(transaction, plan.Created()));
  ZHUQI_RETURN_IF_ERROR(ReviseRecords(transaction, plan.Revised(), plan.superseded()));
  ZHUQI_RETURN_IF_ERROR(InsertImportChunks(transaction, chunks));
  ZHUQI_RETURN_IF_ERROR(feed::Append(transaction, now, plan.events()));
  for (Applied& one : applied) {
    std::vector<common::v1::FeedPosition> positions;
    for (size_t i = one.first_event; i < one.end_event; ++i) {
      const feed::OutgoingEvent& outgoing = plan.events()[i];
      positions.push_back(feed::Position("intake", outgoing.partition, outgoing.event.sequence()));
    }
    one.response.set_consistency_token(feed::MakeToken(positions));
    answers.Remember(one.batch->request_id, one.batch->method, one.batch->digest,
                     one.response.SerializeAsString(), now);
  }
  ZHUQI_RETURN_IF_ERROR(answers.Store(transaction));
  for (Writer::Entry* entry : entries) {
    entry->outcome = answers.Answer<v1::SubmitRecordsResponse>(entry->item.request_id, entry->item.digest);
  }
  return absl::OkStatus();
}

}  // namespace zhuqi::intake
