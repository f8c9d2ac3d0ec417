#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/paging.h"
#include "tools/zhuqictl/request_ids.h"
#include "tools/zhuqictl/text_values.h"
#include "tools/zhuqictl/visit_text.h"
#include "zhuqi/intake/v1/enterprise_service.grpc.pb.h"
#include "zhuqi/intake/v1/visit_plan_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::VisitPlanService;

// Plans are few: a list of all of them.
int Plans(Client& client, const std::string& unit) {
  intake::v1::ListVisitPlansRequest request;
  request.set_org_unit_id(unit);
  intake::v1::ListVisitPlansResponse merged;
  const absl::Status status = ReadPages<VisitPlanService>(
      client, Service::kIntake, &VisitPlanService::Stub::ListVisitPlans, request, PageOptions{0, true},
      &merged, [](const intake::v1::ListVisitPlansResponse& page) { return page.plans_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] { return PlanTable(merged.plans()); });
  return kExitOk;
}

int ApplyPlans(Client& client, const std::string& file, bool validate_only) {
  auto request = config::LoadTextproto<intake::v1::ApplyVisitPlansRequest>(file);
  if (!request.ok()) return client.FailUsage(request.status());
  request->set_validate_only(validate_only);
  request->set_request_id(validate_only ? "" : NewRequestId());
  intake::v1::ApplyVisitPlansResponse response;
  const absl::Status status = client.Call<VisitPlanService>(
      Service::kIntake, &VisitPlanService::Stub::ApplyVisitPlans, *request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    const std::string end = validate_only ? "good; nothing was stored\n"
                                          : absl::StrCat("token: ", response.consistency_token(), "\n");
    return absl::StrCat(PlanTable(response.plans()), end);
  });
  return kExitOk;
}

struct QuotaOptions {
  std::string unit;
  std::string plan;
  std::string months;
  PageOptions page;
};

absl::StatusOr<intake::v1::ListVisitQuotasRequest> RequestOf(const QuotaOptions& options) {
  intake::v1::ListVisitQuotasRequest request;
  request.set_org_unit_id(options.unit);
  request.set_plan_id(options.plan);
  if (!options.months.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(const std::vector<common::v1::YearMonth> months, ParseMonths(options.months));
    *request.mutable_first_month() = months.front();
    *request.mutable_last_month() = months.back();
  }
  return request;
}

int Quotas(Client& client, const QuotaOptions& options) {
  const auto request = RequestOf(options);
  if (!request.ok()) return client.FailUsage(request.status());
  intake::v1::ListVisitQuotasResponse merged;
  const absl::Status status = ReadPages<VisitPlanService>(
      client, Service::kIntake, &VisitPlanService::Stub::ListVisitQuotas, *request, options.page, &merged,
      [](const intake::v1::ListVisitQuotasResponse& page) { return page.quotas_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] {
    return absl::StrCat(QuotaTable(merged.quotas()),
                        merged.next_page_token().empty() ? "" : "… and more: --limit or --all\n");
  });
  return kExitOk;
}

struct WaiveOptions {
  std::string plan;
  std::string month;
  std::string reason;
  bool take_back = false;
};

int Waive(Client& client, const WaiveOptions& options) {
  if (options.reason.empty() != options.take_back) {
    return client.FailUsage(
        absl::InvalidArgumentError("--reason or --take-back is needed / 须填写原因或撤回"));
  }
  const absl::StatusOr<common::v1::YearMonth> month = ParseMonth(options.month);
  if (!month.ok()) return client.FailUsage(month.status());
  intake::v1::WaiveVisitQuotaRequest request;
  request.set_request_id(NewRequestId());
  request.set_plan_id(options.plan);
  *request.mutable_month() = *month;
  request.set_reason(options.reason);
  intake::v1::WaiveVisitQuotaResponse response;
  const absl::Status status = client.Call<VisitPlanService>(
      Service::kIntake, &VisitPlanService::Stub::WaiveVisitQuota, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    QuotaList one;
    *one.Add() = response.quota();
    return absl::StrCat(QuotaTable(one), "token: ", response.consistency_token(), "\n");
  });
  return kExitOk;
}

struct OverdueOptions {
  std::string plan;
  std::string on;
  PageOptions page;
};

int Overdue(Client& client, const OverdueOptions& options) {
  intake::v1::ListOverdueEnterprisesRequest request;
  request.set_plan_id(options.plan);
  if (!options.on.empty()) {
    const absl::StatusOr<common::v1::Date> on = ParseDate(options.on);
    if (!on.ok()) return client.FailUsage(on.status());
    *request.mutable_on() = *on;
  }
  intake::v1::ListOverdueEnterprisesResponse merged;
  const absl::Status status = ReadPages<VisitPlanService>(
      client, Service::kIntake, &VisitPlanService::Stub::ListOverdueEnterprises, request, options.page,
      &merged,
      [](const intake::v1::ListOverdueEnterprisesResponse& page) { return page.enterprises_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] {
    Table table({{"credit code"}, {"name", Align::kLeft, 40}, {"unit"}, {"last visit"}});
    for (const intake::v1::Enterprise& one : merged.enterprises()) {
      table.AddRow({one.uscc(), one.name(), one.org_unit_id(),
                    one.has_last_visited_on() ? DateText(one.last_visited_on()) : "none"});
    }
    return absl::StrCat(table.ToString(), merged.enterprises_size(), " enterprises",
                        merged.next_page_token().empty() ? "\n" : " … and more: --limit or --all\n");
  });
  return kExitOk;
}

struct ProposeOptions {
  std::string team;
  std::string from;
  int count = 20;
};

int Propose(Client& client, const ProposeOptions& options) {
  intake::v1::ProposeVisitsRequest request;
  request.set_team_id(options.team);
  request.set_count(options.count);
  if (!options.from.empty()) {
    const absl::StatusOr<common::v1::Date> from = ParseDate(options.from);
    if (!from.ok()) return client.FailUsage(from.status());
    *request.mutable_from() = *from;
  }
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
  intake::v1::ProposeVisitsResponse response;
  const absl::Status status = client.Call<VisitPlanService>(
      Service::kIntake, &VisitPlanService::Stub::ProposeVisits, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return ProposalTable(response, client.chinese()); });
  return kExitOk;
}

struct PrepareOptions {
  std::string uscc;
  std::string on;
};

int Prepare(Client& client, const PrepareOptions& options) {
  intake::v1::PrepareVisitRequest request;
  request.set_uscc(options.uscc);
  if (!options.on.empty()) {
    const absl::StatusOr<common::v1::Date> on = ParseDate(options.on);
    if (!on.ok()) return client.FailUsage(on.status());
    *request.mutable_on() = *on;
  }
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
  intake::v1::PrepareVisitResponse response;
  const absl::Status status = client.Call<intake::v1::EnterpriseService>(
      Service::kIntake, &intake::v1::EnterpriseService::Stub::PrepareVisit, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return PreparationSheet(response); });
  return kExitOk;
}

// A subcommand with options of its own that `run` is given.
template <class Options>
std::pair<CLI::App*, std::shared_ptr<Options>> Add(CLI::App& visits, Client& client, const char* name,
                                                   const char* help, int (*run)(Client&, const Options&)) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = visits.add_subcommand(name, help);
  command->callback(
      [&client, options, run] { client.action = [&client, options, run] { return run(client, *options); }; });
  return {command, options};
}

void AddPlans(CLI::App& visits, Client& client) {
  const auto unit = std::make_shared<std::string>();
  CLI::App* plans = visits.add_subcommand("plans", "Standing orders to visit");
  plans->add_option("--unit", *unit, "only those of this unit and all below it");
  plans->callback([&client, unit] { client.action = [&client, unit] { return Plans(client, *unit); }; });

  const auto file = std::make_shared<std::string>();
  const auto validate_only = std::make_shared<bool>(false);
  CLI::App* apply = visits.add_subcommand("apply", "Make plans or change them, all or nothing");
  apply->add_option("FILE", *file, "a textproto of zhuqi.intake.v1.ApplyVisitPlansRequest")
      ->required()
      ->check(CLI::ExistingFile);
  apply->add_flag("--validate-only", *validate_only, "check and store nothing");
  apply->footer(
      "A plan that the file does not name stays as it is. Quotas of months that began stay as they were "
      "owed.\n\n"
      "  plans {\n"
      "    plan_id: \"jinshui-monthly\" name: \"金水区每月走访\" org_unit_id: \"jinshui\"\n"
      "    monthly_visits: 20 enterprise_tag: \"key\" every_months: 3 first_month { year: 2026 month: 1 }\n"
      "  }");
  apply->callback([&client, file, validate_only] {
    client.action = [&client, file, validate_only] { return ApplyPlans(client, *file, *validate_only); };
  });
}

void AddQuotas(CLI::App& visits, Client& client) {
  const auto [quotas, options] =
      Add<QuotaOptions>(visits, client, "quotas", "Planned against done, newest month first", &Quotas);
  quotas->add_option("--unit", options->unit, "only those of this unit and all below it");
  quotas->add_option("--plan", options->plan, "only of this plan");
  quotas->add_option("--months", options->months, "2024-05 or 2024-01..2024-06");
  AddPageOptions(*quotas, &options->page);
  quotas->footer("  zhuqictl visits quotas --unit jinshui --months 2024-01..2024-06");

  const auto [waive, waiver] =
      Add<WaiveOptions>(visits, client, "waive", "Waive the quota of a month", &Waive);
  waive->add_option("PLAN", waiver->plan, "the plan's identity")->required();
  waive->add_option("MONTH", waiver->month, "2024-05")->required();
  waive->add_option("--reason", waiver->reason, "why, at most 500 characters");
  waive->add_flag("--take-back", waiver->take_back, "take the waiver back");
  waive->footer(
      "  zhuqictl visits waive jinshui-monthly 2024-07 --reason 防汛应急\n"
      "  zhuqictl visits waive jinshui-monthly 2024-07 --take-back");
}

void AddNext(CLI::App& visits, Client& client) {
  const auto [overdue, late] = Add<OverdueOptions>(visits, client, "overdue",
                                                   "Enterprises overdue by the cadence of a plan", &Overdue);
  overdue->add_option("PLAN", late->plan, "the plan's identity")->required();
  overdue->add_option("--on", late->on, "seen from this day, 2024-05-09; without it: today");
  AddPageOptions(*overdue, &late->page);

  const auto [propose, wanted] = Add<ProposeOptions>(
      visits, client, "propose", "The next visits of a team, the most needed first", &Propose);
  propose->add_option("TEAM", wanted->team, "the team's identity")->required();
  propose->add_option("--from", wanted->from, "the first day, 2024-05-09; without it: the next working day");
  propose->add_option("--count", wanted->count, "at most so many, 1 to 100")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  propose->footer("  zhuqictl visits propose jinshui.mobile --count 10");

  const auto [prepare, visit] =
      Add<PrepareOptions>(visits, client, "prepare", "What a team should know before it visits", &Prepare);
  prepare->add_option("CODE", visit->uscc, "the enterprise's credit code")->required();
  prepare->add_option("--on", visit->on, "the day of the visit, 2024-05-09; without it: today");
}

}  // namespace

void AddVisitsCommand(CLI::App& app, Client& client) {
  CLI::App* visits = app.add_subcommand("visits", "Plan visits, and see what was done of what was planned");
  visits->require_subcommand(1);
  AddPlans(*visits, client);
  AddQuotas(*visits, client);
  AddNext(*visits, client);
}

}  // namespace zhuqi::ctl
