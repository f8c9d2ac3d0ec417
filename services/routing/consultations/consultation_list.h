// From list requests to the filters that the store asks. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_CONSULTATIONS_CONSULTATION_LIST_H_
#define ZHUQI_SERVICES_ROUTING_CONSULTATIONS_CONSULTATION_LIST_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/directory/directory.h"
#include "services/routing/consultations/consultation_store.h"
#include "zhuqi/routing/v1/consultation_service.pb.h"

namespace zhuqi::routing {

// One page of a list.
template <typename Filter, typename Place>
struct ConsultationPage {
  Filter filter;
  int page_size = 0;
  std::optional<Place> after;
  // What page tokens of this list are bound to.
  std::string filter_text;
};
using ConsultationList = ConsultationPage<ConsultationFilter, ConsultationPlace>;
using TaskList = ConsultationPage<TaskFilter, TaskPlace>;

// INVALID_ARGUMENT with everything that is wrong: unknown unit or department, impossible identities, days and
// spans, FILTER_CONTRADICTORY, PAGE_SIZE_NEGATIVE, PAGE_TOKEN_INVALID.
absl::StatusOr<ConsultationList> ReadConsultationList(const v1::ListConsultationsRequest& request,
                                                      const Directory& directory);
absl::StatusOr<TaskList> ReadTaskList(const v1::ListConsultationTasksRequest& request,
                                      const Directory& directory);

// The token of the page that follows `last`.
std::string NextConsultationToken(const ConsultationList& list, const v1::ConsultationSummary& last);
// `last` as the store gave it: its due day is the one that it was ordered by.
std::string NextTaskToken(const TaskList& list, const v1::ConsultationTaskRow& last);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CONSULTATIONS_CONSULTATION_LIST_H_
