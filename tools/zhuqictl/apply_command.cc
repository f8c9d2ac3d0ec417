#include <CLI/CLI.hpp>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/calendar/calendar_file.h"
#include "common/directory/date_message.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/directory_text.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/files.h"
#include "tools/zhuqictl/request_ids.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/directory/v1/directory_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using directory::v1::ApplyDirectoryRequest;
using directory::v1::ApplyDirectoryResponse;
using directory::v1::DirectoryService;

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

}  // namespace

void AddApplyCommand(CLI::App& app, Client& client) {
  CLI::App* apply = app.add_subcommand(
      "apply", "Bring the calendar to the state of a file (see also directory apply and catalogue apply)");
  apply->require_subcommand(1);
  apply->footer("  zhuqictl apply calendar deploy/packs/calendar/working-days-2018-2026.csv");
  const auto options = std::make_shared<ApplyOptions>();
  CLI::App* calendar =
      apply->add_subcommand("calendar", "Working days: CSV with the columns date,kind,holiday,notice_year");
  calendar->add_option("FILE", options->file)->required()->check(CLI::ExistingFile);
  calendar->add_flag("--validate-only", options->validate_only, "show what would change, and store nothing");
  calendar->add_option("--calendar-version", options->calendar_version,
                       "without it: made from the newest notice's year and the number of days");
  calendar->callback(
      [&client, options] { client.action = [&client, options] { return ApplyCalendar(client, *options); }; });
}

}  // namespace zhuqi::ctl
