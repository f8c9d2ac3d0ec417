#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/case_text.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/paging.h"
#include "zhuqi/routing/v1/case_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::Case;
using routing::v1::CaseService;
using routing::v1::ListCasesRequest;
using routing::v1::ListCasesResponse;

struct CaseListOptions {
  std::string unit;
  std::string owner;
  std::string department;
  std::string function;
  std::string state;
  std::string outcome;
  std::string issue_kind;
  std::string category;
  std::string received;
  std::string closed;
  std::string resolved;
  std::string due;
  std::string escalated;
  std::string open_at_end_of;
  PageOptions page;
};

absl::Status SetDates(const CaseListOptions& options, ListCasesRequest* request) {
  const auto set = [](const std::string& text, common::v1::DateSpan* (ListCasesRequest::*span)(),
                      ListCasesRequest* to) {
    return text.empty() ? absl::OkStatus() : SetSpan(text, (to->*span)());
  };
  ZHUQI_RETURN_IF_ERROR(set(options.received, &ListCasesRequest::mutable_received, request));
  ZHUQI_RETURN_IF_ERROR(set(options.closed, &ListCasesRequest::mutable_closed, request));
  ZHUQI_RETURN_IF_ERROR(set(options.resolved, &ListCasesRequest::mutable_resolved, request));
  ZHUQI_RETURN_IF_ERROR(set(options.due, &ListCasesRequest::mutable_due, request));
  ZHUQI_RETURN_IF_ERROR(set(options.escalated, &ListCasesRequest::mutable_escalated, request));
  if (!options.open_at_end_of.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(*request->mutable_open_at_end_of(), ParseDate(options.open_at_end_of));
  }
  return absl::OkStatus();
}

absl::StatusOr<ListCasesRequest> RequestOf(const Client& client, const CaseListOptions& options) {
  ListCasesRequest request;
  request.set_org_unit_id(options.unit);
  request.set_owner_org_unit_id(options.owner);
  request.set_lead_department_id(options.department);
  if (!options.function.empty()) request.set_lead_function(options.function);
  request.set_category_id(options.category);
  request.set_include_total(true);
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<routing::v1::ProcessState>(options.state, [&](auto state) { request.set_state(state); }));
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<routing::v1::Outcome>(options.outcome, [&](auto outcome) { request.set_outcome(outcome); }));
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<intake::v1::IssueKind>(options.issue_kind, [&](auto kind) { request.set_issue_kind(kind); }));
  ZHUQI_RETURN_IF_ERROR(SetDates(options, &request));
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  request.set_at_least_token(token);
  return request;
}

int List(Client& client, const CaseListOptions& options) {
  const absl::StatusOr<ListCasesRequest> request = RequestOf(client, options);
  if (!request.ok()) return client.FailUsage(request.status());
  ListCasesResponse merged;
  const absl::Status status =
      ReadPages<CaseService>(client, Service::kRouting, &CaseService::Stub::ListCases, *request, options.page,
                             &merged, [](const ListCasesResponse& page) { return page.cases_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] {
    Table table(
        {{"received"}, {"unit"}, {"key"}, {"lead"}, {"state"}, {"outcome"}, {"title", Align::kLeft, 50}});
    for (const Case& item : merged.cases()) {
      table.AddRow({InstantText(item.received_at()).substr(0, 10), item.org_unit_id(),
                    KeyText(item.issue_key()), item.lead_department_id(), EnumText(item.state()),
                    EnumText(item.outcome()), item.issue().title()});
    }
    return absl::StrCat(table.ToString(), merged.cases_size(), " of ", merged.total(), "\n");
  });
  return kExitOk;
}

int ShowCase(Client& client, const std::string& text) {
  const absl::StatusOr<Target> target = ParseTarget(text);
  if (!target.ok()) return client.FailUsage(target.status());
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  routing::v1::GetCaseRequest request;
  if (target->id.empty()) {
    *request.mutable_issue_key() = target->key;
  } else {
    request.set_case_id(target->id);
  }
  request.set_at_least_token(*token);
  routing::v1::GetCaseResponse response;
  const absl::Status status =
      client.Call<CaseService>(Service::kRouting, &CaseService::Stub::GetCase, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return DescribeCase(response.case_()); });
  return kExitOk;
}

}  // namespace

void AddCasesCommand(CLI::App& app, Client& client) {
  CLI::App* cases = app.add_subcommand("cases", "The work list: who owns what, and how it stands");
  cases->require_subcommand(1);
  const auto options = std::make_shared<CaseListOptions>();
  CLI::App* list = cases->add_subcommand("list", "Cases, newest first");
  list->add_option("--unit", options->unit, "raised in this unit or below it");
  list->add_option("--owner", options->owner, "this unit is accountable now");
  list->add_option("--department", options->department, "this department leads now");
  list->add_option("--function", options->function, "a department with this function leads now");
  list->add_option("--state", options->state,
                   "awaiting_acceptance, in_progress, awaiting_call_back or closed");
  list->add_option("--outcome", options->outcome,
                   "resolved, not_resolved, explained, unconfirmed or withdrawn");
  list->add_option("--issue-kind", options->issue_kind, "problem, need or suggestion");
  list->add_option("--category", options->category, "this category and below it");
  list->add_option("--received", options->received, "2024-05, 2024-05-09 or 2024-05-01..2024-06-15");
  list->add_option("--closed", options->closed, "as --received");
  list->add_option("--resolved", options->resolved, "as --received");
  list->add_option("--due", options->due, "handling deadline; as --received");
  list->add_option("--escalated", options->escalated, "as --received");
  list->add_option("--open-at-end-of", options->open_at_end_of,
                   "received by then and not closed: 2024-05-31");
  AddPageOptions(*list, &options->page);
  list->footer(
      "  zhuqictl cases list --unit jinshui --state in_progress\n  zhuqictl cases list --escalated 2024-05 "
      "--all");
  list->callback(
      [&client, options] { client.action = [&client, options] { return List(client, *options); }; });

  const auto target = std::make_shared<std::string>();
  CLI::App* show = cases->add_subcommand("show", "One case with its whole history");
  show->add_option("CASE", *target, "UUID, or the issue's SOURCE-SYSTEM/EXTERNAL-ID")->required();
  show->callback(
      [&client, target] { client.action = [&client, target] { return ShowCase(client, *target); }; });
}

}  // namespace zhuqi::ctl
