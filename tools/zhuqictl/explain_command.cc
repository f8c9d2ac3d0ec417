#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/figure_text.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/grouping.h"
#include "tools/zhuqictl/period_options.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/reporting/v1/report_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using reporting::v1::ExplainFigureRequest;
using reporting::v1::ExplainFigureResponse;
using reporting::v1::ReportService;

struct ExplainOptions {
  std::string measure;
  std::string unit;
  std::string group_by;
  std::string group;
  int page_size = 50;
  std::string page_token;
  PeriodOptions periods;
};

absl::StatusOr<ExplainFigureRequest> RequestOf(const Client& client, const ExplainOptions& options) {
  ExplainFigureRequest request;
  request.set_measure(options.measure);
  request.set_org_unit_id(options.unit);
  request.set_group_by(GroupByOf(options.group_by));
  request.set_group(options.group);
  request.set_page_size(options.page_size);
  request.set_page_token(options.page_token);
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<reporting::v1::Period> periods,
                         PeriodsOf(options.periods, CityDay(Clock::System().Now())));
  if (periods.size() != 1) return absl::InvalidArgumentError("one period, please");
  *request.mutable_period() = periods[0];
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  request.set_at_least_token(token);
  return request;
}

std::string DefinitionText(const reporting::v1::MeasureDefinition& definition, bool chinese) {
  std::string text = absl::StrCat(chinese ? definition.definition_zh() : definition.definition(), "\n");
  if (!definition.numerator().empty())
    absl::StrAppend(&text, definition.numerator(), " / ", definition.denominator(), "\n");
  if (!definition.exclusions().empty()) absl::StrAppend(&text, definition.exclusions(), "\n");
  return text;
}

std::string Describe(const ExplainFigureResponse& response, bool chinese) {
  const reporting::v1::Figure& figure = response.figure();
  std::string text = absl::StrCat(chinese ? response.definition().name_zh() : response.definition().name(),
                                  ": ", FigureText(figure, response.definition()), "\n",
                                  DefinitionText(response.definition(), chinese));
  if (figure.denominator() > 0)
    absl::StrAppend(&text, figure.numerator(), " / ", figure.denominator(), ", not answered ",
                    figure.not_answered(), "\n");
  if (figure.has_reported()) absl::StrAppend(&text, "reported in summaries: ", ReportedText(figure), "\n");
  Table children({{chinese ? "单位" : "unit"}, {chinese ? "数值" : "figure", Align::kRight}});
  for (const auto& child : response.by_child())
    children.AddRow({child.org_unit_id(), FigureText(child, response.definition())});
  if (children.rows() > 0) absl::StrAppend(&text, "\n", children.ToString());
  Table records({{chinese ? "日期" : "date"},
                 {chinese ? "单位" : "unit"},
                 {"id"},
                 {chinese ? "事项" : "title", Align::kLeft, 60},
                 {""}});
  for (const auto& record : response.records()) {
    records.AddRow({DateText(record.date()), record.org_unit_id(), record.id(), record.title(),
                    record.in_numerator() ? "✓" : ""});
  }
  if (records.rows() > 0)
    absl::StrAppend(&text, "\n", records.ToString(), records.rows(), " of ", response.records_total(), "\n");
  if (!response.next_page_token().empty())
    absl::StrAppend(&text, "next page: --page-token ", response.next_page_token(), "\n");
  return absl::StrCat(text, FreshnessText(response.freshness()));
}

int RunExplain(Client& client, const ExplainOptions& options) {
  const absl::StatusOr<ExplainFigureRequest> request = RequestOf(client, options);
  if (!request.ok()) return client.FailUsage(request.status());
  ExplainFigureResponse response;
  const absl::Status status = client.Call<ReportService>(
      Service::kReporting, &ReportService::Stub::ExplainFigure, *request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return Describe(response, client.chinese()); });
  return kExitOk;
}

}  // namespace

void AddExplainCommand(CLI::App& app, Client& client) {
  const auto options = std::make_shared<ExplainOptions>();
  CLI::App* command = app.add_subcommand("explain", "Why a figure, a route or a deadline is what it is");
  command->add_option("MEASURE", options->measure,
                      "a figure, down to its records; `zhuqictl measures` lists them");
  command->add_option("--unit", options->unit, "without it: the whole city");
  AddPeriodOptions(*command, &options->periods);
  command->add_option("--by", options->group_by, "category, kind or department")
      ->check(CLI::IsMember({"category", "kind", "department"}));
  command->add_option("--group", options->group,
                      "with --by: which group; without it, what has no such attribute");
  command->add_option("--limit", options->page_size, "records on a page")
      ->check(CLI::Range(1, 500))
      ->capture_default_str();
  command->add_option("--page-token", options->page_token, "from the page before");
  AddExplainRoute(*command, client);
  AddExplainDeadline(*command, client);
  command->footer(
      "  zhuqictl explain issues_received --unit jinshui --month 2024-05\n"
      "  zhuqictl explain route --kind problem --category tax --unit jinshui\n"
      "  zhuqictl explain deadline jinshui-oa/I-17");
  command->callback([&client, options, command] {
    if (!command->get_subcommands().empty()) return;
    client.action = [&client, options] {
      if (options->measure.empty())
        return client.FailUsage(absl::InvalidArgumentError("MEASURE is required"));
      return RunExplain(client, *options);
    };
  });
}

}  // namespace zhuqi::ctl
