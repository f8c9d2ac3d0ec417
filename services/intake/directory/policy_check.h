// What makes policies good. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_POLICY_CHECK_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_POLICY_CHECK_H_

#include "common/rpc/errors.h"
#include "services/intake/directory/desired_state.h"
#include "zhuqi/directory/v1/directory_service.pb.h"

namespace zhuqi::intake {

// Brings texts to their stored form and checks all but identities and titles, against the state that the
// whole request leads to.
void CheckPolicies(directory::v1::ApplyDirectoryRequest& request, const DesiredState& state,
                   rpc::Violations& violations);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_POLICY_CHECK_H_
