// What makes departments and teams good. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_DEPARTMENT_CHECK_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_DEPARTMENT_CHECK_H_

#include "common/rpc/errors.h"
#include "services/intake/directory/desired_state.h"
#include "zhuqi/directory/v1/directory_service.pb.h"

namespace zhuqi::intake {

// Checks all but identities and names, against the state that the whole request leads to.
void CheckDepartments(const directory::v1::ApplyDirectoryRequest& request, const DesiredState& state,
                      rpc::Violations& violations);

// Fills in what 0 stands for, and checks as above.
void CheckTeams(directory::v1::ApplyDirectoryRequest& request, const DesiredState& state,
                rpc::Violations& violations);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_DEPARTMENT_CHECK_H_
