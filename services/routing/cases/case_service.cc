#include "services/routing/cases/case_service.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/page_token.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "common/rpc/uuid_field.h"
#include "services/routing/cases/action_check.h"
#include "services/routing/cases/case_bulk.h"
#include "services/routing/cases/case_list.h"
#include "services/routing/cases/case_timeline.h"
#include "services/routing/cases/case_transitions.h"
#include "services/routing/families/family_store.h"
#include "services/routing/knowledge/theme_store.h"

namespace zhuqi::routing {
namespace {

void TargetRequired(const char* field, rpc::Violations& violations) {
  violations.Add(field, "CASE_REQUIRED", "name the case", "必须指定工单");
}

IssueKey KeyOf(const common::v1::SourceKey& key) { return {key.source_system(), key.external_id()}; }

// The one case of `found`.
absl::StatusOr<CaseRecord> Only(absl::StatusOr<CaseMap> found) {
  if (!found.ok()) return found.status();
  if (found->empty()) return UnknownCase();
  return std::move(found->begin()->second);
}

absl::StatusOr<CaseRecord> ReadTarget(db::Connection& connection, const v1::GetCaseRequest& request) {
  if (request.has_case_id()) return Only(ReadCases(connection, {*Uuid::Parse(request.case_id())}));
  if (request.has_issue_record_id()) {
    return Only(ReadCasesOfIssues(connection, {*Uuid::Parse(request.issue_record_id())}));
  }
  ZHUQI_ASSIGN_OR_RETURN(const auto found, FindCases(connection, {KeyOf(request.issue_key())}));
  if (found.empty()) return UnknownCase();
  return Only(ReadCases(connection, {found.begin()->second}));
}

constexpr int kMostHistory = 500;

struct CaseAndHistory {
  CaseRecord record;
  HistoryPage history;
  v1::CaseFamily family;
  std::vector<v1::ThemeReference> themes;
};

// The page tokens of a case's history are bound to how the case was named.
std::string HistoryFilter(v1::GetCaseRequest request) {
  request.clear_history_page_size();
  request.clear_history_page_token();
  request.clear_at_least_token();
  return request.SerializeAsString();
}

// The page ends before this sequence. Absent: no token is given. Zero: it is damaged or of another case.
std::optional<int64_t> EndOfPage(const v1::GetCaseRequest& request) {
  if (request.history_page_token().empty()) return std::nullopt;
  const auto position = DecodePageToken(request.history_page_token(), HistoryFilter(request), 1);
  int64_t before = 0;
  return position.has_value() && absl::SimpleAtoi((*position)[0], &before) && before > 0 ? before : 0;
}

absl::StatusOr<CaseAndHistory> ReadWhole(db::Connection& connection, const v1::GetCaseRequest& request) {
  CaseAndHistory whole;
  ZHUQI_ASSIGN_OR_RETURN(whole.record, ReadTarget(connection, request));
  const Uuid case_id = Uuid::Parse(whole.record.body.case_id()).value_or(Uuid());
  // An action may be recorded between the two reads: the history shown ends where the case stands.
  const int64_t before = EndOfPage(request).value_or(whole.record.body.sequence() + 1);
  const int limit =
      request.history_page_size() == 0 ? kMostHistory : std::min(request.history_page_size(), kMostHistory);
  ZHUQI_ASSIGN_OR_RETURN(whole.history, ReadHistory(connection, case_id, before, limit));
  ZHUQI_ASSIGN_OR_RETURN(auto themes, ReadThemesOfCases(connection, {case_id}, /*suggested=*/true));
  whole.themes = std::move(themes[case_id]);
  ZHUQI_ASSIGN_OR_RETURN(whole.family, ReadFamily(connection, whole.record.body));
  return whole;
}

// The token that leads to what was recorded before this page.
std::string EarlierHistory(const v1::GetCaseRequest& request, const HistoryPage& page) {
  if (!page.more) return "";
  int64_t first = std::numeric_limits<int64_t>::max();
  for (const v1::CaseEvent& event : page.events) first = std::min(first, event.sequence());
  return EncodePageToken(HistoryFilter(request), {absl::StrCat(first)});
}

struct Page {
  std::vector<ListedCase> cases;
  std::optional<int64_t> total;
};

absl::Status TooManyWideLists() {
  return rpc::WithRetryAfter(
      rpc::Error(absl::StatusCode::kResourceExhausted, "LISTS_TOO_WIDE",
                 "too many lists that look through all cases wait already: narrow it by a department, an "
                 "enterprise or a month, or try again",
                 "大范围查询过多：请按部门、企业或月份缩小范围，或稍后重试"),
      absl::Seconds(2));
}

// As many of `cases` as the page holds; where more follow, with the token of the next one.
v1::ListCasesResponse ShowPage(const CaseList& list, const std::vector<ListedCase>& cases,
                               const Directory& directory, absl::Time now) {
  std::vector<v1::Case> shown;
  for (const ListedCase& listed : cases) shown.push_back(Present(listed.record, directory, now));
  v1::ListCasesResponse response;
  if (CutToPage(shown, list.page_size))
    response.set_next_page_token(NextPageToken(list, cases[shown.size() - 1].place));
  for (v1::Case& one : shown) *response.add_cases() = std::move(one);
  return response;
}

absl::StatusOr<v1::CountCasesResponse> CountTabs(db::Connection& connection, const std::vector<TabList>& tabs,
                                                 int64_t most) {
  v1::CountCasesResponse response;
  for (const TabList& tab : tabs) {
    ZHUQI_ASSIGN_OR_RETURN(const int64_t count, CountCases(connection, tab.filter, most + 1));
    v1::TabCount& counted = *response.add_tabs();
    counted.set_tab(tab.tab);
    counted.set_count(std::min(count, most));
    counted.set_more(count > most);
  }
  return response;
}

absl::Status CheckGet(const v1::GetCaseRequest& request) {
  rpc::Violations violations;
  if (request.has_case_id()) rpc::ReadUuid(request.case_id(), "case_id", violations);
  if (request.has_issue_key()) ReadIssueKey(request.issue_key(), "issue_key", violations);
  if (request.has_issue_record_id()) rpc::ReadUuid(request.issue_record_id(), "issue_record_id", violations);
  if (request.by_case() == v1::GetCaseRequest::BY_NOT_SET) TargetRequired("case_id", violations);
  if (request.history_page_size() < 0) {
    violations.Add("history_page_size", "PAGE_SIZE_NEGATIVE", "0 or more", "不得为负数");
  }
  if (EndOfPage(request) == 0) {
    violations.Add("history_page_token", "PAGE_TOKEN_INVALID", "the token is damaged or of another case",
                   "翻页令牌无效或与查询的工单不符");
  }
  return violations.ToStatus();
}

std::string ContentDigest(v1::ActOnCaseRequest request) {
  request.clear_request_id();
  request.clear_at_least_token();
  return Sha256(request.SerializeAsString());
}

absl::StatusOr<CaseCommand> ReadCommand(v1::ActOnCaseRequest request, const std::string& actor,
                                        const Directory& directory) {
  rpc::Violations violations;
  CaseCommand command;
  command.digest = ContentDigest(request);
  if (const auto id = rpc::ReadUuid(request.request_id(), "request_id", violations)) command.request_id = *id;
  if (request.has_case_id()) command.case_id = rpc::ReadUuid(request.case_id(), "case_id", violations);
  if (request.has_issue_key()) command.issue_key = ReadIssueKey(request.issue_key(), "issue_key", violations);
  if (request.target_case() == v1::ActOnCaseRequest::TARGET_NOT_SET) TargetRequired("case_id", violations);
  CheckAction(request, directory, violations);
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  command.etag = request.etag();
  command.action = std::move(*request.mutable_action());
  if (request.has_occurred_at()) command.occurred_at = TimeFrom(request.occurred_at());
  command.actor = actor;
  command.comment = request.comment();
  command.acting_department_id = request.acting_department_id();
  return command;
}

}  // namespace

Task<absl::StatusOr<v1::GetCaseResponse>> CaseServer::Get(rpc::CallContext& call,
                                                          const v1::GetCaseRequest& request) {
  ZHUQI_CO_RETURN_IF_ERROR(CheckGet(request));
  auto read = parts_.sql->Run<CaseAndHistory>(
      call.deadline, [&request](db::Connection& connection) { return ReadWhole(connection, request); });
  absl::StatusOr<CaseAndHistory> whole = co_await read;
  if (!whole.ok()) co_return whole.status();
  v1::GetCaseResponse response;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::Time now = parts_.clock->Now();
  *response.mutable_case_() = Present(whole->record, *directory, now);
  // Its deadlines stand among the latest entries.
  const v1::Case& told =
      request.history_page_token().empty() ? response.case_() : v1::Case::default_instance();
  for (v1::TimelineEntry& entry : TimelineOf(told, whole->history.events, *directory, now))
    *response.add_timeline() = std::move(entry);
  if (whole->family.ByteSizeLong() > 0) *response.mutable_family() = std::move(whole->family);
  response.set_next_history_page_token(EarlierHistory(request, whole->history));
  for (v1::CaseEvent& event : whole->history.events) {
    *response.mutable_case_()->add_history() = std::move(event);
  }
  for (v1::ThemeReference& theme : whole->themes) *response.add_themes() = std::move(theme);
  co_return response;
}

Task<absl::StatusOr<v1::ListCasesResponse>> CaseServer::List(rpc::CallContext& call,
                                                             const v1::ListCasesRequest& request) {
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::Time now = parts_.clock->Now();
  const absl::StatusOr<CaseList> list = ReadListRequest(request, *directory, now);
  if (!list.ok()) co_return list.status();
  const bool count = request.include_total();
  const bool wide = parts_.wide_sql != nullptr && ReadsWidely(list->filter, list->order, count);
  auto read =
      (wide ? parts_.wide_sql : parts_.sql)
          ->Run<Page>(call.deadline, [&list, count](db::Connection& connection) -> absl::StatusOr<Page> {
            Page page;
            // One more than the page holds says whether another follows.
            ZHUQI_ASSIGN_OR_RETURN(page.cases, SelectCases(connection, list->filter, list->order, list->after,
                                                           list->page_size + 1));
            if (count) {
              ZHUQI_ASSIGN_OR_RETURN(page.total, routing::CountCases(connection, list->filter));
            }
            return page;
          });
  absl::StatusOr<Page> page = co_await read;
  if (wide && absl::IsResourceExhausted(page.status())) co_return TooManyWideLists();
  if (!page.ok()) co_return page.status();
  v1::ListCasesResponse response = ShowPage(*list, page->cases, *directory, now);
  if (page->total.has_value()) response.set_total(*page->total);
  co_return response;
}

Task<absl::StatusOr<v1::CountCasesResponse>> CaseServer::Count(rpc::CallContext& call,
                                                               const v1::CountCasesRequest& request) {
  const absl::Time now = parts_.clock->Now();
  const absl::StatusOr<std::vector<TabList>> tabs = ReadCountRequest(request, *parts_.directory->Get(), now);
  if (!tabs.ok()) co_return tabs.status();
  db::TransactionOptions options;
  options.consistent_snapshot = true;  // a case that goes from tab to tab is counted in one
  const int64_t most = parts_.most_counted;
  auto read = parts_.sql->RunInTransaction<v1::CountCasesResponse>(
      call.deadline, options, [&tabs, most](db::Transaction& transaction) {
        return CountTabs(transaction.connection(), *tabs, most);
      });
  absl::StatusOr<v1::CountCasesResponse> counted = co_await read;
  if (counted.ok()) *counted->mutable_counted_at() = TimestampMessage(now);
  co_return counted;
}

Task<absl::StatusOr<v1::ActOnCaseResponse>> CaseServer::Act(rpc::CallContext& call,
                                                            const v1::ActOnCaseRequest& request) {
  absl::StatusOr<CaseCommand> command = ReadCommand(request, call.principal.id, *parts_.directory->Get());
  if (!command.ok()) co_return command.status();
  auto write = parts_.writer->Write(*std::move(command), call.deadline);
  absl::StatusOr<v1::ActOnCaseResponse> response = co_await write;
  if (response.ok()) CountAction(request.action());
  co_return response;
}

void CaseServer::CountAction(const v1::CaseAction& action) {
  parts_.metrics
      ->Counter("zhuqi_routing_actions_total", "Actions on cases.",
                {{"action", ActionName(action.action_case())}})
      .Increment();
}

Task<absl::StatusOr<v1::ActOnCasesResponse>> CaseServer::ActAll(rpc::CallContext& call,
                                                                const v1::ActOnCasesRequest& request) {
  const absl::Status checked = CheckBulk(request);
  if (!checked.ok()) co_return checked;
  std::vector<absl::StatusOr<CaseCommand>> commands;
  for (const v1::ActOnCaseRequest& action : request.actions()) {
    auto wait = parts_.positions->WaitFor(action.at_least_token(), call.deadline, call.cancellation);
    const absl::Status reached = co_await wait;
    commands.push_back(reached.ok() ? ReadCommand(action, call.principal.id, *parts_.directory->Get())
                                    : absl::StatusOr<CaseCommand>(reached));
  }
  auto write = parts_.writer->WriteAll(std::move(commands), call.deadline);
  std::vector<absl::StatusOr<v1::ActOnCaseResponse>> outcomes = co_await write;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].ok()) CountAction(request.actions(static_cast<int>(i)).action());
  }
  co_return BulkAnswer(std::move(outcomes));
}

}  // namespace zhuqi::routing
