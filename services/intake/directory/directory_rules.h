// What a request to change the directory comes to: all that is wrong with it, or what it changes. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_RULES_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_RULES_H_

#include <cstdint>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/directory/directory.h"
#include "common/rpc/errors.h"
#include "zhuqi/directory/v1/directory_service.pb.h"
#include "zhuqi/feed/v1/event.pb.h"

namespace zhuqi::intake {

// The most units, departments, teams, categories, policies and forms in one request.
inline constexpr int kMaxDirectoryEntries = 2000;

struct DirectoryPlan {
  // When not empty the rest means nothing.
  rpc::Violations violations;
  // What is new or different, normalised; units parents first. Empty when `changes` is.
  feed::v1::DirectoryChanged event;
  // One for each thing in `event`: units in its order, then departments, categories, their tree, calendar,
  // forms, teams and policies by identity.
  std::vector<directory::v1::DirectoryChange> changes;
  // Entries of the request that are so already.
  int32_t unchanged = 0;
};

// Compares `request` with `directory`. Every part is checked against the state that the whole request leads
// to, and what the directory has of the past stays (kept_history.h). `today` is the city's: what ends today,
// and what may not lie ahead, depends on it.
DirectoryPlan PlanDirectory(const Directory& directory, const directory::v1::ApplyDirectoryRequest& request,
                            absl::CivilDay today);

// The same for entries that say all of the past themselves, as a reorganization works them out: they are the
// whole of what is so afterwards.
DirectoryPlan PlanWholeEntries(const Directory& directory,
                               const directory::v1::ApplyDirectoryRequest& request, absl::CivilDay today);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_RULES_H_
