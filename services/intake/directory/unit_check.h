// What makes units good. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_UNIT_CHECK_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_UNIT_CHECK_H_

#include "common/rpc/errors.h"
#include "services/intake/directory/desired_state.h"
#include "zhuqi/directory/v1/directory_service.pb.h"

namespace zhuqi::intake {

// Checks the request's units by themselves and their places in the tree as the whole request leaves it.
void CheckUnits(const directory::v1::ApplyDirectoryRequest& request, const DesiredState& state,
                rpc::Violations& violations);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_UNIT_CHECK_H_
