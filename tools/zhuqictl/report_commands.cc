#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/figure_text.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/reporting/v1/report_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using reporting::v1::CellPeriod;
using reporting::v1::FigureDifference;
using reporting::v1::GetCompletenessRequest;
using reporting::v1::GetCompletenessResponse;
using reporting::v1::GroupBy;
using reporting::v1::ListMeasuresRequest;
using reporting::v1::ListMeasuresResponse;
using reporting::v1::ObligationStatus;
using reporting::v1::ReportService;
using reporting::v1::VerifyFiguresRequest;
using reporting::v1::VerifyFiguresResponse;

struct CompletenessOptions {
  std::string unit;
  std::string months;
  bool list = false;
};

absl::StatusOr<GetCompletenessRequest> RequestOf(const Client& client, const CompletenessOptions& options) {
  GetCompletenessRequest request;
  request.set_org_unit_id(options.unit);
  if (!options.months.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(const std::vector<common::v1::YearMonth> months, ParseMonths(options.months));
    *request.mutable_first_month() = months.front();
    *request.mutable_last_month() = months.back();
  }
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  request.set_at_least_token(token);
  return request;
}

bool NeedsALook(const ObligationStatus& obligation) {
  return obligation.missing() || obligation.late() || obligation.returned_count() > 0 ||
         obligation.state() == intake::v1::SUMMARY_STATE_WAIVED;
}

std::string CompletenessText(const GetCompletenessResponse& response, bool all) {
  const auto share = [](bool known, double value) {
    return known ? absl::StrFormat("%.1f %%", value * 100) : std::string("no data");
  };
  std::string text = absl::StrCat(
      "due ", response.due(), ", met ", response.met(), " (",
      share(response.has_completeness(), response.completeness()), "), on time ", response.met_on_time(),
      " (", share(response.has_timeliness(), response.timeliness()), "), waived ", response.waived(), "\n");
  Table table({{"month"}, {"unit"}, {"state"}, {"due"}, {"first sent"}, {""}});
  for (const ObligationStatus& o : response.obligations()) {
    if (!all && !NeedsALook(o)) continue;
    table.AddRow(
        {MonthText(o.month()), o.org_unit_id(), EnumText(o.state()), InstantText(o.due_at()),
         InstantText(o.first_submitted_at()),
         absl::StrCat(o.missing() ? "missing " : "", o.late() ? "late " : "",
                      o.returned_count() > 0 ? absl::StrCat("returned ", o.returned_count(), "×") : "")});
  }
  if (table.rows() > 0) absl::StrAppend(&text, table.ToString());
  return absl::StrCat(text, FreshnessText(response.freshness()));
}

int RunCompleteness(Client& client, const CompletenessOptions& options) {
  const absl::StatusOr<GetCompletenessRequest> request = RequestOf(client, options);
  if (!request.ok()) return client.FailUsage(request.status());
  GetCompletenessResponse response;
  const absl::Status status = client.Call<ReportService>(
      Service::kReporting, &ReportService::Stub::GetCompleteness, *request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return CompletenessText(response, options.list); });
  return kExitOk;
}

// "2024-03-05", "2024-03", "2024"; empty for what is of no period.
std::string PeriodText(const FigureDifference& difference) {
  const std::string day = difference.has_date() ? DateText(difference.date()) : "";
  switch (difference.period()) {
    case CellPeriod::CELL_PERIOD_YEAR:
      return day.substr(0, 4);
    case CellPeriod::CELL_PERIOD_MONTH:
      return day.substr(0, 7);
    default:
      return day;
  }
}

// "category land"; empty for what is not broken down.
std::string GroupText(const FigureDifference& difference) {
  if (difference.group_by() == GroupBy::GROUP_BY_UNSPECIFIED) return "";
  return absl::StrCat(EnumText(difference.group_by()), " ", difference.group());
}

std::string VerifyText(const VerifyFiguresResponse& response) {
  std::string text = absl::StrCat("read ", response.events(), " events again and compared ", response.cells(),
                                  " cells: ", response.differences_total(), " differences\n");
  Table table({{"unit"},
               {"cells"},
               {"component"},
               {"group"},
               {"of"},
               {"period"},
               {"served", Align::kRight},
               {"recounted", Align::kRight}});
  for (const FigureDifference& d : response.differences()) {
    const bool words = !d.served_text().empty() || !d.recounted_text().empty();
    table.AddRow({d.org_unit_id(), EnumText(d.scope()), d.component(), GroupText(d), d.item(), PeriodText(d),
                  words ? d.served_text() : absl::StrCat(d.served()),
                  words ? d.recounted_text() : absl::StrCat(d.recounted())});
  }
  if (table.rows() > 0) absl::StrAppend(&text, table.ToString());
  if (response.differences_total() > response.differences_size()) {
    absl::StrAppend(&text, "and ", response.differences_total() - response.differences_size(), " more\n");
  }
  return text;
}

int RunVerify(Client& client) {
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  VerifyFiguresRequest request;
  request.set_at_least_token(*token);
  VerifyFiguresResponse response;
  const absl::Status status = client.Call<ReportService>(
      Service::kReporting, &ReportService::Stub::VerifyFigures, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return VerifyText(response); });
  return response.differences_total() == 0 ? kExitOk : kExitRefused;
}

int RunMeasures(Client& client) {
  ListMeasuresResponse response;
  const absl::Status status = client.Call<ReportService>(
      Service::kReporting, &ReportService::Stub::ListMeasures, ListMeasuresRequest(), &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    Table table(
        {{"measure"}, {"kind"}, {"名称"}, {client.chinese() ? "定义" : "definition", Align::kLeft, 90}});
    for (const auto& m : response.measures()) {
      table.AddRow({m.measure(), EnumText(m.kind()), m.name_zh(),
                    client.chinese() ? m.definition_zh() : m.definition()});
    }
    return table.ToString();
  });
  return kExitOk;
}

}  // namespace

void AddReportCommands(CLI::App& app, Client& client) {
  const auto options = std::make_shared<CompletenessOptions>();
  CLI::App* completeness =
      app.add_subcommand("completeness", "Who owes monthly summaries, and who sent them");
  completeness->add_option("--unit", options->unit, "this unit and all below it");
  completeness->add_option("--months", options->months, "2024-05 or 2024-01..2024-06");
  completeness->add_flag("--list", options->list, "every obligation, not only those that need a look");
  completeness->callback([&client, options] {
    client.action = [&client, options] { return RunCompleteness(client, *options); };
  });

  CLI::App* verify =
      app.add_subcommand("verify", "Count all figures again from the owners' records, and compare");
  verify->footer("Exit code 1 when there is a difference.");
  verify->callback([&client] { client.action = [&client] { return RunVerify(client); }; });

  CLI::App* measures = app.add_subcommand("measures", "What can be measured, and what each measure means");
  measures->callback([&client] { client.action = [&client] { return RunMeasures(client); }; });
}

}  // namespace zhuqi::ctl
