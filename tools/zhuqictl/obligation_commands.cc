#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/obligation_text.h"
#include "tools/zhuqictl/paging.h"
#include "tools/zhuqictl/request_ids.h"
#include "tools/zhuqictl/terminal.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/directory/v1/directory_service.grpc.pb.h"
#include "zhuqi/intake/v1/summary_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using directory::v1::DirectoryService;
using directory::v1::ListOrgUnitsRequest;
using directory::v1::ListOrgUnitsResponse;
using intake::v1::DecideObligationRequest;
using intake::v1::DecideObligationResponse;
using intake::v1::ListObligationsRequest;
using intake::v1::ListObligationsResponse;
using intake::v1::ListPeriodsRequest;
using intake::v1::ListPeriodsResponse;
using intake::v1::LockPeriodRequest;
using intake::v1::LockPeriodResponse;
using intake::v1::ObligationDecision;
using intake::v1::OpenPeriodRequest;
using intake::v1::OpenPeriodResponse;
using intake::v1::Period;
using intake::v1::SummaryService;

struct MatrixArguments {
  std::string unit;
  std::string months;
  std::string form;
  std::string state;
  bool overdue = false;
  bool list = false;
};

absl::StatusOr<ListObligationsRequest> RequestOf(const MatrixArguments& arguments) {
  ListObligationsRequest request;
  request.set_org_unit_id(arguments.unit);
  request.set_form_id(arguments.form);
  request.set_overdue(arguments.overdue);
  if (!arguments.months.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(const std::vector<common::v1::YearMonth> months, ParseMonths(arguments.months));
    *request.mutable_first_month() = months.front();
    *request.mutable_last_month() = months.back();
  }
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<intake::v1::SummaryState>(arguments.state, [&](auto state) { request.set_state(state); }));
  return request;
}

// For names and the order of the tree; without it units are shown by their identities.
std::vector<directory::v1::OrgUnit> UnitsOf(Client& client, const std::string& below) {
  ListOrgUnitsRequest request;
  request.set_below(below);
  ListOrgUnitsResponse merged;
  const absl::Status status = ReadPages<DirectoryService>(
      client, Service::kIntake, &DirectoryService::Stub::ListOrgUnits, request, PageOptions{0, true}, &merged,
      [](const ListOrgUnitsResponse& page) { return page.org_units_size(); });
  if (!status.ok()) return {};
  return {merged.org_units().begin(), merged.org_units().end()};
}

int ShowMatrix(Client& client, const MatrixArguments& arguments) {
  const absl::StatusOr<ListObligationsRequest> request = RequestOf(arguments);
  if (!request.ok()) return client.FailUsage(request.status());
  ListObligationsResponse merged;
  const absl::Status status = ReadPages<SummaryService>(
      client, Service::kIntake, &SummaryService::Stub::ListObligations, *request, PageOptions{0, true},
      &merged, [](const ListObligationsResponse& page) { return page.obligations_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] {
    const std::vector<intake::v1::Obligation> obligations(merged.obligations().begin(),
                                                          merged.obligations().end());
    if (arguments.list) return ObligationTable(obligations);
    return ObligationMatrix(obligations, UnitsOf(client, arguments.unit), {client.chinese(), WantsColour()});
  });
  return kExitOk;
}

struct DecisionArguments {
  std::string unit;
  std::string month;
  std::string form;
  std::string reason;
  std::string until;
};

int Decide(Client& client, ObligationDecision::Kind kind, const DecisionArguments& arguments) {
  DecideObligationRequest request;
  request.set_request_id(NewRequestId());
  request.set_org_unit_id(arguments.unit);
  request.set_form_id(arguments.form);
  const auto month = ParseMonth(arguments.month);
  if (!month.ok()) return client.FailUsage(month.status());
  *request.mutable_month() = *month;
  request.mutable_decision()->set_kind(kind);
  request.mutable_decision()->set_reason(arguments.reason);
  if (kind == ObligationDecision::KIND_EXTEND) {
    const auto until = ParseInstant(arguments.until);
    if (!until.ok()) return client.FailUsage(until.status());
    *request.mutable_decision()->mutable_extended_until() = *until;
  }
  DecideObligationResponse response;
  const absl::Status status = client.Call<SummaryService>(
      Service::kIntake, &SummaryService::Stub::DecideObligation, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    return absl::StrCat(arguments.unit, " ", MonthText(response.summary().month()), ": ",
                        EnumText(response.summary().state()), "\ntoken: ", response.consistency_token(),
                        "\n");
  });
  return kExitOk;
}

void AddDecision(CLI::App& obligations, Client& client, const char* name, const char* help,
                 ObligationDecision::Kind kind) {
  const auto arguments = std::make_shared<DecisionArguments>();
  CLI::App* command = obligations.add_subcommand(name, help);
  command->add_option("UNIT", arguments->unit, "who owes it")->required();
  command->add_option("MONTH", arguments->month, "2024-05")->required();
  command->add_option("--form", arguments->form, "without it: the one form that the unit owes");
  command->add_option("--reason", arguments->reason, "why")->required();
  if (kind == ObligationDecision::KIND_EXTEND) {
    command->add_option("--until", arguments->until, "due by then: 2024-06-14 17:30")->required();
  }
  command->callback([&client, arguments, kind] {
    client.action = [&client, arguments, kind] { return Decide(client, kind, *arguments); };
  });
}

void AddObligations(CLI::App& app, Client& client) {
  const auto arguments = std::make_shared<MatrixArguments>();
  CLI::App* obligations = app.add_subcommand(
      "obligations", "Who owes which monthly summary, and where each stands: units × months");
  obligations->require_subcommand(0, 1);
  obligations->add_option("--unit", arguments->unit, "this unit and all below it");
  obligations->add_option("--months", arguments->months, "2024-05 or 2024-01..2024-06");
  obligations->add_option("--form", arguments->form, "only this form");
  obligations->add_option("--state", arguments->state, "owed, submitted, returned, accepted or waived");
  obligations->add_flag("--overdue", arguments->overdue, "only open ones past their due date");
  obligations->add_flag("--list", arguments->list, "a line for each, with due dates and reasons");
  obligations->footer(
      "In colour on a terminal (not with NO_COLOR set); the words say the same.\n\n"
      "  zhuqictl obligations --unit jinshui --months 2026-01..2026-06\n"
      "  zhuqictl obligations --overdue --list\n"
      "  zhuqictl obligations waive jinshui 2026-01 --reason 机构筹建\n"
      "  zhuqictl obligations extend jinshui 2026-01 --until '2026-02-13 17:30' --reason 机房搬迁");
  AddDecision(*obligations, client, "waive", "It need not be met", ObligationDecision::KIND_WAIVE);
  AddDecision(*obligations, client, "unwaive", "Take a waiver back", ObligationDecision::KIND_UNWAIVE);
  AddDecision(*obligations, client, "extend", "It is due later", ObligationDecision::KIND_EXTEND);
  obligations->callback([&client, arguments, obligations] {
    if (!obligations->get_subcommands().empty()) return;
    client.action = [&client, arguments] { return ShowMatrix(client, *arguments); };
  });
}

std::string PeriodText(const Period& period) {
  std::string text =
      absl::StrCat(period.form_id(), " ", MonthText(period.month()), ": ",
                   period.locked() ? "locked" : "open", ", ", period.obligations(), " obligations");
  if (period.has_locks_at()) absl::StrAppend(&text, ", locks by itself at ", InstantText(period.locks_at()));
  absl::StrAppend(&text, "\n");
  for (const auto& decision : period.decisions()) {
    absl::StrAppend(&text, decision.locked() ? "  locked " : "  unlocked ",
                    InstantText(decision.decided_at()), " by ", decision.actor(), ": ", decision.reason(),
                    "\n");
  }
  return text;
}

struct PeriodArguments {
  std::string form;
  std::string month;
  std::string reason;
};

int Open(Client& client, const PeriodArguments& arguments) {
  OpenPeriodRequest request;
  request.set_request_id(NewRequestId());
  request.set_form_id(arguments.form);
  const auto month = ParseMonth(arguments.month);
  if (!month.ok()) return client.FailUsage(month.status());
  *request.mutable_month() = *month;
  OpenPeriodResponse response;
  const absl::Status status =
      client.Call<SummaryService>(Service::kIntake, &SummaryService::Stub::OpenPeriod, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    return absl::StrCat(PeriodText(response.period()), "made ", response.created(),
                        " obligations\ntoken: ", response.consistency_token(), "\n");
  });
  return kExitOk;
}

int Lock(Client& client, bool unlock, const PeriodArguments& arguments) {
  LockPeriodRequest request;
  request.set_request_id(NewRequestId());
  request.set_form_id(arguments.form);
  request.set_unlock(unlock);
  request.set_reason(arguments.reason);
  const auto month = ParseMonth(arguments.month);
  if (!month.ok()) return client.FailUsage(month.status());
  *request.mutable_month() = *month;
  LockPeriodResponse response;
  const absl::Status status =
      client.Call<SummaryService>(Service::kIntake, &SummaryService::Stub::LockPeriod, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return PeriodText(response.period()); });
  return kExitOk;
}

int ListPeriods(Client& client, const std::string& form, const PageOptions& page) {
  ListPeriodsRequest request;
  request.set_form_id(form);
  ListPeriodsResponse merged;
  const absl::Status status =
      ReadPages<SummaryService>(client, Service::kIntake, &SummaryService::Stub::ListPeriods, request, page,
                                &merged, [](const ListPeriodsResponse& read) { return read.periods_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] {
    Table table({{"month"},
                 {"form"},
                 {"version", Align::kRight},
                 {"obligations", Align::kRight},
                 {"opened"},
                 {"locks"},
                 {"now"}});
    for (const Period& period : merged.periods()) {
      table.AddRow({MonthText(period.month()), period.form_id(), absl::StrCat(period.form_version()),
                    absl::StrCat(period.obligations()), InstantText(period.opened_at()),
                    period.has_locks_at() ? InstantText(period.locks_at()) : "never",
                    period.locked() ? "locked" : "open"});
    }
    return table.ToString();
  });
  return kExitOk;
}

void AddPeriods(CLI::App& app, Client& client) {
  CLI::App* periods = app.add_subcommand("period", "Months of forms: open, lock, unlock, list");
  periods->require_subcommand(1);
  periods->footer(
      "Late and locked are two things: what comes after the due date is late; what changes after the lock is "
      "a "
      "correction\nwith a reason, and a new vintage.\n\n"
      "  zhuqictl period open zhengzhou-district 2026-01\n"
      "  zhuqictl period lock zhengzhou-district 2026-01 --reason 年度决算");
  const auto add = [&](const char* name, const char* help, bool with_reason,
                       std::function<int(Client&, const PeriodArguments&)> run) {
    const auto arguments = std::make_shared<PeriodArguments>();
    CLI::App* command = periods->add_subcommand(name, help);
    command->add_option("FORM", arguments->form, "the form")->required();
    command->add_option("MONTH", arguments->month, "2024-05")->required();
    if (with_reason) command->add_option("--reason", arguments->reason, "why")->required();
    command->callback([&client, arguments, run] {
      client.action = [&client, arguments, run] { return run(client, *arguments); };
    });
  };
  add("open", "Make its obligations now; safe to repeat", false, &Open);
  add("lock", "From now on a change is a correction", true,
      [](Client& with, const PeriodArguments& arguments) { return Lock(with, false, arguments); });
  add("unlock", "Changes are revisions again", true,
      [](Client& with, const PeriodArguments& arguments) { return Lock(with, true, arguments); });
  const auto form = std::make_shared<std::string>();
  const auto page = std::make_shared<PageOptions>();
  CLI::App* list = periods->add_subcommand("list", "Periods, newest month first");
  list->add_option("--form", *form, "only this form");
  AddPageOptions(*list, page.get());
  list->callback([&client, form, page] {
    client.action = [&client, form, page] { return ListPeriods(client, *form, *page); };
  });
}

}  // namespace

void AddObligationCommands(CLI::App& app, Client& client) {
  AddObligations(app, client);
  AddPeriods(app, client);
}

}  // namespace zhuqi::ctl
