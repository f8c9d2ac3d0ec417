// The past that an applied entry must not lose. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_KEPT_HISTORY_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_KEPT_HISTORY_H_

#include "common/directory/directory.h"
#include "common/rpc/errors.h"
#include "zhuqi/directory/v1/directory_service.pb.h"

namespace zhuqi::intake {

// An entry takes the place of the unit, department or team that stands, and those who apply one mostly know
// only what is so now: a list of last month, or a name that they correct. So each entry of `request` is given
// the history that `directory` has and that it says nothing of: former names, parents, superiors and units,
// codes, the first and the last day, why a unit ended and who took over. HISTORY_LOST is noted where it says
// otherwise, and where it changes what was so without its last day: that is for a reorganization.
//
// Texts of `request` are in their stored form already.
void KeepHistory(const Directory& directory, directory::v1::ApplyDirectoryRequest& request,
                 rpc::Violations& violations);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_KEPT_HISTORY_H_
