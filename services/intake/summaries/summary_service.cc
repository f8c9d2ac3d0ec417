#include "services/intake/summaries/summary_service.h"

#include <optional>
#include <utility>
#include <vector>

#include "common/base/civil_time.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "common/rpc/uuid_field.h"
#include "services/intake/directory/directory_keeper.h"
#include "services/intake/directory/directory_store.h"
#include "services/intake/directory/paging.h"
#include "services/intake/summaries/month_opening.h"
#include "services/intake/summaries/period_writer.h"
#include "services/intake/summaries/summary_check.h"
#include "services/intake/summaries/summary_queries.h"

namespace zhuqi::intake {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 500;
constexpr int kDefaultObligations = 100;
constexpr int kMaxObligations = 1000;
// Obligations that are made in one transaction.
constexpr int kOpeningBatch = 500;

absl::StatusOr<Uuid> ParseRequestId(const std::string& text) {
  rpc::Violations violations;
  const std::optional<Uuid> parsed = rpc::ReadUuid(text, "request_id", violations);
  if (!parsed.has_value()) return violations.ToStatus();
  return *parsed;
}

// What a repeated request must be the same in.
template <typename Request>
std::string ContentDigest(absl::string_view method, Request request) {
  request.clear_request_id();
  return Sha256(std::string(method) + request.SerializeAsString());
}

std::optional<absl::CivilMonth> OptionalMonth(const common::v1::YearMonth& message, bool given,
                                              const char* field, rpc::Violations& violations) {
  return given ? CheckMonth(message, field, violations) : std::nullopt;
}

// What both lists of obligations are filtered by.
template <typename Request>
SummaryFilter FilterOf(const Request& request, const Directory& directory, rpc::Violations& violations) {
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

// The month in a page token's part.
absl::CivilMonth MonthIn(const std::string& part, rpc::Violations& violations) {
  absl::CivilMonth month;
  if (!absl::ParseCivilTime(part, &month)) {
    violations.Add("page_token", "PAGE_TOKEN_INVALID", "the token is damaged", "分页令牌已损坏");
  }
  return month;
}

// The sort key of the last row of the page before, out of the token's parts.
std::optional<SummaryKey> PositionOf(const PageQuery& page, rpc::Violations& violations) {
  if (!page.after.has_value()) return std::nullopt;
  return SummaryKey{(*page.after)[1], MonthIn((*page.after)[0], violations), (*page.after)[2]};
}

// Which summary a request means.
template <typename Request>
absl::StatusOr<SummaryName> NameIn(const Request& request) {
  rpc::Violations violations;
  const std::optional<absl::CivilMonth> month = CheckMonth(request.month(), "month", violations);
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return SummaryName{{request.org_unit_id(), *month}, request.form_id()};
}

// The answer to a review or decision, which the writer gives as one to a submission.
template <typename Response>
absl::StatusOr<Response> AnswerFrom(absl::StatusOr<v1::SubmitSummaryResponse> written) {
  if (!written.ok()) return written.status();
  Response response;
  *response.mutable_summary() = std::move(*written->mutable_summary());
  response.set_consistency_token(written->consistency_token());
  return response;
}

// The version of the form that is in force in the month.
absl::StatusOr<const directory::v1::SummaryForm*> FormInForce(const Directory& directory,
                                                              const std::string& form_id,
                                                              absl::CivilMonth month) {
  if (!directory.forms().contains(form_id)) {
    return rpc::Error(absl::StatusCode::kNotFound, "FORM_UNKNOWN", "the directory has no such form",
                      "目录中没有该报表");
  }
  const directory::v1::SummaryForm* form = directory.FormFor(form_id, month);
  if (form == nullptr) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "FORM_NOT_IN_FORCE",
                      "no version of the form is asked for in that month", "该月不报此表");
  }
  return form;
}

}  // namespace

SummaryServer::SummaryServer(SummaryServiceParts parts) : BoundService(*parts.adaptor), parts_(parts) {
  using Self = SummaryServer;
  Bind(this, &Self::Submit, &Self::Review, &Self::Get, &Self::List, &Self::Draft, &Self::CompareTwo,
       &Self::ListMatrix, &Self::DecideOne, &Self::Open, &Self::Lock, &Self::ListPeriodPage);
}

Task<absl::Status> SummaryServer::RefreshOwnDirectory(absl::Time deadline) {
  auto refresh = parts_.sql->Run<bool>(deadline, [this](db::Connection& connection) -> absl::StatusOr<bool> {
    ZHUQI_RETURN_IF_ERROR(RefreshDirectory(connection, *parts_.directory));
    return true;
  });
  absl::StatusOr<bool> refreshed = co_await refresh;
  co_return refreshed.status();
}

Task<absl::Status> SummaryServer::RequireUnit(const std::string& org_unit_id, absl::Time deadline) {
  if (parts_.directory->Get()->FindUnit(org_unit_id) != nullptr) co_return absl::OkStatus();
  auto refresh = RefreshOwnDirectory(deadline);
  absl::Status refreshed = co_await refresh;
  if (!refreshed.ok()) co_return refreshed;
  if (parts_.directory->Get()->FindUnit(org_unit_id) != nullptr) co_return absl::OkStatus();
  rpc::Violations violations;
  violations.Add("org_unit_id", "ORG_UNIT_UNKNOWN", "the directory has no such unit", "目录中没有该机构");
  co_return violations.ToStatus();
}

Task<absl::StatusOr<v1::SubmitSummaryResponse>> SummaryServer::Write(rpc::CallContext& call, SummaryItem item,
                                                                     const std::string& org_unit_id) {
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
  auto require = RequireUnit(request.org_unit_id(), call.deadline);
  absl::Status known = co_await require;
  if (!known.ok()) co_return known;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  if (request.validate_only()) {
    auto preview = parts_.sql->Run<v1::SubmitSummaryResponse>(call.deadline, [&](db::Connection& connection) {
      return ReadPreview(connection, directory, *checked, call.principal.id, parts_.clock->Now());
    });
    absl::StatusOr<v1::SubmitSummaryResponse> previewed = co_await preview;
    co_return previewed;
  }
  // Counting can take long, so it is done before the writer's transaction, which holds locks.
  using Evidence = std::shared_ptr<const MonthEvidence>;
  auto gather = parts_.sql->Run<Evidence>(call.deadline, [&](db::Connection& connection) {
    return ReadEvidenceFor(connection, directory, *checked);
  });
  absl::StatusOr<Evidence> evidence = co_await gather;
  if (!evidence.ok()) co_return evidence.status();
  SummaryItem item;
  item.request_id = *request_id;
  item.digest = ContentDigest("SummaryService.SubmitSummary", request);
  item.request = Submission{*std::move(checked), *std::move(evidence)};
  auto write = Write(call, std::move(item), request.org_unit_id());
  absl::StatusOr<v1::SubmitSummaryResponse> written = co_await write;
  co_return written;
}

Task<absl::StatusOr<v1::ReviewSummaryResponse>> SummaryServer::Review(
    rpc::CallContext& call, const v1::ReviewSummaryRequest& request) {
  absl::StatusOr<Uuid> request_id = ParseRequestId(request.request_id());
  if (!request_id.ok()) co_return request_id.status();
  absl::StatusOr<v1::ReviewSummaryRequest> checked = CheckReview(request, parts_.clock->Now());
  if (!checked.ok()) co_return checked.status();
  auto require = RequireUnit(request.org_unit_id(), call.deadline);
  absl::Status known = co_await require;
  if (!known.ok()) co_return known;
  SummaryItem item;
  item.request_id = *request_id;
  item.digest = ContentDigest("SummaryService.ReviewSummary", request);
  item.request = *std::move(checked);
  auto write = Write(call, std::move(item), request.org_unit_id());
  absl::StatusOr<v1::SubmitSummaryResponse> written = co_await write;
  co_return AnswerFrom<v1::ReviewSummaryResponse>(std::move(written));
}

Task<absl::StatusOr<v1::DecideObligationResponse>> SummaryServer::DecideOne(
    rpc::CallContext& call, const v1::DecideObligationRequest& request) {
  absl::StatusOr<Uuid> request_id = ParseRequestId(request.request_id());
  if (!request_id.ok()) co_return request_id.status();
  absl::StatusOr<v1::DecideObligationRequest> checked = CheckDecision(request, parts_.clock->Now());
  if (!checked.ok()) co_return checked.status();
  auto require = RequireUnit(request.org_unit_id(), call.deadline);
  absl::Status known = co_await require;
  if (!known.ok()) co_return known;
  SummaryItem item;
  item.request_id = *request_id;
  item.digest = ContentDigest("SummaryService.DecideObligation", request);
  item.request = *std::move(checked);
  auto write = Write(call, std::move(item), request.org_unit_id());
  absl::StatusOr<v1::SubmitSummaryResponse> written = co_await write;
  co_return AnswerFrom<v1::DecideObligationResponse>(std::move(written));
}

template <typename Response>
Task<absl::StatusOr<Response>> SummaryServer::Read(
    rpc::CallContext& call, std::string at_least_token,
    std::function<absl::StatusOr<Response>(db::Connection&, std::shared_ptr<const Directory>)> read) {
  // Summaries are read from the database that they were written to, so only a damaged token or one of a
  // directory that is not there yet holds the caller up.
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, std::move(at_least_token), call.deadline);
  absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  auto run = parts_.sql->Run<Response>(
      call.deadline, [&read, &directory](db::Connection& connection) { return read(connection, directory); });
  absl::StatusOr<Response> response = co_await run;
  co_return response;
}

Task<absl::StatusOr<v1::GetSummaryResponse>> SummaryServer::Get(rpc::CallContext& call,
                                                                const v1::GetSummaryRequest& request) {
  const absl::StatusOr<SummaryName> name = NameIn(request);
  if (!name.ok()) co_return name.status();
  std::optional<absl::Time> as_of;
  if (request.has_as_of()) as_of = TimeFrom(request.as_of());
  auto read = Read<v1::GetSummaryResponse>(
      call, request.at_least_token(),
      [&](db::Connection& connection, const auto&) { return ReadSummary(connection, *name, as_of); });
  absl::StatusOr<v1::GetSummaryResponse> response = co_await read;
  co_return response;
}

Task<absl::StatusOr<v1::DraftSummaryResponse>> SummaryServer::Draft(rpc::CallContext& call,
                                                                    const v1::DraftSummaryRequest& request) {
  const absl::StatusOr<SummaryName> name = NameIn(request);
  if (!name.ok()) co_return name.status();
  auto read = Read<v1::DraftSummaryResponse>(
      call, request.at_least_token(),
      [&](db::Connection& connection, std::shared_ptr<const Directory> directory) {
        return ReadDraft(connection, std::move(directory), *name, parts_.clock->Now());
      });
  absl::StatusOr<v1::DraftSummaryResponse> response = co_await read;
  co_return response;
}

Task<absl::StatusOr<v1::CompareRevisionsResponse>> SummaryServer::CompareTwo(
    rpc::CallContext& call, const v1::CompareRevisionsRequest& request) {
  const absl::StatusOr<SummaryName> name = NameIn(request);
  if (!name.ok()) co_return name.status();
  auto read = Read<v1::CompareRevisionsResponse>(
      call, request.at_least_token(), [&](db::Connection& connection, const auto&) {
        return ReadComparison(connection, *name, request.left(), request.right());
      });
  absl::StatusOr<v1::CompareRevisionsResponse> response = co_await read;
  co_return response;
}

Task<absl::StatusOr<v1::ListSummariesResponse>> SummaryServer::List(rpc::CallContext& call,
                                                                    const v1::ListSummariesRequest& request) {
  auto read = Read<v1::ListSummariesResponse>(
      call, request.at_least_token(),
      [&](db::Connection& connection,
          const std::shared_ptr<const Directory>& directory) -> absl::StatusOr<v1::ListSummariesResponse> {
        rpc::Violations violations;
        const SummaryFilter filter = FilterOf(request, *directory, violations);
        const PageQuery page = ReadPageQuery(request, kDefaultPage, kMaxPage, 3, violations);
        const std::optional<SummaryKey> after = PositionOf(page, violations);
        ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
        return ReadSummaryPage(connection, filter, page, after);
      });
  absl::StatusOr<v1::ListSummariesResponse> response = co_await read;
  co_return response;
}

Task<absl::StatusOr<v1::ListObligationsResponse>> SummaryServer::ListMatrix(
    rpc::CallContext& call, const v1::ListObligationsRequest& request) {
  auto read = Read<v1::ListObligationsResponse>(
      call, request.at_least_token(),
      [&](db::Connection& connection,
          const std::shared_ptr<const Directory>& directory) -> absl::StatusOr<v1::ListObligationsResponse> {
        rpc::Violations violations;
        const absl::Time now = parts_.clock->Now();
        SummaryFilter filter = FilterOf(request, *directory, violations);
        filter.form_id = request.form_id();
        if (request.overdue()) filter.overdue_at = now;
        const PageQuery page = ReadPageQuery(request, kDefaultObligations, kMaxObligations, 3, violations);
        const std::optional<SummaryKey> after = PositionOf(page, violations);
        ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
        return ReadObligationPage(connection, *directory, filter, page, after, now);
      });
  absl::StatusOr<v1::ListObligationsResponse> response = co_await read;
  co_return response;
}

Task<absl::StatusOr<v1::ListPeriodsResponse>> SummaryServer::ListPeriodPage(
    rpc::CallContext& call, const v1::ListPeriodsRequest& request) {
  auto read = Read<v1::ListPeriodsResponse>(
      call, request.at_least_token(),
      [&](db::Connection& connection, const auto&) -> absl::StatusOr<v1::ListPeriodsResponse> {
        rpc::Violations violations;
        const PageQuery page = ReadPageQuery(request, kDefaultPage, kMaxPage, 2, violations);
        std::optional<PeriodKey> after;
        if (page.after.has_value()) after.emplace((*page.after)[1], MonthIn((*page.after)[0], violations));
        ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
        return ReadPeriodPage(connection, request.form_id(), page, after, parts_.clock->Now());
      });
  absl::StatusOr<v1::ListPeriodsResponse> response = co_await read;
  co_return response;
}

Task<absl::StatusOr<v1::OpenPeriodResponse>> SummaryServer::Open(rpc::CallContext& call,
                                                                 const v1::OpenPeriodRequest& request) {
  rpc::Violations violations;
  const absl::StatusOr<Uuid> request_id = ParseRequestId(request.request_id());
  if (!request_id.ok()) co_return request_id.status();
  const absl::CivilMonth month =
      CheckMonth(request.month(), "month", violations).value_or(absl::CivilMonth());
  if (!violations.empty()) co_return violations.ToStatus();
  auto refresh = RefreshOwnDirectory(call.deadline);
  absl::Status refreshed = co_await refresh;
  if (!refreshed.ok()) co_return refreshed;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::StatusOr<const directory::v1::SummaryForm*> form =
      FormInForce(*directory, request.form_id(), month);
  if (!form.ok()) co_return form.status();
  const absl::Time now = parts_.clock->Now();
  if (month > absl::CivilMonth(CityDay(now))) {
    co_return rpc::Error(absl::StatusCode::kFailedPrecondition, "MONTH_NOT_BEGUN", "the month has not begun",
                         "该月尚未开始");
  }
  db::TransactionOptions options;
  options.body_is_idempotent = true;
  MonthOpening opening(*directory, **form, month, parts_.partitions, kOpeningBatch, now);
  int32_t created = 0;
  do {
    auto make = parts_.sql->RunInTransaction<int>(
        call.deadline, options,
        [&opening](db::Transaction& transaction) { return opening.MakeBatch(transaction); });
    absl::StatusOr<int> made = co_await make;
    if (!made.ok()) co_return made.status();
    opening.Committed();
    created += *made;
  } while (!opening.done());
  parts_.tail->NotifyCommitted();
  const PeriodRequest by{*request_id, ContentDigest("SummaryService.OpenPeriod", request), call.principal.id,
                         parts_.clock};
  auto answer = parts_.sql->RunInTransaction<v1::OpenPeriodResponse>(
      call.deadline, options, [&](db::Transaction& transaction) {
        return WriteOpening(transaction, {request.form_id(), month}, created, by);
      });
  absl::StatusOr<v1::OpenPeriodResponse> answered = co_await answer;
  co_return answered;
}

Task<absl::StatusOr<v1::LockPeriodResponse>> SummaryServer::Lock(rpc::CallContext& call,
                                                                 const v1::LockPeriodRequest& request) {
  const absl::StatusOr<Uuid> request_id = ParseRequestId(request.request_id());
  if (!request_id.ok()) co_return request_id.status();
  const absl::StatusOr<v1::LockPeriodRequest> checked = CheckLock(request);
  if (!checked.ok()) co_return checked.status();
  const PeriodRequest by{*request_id, ContentDigest("SummaryService.LockPeriod", request), call.principal.id,
                         parts_.clock};
  db::TransactionOptions options;
  options.body_is_idempotent = true;
  auto write = parts_.sql->RunInTransaction<v1::LockPeriodResponse>(
      call.deadline, options,
      [&](db::Transaction& transaction) { return WriteLock(transaction, *checked, by); });
  absl::StatusOr<v1::LockPeriodResponse> written = co_await write;
  co_return written;
}

}  // namespace zhuqi::intake
