#include <CLI/CLI.hpp>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/calendar/calendar_file.h"
#include "common/config/config.h"
#include "common/directory/date_message.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/directory_text.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/files.h"
#include "tools/zhuqictl/request_ids.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/directory/v1/directory_service.grpc.pb.h"
#include "zhuqi/routing/v1/catalogue_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using directory::v1::ApplyDirectoryRequest;
using directory::v1::ApplyDirectoryResponse;
using directory::v1::DirectoryService;
using routing::v1::ApplyCatalogueRequest;
using routing::v1::ApplyCatalogueResponse;
using routing::v1::CatalogueService;

struct ApplyOptions {
  std::string file;
  bool validate_only = false;
  int64_t calendar_version = 0;
};

absl::StatusOr<directory::v1::WorkingCalendar> LoadCalendar(const ApplyOptions& options) {
  ZHUQI_ASSIGN_OR_RETURN(const std::string text, ReadFile(options.file));
  ZHUQI_ASSIGN_OR_RETURN(const calendar::CalendarData data,
                         calendar::ParseCalendarFile(text, "city", options.calendar_version));
  directory::v1::WorkingCalendar message;
  message.set_calendar_id(data.id);
  message.set_version(data.version);
  // The newest notice's year and the number of days make a version that grows with each notice.
  int newest = 0;
  for (const int year : data.notice_years) {
    message.add_notice_years(year);
    newest = std::max(newest, year);
  }
  if (options.calendar_version == 0)
    message.set_version(static_cast<int64_t>(newest) * 10000 + static_cast<int64_t>(data.overrides.size()));
  for (const calendar::DateOverride& day : data.overrides) {
    directory::v1::DateOverride* entry = message.add_overrides();
    *entry->mutable_date() = DateMessage(day.date);
    entry->set_working(day.working);
    entry->set_holiday(day.holiday);
    entry->set_notice_year(day.notice_year);
  }
  return message;
}

int ApplyCalendar(Client& client, const ApplyOptions& options) {
  const absl::StatusOr<directory::v1::WorkingCalendar> calendar = LoadCalendar(options);
  if (!calendar.ok()) return client.FailUsage(calendar.status());
  ApplyDirectoryRequest request;
  *request.mutable_calendar() = *calendar;
  request.set_request_id(NewRequestId());
  request.set_validate_only(options.validate_only);
  ApplyDirectoryResponse response;
  const absl::Status status = client.Call<DirectoryService>(
      Service::kIntake, &DirectoryService::Stub::ApplyDirectory, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    std::string text = DifferenceText(response.changes(), response.changes_size());
    absl::StrAppend(&text, options.validate_only ? "would change " : "changed ", response.changes_size(),
                    ", unchanged ", response.unchanged(), "\n");
    if (!response.consistency_token().empty())
      absl::StrAppend(&text, "token: ", response.consistency_token(), "\n");
    return text;
  });
  return kExitOk;
}

int ApplyCatalogue(Client& client, const ApplyOptions& options) {
  const auto catalogue = config::LoadTextproto<routing::v1::Catalogue>(options.file);
  if (!catalogue.ok()) return client.FailUsage(catalogue.status());
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  ApplyCatalogueRequest request;
  *request.mutable_catalogue() = *catalogue;
  request.set_request_id(NewRequestId());
  request.set_validate_only(options.validate_only);
  request.set_at_least_token(*token);
  ApplyCatalogueResponse response;
  const absl::Status status = client.Call<CatalogueService>(
      Service::kRouting, &CatalogueService::Stub::ApplyCatalogue, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    std::string text =
        absl::StrCat(options.validate_only ? "good; " : "", "version in force: ", response.version(),
                     response.changed() ? " (changed)\n" : " (unchanged)\n");
    if (!response.consistency_token().empty())
      absl::StrAppend(&text, "token: ", response.consistency_token(), "\n");
    return text;
  });
  return kExitOk;
}

}  // namespace

void AddApplyCommand(CLI::App& app, Client& client) {
  CLI::App* apply = app.add_subcommand(
      "apply", "Bring calendar or catalogue to the state of a file (see also directory apply)");
  apply->require_subcommand(1);
  apply->footer(
      "What a file does not name stays as it is. --validate-only shows the difference and stores nothing.\n\n"
      "  zhuqictl apply calendar deploy/packs/calendar/working-days-2018-2026.csv\n"
      "  zhuqictl apply catalogue catalogue.textproto");
  const auto add = [&](const char* name, const char* help, int (*run)(Client&, const ApplyOptions&)) {
    const auto options = std::make_shared<ApplyOptions>();
    CLI::App* command = apply->add_subcommand(name, help);
    command->add_option("FILE", options->file)->required()->check(CLI::ExistingFile);
    command->add_flag("--validate-only", options->validate_only, "show what would change, and store nothing");
    command->callback([&client, options, run] {
      client.action = [&client, options, run] { return run(client, *options); };
    });
    return std::make_pair(command, options);
  };
  add("catalogue", "Who handles what, by when: a textproto of zhuqi.routing.v1.Catalogue", &ApplyCatalogue);
  const auto [calendar, calendar_options] =
      add("calendar", "Working days: CSV with the columns date,kind,holiday,notice_year", &ApplyCalendar);
  calendar->add_option("--calendar-version", calendar_options->calendar_version,
                       "without it: made from the newest notice's year and the number of days");
}

}  // namespace zhuqi::ctl
