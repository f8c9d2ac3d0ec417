#include "services/routing/consultations/consultation_list.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/page_token.h"
#include "common/directory/date_message.h"
#include "services/routing/list_reader.h"

namespace zhuqi::routing {

absl::StatusOr<ConsultationList> ReadConsultationList(const v1::ListConsultationsRequest& request,
                                                      const Directory& directory) {
  ListReader reader(directory);
  ConsultationList list;
  list.filter.org_unit_ids = reader.UnitAndBelow("org_unit_id", request.org_unit_id());
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
