#include "services/intake/visits/visit_service.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "services/intake/directory/directory_keeper.h"
#include "services/intake/directory/directory_store.h"
#include "services/intake/directory/field_check.h"
#include "services/intake/directory/paging.h"
#include "services/intake/enterprises/enterprise_store.h"
#include "services/intake/enterprises/request_fields.h"
#include "services/intake/visits/plan_rules.h"
#include "services/intake/visits/quota_tally.h"
#include "services/intake/visits/visit_proposals.h"
#include "services/intake/visits/visit_store.h"
#include "services/intake/visits/visit_writer.h"

namespace zhuqi::intake {
namespace {

constexpr int kMaxPlans = 500;
constexpr int kDefaultProposals = 20;
constexpr int kMaxProposals = 100;
// Enterprises that proposals are chosen from.
constexpr int kMaxConsidered = 20000;

// What a repeated request must be the same in.
template <typename Request>
std::string ContentDigest(absl::string_view method, Request request) {
  request.clear_request_id();
  return Sha256(absl::StrCat(method, request.SerializeAsString()));
}

// Something that a newer directory may know.
bool MentionsUnknown(const rpc::Violations& violations) {
  return std::any_of(violations.list().begin(), violations.list().end(), [](const rpc::Violation& violation) {
    return violation.reason == "ORG_UNIT_UNKNOWN" || violation.reason == "DEPARTMENT_UNKNOWN" ||
           violation.reason == "TEAM_UNKNOWN";
  });
}

std::string AfterOf(const PageQuery& page) { return page.after.has_value() ? page.after->front() : ""; }

// The last row of the page before, out of the token's parts.
std::optional<QuotaKey> QuotaAfter(const PageQuery& page, rpc::Violations& violations) {
  if (!page.after.has_value()) return std::nullopt;
  QuotaKey key;
  if (!absl::ParseCivilTime((*page.after)[0], &key.second)) {
    violations.Add("page_token", "PAGE_TOKEN_INVALID", "the token is damaged", "分页令牌已损坏");
    return std::nullopt;
  }
  key.first = (*page.after)[1];
  return key;
}

absl::StatusOr<v1::ListVisitPlansResponse> ReadPlanPage(db::Connection& connection,
                                                        const std::vector<std::string>& units,
                                                        const PageQuery& page) {
  ZHUQI_ASSIGN_OR_RETURN(std::vector<StoredPlan> plans,
                         ListPlans(connection, units, AfterOf(page), page.size + 1));
  v1::ListVisitPlansResponse response;
  if (CutToPage(plans, page.size)) {
    response.set_next_page_token(EncodePageToken(page.filter, {plans.back().plan.plan_id()}));
  }
  for (const StoredPlan& stored : plans) *response.add_plans() = Shown(stored);
  return response;
}

absl::StatusOr<v1::ListVisitQuotasResponse> ReadQuotaPage(db::Connection& connection,
                                                          const Directory& directory,
                                                          const QuotaFilter& filter, const PageQuery& page,
                                                          const std::optional<QuotaKey>& after,
                                                          absl::CivilDay today) {
  ZHUQI_ASSIGN_OR_RETURN(std::vector<StoredQuota> quotas,
                         ListQuotas(connection, filter, after, page.size + 1));
  v1::ListVisitQuotasResponse response;
  if (CutToPage(quotas, page.size)) {
    response.set_next_page_token(EncodePageToken(
        page.filter, {absl::FormatCivilTime(quotas.back().month), quotas.back().plan.plan_id()}));
  }
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<VisitTally> tallies, CountVisits(connection, directory, quotas));
  for (size_t i = 0; i < quotas.size(); ++i) {
    *response.add_quotas() = Shown(quotas[i], tallies[i], directory, today);
  }
  return response;
}

absl::Status PlanWithoutCadence() {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, "PLAN_WITHOUT_CADENCE",
                    "the plan has no tag with a cadence", "该计划未设定标签与走访周期");
}

absl::StatusOr<v1::ListOverdueEnterprisesResponse> ReadOverduePage(db::Connection& connection,
                                                                   const Directory& directory,
                                                                   const std::string& plan_id,
                                                                   absl::CivilDay on, const PageQuery& page) {
  ZHUQI_ASSIGN_OR_RETURN(const Plans plans, ReadPlans(connection, {plan_id}));
  if (plans.empty()) {
    return rpc::Error(absl::StatusCode::kNotFound, "PLAN_UNKNOWN", "there is no such plan", "没有该走访计划");
  }
  const v1::VisitPlan& plan = plans.begin()->second.plan;
  if (plan.every_months() == 0) return PlanWithoutCadence();
  v1::ListOverdueEnterprisesResponse response;
  if (!HasCadence(plan, on)) return response;  // nobody is bound by it on that day
  EnterpriseFilter filter;
  rpc::Violations violations;
  filter.org_unit_ids = ReadUnits(directory, plan.org_unit_id(), "plan_id", violations);
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  filter.tag = plan.enterprise_tag();
  filter.overdue = OverdueOn{on, FirstDayInCadence(on, plan.every_months())};
  ZHUQI_ASSIGN_OR_RETURN(std::vector<v1::Enterprise> enterprises,
                         ListEnterprises(connection, filter, AfterOf(page), page.size + 1));
  if (CutToPage(enterprises, page.size)) {
    response.set_next_page_token(EncodePageToken(page.filter, {enterprises.back().uscc()}));
  }
  for (v1::Enterprise& enterprise : enterprises) *response.add_enterprises() = std::move(enterprise);
  return response;
}

}  // namespace

Task<absl::StatusOr<v1::ApplyVisitPlansRequest>> VisitPlanServer::Check(
    rpc::CallContext& call, const v1::ApplyVisitPlansRequest& request) {
  rpc::Violations violations;
  ReadRequestId(request.request_id(), !request.validate_only(), violations);
  if (request.plans_size() < 1 || request.plans_size() > kMaxPlans) {
    violations.Add("plans", "OUT_OF_RANGE", "1 to 500 plans are required", "须包含 1 至 500 个计划");
    co_return violations.ToStatus();
  }
  v1::ApplyVisitPlansRequest checked = request;
  rpc::Violations of_request = violations;
  CheckPlans(*checked.mutable_plans(), *parts_.directory->Get(), violations);
  if (!MentionsUnknown(violations)) {
    if (!violations.empty()) co_return violations.ToStatus();
    co_return checked;
  }
  auto refresh =
      parts_.sql->Run<bool>(call.deadline, [this](db::Connection& connection) -> absl::StatusOr<bool> {
        ZHUQI_RETURN_IF_ERROR(RefreshDirectory(connection, *parts_.directory));
        return true;
      });
  absl::StatusOr<bool> refreshed = co_await refresh;
  if (!refreshed.ok()) co_return refreshed.status();
  checked = request;
  CheckPlans(*checked.mutable_plans(), *parts_.directory->Get(), of_request);
  if (!of_request.empty()) co_return of_request.ToStatus();
  co_return checked;
}

Task<absl::StatusOr<v1::ApplyVisitPlansResponse>> VisitPlanServer::Apply(
    rpc::CallContext& call, const v1::ApplyVisitPlansRequest& request) {
  auto check = Check(call, request);
  absl::StatusOr<v1::ApplyVisitPlansRequest> checked = co_await check;
  if (!checked.ok()) co_return checked.status();
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  if (request.validate_only()) {
    auto preview = parts_.sql->Run<v1::ApplyVisitPlansResponse>(
        call.deadline, [this, &directory, &checked](db::Connection& connection) {
          return PreviewPlans(connection, *directory, *checked, parts_.clock->Now());
        });
    absl::StatusOr<v1::ApplyVisitPlansResponse> previewed = co_await preview;
    co_return previewed;
  }
  const Uuid request_id = Uuid::Parse(request.request_id()).value_or(Uuid());
  const std::string digest = ContentDigest("VisitPlanService.ApplyVisitPlans", request);
  db::TransactionOptions options;
  options.body_is_idempotent = true;
  using Outcome = db::ChangeOutcome<v1::ApplyVisitPlansResponse>;
  auto write =
      parts_.sql->RunInTransaction<Outcome>(call.deadline, options, [&, this](db::Transaction& transaction) {
        return WritePlans(transaction, *directory, *checked, request_id, digest, parts_.clock->Now());
      });
  absl::StatusOr<Outcome> written = co_await write;
  if (!written.ok()) co_return written.status();
  co_return (*std::move(written)).ToStatusOr();
}

Task<absl::StatusOr<v1::ListVisitPlansResponse>> VisitPlanServer::ListPlanPage(
    rpc::CallContext& call, const v1::ListVisitPlansRequest& request) {
  // Plans, visits and quotas are read from the database that they were written to; only the directory is this
  // replica's own. So below.
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  const absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  rpc::Violations violations;
  const std::vector<std::string> units =
      ReadUnits(*parts_.directory->Get(), request.org_unit_id(), "org_unit_id", violations);
  const PageQuery page = ReadPageQuery(request, kDefaultPageSize, kMaxPageSize, 1, violations);
  if (!violations.empty()) co_return violations.ToStatus();
  auto run = parts_.sql->Run<v1::ListVisitPlansResponse>(
      call.deadline,
      [&units, &page](db::Connection& connection) { return ReadPlanPage(connection, units, page); });
  absl::StatusOr<v1::ListVisitPlansResponse> response = co_await run;
  co_return response;
}

Task<absl::StatusOr<v1::ListVisitQuotasResponse>> VisitPlanServer::ListQuotaPage(
    rpc::CallContext& call, const v1::ListVisitQuotasRequest& request) {
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  const absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  rpc::Violations violations;
  QuotaFilter filter;
  filter.org_unit_ids = ReadUnits(*directory, request.org_unit_id(), "org_unit_id", violations);
  filter.plan_id = request.plan_id();
  filter.first_month = ReadMonth(request.first_month(), request.has_first_month(), "first_month", violations);
  filter.last_month = ReadMonth(request.last_month(), request.has_last_month(), "last_month", violations);
  const PageQuery page = ReadPageQuery(request, kDefaultPageSize, kMaxPageSize, 2, violations);
  const std::optional<QuotaKey> after = QuotaAfter(page, violations);
  if (!violations.empty()) co_return violations.ToStatus();
  const absl::CivilDay today = CityDay(parts_.clock->Now());
  auto run =
      parts_.sql->Run<v1::ListVisitQuotasResponse>(call.deadline, [&, today](db::Connection& connection) {
        return ReadQuotaPage(connection, *directory, filter, page, after, today);
      });
  absl::StatusOr<v1::ListVisitQuotasResponse> response = co_await run;
  co_return response;
}

Task<absl::StatusOr<v1::WaiveVisitQuotaResponse>> VisitPlanServer::Waive(
    rpc::CallContext& call, const v1::WaiveVisitQuotaRequest& request) {
  rpc::Violations violations;
  const Uuid request_id = ReadRequestId(request.request_id(), true, violations).value_or(Uuid());
  v1::WaiveVisitQuotaRequest checked = request;
  CheckText(*checked.mutable_reason(), "reason", 500, false, violations);
  ReadMonth(request.month(), true, "month", violations);
  if (!violations.empty()) co_return violations.ToStatus();
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const std::string digest = ContentDigest("VisitPlanService.WaiveVisitQuota", request);
  db::TransactionOptions options;
  options.body_is_idempotent = true;
  auto write = parts_.sql->RunInTransaction<v1::WaiveVisitQuotaResponse>(
      call.deadline, options, [&, this](db::Transaction& transaction) {
        return WriteWaiver(transaction, *directory, checked, request_id, digest, call.principal.id,
                           parts_.clock->Now());
      });
  absl::StatusOr<v1::WaiveVisitQuotaResponse> written = co_await write;
  co_return written;
}

Task<absl::StatusOr<v1::ListOverdueEnterprisesResponse>> VisitPlanServer::ListOverdue(
    rpc::CallContext& call, const v1::ListOverdueEnterprisesRequest& request) {
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  const absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  rpc::Violations violations;
  const absl::CivilDay on =
      CheckDay(request.has_on(), request.on(), "on", violations).value_or(CityDay(parts_.clock->Now()));
  const PageQuery page = ReadPageQuery(request, kDefaultPageSize, kMaxPageSize, 1, violations);
  if (!violations.empty()) co_return violations.ToStatus();
  auto run =
      parts_.sql->Run<v1::ListOverdueEnterprisesResponse>(call.deadline, [&, on](db::Connection& connection) {
        return ReadOverduePage(connection, *directory, request.plan_id(), on, page);
      });
  absl::StatusOr<v1::ListOverdueEnterprisesResponse> response = co_await run;
  co_return response;
}

Task<absl::StatusOr<v1::ProposeVisitsResponse>> VisitPlanServer::Propose(
    rpc::CallContext& call, const v1::ProposeVisitsRequest& request) {
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  const absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const directory::v1::Team* team = directory->FindTeam(request.team_id());
  if (team == nullptr) {
    co_return rpc::Error(absl::StatusCode::kNotFound, "TEAM_UNKNOWN", "the directory has no such team",
                         "目录中没有该服务队");
  }
  rpc::Violations violations;
  const absl::CivilDay next = directory->calendar().AddWorkingDays(CityDay(parts_.clock->Now()), 1);
  const absl::CivilDay from = CheckDay(request.has_from(), request.from(), "from", violations).value_or(next);
  if (request.count() < 0 || request.count() > kMaxProposals) {
    violations.Add("count", "OUT_OF_RANGE", "must be 0 to 100", "须在 0 至 100 之间");
  }
  if (!violations.empty()) co_return violations.ToStatus();
  const int count = request.count() == 0 ? kDefaultProposals : request.count();
  auto run = parts_.sql->Run<v1::ProposeVisitsResponse>(
      call.deadline, [&directory, team, from, count](db::Connection& connection) {
        return ReadProposals(connection, *directory, *team, from, count, kMaxConsidered);
      });
  absl::StatusOr<v1::ProposeVisitsResponse> response = co_await run;
  co_return response;
}

}  // namespace zhuqi::intake
