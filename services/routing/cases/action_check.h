// Checks what a caller wants to do to a case, before anything is read. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_ACTION_CHECK_H_
#define ZHUQI_SERVICES_ROUTING_CASES_ACTION_CHECK_H_

#include "common/directory/directory.h"
#include "common/rpc/errors.h"
#include "zhuqi/routing/v1/case.pb.h"
#include "zhuqi/routing/v1/case_service.pb.h"

namespace zhuqi::routing {

// Brings the texts of `request` (comment and action) to their stored form and adds all that is wrong with the
// two and with occurred_at as such, by full field path.
void CheckAction(v1::ActOnCaseRequest& request, const Directory& directory, rpc::Violations& violations);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_ACTION_CHECK_H_
