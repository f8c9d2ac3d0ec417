#include "services/intake/records/record_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/feed/append.h"
#include "common/feed/token.h"
#include "common/rpc/uuid_field.h"

namespace zhuqi::intake {
namespace {

constexpr int kMaxRecords = 1000;
constexpr size_t kReadAhead = 8;
constexpr absl::Duration kChunkTimeout = absl::Seconds(60);

void CheckCount(int records, rpc::Violations& violations, absl::string_view field) {
  if (records < 1 || records > kMaxRecords) {
    violations.Add(std::string(field), "OUT_OF_RANGE",
                   absl::StrCat("1 to ", kMaxRecords, " records are required"),
                   absl::StrCat("须包含 1 至 ", kMaxRecords, " 条记录"));
  }
}

// Something that a newer directory may know.
bool MentionsUnknown(const RecordBatch& batch) {
  return std::any_of(batch.records.begin(), batch.records.end(), [](const CheckedRecord& record) {
    return std::any_of(record.violations.list().begin(), record.violations.list().end(),
                       [](const rpc::Violation& violation) {
                         const std::string& reason = violation.reason;
                         return reason == "ORG_UNIT_UNKNOWN" || reason == "CATEGORY_UNKNOWN" ||
                                reason == "FUNCTION_UNKNOWN" || reason == "TEAM_UNKNOWN" ||
                                reason == "DEPARTMENT_UNKNOWN" || reason == "POLICY_UNKNOWN";
                       });
  });
}

// What a repeated request must be the same in: its digest by each key when it has contacts, since a plain
// digest would give them away. Without keys contacts are refused, and are in no digest.
std::vector<std::string> ContentDigests(
    std::string content, const google::protobuf::RepeatedPtrField<v1::RecordSubmission>& records,
    const encryption::KeyRing* keys) {
  const bool has_contacts =
      std::any_of(records.begin(), records.end(),
                  [](const v1::RecordSubmission& record) { return record.issue().has_contact(); });
  for (const v1::RecordSubmission& record : records) {
    // The length tells where a record ends.
    if (has_contacts && keys == nullptr) {
      v1::RecordSubmission without = record;
      if (without.has_issue()) without.mutable_issue()->clear_contact();
      absl::StrAppend(&content, ":", without.ByteSizeLong(), ":");
      without.AppendToString(&content);
    } else {
      absl::StrAppend(&content, ":", record.ByteSizeLong(), ":");
      record.AppendToString(&content);
    }
  }
  if (has_contacts && keys != nullptr) return keys->Digests(content);
  return {Sha256(content)};
}

absl::StatusOr<Uuid> ParseUuid(absl::string_view text, const char* field) {
  rpc::Violations violations;
  const std::optional<Uuid> parsed = rpc::ReadUuid(text, field, violations);
  if (!parsed.has_value()) return violations.ToStatus();
  return *parsed;
}

// Where an import goes on. Its token is of the feed's ends, read after the chunks: it covers more, and never
// less.
absl::StatusOr<v1::ImportOpened> OpenedImport(db::Connection& connection, const Uuid& import_id) {
  v1::ImportOpened opened;
  ZHUQI_ASSIGN_OR_RETURN(const int64_t next, NextImportChunk(connection, import_id));
  opened.set_next_chunk(next);
  if (next == 0) return opened;
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<common::v1::FeedPosition> heads, feed::ReadHeads(connection));
  std::vector<common::v1::FeedPosition> positions;
  for (const common::v1::FeedPosition& head : heads) {
    if (head.sequence() > 0) positions.push_back(feed::Position("intake", head.partition(), head.sequence()));
  }
  opened.set_consistency_token(feed::MakeToken(positions));
  return opened;
}

}  // namespace

RecordBatch RecordServer::CheckAll(
    const google::protobuf::RepeatedPtrField<v1::RecordSubmission>& records) const {
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::Time now = parts_.clock->Now();
  RecordBatch batch;
  batch.checked_with = {directory->sequence(), directory->category_tree_version()};
  batch.records.reserve(static_cast<size_t>(records.size()));
  for (int i = 0; i < records.size(); ++i) {
    batch.records.push_back(
        CheckRecord(records.Get(i), absl::StrCat("records[", i, "]"), *directory, now, parts_.contact_keys));
  }
  return batch;
}

Task<absl::StatusOr<RecordBatch>> RecordServer::CheckWithNewestDirectory(
    absl::Time deadline, const google::protobuf::RepeatedPtrField<v1::RecordSubmission>& records) {
  RecordBatch batch = CheckAll(records);
  if (!MentionsUnknown(batch)) co_return batch;
  auto refresh = parts_.sql->Run<bool>(deadline, [this](db::Connection& connection) -> absl::StatusOr<bool> {
    ZHUQI_RETURN_IF_ERROR(parts_.refresh_directory(connection));
    return true;
  });
  absl::StatusOr<bool> refreshed = co_await refresh;
  if (!refreshed.ok()) co_return refreshed.status();
  co_return CheckAll(records);
}

size_t RecordServer::LaneOf(const RecordBatch& batch) const {
  for (const CheckedRecord& record : batch.records) {
    if (!record.violations.empty()) continue;
    return static_cast<size_t>(
        PartitionOf(*parts_.directory->Get(), record.submission.org_unit_id(), parts_.partitions));
  }
  return 0;
}

Task<absl::StatusOr<v1::SubmitRecordsResponse>> RecordServer::Submit(
    rpc::CallContext& call, const v1::SubmitRecordsRequest& request) {
  rpc::Violations violations;
  std::optional<Uuid> request_id;
  if (!request.validate_only()) request_id = rpc::ReadUuid(request.request_id(), "request_id", violations);
  CheckCount(request.records_size(), violations, "records");
  if (!violations.empty()) co_return violations.ToStatus();
  auto check = CheckWithNewestDirectory(call.deadline, request.records());
  absl::StatusOr<RecordBatch> batch = co_await check;
  if (!batch.ok()) co_return batch.status();
  batch->all_or_nothing = request.all_or_nothing();
  batch->actor = call.principal.id;
  if (request.validate_only()) {
    auto preview = parts_.sql->RunInTransaction<v1::SubmitRecordsResponse>(
        call.deadline, db::TransactionOptions{},
        [this, &batch](db::Transaction& transaction) { return parts_.writer->Preview(transaction, *batch); });
    absl::StatusOr<v1::SubmitRecordsResponse> previewed = co_await preview;
    co_return previewed;
  }
  batch->request_id = *request_id;
  batch->method = "RecordService.SubmitRecords";
  batch->digests = ContentDigests(absl::StrCat(request.all_or_nothing(), request.validate_only()),
                                  request.records(), parts_.contact_keys);
  const size_t lane = LaneOf(*batch);
  auto write = parts_.writer->Write(lane, *std::move(batch), call.deadline);
  absl::StatusOr<v1::SubmitRecordsResponse> written = co_await write;
  co_return written;
}

Task<absl::Status> RecordServer::Import(rpc::CallContext& call, ImportStream& stream) {
  v1::ImportRecordsRequest first;
  const bool read = co_await stream.Read(&first);
  if (!read) co_return absl::OkStatus();
  absl::StatusOr<Uuid> import_id = ParseUuid(first.open().import_id(), "open.import_id");
  if (!import_id.ok()) co_return import_id.status();
  auto find = parts_.sql->Run<v1::ImportOpened>(
      std::min(call.deadline, absl::Now() + kChunkTimeout),
      [id = *import_id](db::Connection& connection) { return OpenedImport(connection, id); });
  absl::StatusOr<v1::ImportOpened> found = co_await find;
  if (!found.ok()) co_return found.status();
  v1::ImportRecordsResponse opened;
  *opened.mutable_opened() = *std::move(found);
  const bool told = co_await stream.Write(opened);
  if (!told) co_return absl::CancelledError("the client is gone");

  const std::string actor = call.principal.id;
  auto session = std::make_shared<ImportSession>(
      [this, id = *import_id, actor](const v1::ImportChunk& chunk,
                                     std::function<void(ImportSession::Outcome)> done) {
        return StartChunk(id, actor, chunk, std::move(done));
      },
      kReadAhead);
  Spawn(ImportSession::ReadChunks(session, stream), [](std::optional<bool>, std::exception_ptr) {});
  auto acknowledge = ImportSession::Acknowledge(session, stream);
  absl::Status status = co_await acknowledge;
  co_return status;
}

Task<absl::Status> RecordServer::StartChunk(Uuid import_id, std::string actor, const v1::ImportChunk& chunk,
                                            std::function<void(ImportSession::Outcome)> done) {
  rpc::Violations violations;
  if (chunk.number() < 0) {
    violations.Add("chunk.number", "OUT_OF_RANGE", "chunks count from 0", "数据块编号从 0 开始");
  }
  CheckCount(chunk.records_size(), violations, "chunk.records");
  if (!violations.empty()) co_return violations.ToStatus();
  const absl::Time deadline = absl::Now() + kChunkTimeout;
  auto check = CheckWithNewestDirectory(deadline, chunk.records());
  absl::StatusOr<RecordBatch> batch = co_await check;
  if (!batch.ok()) co_return batch.status();
  // A chunk's identity follows from the import's, so a chunk that is sent again is the same request.
  batch->request_id = Uuid::Derived("import-chunk", absl::StrCat(import_id.ToString(), ":", chunk.number()),
                                    absl::UnixEpoch());
  batch->method = "RecordService.ImportRecords";
  batch->digests = ContentDigests(absl::StrCat(chunk.number()), chunk.records(), parts_.contact_keys);
  batch->actor = std::move(actor);
  batch->import_chunk = std::make_pair(import_id, chunk.number());
  // One lane an import: its chunks are written in the order in which they were sent.
  parts_.writer->Write(absl::Hash<Uuid>()(import_id), *std::move(batch), deadline, std::move(done));
  co_return absl::OkStatus();
}

}  // namespace zhuqi::intake
