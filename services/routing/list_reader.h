// What lists have in common: reads a list request's filters and page, and collects what is wrong with it.
#ifndef ZHUQI_SERVICES_ROUTING_LIST_READER_H_
#define ZHUQI_SERVICES_ROUTING_LIST_READER_H_

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/base/page_token.h"
#include "common/base/uuid.h"
#include "common/directory/date_message.h"
#include "common/directory/directory.h"
#include "common/rpc/errors.h"
#include "common/rpc/uuid_field.h"
#include "services/routing/cases/day_range.h"

namespace zhuqi::routing {

// Pure.
class ListReader {
 public:
  static constexpr int kDefaultRows = 50;
  static constexpr int kMostRows = 500;

  explicit ListReader(const Directory& directory) : directory_(directory) {}

  void Add(const char* field, const char* reason, const char* english, const char* chinese) {
    violations_.Add(field, reason, english, chinese);
  }

  void Department(const char* field, const std::string& id) {
    if (id.empty() || directory_.FindDepartment(id) != nullptr) return;
    Add(field, "DEPARTMENT_UNKNOWN", "there is no such department", "部门不存在");
  }

  // The unit and those below it. None for an empty `id`, and for the root: all is below it, so that asking
  // for no unit asks for the same and needs no list of them.
  std::vector<std::string> UnitAndBelow(const char* field, const std::string& id) {
    if (id.empty()) return {};
    const directory::v1::OrgUnit* unit = directory_.FindUnit(id);
    if (unit == nullptr) {
      Add(field, "ORG_UNIT_UNKNOWN", "there is no such unit", "机构不存在");
      return {};
    }
    return unit->parent_id().empty() ? std::vector<std::string>() : directory_.SelfAndBelow(id);
  }

  std::optional<Uuid> Identity(const char* field, const std::string& text) {
    if (text.empty()) return std::nullopt;
    return rpc::ReadUuid(text, field, violations_);
  }

  DayRange Span(const std::string& field, const common::v1::DateSpan& span) {
    DayRange range;
    if (span.has_first()) range.first = Day(field + ".first", span.first());
    if (span.has_last()) range.last = Day(field + ".last", span.last());
    if (range.first.has_value() && range.last.has_value() && *range.last < *range.first) {
      violations_.Add(field, "SPAN_REVERSED", "the last day is before the first", "结束日期早于开始日期");
    }
    return range;
  }

  // Page size, what the token is bound to, and the token's `parts`.
  template <typename Request, typename Page>
  std::optional<std::vector<std::string>> Rows(Request request, size_t parts, Page& page) {
    if (request.page_size() < 0) {
      Add("page_size", "PAGE_SIZE_NEGATIVE", "the page size must not be negative", "每页条数不得为负数");
    }
    page.page_size = request.page_size() == 0 ? kDefaultRows : std::min(request.page_size(), kMostRows);
    const std::string token = request.page_token();
    request.clear_page_size();
    request.clear_page_token();
    request.clear_at_least_token();
    page.filter_text = request.SerializeAsString();
    if (token.empty()) return std::nullopt;
    auto decoded = DecodePageToken(token, page.filter_text, parts);
    if (!decoded.has_value()) TokenInvalid();
    return decoded;
  }
  void TokenInvalid() {
    Add("page_token", "PAGE_TOKEN_INVALID", "the token is damaged or of another filter",
        "翻页令牌无效或与筛选条件不符");
  }

  absl::Status status() const { return violations_.ToStatus(); }

 private:
  std::optional<absl::CivilDay> Day(const std::string& field, const common::v1::Date& date) {
    const std::optional<absl::CivilDay> day = CivilDayFrom(date);
    if (!day.has_value()) violations_.Add(field, "DATE_INVALID", "there is no such day", "日期无效");
    return day;
  }

  const Directory& directory_;
  rpc::Violations violations_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_LIST_READER_H_
