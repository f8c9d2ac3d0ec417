// A span of days that a list is narrowed to.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_DAY_RANGE_H_
#define ZHUQI_SERVICES_ROUTING_CASES_DAY_RANGE_H_

#include <optional>

#include "absl/time/civil_time.h"

namespace zhuqi::routing {

// Both ends included; an absent end does not bound.
struct DayRange {
  std::optional<absl::CivilDay> first;
  std::optional<absl::CivilDay> last;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_DAY_RANGE_H_
