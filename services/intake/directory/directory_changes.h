// What a request that is good changes: the event for the log, and the changes as people read them. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_CHANGES_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_CHANGES_H_

#include "absl/time/civil_time.h"
#include "common/directory/directory.h"
#include "services/intake/directory/directory_rules.h"
#include "zhuqi/directory/v1/directory_service.pb.h"

namespace zhuqi::intake {

// Compares `request`, which is normalised and checked, with `directory`, and fills in what `plan` says of it.
void CompareDirectory(const Directory& directory, const directory::v1::ApplyDirectoryRequest& request,
                      absl::CivilDay today, DirectoryPlan& plan);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_CHANGES_H_
