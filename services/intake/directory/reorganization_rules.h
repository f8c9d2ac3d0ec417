// What a reorganization of units comes to: renames, new codes, moves, mergers, splits and closings become the
// states after them, with what was before kept beside. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_REORGANIZATION_RULES_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_REORGANIZATION_RULES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "services/intake/directory/directory_rules.h"
#include "zhuqi/directory/v1/directory_service.pb.h"

namespace zhuqi::intake {

// What is recorded of a reorganization beside the request itself.
struct ReorganizationRecord {
  std::string reorganization_id;
  std::string actor;
  absl::Time now;
};

// The plan, whose event carries the reorganization itself. InvalidArgument lists what is wrong with the
// request; FailedPrecondition UNIT_CLOSED for a unit that had ended before.
absl::StatusOr<DirectoryPlan> PlanReorganization(const Directory& directory,
                                                 const directory::v1::ReorganizeOrgUnitsRequest& request,
                                                 const ReorganizationRecord& record);

// Whether the reorganization names the unit, in any of its operations.
bool NamesUnit(const directory::v1::Reorganization& reorganization, absl::string_view org_unit_id);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_REORGANIZATION_RULES_H_
