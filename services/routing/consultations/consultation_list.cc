#include "services/routing/consultations/consultation_list.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/page_token.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"

namespace zhuqi::routing {
namespace {

constexpr int kDefaultRows = 50;
constexpr int kMostRows = 500;

class ListReader {
 public:
  explicit ListReader(const Directory& directory) : directory_(directory) {}

  const Directory& directory() const { return directory_; }
  void Add(const char* field, const char* reason, const char* english, const char* chinese) {
    violations_.Add(field, reason, english, chinese);
  }

  void Department(const char* field, const std::string& id) {
    if (id.empty() || directory_.FindDepartment(id) != nullptr) return;
    Add(field, "DEPARTMENT_UNKNOWN", "there is no such department", "部门不存在");
  }

  std::optional<Uuid> Identity(const char* field, const std::string& text) {
    if (text.empty()) return std::nullopt;
    const std::optional<Uuid> id = Uuid::Parse(text);
    if (!id.has_value()) {
      Add(field, "UUID_INVALID", "a UUID of 36 characters is required", "须为 36 个字符的 UUID");
    }
    return id;
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

void ReadUnit(const std::string& id, ListReader& reader, ConsultationFilter& filter) {
  if (id.empty()) return;
  const directory::v1::OrgUnit* unit = reader.directory().FindUnit(id);
  if (unit == nullptr)
    return reader.Add("org_unit_id", "ORG_UNIT_UNKNOWN", "there is no such unit", "机构不存在");
  // All is below the root: asking for none of the units asks for the same and needs no list of them.
  if (!unit->parent_id().empty()) filter.org_unit_ids = reader.directory().SelfAndBelow(id);
}

}  // namespace

absl::StatusOr<ConsultationList> ReadConsultationList(const v1::ListConsultationsRequest& request,
                                                      const Directory& directory) {
  ListReader reader(directory);
  ConsultationList list;
  ReadUnit(request.org_unit_id(), reader, list.filter);
  list.filter.department_id = request.department_id();
  reader.Department("department_id", request.department_id());
  list.filter.case_id = reader.Identity("case_id", request.case_id());
  list.filter.state = request.state();
  list.filter.overdue_tasks = request.overdue_tasks();
  list.filter.scheduled = reader.Span("scheduled", request.scheduled());
  if (const auto parts = reader.Rows(request, 2, list)) {
    int64_t microseconds = 0;
    const std::optional<Uuid> id = Uuid::Parse((*parts)[1]);
    if (absl::SimpleAtoi((*parts)[0], &microseconds) && id.has_value()) {
      list.after = ConsultationPlace{absl::FromUnixMicros(microseconds), *id};
    } else {
      reader.TokenInvalid();
    }
  }
  if (absl::Status status = reader.status(); !status.ok()) return status;
  return list;
}

absl::StatusOr<TaskList> ReadTaskList(const v1::ListConsultationTasksRequest& request,
                                      const Directory& directory) {
  ListReader reader(directory);
  TaskList list;
  list.filter.owner_department_id = request.owner_department_id();
  reader.Department("owner_department_id", request.owner_department_id());
  list.filter.consultation_id = reader.Identity("consultation_id", request.consultation_id());
  list.filter.overdue = request.overdue();
  list.filter.include_completed = request.include_completed();
  if (request.overdue() && request.include_completed()) {
    reader.Add("include_completed", "FILTER_CONTRADICTORY", "overdue asks for open tasks alone",
               "逾期筛选仅适用于未办结任务");
  }
  list.filter.due = reader.Span("due", request.due());
  if (const auto parts = reader.Rows(request, 3, list)) {
    TaskPlace place;
    const std::optional<Uuid> id = Uuid::Parse((*parts)[1]);
    if (absl::ParseCivilTime((*parts)[0], &place.due_on) && id.has_value() &&
        absl::SimpleAtoi((*parts)[2], &place.number)) {
      place.consultation_id = *id;
      list.after = place;
    } else {
      reader.TokenInvalid();
    }
  }
  if (absl::Status status = reader.status(); !status.ok()) return status;
  return list;
}

std::string NextConsultationToken(const ConsultationList& list, const v1::ConsultationSummary& last) {
  return EncodePageToken(list.filter_text, {absl::StrCat(absl::ToUnixMicros(TimeFrom(last.scheduled_at()))),
                                            last.consultation_id()});
}

std::string NextTaskToken(const TaskList& list, const v1::ConsultationTaskRow& last) {
  const absl::CivilDay due = CivilDayFrom(last.task().due_on()).value_or(absl::CivilDay());
  return EncodePageToken(list.filter_text, {absl::FormatCivilTime(due), last.consultation_id(),
                                            absl::StrCat(last.task().number())});
}

}  // namespace zhuqi::routing
