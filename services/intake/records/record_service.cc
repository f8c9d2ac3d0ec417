#include "services/intake/records/record_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/page_token.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/feed/append.h"
#include "common/feed/token.h"
#include "common/vocabulary/credit_code.h"
#include "services/intake/directory/directory_keeper.h"

namespace zhuqi::intake {
namespace {

constexpr int kMaxRecords = 1000;
constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 500;
constexpr size_t kMaxPageBytes = 2 << 20;
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
                         return violation.reason == "ORG_UNIT_UNKNOWN" ||
                                violation.reason == "CATEGORY_UNKNOWN" ||
                                violation.reason == "FUNCTION_UNKNOWN";
                       });
  });
}

// What a repeated request must be the same in.
std::string ContentDigest(const v1::SubmitRecordsRequest& request) {
  std::string content = absl::StrCat(request.all_or_nothing(), request.validate_only());
  for (const v1::RecordSubmission& record : request.records()) {
    // The length tells where a record ends.
    absl::StrAppend(&content, ":", record.ByteSizeLong(), ":");
    record.AppendToString(&content);
  }
  return Sha256(content);
}

absl::Status UnknownRecord() {
  return rpc::Error(absl::StatusCode::kNotFound, "RECORD_UNKNOWN", "there is no such record", "没有该记录");
}

absl::StatusOr<Uuid> ParseUuid(absl::string_view text, const char* field) {
  const std::optional<Uuid> parsed = Uuid::Parse(text);
  if (parsed.has_value()) return *parsed;
  rpc::Violations violations;
  violations.Add(field, "UUID_INVALID", "a UUID of 36 characters is required", "须为 36 个字符的 UUID");
  return violations.ToStatus();
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

grpc::ServerUnaryReactor* RecordServer::SubmitRecords(grpc::CallbackServerContext* context,
                                                      const v1::SubmitRecordsRequest* request,
                                                      v1::SubmitRecordsResponse* response) {
  return parts_.adaptor->Unary(context, request, response,
                               [this](rpc::CallContext& call, const v1::SubmitRecordsRequest& submitted) {
                                 return Submit(call, submitted);
                               });
}

grpc::ServerBidiReactor<v1::ImportRecordsRequest, v1::ImportRecordsResponse>* RecordServer::ImportRecords(
    grpc::CallbackServerContext* context) {
  return parts_.adaptor->Bidirectional<v1::ImportRecordsRequest, v1::ImportRecordsResponse>(
      context, [this](rpc::CallContext& call, ImportStream& stream) { return Import(call, stream); });
}

grpc::ServerUnaryReactor* RecordServer::GetRecord(grpc::CallbackServerContext* context,
                                                  const v1::GetRecordRequest* request,
                                                  v1::GetRecordResponse* response) {
  return parts_.adaptor->Unary(
      context, request, response,
      [this](rpc::CallContext& call, const v1::GetRecordRequest& wanted) { return Get(call, wanted); });
}

grpc::ServerUnaryReactor* RecordServer::ListRecords(grpc::CallbackServerContext* context,
                                                    const v1::ListRecordsRequest* request,
                                                    v1::ListRecordsResponse* response) {
  return parts_.adaptor->Unary(
      context, request, response,
      [this](rpc::CallContext& call, const v1::ListRecordsRequest& wanted) { return List(call, wanted); });
}

RecordBatch RecordServer::CheckAll(
    const google::protobuf::RepeatedPtrField<v1::RecordSubmission>& records) const {
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::Time now = parts_.clock->Now();
  RecordBatch batch;
  batch.directory_sequence = directory->sequence();
  batch.records.reserve(static_cast<size_t>(records.size()));
  for (int i = 0; i < records.size(); ++i) {
    batch.records.push_back(CheckRecord(records.Get(i), absl::StrCat("records[", i, "]"), *directory, now));
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
  const std::optional<Uuid> request_id = Uuid::Parse(request.request_id());
  if (!request_id.has_value() && !request.validate_only()) {
    violations.Add("request_id", "UUID_INVALID", "a UUID of 36 characters is required",
                   "须为 36 个字符的 UUID");
  }
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
  batch->digest = ContentDigest(request);
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
  batch->digest = Sha256(chunk.SerializeAsString());
  batch->actor = std::move(actor);
  batch->import_chunk = std::make_pair(import_id, chunk.number());
  // One lane an import: its chunks are written in the order in which they were sent.
  parts_.writer->Write(absl::Hash<Uuid>()(import_id), *std::move(batch), deadline, std::move(done));
  co_return absl::OkStatus();
}

Task<absl::StatusOr<v1::GetRecordResponse>> RecordServer::Get(rpc::CallContext& call,
                                                              const v1::GetRecordRequest& request) {
  // Records are read from the database, which has what any replica wrote; only the directory is this
  // replica's own.
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  const absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  std::function<absl::StatusOr<std::optional<v1::Record>>(db::Connection&)> read;
  if (request.has_key()) {
    read = [key = NaturalKey(request.key().source_system(), request.key().external_id())](
               db::Connection& connection) { return ReadRecord(connection, key); };
  } else {
    absl::StatusOr<Uuid> record_id = ParseUuid(request.record_id(), "record_id");
    if (!record_id.ok()) co_return record_id.status();
    read = [id = *record_id](db::Connection& connection) { return ReadRecord(connection, id); };
  }
  auto run = parts_.sql->Run<std::optional<v1::Record>>(call.deadline, std::move(read));
  absl::StatusOr<std::optional<v1::Record>> record = co_await run;
  if (!record.ok()) co_return record.status();
  if (!record->has_value()) co_return UnknownRecord();
  v1::GetRecordResponse response;
  *response.mutable_record() = **std::move(record);
  co_return response;
}

namespace {

// A list request, checked.
struct ListQuery {
  RecordFilter filter;
  std::string fingerprint;  // the same for the same filter
  std::optional<RecordPosition> after;
  int page_size = kDefaultPage;
};

std::optional<absl::CivilDay> OptionalDay(const common::v1::Date& date, bool given, const char* field,
                                          rpc::Violations& violations) {
  if (!given) return std::nullopt;
  const std::optional<absl::CivilDay> day = CivilDayFrom(date);
  if (!day.has_value()) violations.Add(field, "DATE_INVALID", "there is no such date", "日期不存在");
  return day;
}

std::optional<RecordPosition> PositionOf(const v1::ListRecordsRequest& request,
                                         const std::string& fingerprint, rpc::Violations& violations) {
  if (request.page_token().empty()) return std::nullopt;
  RecordPosition position;
  const auto parts = DecodePageToken(request.page_token(), fingerprint, 2);
  const std::optional<Uuid> id = parts.has_value() ? Uuid::FromBytes((*parts)[1]) : std::nullopt;
  if (!id.has_value() || !absl::ParseCivilTime((*parts)[0], &position.on)) {
    violations.Add("page_token", "PAGE_TOKEN_INVALID", "the token is damaged or belongs to another filter",
                   "分页令牌已损坏，或属于其他查询条件");
    return std::nullopt;
  }
  position.record_id = *id;
  return position;
}

absl::StatusOr<ListQuery> CheckList(const v1::ListRecordsRequest& request, const Directory& directory) {
  rpc::Violations violations;
  ListQuery query;
  if (!request.org_unit_id().empty()) {
    query.filter.org_unit_ids = directory.SelfAndBelow(request.org_unit_id());
    if (query.filter.org_unit_ids.empty()) {
      violations.Add("org_unit_id", "ORG_UNIT_UNKNOWN", "the directory has no such unit", "目录中没有该机构");
    }
    // All units is no condition: the list of them could be longer than a statement may be.
    if (directory.Root() != nullptr && request.org_unit_id() == directory.Root()->org_unit_id()) {
      query.filter.org_unit_ids.clear();
    }
  }
  query.filter.kind = request.kind();
  query.filter.issue_kind = request.issue_kind();
  query.filter.category_id = request.category_id();
  query.filter.first =
      OptionalDay(request.dates().first(), request.dates().has_first(), "dates.first", violations);
  query.filter.last =
      OptionalDay(request.dates().last(), request.dates().has_last(), "dates.last", violations);
  if (!request.enterprise_uscc().empty()) {
    const vocabulary::CreditCodeCheck code = vocabulary::CheckCreditCode(request.enterprise_uscc());
    if (code.problem.has_value()) {
      violations.Add("enterprise_uscc", vocabulary::ReasonName(*code.problem),
                     "not a unified social credit code (GB 32100-2015)",
                     "不是有效的统一社会信用代码（GB 32100-2015）");
    }
    query.filter.enterprise_uscc = code.normalized;
  }
  if (request.page_size() < 0) {
    violations.Add("page_size", "PAGE_SIZE_NEGATIVE", "must not be negative", "每页条数不能为负数");
  } else if (request.page_size() > 0) {
    query.page_size = std::min(request.page_size(), kMaxPage);
  }
  v1::ListRecordsRequest filter = request;
  filter.clear_page_size();
  filter.clear_page_token();
  filter.clear_include_total();
  filter.clear_at_least_token();
  query.fingerprint = filter.SerializeAsString();
  query.after = PositionOf(request, query.fingerprint, violations);
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return query;
}

absl::StatusOr<v1::ListRecordsResponse> ReadPage(db::Connection& connection, const ListQuery& query,
                                                 bool total) {
  v1::ListRecordsResponse response;
  // One more than asked for says whether there is a next page.
  ZHUQI_ASSIGN_OR_RETURN(std::vector<v1::Record> records,
                         ListRecords(connection, query.filter, query.after, query.page_size + 1));
  // A page ends where its bytes do, too: a client that receives 4 MiB must get every page.
  size_t bytes = 0;
  for (v1::Record& record : records) {
    bytes += record.ByteSizeLong();
    if (response.records_size() == query.page_size ||
        (bytes > kMaxPageBytes && response.records_size() > 0)) {
      break;
    }
    *response.add_records() = std::move(record);
  }
  if (static_cast<size_t>(response.records_size()) < records.size()) {
    const v1::Record& last = response.records(response.records_size() - 1);
    const feed::v1::RecordFacts facts = FactsOf(last.submission(), last.record_id(), last.revision());
    response.set_next_page_token(
        EncodePageToken(query.fingerprint, {absl::FormatCivilTime(CivilDayFrom(facts.on()).value()),
                                            Uuid::Parse(last.record_id()).value().ToBytes()}));
  }
  if (total) {
    ZHUQI_ASSIGN_OR_RETURN(const int64_t count, CountRecords(connection, query.filter));
    response.set_total(count);
  }
  return response;
}

}  // namespace

Task<absl::StatusOr<v1::ListRecordsResponse>> RecordServer::List(rpc::CallContext& call,
                                                                 const v1::ListRecordsRequest& request) {
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  const absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  absl::StatusOr<ListQuery> query = CheckList(request, *directory);
  if (!query.ok()) co_return query.status();
  auto run = parts_.sql->Run<v1::ListRecordsResponse>(
      call.deadline, [query = *std::move(query), total = request.include_total()](
                         db::Connection& connection) { return ReadPage(connection, query, total); });
  absl::StatusOr<v1::ListRecordsResponse> response = co_await run;
  co_return response;
}

}  // namespace zhuqi::intake
