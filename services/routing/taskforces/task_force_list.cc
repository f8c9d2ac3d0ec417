#include "services/routing/taskforces/task_force_list.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/page_token.h"
#include "common/vocabulary/text.h"
#include "services/routing/list_reader.h"
#include "services/routing/special/special_rules.h"

namespace zhuqi::routing {
namespace {

constexpr size_t kProjectLength = 200;

}  // namespace

absl::StatusOr<TaskForceList> ReadTaskForceList(const v1::ListTaskForcesRequest& request,
                                                const Directory& directory) {
  ListReader reader(directory);
  TaskForceList list;
  list.filter.org_unit_ids = reader.UnitAndBelow("org_unit_id", request.org_unit_id());
  list.filter.department_id = request.department_id();
  reader.Department("department_id", request.department_id());
  list.filter.project = request.project();
  if (vocabulary::CharacterCount(request.project()) > kProjectLength) {
    reader.Add("project", "TEXT_TOO_LONG", "at most 200 characters", "不得超过200个字符");
  }
  list.filter.state = request.state();
  list.filter.overdue_items = request.overdue_items();
  if (const auto parts = reader.Rows(request, 1, list)) {
    list.after = Uuid::Parse((*parts)[0]);
    if (!list.after.has_value()) reader.TokenInvalid();
  }
  if (absl::Status status = reader.status(); !status.ok()) return status;
  return list;
}

absl::StatusOr<SpecialList> ReadSpecialList(const v1::ListSpecialItemsRequest& request,
                                            const Directory& directory) {
  ListReader reader(directory);
  SpecialList list;
  list.filter.org_unit_ids = reader.UnitAndBelow("org_unit_id", request.org_unit_id());
  list.filter.follower_department_id = request.follower_department_id();
  reader.Department("follower_department_id", request.follower_department_id());
  list.filter.overdue = request.overdue();
  list.filter.due = reader.Span("due", request.due());
  if (const auto parts = reader.Rows(request, 3, list)) {
    SpecialPlace place;
    const std::optional<Uuid> id = Uuid::Parse((*parts)[1]);
    if (absl::ParseCivilTime((*parts)[0], &place.due_on) && id.has_value() &&
        absl::SimpleAtoi((*parts)[2], &place.number)) {
      place.holder = *id;
      list.after = place;
    } else {
      reader.TokenInvalid();
    }
  }
  if (absl::Status status = reader.status(); !status.ok()) return status;
  return list;
}

v1::ListTaskForcesResponse ShowTaskForces(const TaskForceList& list,
                                          std::vector<v1::TaskForceSummary> found) {
  v1::ListTaskForcesResponse response;
  if (CutToPage(found, list.page_size))
    response.set_next_page_token(EncodePageToken(list.filter_text, {found.back().task_force_id()}));
  for (v1::TaskForceSummary& each : found) *response.add_task_forces() = std::move(each);
  return response;
}

v1::ListSpecialItemsResponse ShowSpecialItems(const SpecialList& list, std::vector<ListedSpecial> found,
                                              const Directory& directory, absl::CivilDay today) {
  v1::ListSpecialItemsResponse response;
  if (CutToPage(found, list.page_size,
                [](const ListedSpecial& special) { return special.row.ByteSizeLong(); })) {
    const SpecialPlace& last = found.back().place;
    response.set_next_page_token(EncodePageToken(
        list.filter_text,
        {absl::FormatCivilTime(last.due_on), last.holder.ToString(), absl::StrCat(last.number)}));
  }
  for (ListedSpecial& special : found) {
    v1::SpecialItemRow& shown = *response.add_items();
    shown = std::move(special.row);
    PresentSpecial(*shown.mutable_special(), directory.calendar(), today, true);
  }
  return response;
}

}  // namespace zhuqi::routing
