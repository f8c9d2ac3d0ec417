#include "services/routing/cases/case_list.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/page_token.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"

namespace zhuqi::routing {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kLargestPage = 500;

class Reader {
 public:
  Reader(const v1::ListCasesRequest& request, const Directory& directory)
      : request_(request), directory_(directory) {}

  absl::StatusOr<CaseList> Read() {
    Identities();
    Days();
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
    if (request_.has_lead_function()) filter.lead_function = request_.lead_function();
    if (request_.has_exact_category_id()) filter.exact_category_id = request_.exact_category_id();
    filter.category_id = request_.category_id();
    Unknown(filter.category_id.empty() || directory_.HasCategory(filter.category_id), "category_id",
            "CATEGORY_UNKNOWN", "there is no such category", "诉求类别不存在");
    filter.state = request_.state();
    filter.outcome = request_.outcome();
    filter.issue_kind = request_.issue_kind();
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
    filter.open_at_end_of = Day("open_at_end_of", request_.has_open_at_end_of(), request_.open_at_end_of());
  }

  void Page() {
    if (request_.page_size() < 0) {
      violations_.Add("page_size", "PAGE_SIZE_NEGATIVE", "the page size must not be negative",
                      "每页条数不得为负数");
    }
    list_.page_size = request_.page_size() == 0 ? kDefaultPage : std::min(request_.page_size(), kLargestPage);
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
  rpc::Violations violations_;
  CaseList list_;
};

}  // namespace

absl::StatusOr<CaseList> ReadListRequest(const v1::ListCasesRequest& request, const Directory& directory) {
  return Reader(request, directory).Read();
}

std::string NextPageToken(const CaseList& list, const CaseRecord& last) {
  return EncodePageToken(
      list.filter_text,
      {absl::StrCat(absl::ToUnixMicros(TimeFrom(last.body.received_at()))), last.body.case_id()});
}

}  // namespace zhuqi::routing
