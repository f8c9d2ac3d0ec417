#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/case_follow.h"
#include "tools/zhuqictl/case_list_text.h"
#include "tools/zhuqictl/case_text.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/files.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/paging.h"
#include "tools/zhuqictl/terminal.h"
#include "tools/zhuqictl/theme_text.h"
#include "zhuqi/routing/v1/case_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::CaseService;
using routing::v1::ListCasesRequest;
using routing::v1::ListCasesResponse;

struct CaseListOptions {
  std::string unit;
  std::string owner;
  std::string department;
  std::vector<std::string> roles;
  std::string lead;
  std::vector<std::string> tabs;
  int due_within = -1;
  std::string text;
  std::string enterprise;
  bool green_channel = false;
  std::string task_force;
  bool special = false;
  std::string project;
  std::string order;
  std::string parent;
  bool without_children = false;
  bool follow = false;
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
  std::string bulletin;
  std::string priority;
  std::string team;
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
  if (options.bulletin == "ever") {
    request->mutable_bulletin();
  } else {
    ZHUQI_RETURN_IF_ERROR(set(options.bulletin, &ListCasesRequest::mutable_bulletin, request));
  }
  if (!options.open_at_end_of.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(*request->mutable_open_at_end_of(), ParseDate(options.open_at_end_of));
  }
  return absl::OkStatus();
}

absl::Status SetWorkList(const CaseListOptions& options, ListCasesRequest* request) {
  for (const std::string& role : options.roles) {
    ZHUQI_ASSIGN_OR_RETURN(const auto parsed, ParseEnum<routing::v1::AssignmentRole>(role));
    request->add_department_roles(parsed);
  }
  for (const std::string& tab : options.tabs) {
    ZHUQI_ASSIGN_OR_RETURN(const auto parsed, ParseEnum<routing::v1::CaseTab>(tab));
    request->add_tabs(parsed);
  }
  if (options.due_within >= 0) request->set_due_within_working_days(options.due_within);
  request->set_text(options.text);
  request->set_enterprise_uscc(options.enterprise);
  request->set_green_channel(options.green_channel);
  request->set_task_force(options.task_force);
  request->set_special(options.special);
  request->set_project(options.project);
  request->set_parent_case_id(options.parent);
  request->set_without_children(options.without_children);
  request->set_team_id(options.team);
  ZHUQI_RETURN_IF_ERROR(SetEnum<routing::v1::CasePriority>(
      options.priority, [&](auto priority) { request->set_at_least_priority(priority); }));
  return SetEnum<routing::v1::CaseOrder>(options.order, [&](auto order) { request->set_order(order); });
}

absl::StatusOr<ListCasesRequest> RequestOf(const CaseListOptions& options) {
  ListCasesRequest request;
  request.set_org_unit_id(options.unit);
  request.set_owner_org_unit_id(options.owner);
  request.set_department_id(options.department);
  request.set_lead_department_id(options.lead);
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
  ZHUQI_RETURN_IF_ERROR(SetWorkList(options, &request));
  return request;
}

CaseTextOptions CaseOptionsFor(const Client& client) {
  return {client.chinese(), WantsColour(), Clock::System().Now()};
}

absl::Status ShowCaseList(Client& client, const ListCasesRequest& request, const PageOptions& page) {
  ListCasesResponse merged;
  ZHUQI_RETURN_IF_ERROR(
      ReadPages<CaseService>(client, Service::kRouting, &CaseService::Stub::ListCases, request, page, &merged,
                             [](const ListCasesResponse& read) { return read.cases_size(); }));
  client.Show(merged, [&] {
    return absl::StrCat(CaseTable(merged.cases(), CaseOptionsFor(client)), merged.cases_size(),
                        client.chinese() ? " / " : " of ", merged.total(), "\n");
  });
  return absl::OkStatus();
}

int List(Client& client, const CaseListOptions& options) {
  const absl::StatusOr<ListCasesRequest> request = RequestOf(options);
  if (!request.ok()) return client.FailUsage(request.status());
  if (!options.follow) {
    const absl::Status status = ShowCaseList(client, *request, options.page);
    return status.ok() ? kExitOk : client.Fail(status);
  }
  CaseFollowOptions following;
  following.request.set_org_unit_id(options.unit);
  following.request.set_department_id(options.department);
  following.begin = [&] { return ShowCaseList(client, *request, options.page); };
  return FollowCases(client, following);
}

// The case with its whole history: pages lead back from the latest entries.
absl::Status ReadStory(Client& client, routing::v1::GetCaseRequest request,
                       routing::v1::GetCaseResponse* whole) {
  ZHUQI_RETURN_IF_ERROR(
      client.Call<CaseService>(Service::kRouting, &CaseService::Stub::GetCase, request, whole));
  while (!whole->next_history_page_token().empty()) {
    request.set_history_page_token(whole->next_history_page_token());
    routing::v1::GetCaseResponse earlier;
    ZHUQI_RETURN_IF_ERROR(
        client.Call<CaseService>(Service::kRouting, &CaseService::Stub::GetCase, request, &earlier));
    earlier.mutable_timeline()->MergeFrom(whole->timeline());
    earlier.mutable_case_()->mutable_history()->MergeFrom(whole->case_().history());
    whole->mutable_timeline()->Swap(earlier.mutable_timeline());
    whole->mutable_case_()->mutable_history()->Swap(earlier.mutable_case_()->mutable_history());
    whole->set_next_history_page_token(earlier.next_history_page_token());
  }
  return absl::OkStatus();
}

absl::Status ShowStory(Client& client, const routing::v1::GetCaseRequest& request,
                       routing::v1::GetCaseResponse* response) {
  ZHUQI_RETURN_IF_ERROR(ReadStory(client, request, response));
  client.Show(*response, [&] {
    return absl::StrCat(DescribeCase(response->case_()),
                        FamilyTable(response->family(), CaseOptionsFor(client)), "\n",
                        ThemeReferences(response->themes(), client.chinese()), "\n",
                        TimelineTable(response->timeline(), CaseOptionsFor(client)));
  });
  return absl::OkStatus();
}

int ShowCase(Client& client, const std::string& text, bool follow) {
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
  if (!follow) {
    const absl::Status status = ShowStory(client, request, &response);
    return status.ok() ? kExitOk : client.Fail(status);
  }
  CaseFollowOptions following;
  following.begin = [&] { return ShowStory(client, request, &response); };
  following.wanted = [&response](const routing::v1::CaseUpdate& update) {
    return update.case_id() == response.case_().case_id() && update.sequence() > response.case_().sequence();
  };
  return FollowCases(client, following);
}

struct CaseCountOptions {
  std::string unit;
  std::string owner;
  std::string department;
};

int CountCaseTabs(Client& client, const CaseCountOptions& options) {
  routing::v1::CountCasesRequest request;
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
  if (!options.unit.empty()) request.set_org_unit_id(options.unit);
  if (!options.owner.empty()) request.set_owner_org_unit_id(options.owner);
  if (!options.department.empty()) request.set_department_id(options.department);
  routing::v1::CountCasesResponse response;
  const absl::Status status =
      client.Call<CaseService>(Service::kRouting, &CaseService::Stub::CountCases, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return TabTable(response, CaseOptionsFor(client)); });
  return kExitOk;
}

struct CaseWatchOptions {
  std::string unit;
  std::string department;
  std::string cursor_file;
  int64_t limit = 0;
  double patience_seconds = 120;
};

int Watch(Client& client, const CaseWatchOptions& options) {
  CaseFollowOptions following;
  following.request.set_org_unit_id(options.unit);
  following.request.set_department_id(options.department);
  following.cursor_file = options.cursor_file;
  following.limit = options.limit;
  following.patience = absl::Seconds(options.patience_seconds);
  if (!options.cursor_file.empty()) {
    const absl::StatusOr<std::string> cursor = ReadFile(options.cursor_file);
    // The first run begins now, and makes the file.
    if (!cursor.ok() && !absl::IsNotFound(cursor.status())) return client.FailUsage(cursor.status());
    if (cursor.ok()) following.request.set_cursor(std::string(absl::StripAsciiWhitespace(*cursor)));
  }
  return FollowCases(client, following);
}

void AddCaseList(CLI::App& cases, Client& client) {
  const auto options = std::make_shared<CaseListOptions>();
  CLI::App* list = cases.add_subcommand("list", "A work list: which cases, and in what order");
  list->add_option("--unit", options->unit, "raised in this unit or below it");
  list->add_option("--owner", options->owner, "this unit is accountable now");
  list->add_option("--department", options->department, "this department has a part in it now");
  list->add_option(
      "--role", options->roles,
      "with --department: its part is lead, co_handler, supervisor or assistant; may be repeated");
  list->add_option("--lead", options->lead, "this department leads now");
  list->add_option("--function", options->function, "a department with this function leads now");
  list->add_option("--tab", options->tabs,
                   "open, to_accept, in_progress, awaiting_call_back, due_soon, overdue, escalated, "
                   "green_channel or closed_this_month; repeated: in all of them");
  list->add_option("--due-within", options->due_within, "open, and due within so many working days; 0: today")
      ->check(CLI::Range(0, 250));
  list->add_option("--text", options->text, "in title, number or enterprise");
  list->add_option("--enterprise", options->enterprise, "of the enterprise with this credit code");
  list->add_flag("--green-channel", options->green_channel, "in the green channel");
  list->add_option("--task-force", options->task_force, "looked after by the task force of this name");
  list->add_flag("--special", options->special, "followed to the end, and no final report yet");
  list->add_option("--project", options->project, "of this project or park");
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
  list->add_option("--bulletin", options->bulletin,
                   "published in the bulletin (通报) then; as --received, or ever");
  list->add_option("--priority", options->priority, "at least as urgent: high or urgent (重要, 紧急)");
  list->add_option("--team", options->team, "this team assists in it now");
  list->add_option("--open-at-end-of", options->open_at_end_of,
                   "received by then and not closed: 2024-05-31");
  list->add_option("--order", options->order,
                   "newest, handling_deadline, longest_open or last_changed; newest when not given");
  list->add_option("--parent", options->parent, "the children of the case with this UUID");
  list->add_flag("--without-children", options->without_children, "each issue once, as figures count it");
  list->add_flag("--follow", options->follow,
                 "then show what changes in --unit and --department, until Ctrl-C");
  AddPageOptions(*list, &options->page);
  list->footer(
      "Values may be given in Chinese, too. A deadline is red when it has passed and yellow when it comes "
      "within\n"
      "three days, on a terminal and without NO_COLOR; the words say the same.\n\n"
      "What my department has to do, the nearest deadline first:\n"
      "  zhuqictl cases list --department jinshui.planning --tab open --order handling_deadline\n"
      "What is due by the day after tomorrow, counted in working days:\n"
      "  zhuqictl cases list --unit jinshui --due-within 2\n"
      "Escalated and overdue:\n"
      "  zhuqictl cases list --tab escalated --tab 已逾期\n"
      "  zhuqictl cases list --unit jinshui --text 消防验收 --order last_changed --follow");
  list->callback(
      [&client, options] { client.action = [&client, options] { return List(client, *options); }; });
}

void AddCaseShow(CLI::App& cases, Client& client) {
  struct Options {
    std::string target;
    bool follow = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* show = cases.add_subcommand("show", "One case with its whole story");
  show->add_option("CASE", options->target, "UUID, or the issue's SOURCE-SYSTEM/EXTERNAL-ID")->required();
  show->add_flag("--follow", options->follow, "then show what happens to it, until Ctrl-C");
  show->callback([&client, options] {
    client.action = [&client, options] { return ShowCase(client, options->target, options->follow); };
  });
}

void AddCaseCount(CLI::App& cases, Client& client) {
  const auto options = std::make_shared<CaseCountOptions>();
  CLI::App* count = cases.add_subcommand("count", "How many cases stand in each tab, at one moment");
  CLI::Option_group* scope = count->add_option_group("whose", "exactly one");
  scope->add_option("--unit", options->unit, "raised in this unit or below it");
  scope->add_option("--owner", options->owner, "this unit is accountable now");
  scope->add_option("--department", options->department, "this department has a part in it now");
  scope->require_option(1);
  count->footer(
      "Each tab is what `cases list --tab` lists with the same option. 10,000+ says that there are more.\n\n"
      "  zhuqictl cases count --department jinshui.planning\n"
      "  zhuqictl cases count --unit zhengzhou --output json");
  count->callback(
      [&client, options] { client.action = [&client, options] { return CountCaseTabs(client, *options); }; });
}

void AddCaseWatch(CLI::App& cases, Client& client) {
  const auto options = std::make_shared<CaseWatchOptions>();
  CLI::App* watch = cases.add_subcommand("watch", "What happens to cases, as it happens, until Ctrl-C");
  watch->add_option("--unit", options->unit, "raised in this unit or below it");
  watch->add_option("--department", options->department,
                    "this department has a part in it, or lost it just then");
  watch->add_option("--cursor-file", options->cursor_file,
                    "go on from where this file says, and keep it up to date; the first run makes it");
  watch
      ->add_option("--limit", options->limit, "end after so many changes (and those that came with the last)")
      ->check(CLI::Range(int64_t{1}, int64_t{1000000000}));
  watch->add_option("--patience", options->patience_seconds, "seconds to wait for a service that is away")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  watch->footer(
      "Nothing is lost or shown twice while it runs, also when the service is away for a time. With "
      "--cursor-file that\n"
      "holds from one run to the next; changes that were shown while the file was not written yet are shown "
      "again.\n"
      "With --output json: a line a change.\n\n"
      "  zhuqictl cases watch --department jinshui.planning\n"
      "  zhuqictl cases watch --unit jinshui --cursor-file jinshui.cursor --output json | my-message-system");
  watch->callback(
      [&client, options] { client.action = [&client, options] { return Watch(client, *options); }; });
}

}  // namespace

void AddCasesCommand(CLI::App& app, Client& client) {
  CLI::App* cases =
      app.add_subcommand("cases", "The work list: who owns what, by when, and what happens to it");
  cases->require_subcommand(1);
  AddCaseList(*cases, client);
  AddCaseShow(*cases, client);
  AddCaseCount(*cases, client);
  AddCaseWatch(*cases, client);
  AddActCommand(*cases, client);
}

}  // namespace zhuqi::ctl
