#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/enterprise_import.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/files.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/json_text.h"
#include "tools/zhuqictl/paging.h"
#include "tools/zhuqictl/patience.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/intake/v1/enterprise_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::ApplyEnterprisesRequest;
using intake::v1::ApplyEnterprisesResponse;
using intake::v1::Enterprise;
using intake::v1::EnterpriseService;
using intake::v1::ListEnterprisesRequest;
using intake::v1::ListEnterprisesResponse;

struct ImportOptions {
  std::string file;
  std::string unit;
  std::string rejected;
  int batch_rows = 1000;
  bool validate_only = false;
  double patience_seconds = 120;
};

std::string SummaryText(const EnterpriseTotals& totals, const ImportOptions& options) {
  std::string text = absl::StrCat(
      options.validate_only ? "checked, nothing stored: " : "", "created ", WithSeparators(totals.created),
      ", updated ", WithSeparators(totals.updated), ", unchanged ", WithSeparators(totals.unchanged),
      ", rejected ", WithSeparators(totals.rejected), "\n");
  for (const auto& [reason, rows] : totals.warnings)
    absl::StrAppend(&text, "taken with a warning: ", WithSeparators(rows), " × ", reason, "\n");
  if (totals.rejected > 0 && !options.rejected.empty())
    absl::StrAppend(&text, "rejected rows with reasons: ", options.rejected,
                    "  (mend them and import that file / 修改后可直接重新导入)\n");
  if (!totals.token.empty()) absl::StrAppend(&text, "token: ", totals.token, "\n");
  return text;
}

std::string SummaryJson(const EnterpriseTotals& totals) {
  const std::string warnings = absl::StrJoin(
      totals.warnings, ",", [](std::string* out, const std::pair<const std::string, int64_t>& one) {
        absl::StrAppend(out, JsonString(one.first), ":", one.second);
      });
  return absl::StrCat("{\"created\":", totals.created, ",\"updated\":", totals.updated,
                      ",\"unchanged\":", totals.unchanged, ",\"rejected\":", totals.rejected,
                      ",\"warnings\":{", warnings, "},\"consistency_token\":", JsonString(totals.token),
                      "}\n");
}

absl::StatusOr<EnterpriseColumns> ReadHeader(CsvReader& reader, const std::string& unit) {
  std::vector<std::string> header;
  ZHUQI_ASSIGN_OR_RETURN(const bool found, reader.Next(&header));
  if (!found) return absl::InvalidArgumentError("the file is empty; its first line names the columns");
  return EnterpriseColumns::Create(std::move(header), unit);
}

int Import(Client& client, const ImportOptions& options) {
  const auto input = InputFile::Open(options.file);
  if (!input.ok()) return client.FailUsage(input.status());
  CsvReader reader((*input)->stream());
  const absl::StatusOr<EnterpriseColumns> columns = ReadHeader(reader, options.unit);
  if (!columns.ok()) return client.FailUsage(columns.status());
  RejectedRows rejected(options.rejected, columns->OwnHeader());
  if (const absl::Status status = rejected.Open(false); !status.ok()) return client.FailUsage(status);

  Progress progress("importing", "rows", (*input)->size(), client.options.quiet);
  Patience patience(absl::Seconds(options.patience_seconds),
                    [&](absl::string_view message) { progress.Say(message); });
  EnterpriseImportOptions import;
  import.batch_rows = options.batch_rows;
  import.validate_only = options.validate_only;
  import.send = [&](const ApplyEnterprisesRequest& request)
                    ->absl::StatusOr<ApplyEnterprisesResponse> {
                      ApplyEnterprisesResponse response;
  while (true) {
    const absl::Status status = client.Call<EnterpriseService>(
        Service::kIntake, &EnterpriseService::Stub::ApplyEnterprises, request, &response);
    if (status.ok()) break;
    if (!patience.TryAgain(status)) return status;
  }
  patience.Reset();
  return response;
};
EnterpriseTotals totals;
const absl::Status status = ImportEnterprises(reader, *columns, import, rejected, progress, &totals);
progress.Finish();
if (!status.ok()) {
  std::cerr << "The import stopped after " << WithSeparators(totals.rows())
            << " rows; the same command goes on from there. / 导入中断，重新执行同一命令即可继续。\n";
  return client.Fail(status);
}
std::cout << (client.json() ? SummaryJson(totals) : SummaryText(totals, options)) << std::flush;
return totals.rejected > 0 ? kExitPartlyRejected : kExitOk;
}  // namespace

struct EnterpriseListOptions {
  std::string unit;
  std::string text;
  std::string tag;
  std::string industry;
  std::string size;
  std::string not_visited_since;
  bool with_closed = false;
  bool total = false;
  PageOptions page;
};

absl::StatusOr<ListEnterprisesRequest> RequestOf(const EnterpriseListOptions& options) {
  ListEnterprisesRequest request;
  request.set_org_unit_id(options.unit);
  request.set_text(options.text);
  request.set_tag(options.tag);
  request.set_industry_section(options.industry);
  request.set_with_closed(options.with_closed);
  request.set_include_total(options.total);
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<directory::v1::EnterpriseSize>(options.size, [&](auto size) { request.set_size(size); }));
  if (!options.not_visited_since.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(*request.mutable_not_visited_since(), ParseDate(options.not_visited_since));
  }
  return request;
}

std::string ListText(const ListEnterprisesResponse& merged) {
  Table table({{"credit code"},
               {"name", Align::kLeft, 40},
               {"unit"},
               {"section"},
               {"size"},
               {"tags", Align::kLeft, 30},
               {"last visit"},
               {"struck off"}});
  for (const Enterprise& one : merged.enterprises()) {
    table.AddRow({one.uscc(), one.name(), one.org_unit_id(), one.industry_section(), EnumText(one.size()),
                  absl::StrJoin(one.tags(), " "), DateText(one.last_visited_on()),
                  DateText(one.closed_on())});
  }
  std::string text = table.ToString();
  if (merged.has_total())
    absl::StrAppend(&text, merged.enterprises_size(), " of ", WithSeparators(merged.total()), "\n");
  else if (!merged.next_page_token().empty())
    absl::StrAppend(&text, "… and more: --limit or --all\n");
  return text;
}

int List(Client& client, const EnterpriseListOptions& options) {
  const absl::StatusOr<ListEnterprisesRequest> request = RequestOf(options);
  if (!request.ok()) return client.FailUsage(request.status());
  ListEnterprisesResponse merged;
  const absl::Status status = ReadPages<EnterpriseService>(
      client, Service::kIntake, &EnterpriseService::Stub::ListEnterprises, *request, options.page, &merged,
      [](const ListEnterprisesResponse& page) { return page.enterprises_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] { return ListText(merged); });
  return kExitOk;
}

int ShowOne(Client& client, const std::string& uscc) {
  intake::v1::GetEnterpriseRequest request;
  request.set_uscc(uscc);
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
  intake::v1::GetEnterpriseResponse response;
  const absl::Status status = client.Call<EnterpriseService>(
      Service::kIntake, &EnterpriseService::Stub::GetEnterprise, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    const Enterprise& one = response.enterprise();
    Table table({{"credit code"}, {one.uscc()}});
    table.AddRow({"name", one.name()});
    table.AddRow({"unit", one.org_unit_id()});
    table.AddRow({"address", one.address()});
    table.AddRow({"section (GB/T 4754)", one.industry_section()});
    table.AddRow({"size", EnumText(one.size())});
    table.AddRow({"tags", absl::StrJoin(one.tags(), " ")});
    table.AddRow({"registered on", DateText(one.registered_on())});
    if (one.has_closed_on()) table.AddRow({"struck off on", DateText(one.closed_on())});
    table.AddRow({"last visit", one.has_last_visited_on() ? DateText(one.last_visited_on()) : "none"});
    table.AddRow({"revision", absl::StrCat(one.revision(), ", ", InstantText(one.updated_at()))});
    return table.ToString();
  });
  return kExitOk;
}

void AddImport(CLI::App& enterprises, Client& client) {
  const auto options = std::make_shared<ImportOptions>();
  CLI::App* command =
      enterprises.add_subcommand("import", "Load any number of enterprises from CSV, resumable");
  command->add_option("FILE", options->file, "CSV; '-' reads standard input")->required();
  command->add_option("--unit", options->unit, "the unit of rows that name none");
  command->add_option("--rejected", options->rejected, "a file for the rejected rows, with reasons");
  command->add_option("--batch-rows", options->batch_rows, "rows in one call, 1 to 1,000")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_flag("--validate-only", options->validate_only, "check every row and store nothing");
  command->add_option("--patience", options->patience_seconds, "seconds to wait for a service that is away")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  command->footer(
      absl::StrCat("Each row replaces what stands under its credit code. What is acknowledged is on disk: "
                   "when this command is\n"
                   "stopped, run it again; rows that are there are 'unchanged'. Memory stays the same "
                   "however large the file is.\n\n"
                   "  zhuqictl enterprises import enterprises.csv --validate-only\n"
                   "  zhuqictl enterprises import enterprises.csv --rejected rejected.csv\n"
                   "  # mend rejected.csv (the columns that begin with __ are to stay), then\n"
                   "  zhuqictl enterprises import rejected.csv\n\n",
                   EnterpriseColumnsHelp()));
  command->callback(
      [&client, options] { client.action = [&client, options] { return Import(client, *options); }; });
}

void AddList(CLI::App& enterprises, Client& client) {
  const auto options = std::make_shared<EnterpriseListOptions>();
  CLI::App* command = enterprises.add_subcommand("list", "Enterprises by part of the name, unit, tag …");
  command->add_option("--text", options->text, "part of the name, or the beginning of the credit code");
  command->add_option("--unit", options->unit, "only this unit and all below it");
  command->add_option("--tag", options->tag, "only those with this tag");
  command->add_option("--industry", options->industry, "only this section of GB/T 4754, A to T");
  command->add_option("--size", options->size, "large, medium, small or micro (大型, 中型, 小型, 微型)");
  command->add_option("--not-visited-since", options->not_visited_since,
                      "only those without a visit on this day or later, 2024-05-09");
  command->add_flag("--with-closed", options->with_closed, "struck-off ones too");
  command->add_flag("--total", options->total, "count all matching ones too");
  AddPageOptions(*command, &options->page);
  command->footer(
      "  zhuqictl enterprises list --text 机械 --unit jinshui\n"
      "  zhuqictl enterprises list --text 914101\n"
      "  zhuqictl enterprises list --tag specialised-and-new --not-visited-since 2024-01-01 --total");
  command->callback(
      [&client, options] { client.action = [&client, options] { return List(client, *options); }; });
}

}  // namespace zhuqi::ctl

void AddEnterprisesCommand(CLI::App& app, Client& client) {
  CLI::App* enterprises = app.add_subcommand("enterprises", "Load and find enterprises");
  enterprises->require_subcommand(1);
  AddImport(*enterprises, client);
  const auto uscc = std::make_shared<std::string>();
  CLI::App* show = enterprises->add_subcommand("show", "One enterprise");
  show->add_option("CODE", *uscc, "the credit code")->required();
  show->callback([&client, uscc] { client.action = [&client, uscc] { return ShowOne(client, *uscc); }; });
  AddList(*enterprises, client);
}

}  // namespace zhuqi::ctl
