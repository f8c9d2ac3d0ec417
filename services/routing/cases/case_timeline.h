// A case's story for people: what happened in words, with names from the directory, and what its clocks say
// of it. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_TIMELINE_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_TIMELINE_H_

#include <vector>

#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "zhuqi/routing/v1/case_service.pb.h"

namespace zhuqi::routing {

// One entry of the history in words.
v1::TimelineEntry EntryOf(const v1::CaseEvent& event, const Directory& directory);

// The whole story at `now`, in the order of time: `history`, and the deadlines of `shown`, which is the case
// as Present gives it. A deadline that was met in time is no entry.
std::vector<v1::TimelineEntry> TimelineOf(const v1::Case& shown, const std::vector<v1::CaseEvent>& history,
                                          const Directory& directory, absl::Time now);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_TIMELINE_H_
