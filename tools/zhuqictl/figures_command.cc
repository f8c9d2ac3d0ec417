#include <iostream>
#include <map>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/figure_text.h"
#include "tools/zhuqictl/grouping.h"
#include "tools/zhuqictl/period_options.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/reporting/v1/report_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using reporting::v1::GroupBy;
using reporting::v1::ListMeasuresRequest;
using reporting::v1::ListMeasuresResponse;
using reporting::v1::MeasureDefinition;
using reporting::v1::QueryFiguresRequest;
using reporting::v1::QueryFiguresResponse;
using reporting::v1::ReportService;

struct FiguresOptions {
  std::string unit;
  bool children = false;
  bool reported = false;
  std::vector<std::string> measures;
  std::string group_by;
  std::string tree_as_of;
  PeriodOptions periods;
};

absl::StatusOr<QueryFiguresRequest> RequestOf(const Client& client, const FiguresOptions& options) {
  QueryFiguresRequest request;
  for (const std::string& measure : options.measures) request.add_measures(measure);
  request.set_org_unit_id(options.unit);
  request.set_include_children(options.children);
  request.set_group_by(GroupByOf(options.group_by));
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<reporting::v1::Period> periods,
                         PeriodsOf(options.periods, CityDay(Clock::System().Now())));
  for (const reporting::v1::Period& period : periods) *request.add_periods() = period;
  if (!options.tree_as_of.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(*request.mutable_hierarchy_as_of(), ParseDate(options.tree_as_of));
  }
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  request.set_at_least_token(token);
  return request;
}

int RunFigures(Client& client, const FiguresOptions& options) {
  const absl::StatusOr<QueryFiguresRequest> request = RequestOf(client, options);
  if (!request.ok()) return client.FailUsage(request.status());
  QueryFiguresResponse response;
  absl::Status status = client.Call<ReportService>(Service::kReporting, &ReportService::Stub::QueryFigures,
                                                   *request, &response);
  ListMeasuresResponse measures;
  if (status.ok() && !client.json()) {
    status = client.Call<ReportService>(Service::kReporting, &ReportService::Stub::ListMeasures,
                                        ListMeasuresRequest(), &measures);
  }
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    FigureTableOptions table{client.chinese(), options.reported, {}};
    for (const reporting::v1::Period& period : request->periods())
      table.periods.push_back(PeriodText(period));
    return absl::StrCat(
        FigureTable(response, {measures.measures().begin(), measures.measures().end()}, table),
        FreshnessText(response.freshness()));
  });
  return kExitOk;
}

}  // namespace

GroupBy GroupByOf(const std::string& text) {
  if (text == "kind") return reporting::v1::GROUP_BY_ISSUE_KIND;
  if (text == "category") return reporting::v1::GROUP_BY_CATEGORY;
  if (text == "department") return reporting::v1::GROUP_BY_DEPARTMENT;
  return reporting::v1::GROUP_BY_UNSPECIFIED;
}

void AddFiguresCommand(CLI::App& app, Client& client) {
  const auto options = std::make_shared<FiguresOptions>();
  CLI::App* command = app.add_subcommand("figures", "What the numbers are");
  command->add_option("--unit", options->unit, "without it: the whole city");
  command->add_flag("--children", options->children, "its children too, the total last");
  AddPeriodOptions(*command, &options->periods);
  command
      ->add_option("--measures", options->measures, "separated by ','; without it all (`zhuqictl measures`)")
      ->delimiter(',');
  command->add_option("--by", options->group_by, "category, kind or department")
      ->check(CLI::IsMember({"category", "kind", "department"}));
  command->add_flag("--reported", options->reported,
                    "what monthly summaries report, beside what records show");
  command->add_option("--tree-as-of", options->tree_as_of,
                      "2023-12-31: roll up along the tree of that day, with the names of then");
  command->footer(
      "  zhuqictl figures --children --year 2024\n"
      "  zhuqictl figures --unit jinshui --month 2024-01..2024-06 --measures visits,issues_received\n"
      "  zhuqictl figures --year 2024 --by category\n"
      "  zhuqictl figures --year 2023 --children --tree-as-of 2023-12-31    # before the reorganization\n"
      "\"–\" is no data, which is not zero.");
  command->callback(
      [&client, options] { client.action = [&client, options] { return RunFigures(client, *options); }; });
}

}  // namespace zhuqi::ctl
