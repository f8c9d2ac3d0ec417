// A request that is the whole of what it names: what it leaves out ends. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_COMPLETE_STATE_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_COMPLETE_STATE_H_

#include "absl/time/civil_time.h"
#include "common/directory/directory.h"
#include "common/rpc/errors.h"
#include "zhuqi/directory/v1/directory_service.pb.h"

namespace zhuqi::intake {

// Adds to `request` whatever stands in `directory`, is of a kind that the request names, and is not in it:
// units, departments and teams closed today, categories retired, policies at their end. Notes what can not be
// left out: a unit with an open one below it that the request keeps, and more than one call may change.
void AddWhatIsLeftOut(const Directory& directory, absl::CivilDay today,
                      directory::v1::ApplyDirectoryRequest& request, rpc::Violations& violations);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_COMPLETE_STATE_H_
