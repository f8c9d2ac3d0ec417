#include "services/intake/summaries/summary_service.h"

#include <optional>
#include <utility>
#include <vector>

#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/intake/directory/directory_keeper.h"
#include "services/intake/directory/directory_store.h"
#include "services/intake/directory/paging.h"

namespace zhuqi::intake {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 500;

absl::StatusOr<Uuid> ParseRequestId(const std::string& text) {
  const std::optional<Uuid> parsed = Uuid::Parse(text);
  if (parsed.has_value()) return *parsed;
  rpc::Violations violations;
  violations.Add("request_id", "UUID_INVALID", "a UUID of 36 characters is required",
                 "须为 36 个字符的 UUID");
  return violations.ToStatus();
}

// What a repeated request must be the same in.
template <typename Request>
std::string ContentDigest(absl::string_view method, Request request) {
  request.clear_request_id();
  return Sha256(std::string(method) + request.SerializeAsString());
}

std::optional<absl::CivilMonth> OptionalMonth(const common::v1::YearMonth& message, bool given,
                                              const char* field, rpc::Violations& violations) {
  if (!given) return std::nullopt;
  const std::optional<absl::CivilMonth> month = CivilMonthFrom(message);
  if (!month.has_value()) {
    violations.Add(field, "MONTH_INVALID", "must be a month, 2000 to 2100", "须为 2000 至 2100 年间的月份");
  }
  return month;
}

SummaryFilter FilterOf(const v1::ListSummariesRequest& request, const Directory& directory,
                       rpc::Violations& violations) {
  SummaryFilter filter;
  if (!request.org_unit_id().empty()) {
    filter.org_unit_ids = directory.SelfAndBelow(request.org_unit_id());
    if (filter.org_unit_ids.empty()) {
      violations.Add("org_unit_id", "ORG_UNIT_UNKNOWN", "the directory has no such unit", "目录中没有该机构");
    }
    // All units is no condition: the list of them could be longer than a statement may be.
    if (directory.Root() != nullptr && request.org_unit_id() == directory.Root()->org_unit_id()) {
      filter.org_unit_ids.clear();
    }
  }
  filter.first_month =
      OptionalMonth(request.first_month(), request.has_first_month(), "first_month", violations);
  filter.last_month = OptionalMonth(request.last_month(), request.has_last_month(), "last_month", violations);
  filter.state = request.state();
  return filter;
}

// The sort key of the last row of the page before, out of the token's parts.
std::optional<SummaryKey> PositionOf(const PageQuery& page, rpc::Violations& violations) {
  if (!page.after.has_value()) return std::nullopt;
  SummaryKey key;
  if (!absl::ParseCivilTime((*page.after)[0], &key.month)) {
    violations.Add("page_token", "PAGE_TOKEN_INVALID", "the token is damaged", "分页令牌已损坏");
    return std::nullopt;
  }
  key.org_unit_id = (*page.after)[1];
  key.form_id = (*page.after)[2];
  return key;
}

absl::StatusOr<v1::ListSummariesResponse> ReadPage(db::Connection& connection, const SummaryFilter& filter,
                                                   const PageQuery& page,
                                                   const std::optional<SummaryKey>& after) {
  // One more than asked for says whether there is a next page.
  ZHUQI_ASSIGN_OR_RETURN(std::vector<StoredSummary> rows,
                         ListSummaries(connection, filter, after, page.size + 1));
  const bool more = rows.size() > static_cast<size_t>(page.size);
  if (more) rows.pop_back();
  v1::ListSummariesResponse response;
  for (const StoredSummary& row : rows) *response.add_summaries() = Shown(row);
  if (more) {
    const SummaryKey last = KeyOf(rows.back());
    response.set_next_page_token(
        EncodePageToken(page.filter, {absl::FormatCivilTime(last.month), last.org_unit_id, last.form_id}));
  }
  return response;
}

}  // namespace

grpc::ServerUnaryReactor* SummaryServer::SubmitSummary(grpc::CallbackServerContext* context,
                                                       const v1::SubmitSummaryRequest* request,
                                                       v1::SubmitSummaryResponse* response) {
  return parts_.adaptor->Unary(context, request, response,
                               [this](rpc::CallContext& call, const v1::SubmitSummaryRequest& submitted) {
                                 return Submit(call, submitted);
                               });
}

grpc::ServerUnaryReactor* SummaryServer::ReviewSummary(grpc::CallbackServerContext* context,
                                                       const v1::ReviewSummaryRequest* request,
                                                       v1::ReviewSummaryResponse* response) {
  return parts_.adaptor->Unary(context, request, response,
                               [this](rpc::CallContext& call, const v1::ReviewSummaryRequest& reviewed) {
                                 return Review(call, reviewed);
                               });
}

grpc::ServerUnaryReactor* SummaryServer::GetSummary(grpc::CallbackServerContext* context,
                                                    const v1::GetSummaryRequest* request,
                                                    v1::GetSummaryResponse* response) {
  return parts_.adaptor->Unary(
      context, request, response,
      [this](rpc::CallContext& call, const v1::GetSummaryRequest& wanted) { return Get(call, wanted); });
}

grpc::ServerUnaryReactor* SummaryServer::ListSummaries(grpc::CallbackServerContext* context,
                                                       const v1::ListSummariesRequest* request,
                                                       v1::ListSummariesResponse* response) {
  return parts_.adaptor->Unary(
      context, request, response,
      [this](rpc::CallContext& call, const v1::ListSummariesRequest& wanted) { return List(call, wanted); });
}

Task<absl::Status> SummaryServer::RequireUnit(const std::string& org_unit_id, absl::Time deadline) {
  if (parts_.directory->Get()->FindUnit(org_unit_id) != nullptr) co_return absl::OkStatus();
  auto refresh = parts_.sql->Run<bool>(deadline, [this](db::Connection& connection) -> absl::StatusOr<bool> {
    ZHUQI_RETURN_IF_ERROR(RefreshDirectory(connection, *parts_.directory));
    return true;
  });
  absl::StatusOr<bool> refreshed = co_await refresh;
  if (!refreshed.ok()) co_return refreshed.status();
  if (parts_.directory->Get()->FindUnit(org_unit_id) != nullptr) co_return absl::OkStatus();
  rpc::Violations violations;
  violations.Add("org_unit_id", "ORG_UNIT_UNKNOWN", "the directory has no such unit", "目录中没有该机构");
  co_return violations.ToStatus();
}

Task<absl::StatusOr<v1::SubmitSummaryResponse>> SummaryServer::Write(rpc::CallContext& call, SummaryItem item,
                                                                     const std::string& org_unit_id) {
  auto require = RequireUnit(org_unit_id, call.deadline);
  absl::Status known = co_await require;
  if (!known.ok()) co_return known;
  item.actor = call.principal.id;
  const int32_t partition = PartitionOf(*parts_.directory->Get(), org_unit_id, parts_.partitions);
  auto write = parts_.writer->Write(static_cast<size_t>(partition), std::move(item), call.deadline);
  absl::StatusOr<v1::SubmitSummaryResponse> written = co_await write;
  co_return written;
}

Task<absl::StatusOr<v1::SubmitSummaryResponse>> SummaryServer::Submit(
    rpc::CallContext& call, const v1::SubmitSummaryRequest& request) {
  absl::StatusOr<Uuid> request_id = ParseRequestId(request.request_id());
  if (!request_id.ok() && !(request.validate_only() && request.request_id().empty()))
    co_return request_id.status();
  absl::StatusOr<v1::SubmitSummaryRequest> checked = CheckSubmission(request, parts_.clock->Now());
  if (!checked.ok()) co_return checked.status();
  if (request.validate_only()) {
    auto preview = Preview(call, *checked);
    absl::StatusOr<v1::SubmitSummaryResponse> previewed = co_await preview;
    co_return previewed;
  }
  SummaryItem item;
  item.request_id = *request_id;
  item.digest = ContentDigest("SummaryService.SubmitSummary", request);
  item.request = *std::move(checked);
  auto write = Write(call, std::move(item), request.org_unit_id());
  absl::StatusOr<v1::SubmitSummaryResponse> written = co_await write;
  co_return written;
}

Task<absl::StatusOr<v1::SubmitSummaryResponse>> SummaryServer::Preview(
    rpc::CallContext& call, const v1::SubmitSummaryRequest& checked) {
  auto require = RequireUnit(checked.org_unit_id(), call.deadline);
  absl::Status known = co_await require;
  if (!known.ok()) co_return known;
  auto run = parts_.sql->Run<v1::SubmitSummaryResponse>(
      call.deadline,
      [this, &checked](db::Connection& connection) -> absl::StatusOr<v1::SubmitSummaryResponse> {
        const UnitMonth key(checked.org_unit_id(),
                            CivilMonthFrom(checked.month()).value_or(absl::CivilMonth()));
        ZHUQI_ASSIGN_OR_RETURN(const Summaries summaries, ReadSummaries(connection, {key}));
        ZHUQI_ASSIGN_OR_RETURN(
            const StoredSummary after,
            PreviewSubmission(summaries, *parts_.directory->Get(), checked, parts_.clock->Now()));
        v1::SubmitSummaryResponse response;
        *response.mutable_summary() = Shown(after);
        return response;
      });
  absl::StatusOr<v1::SubmitSummaryResponse> response = co_await run;
  co_return response;
}

Task<absl::StatusOr<v1::ReviewSummaryResponse>> SummaryServer::Review(
    rpc::CallContext& call, const v1::ReviewSummaryRequest& request) {
  absl::StatusOr<Uuid> request_id = ParseRequestId(request.request_id());
  if (!request_id.ok()) co_return request_id.status();
  absl::StatusOr<v1::ReviewSummaryRequest> checked = CheckReview(request, parts_.clock->Now());
  if (!checked.ok()) co_return checked.status();
  SummaryItem item;
  item.request_id = *request_id;
  item.digest = ContentDigest("SummaryService.ReviewSummary", request);
  item.request = *std::move(checked);
  auto write = Write(call, std::move(item), request.org_unit_id());
  absl::StatusOr<v1::SubmitSummaryResponse> written = co_await write;
  if (!written.ok()) co_return written.status();
  v1::ReviewSummaryResponse response;
  *response.mutable_summary() = std::move(*written->mutable_summary());
  response.set_consistency_token(written->consistency_token());
  co_return response;
}

Task<absl::StatusOr<v1::GetSummaryResponse>> SummaryServer::Get(rpc::CallContext& call,
                                                                const v1::GetSummaryRequest& request) {
  // Summaries are read from the database that they were written to, so only a damaged token or one of a
  // directory that is not there yet holds the caller up.
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  rpc::Violations violations;
  const std::optional<absl::CivilMonth> month = OptionalMonth(request.month(), true, "month", violations);
  if (!month.has_value()) co_return violations.ToStatus();
  auto run = parts_.sql->Run<v1::GetSummaryResponse>(
      call.deadline,
      [&request, &month](db::Connection& connection) -> absl::StatusOr<v1::GetSummaryResponse> {
        const UnitMonth key(request.org_unit_id(), *month);
        ZHUQI_ASSIGN_OR_RETURN(const Summaries summaries, ReadSummaries(connection, {key}));
        ZHUQI_ASSIGN_OR_RETURN(const StoredSummary* found,
                               PickSummary(summaries, key, request.form_id(), absl::StatusCode::kNotFound));
        v1::GetSummaryResponse response;
        *response.mutable_summary() = Shown(*found);
        return response;
      });
  absl::StatusOr<v1::GetSummaryResponse> response = co_await run;
  co_return response;
}

Task<absl::StatusOr<v1::ListSummariesResponse>> SummaryServer::List(rpc::CallContext& call,
                                                                    const v1::ListSummariesRequest& request) {
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  rpc::Violations violations;
  const SummaryFilter filter = FilterOf(request, *parts_.directory->Get(), violations);
  const PageQuery page = ReadPageQuery(request, kDefaultPage, kMaxPage, 3, violations);
  const std::optional<SummaryKey> after = PositionOf(page, violations);
  if (!violations.empty()) co_return violations.ToStatus();
  auto run = parts_.sql->Run<v1::ListSummariesResponse>(call.deadline,
                                                        [&filter, &page, &after](db::Connection& connection) {
                                                          return ReadPage(connection, filter, page, after);
                                                        });
  absl::StatusOr<v1::ListSummariesResponse> response = co_await run;
  co_return response;
}

}  // namespace zhuqi::intake
