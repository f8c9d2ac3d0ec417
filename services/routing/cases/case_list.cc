#include "services/routing/cases/case_list.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "common/rpc/uuid_field.h"
#include "common/vocabulary/credit_code.h"
#include "common/vocabulary/text.h"
#include "services/routing/cases/issue_key.h"

namespace zhuqi::routing {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kLargestPage = 500;
constexpr int kMostRoles = 4;
constexpr int kMostTabs = 9;
constexpr int kMostWorkingDays = 250;
constexpr int kDueSoonWorkingDays = 3;
constexpr size_t kFunctionCharacters = 32;
constexpr size_t kCategoryCharacters = 64;
constexpr size_t kTextCharacters = 100;
constexpr size_t kTaskForceCharacters = 100;
constexpr size_t kProjectCharacters = 200;

class Reader {
 public:
  Reader(const v1::ListCasesRequest& request, const Directory& directory, absl::Time now)
      : request_(request), directory_(directory), now_(now) {}

  absl::StatusOr<CaseList> Read() {
    Identities();
    Days();
    Words();
    Family();
    Department();
    Deadline();
    Tabs();
    Page();
    if (!violations_.empty()) return violations_.ToStatus();
    return list_;
  }

 private:
  void Unknown(bool known, const char* field, const char* reason, const char* english, const char* chinese) {
    if (!known) violations_.Add(field, reason, english, chinese);
  }

  void Identities() {
    CaseFilter& filter = list_.filter;
    if (!request_.org_unit_id().empty()) {
      const directory::v1::OrgUnit* unit = directory_.FindUnit(request_.org_unit_id());
      Unknown(unit != nullptr, "org_unit_id", "ORG_UNIT_UNKNOWN", "there is no such unit", "机构不存在");
      // All is below the root: asking for none of the units asks for the same and needs no list of them.
      if (unit != nullptr && !unit->parent_id().empty())
        filter.org_unit_ids = directory_.SelfAndBelow(unit->org_unit_id());
    }
    filter.owner_org_unit_id = request_.owner_org_unit_id();
    Unknown(filter.owner_org_unit_id.empty() || directory_.FindUnit(filter.owner_org_unit_id) != nullptr,
            "owner_org_unit_id", "ORG_UNIT_UNKNOWN", "there is no such unit", "机构不存在");
    filter.lead_department_id = request_.lead_department_id();
    Unknown(
        filter.lead_department_id.empty() || directory_.FindDepartment(filter.lead_department_id) != nullptr,
        "lead_department_id", "DEPARTMENT_UNKNOWN", "there is no such department", "部门不存在");
    // Those of the past too, which the directory may no longer have.
    if (request_.has_lead_function()) {
      filter.lead_function = request_.lead_function();
      Unknown(IsVisibleAscii(*filter.lead_function, kFunctionCharacters), "lead_function", "FUNCTION_UNKNOWN",
              "no department can have this function", "职能代码无效");
    }
    if (request_.has_exact_category_id()) {
      filter.exact_category_id = request_.exact_category_id();
      Unknown(IsVisibleAscii(*filter.exact_category_id, kCategoryCharacters), "exact_category_id",
              "CATEGORY_UNKNOWN", "there can be no such category", "诉求类别代码无效");
    }
    filter.category_id = request_.category_id();
    Unknown(filter.category_id.empty() || directory_.HasCategory(filter.category_id), "category_id",
            "CATEGORY_UNKNOWN", "there is no such category", "诉求类别不存在");
    Kinds();
  }

  void Kinds() {
    CaseFilter& filter = list_.filter;
    const bool state = v1::ProcessState_IsValid(request_.state());
    Unknown(state, "state", "STATE_UNKNOWN", "there is no such state", "没有该办理状态");
    if (state && request_.state() != v1::PROCESS_STATE_UNSPECIFIED)
      filter.states = StateBit(request_.state());
    filter.outcome = request_.outcome();
    Unknown(v1::Outcome_IsValid(request_.outcome()), "outcome", "OUTCOME_UNKNOWN", "there is no such outcome",
            "没有该办理结果");
    filter.issue_kind = request_.issue_kind();
    filter.at_least_priority = request_.at_least_priority();
    Unknown(v1::CasePriority_IsValid(request_.at_least_priority()), "at_least_priority", "PRIORITY_UNKNOWN",
            "there is no such priority", "没有该优先级");
    Unknown(intake::v1::IssueKind_IsValid(request_.issue_kind()), "issue_kind", "ISSUE_KIND_UNKNOWN",
            "there is no such kind", "诉求类型不存在");
  }

  std::string Bounded(const char* field, const std::string& text, size_t most) {
    if (vocabulary::CharacterCount(text) > most) {
      violations_.Add(field, "TEXT_TOO_LONG", absl::StrCat("at most ", most, " characters"),
                      absl::StrCat("不得超过 ", most, " 个字符"));
    }
    return text;
  }

  void Words() {
    CaseFilter& filter = list_.filter;
    filter.text = vocabulary::FoldForSearch(Bounded("text", request_.text(), kTextCharacters))
                      .value_or(request_.text());
    filter.task_force = Bounded("task_force", request_.task_force(), kTaskForceCharacters);
    filter.project = Bounded("project", request_.project(), kProjectCharacters);
    filter.green_channel = request_.green_channel();
    filter.special = request_.special();
    if (request_.enterprise_uscc().empty()) return;
    const vocabulary::CreditCodeCheck code = vocabulary::CheckCreditCode(request_.enterprise_uscc());
    filter.enterprise_uscc = code.normalized;
    if (code.problem.has_value()) {
      violations_.Add("enterprise_uscc", vocabulary::ReasonName(*code.problem),
                      "this is no unified social credit code", "统一社会信用代码无效");
    }
  }

  void Family() {
    list_.filter.without_children = request_.without_children();
    if (request_.parent_case_id().empty()) return;
    list_.filter.parent = rpc::ReadUuid(request_.parent_case_id(), "parent_case_id", violations_);
    Unknown(!request_.without_children(), "without_children", "CHILDREN_ASKED_FOR",
            "the children of a case are asked for", "已指定主工单，不得排除子工单");
  }

  void Department() {
    CaseFilter& filter = list_.filter;
    filter.department_id = request_.department_id();
    Unknown(filter.department_id.empty() || directory_.FindDepartment(filter.department_id) != nullptr,
            "department_id", "DEPARTMENT_UNKNOWN", "there is no such department", "部门不存在");
    Unknown(request_.department_roles().empty() || !filter.department_id.empty(), "department_roles",
            "DEPARTMENT_REQUIRED", "say whose parts", "请同时指定部门");
    if (request_.department_roles_size() > kMostRoles) {
      violations_.Add("department_roles", "TOO_MANY", absl::StrCat("at most ", kMostRoles),
                      absl::StrCat("最多 ", kMostRoles, " 项"));
    }
    for (const int role : request_.department_roles()) filter.department_roles.push_back(role);
    if (!request_.team_id().empty()) Team(request_.team_id());
  }

  // Its parts stand among its department's.
  void Team(const std::string& team_id) {
    CaseFilter& filter = list_.filter;
    const directory::v1::Team* team = directory_.FindTeam(team_id);
    Unknown(team != nullptr, "team_id", "TEAM_UNKNOWN", "there is no such team", "服务队不存在");
    if (team == nullptr) return;
    Unknown(!team->department_id().empty() &&
                (filter.department_id.empty() || filter.department_id == team->department_id()),
            "team_id", "TEAM_OF_ANOTHER_DEPARTMENT", "the team is not of that department",
            "该服务队不属于此部门");
    filter.department_id = team->department_id();
    filter.team_id = team_id;
  }

  // Open, and due between now and the end of the n-th working day after today.
  void DueWithin(int working_days) {
    CaseFilter& filter = list_.filter;
    filter.states &= kOpenStates;
    filter.not_overdue_at = now_;
    const absl::CivilDay today = CityDay(now_);
    const absl::CivilDay last =
        working_days == 0 ? today : directory_.calendar().AddWorkingDays(today, working_days);
    filter.due_through = std::min(filter.due_through.value_or(last), last);
  }

  void Deadline() {
    if (!request_.has_due_within_working_days()) return;
    const int days = request_.due_within_working_days();
    if (days < 0 || days > kMostWorkingDays) {
      violations_.Add("due_within_working_days", "OUT_OF_RANGE", absl::StrCat("from 0 to ", kMostWorkingDays),
                      absl::StrCat("取值为 0 至 ", kMostWorkingDays));
      return;
    }
    DueWithin(days);
  }

  void Tabs() {
    if (request_.tabs_size() > kMostTabs) {
      violations_.Add("tabs", "TOO_MANY", absl::StrCat("at most ", kMostTabs),
                      absl::StrCat("最多 ", kMostTabs, " 项"));
      return;
    }
    for (int i = 0; i < request_.tabs_size(); ++i) {
      if (!TakeTab(request_.tabs(i))) {
        violations_.Add(absl::StrCat("tabs[", i, "]"), "TAB_UNKNOWN", "there is no such tab", "没有该分类");
      }
    }
  }

  bool TakeTab(int tab) {
    CaseFilter& filter = list_.filter;
    if (tab != v1::CASE_TAB_CLOSED_THIS_MONTH) filter.states &= kOpenStates;
    switch (tab) {
      case v1::CASE_TAB_OPEN:
        return true;
      case v1::CASE_TAB_TO_ACCEPT:
        filter.states &= StateBit(v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
        filter.department_leads = true;  // nobody else can accept
        return true;
      case v1::CASE_TAB_IN_PROGRESS:
        filter.states &= StateBit(v1::PROCESS_STATE_IN_PROGRESS);
        return true;
      case v1::CASE_TAB_AWAITING_CALL_BACK:
        filter.states &= StateBit(v1::PROCESS_STATE_AWAITING_CALL_BACK);
        return true;
      case v1::CASE_TAB_DUE_SOON:
        DueWithin(kDueSoonWorkingDays);
        return true;
      case v1::CASE_TAB_OVERDUE:
        filter.overdue_at = now_;
        return true;
      case v1::CASE_TAB_ESCALATED:
        filter.escalated_ever = true;
        return true;
      case v1::CASE_TAB_GREEN_CHANNEL:
        filter.green_channel = true;
        return true;
      case v1::CASE_TAB_CLOSED_THIS_MONTH: {
        const absl::CivilDay first(absl::CivilMonth(CityDay(now_)));
        filter.states &= StateBit(v1::PROCESS_STATE_CLOSED);
        filter.closed.first = std::max(filter.closed.first.value_or(first), first);
        return true;
      }
      default:
        return false;
    }
  }

  std::optional<absl::CivilDay> Day(const std::string& field, bool present, const common::v1::Date& date) {
    if (!present) return std::nullopt;
    const std::optional<absl::CivilDay> day = CivilDayFrom(date);
    if (!day.has_value()) violations_.Add(field, "DATE_INVALID", "there is no such day", "日期无效");
    return day;
  }

  DayRange Span(const std::string& field, const common::v1::DateSpan& span) {
    DayRange range;
    range.first = Day(field + ".first", span.has_first(), span.first());
    range.last = Day(field + ".last", span.has_last(), span.last());
    if (range.first.has_value() && range.last.has_value() && *range.last < *range.first) {
      violations_.Add(field, "SPAN_REVERSED", "the last day is before the first", "结束日期早于开始日期");
    }
    return range;
  }

  void Days() {
    CaseFilter& filter = list_.filter;
    filter.received = Span("received", request_.received());
    filter.closed = Span("closed", request_.closed());
    filter.resolved = Span("resolved", request_.resolved());
    filter.response_due = Span("response_due", request_.response_due());
    filter.due = Span("due", request_.due());
    filter.called_back = Span("called_back", request_.called_back());
    filter.escalated = Span("escalated", request_.escalated());
    filter.consulted = Span("consulted", request_.consulted());
    filter.bulletin = Span("bulletin", request_.bulletin());
    if (request_.has_bulletin() && !filter.bulletin.first.has_value() && !filter.bulletin.last.has_value()) {
      filter.bulletin.last = absl::CivilDay(9999, 12, 31);  // ever
    }
    filter.open_at_end_of = Day("open_at_end_of", request_.has_open_at_end_of(), request_.open_at_end_of());
  }

  void Page() {
    if (request_.page_size() < 0) {
      violations_.Add("page_size", "PAGE_SIZE_NEGATIVE", "the page size must not be negative",
                      "每页条数不得为负数");
    }
    list_.page_size = request_.page_size() == 0 ? kDefaultPage : std::min(request_.page_size(), kLargestPage);
    list_.order = request_.order();
    if (!v1::CaseOrder_IsValid(request_.order())) {
      violations_.Add("order", "ORDER_UNKNOWN", "there is no such order", "没有该排序方式");
    }
    v1::ListCasesRequest filter = request_;
    filter.clear_page_size();
    filter.clear_page_token();
    filter.clear_include_total();
    filter.clear_at_least_token();
    list_.filter_text = filter.SerializeAsString();
    if (request_.page_token().empty()) return;
    const auto parts = DecodePageToken(request_.page_token(), list_.filter_text, 2);
    int64_t microseconds = 0;
    std::optional<Uuid> case_id;
    if (parts.has_value() && absl::SimpleAtoi((*parts)[0], &microseconds)) case_id = Uuid::Parse((*parts)[1]);
    if (!case_id.has_value()) {
      violations_.Add("page_token", "PAGE_TOKEN_INVALID", "the token is damaged or of another filter",
                      "翻页令牌无效或与筛选条件不符");
      return;
    }
    list_.after = ListPlace{absl::FromUnixMicros(microseconds), *case_id};
  }

  const v1::ListCasesRequest& request_;
  const Directory& directory_;
  const absl::Time now_;
  rpc::Violations violations_;
  CaseList list_;
};

}  // namespace

absl::StatusOr<CaseList> ReadListRequest(const v1::ListCasesRequest& request, const Directory& directory,
                                         absl::Time now) {
  return Reader(request, directory, now).Read();
}

std::string NextPageToken(const CaseList& list, const ListPlace& last) {
  return EncodePageToken(list.filter_text,
                         {absl::StrCat(absl::ToUnixMicros(last.at)), last.case_id.ToString()});
}

absl::StatusOr<std::vector<TabList>> ReadCountRequest(const v1::CountCasesRequest& request,
                                                      const Directory& directory, absl::Time now) {
  v1::ListCasesRequest scope;
  scope.set_org_unit_id(request.org_unit_id());
  scope.set_owner_org_unit_id(request.owner_org_unit_id());
  scope.set_department_id(request.department_id());
  if (scope.org_unit_id().empty() && scope.owner_org_unit_id().empty() && scope.department_id().empty()) {
    rpc::Violations violations;
    violations.Add("org_unit_id", "SCOPE_REQUIRED", "name the unit or the department", "须指定机构或部门");
    return violations.ToStatus();
  }
  std::vector<TabList> tabs;
  for (int tab = 1; tab < v1::CaseTab_ARRAYSIZE; ++tab) {
    scope.clear_tabs();
    scope.add_tabs(static_cast<v1::CaseTab>(tab));
    ZHUQI_ASSIGN_OR_RETURN(CaseList list, ReadListRequest(scope, directory, now));
    tabs.push_back({static_cast<v1::CaseTab>(tab), std::move(list.filter)});
  }
  return tabs;
}

}  // namespace zhuqi::routing
