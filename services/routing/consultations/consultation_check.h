// Checks what a caller wants of a consultation, before anything is read. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_CONSULTATIONS_CONSULTATION_CHECK_H_
#define ZHUQI_SERVICES_ROUTING_CONSULTATIONS_CONSULTATION_CHECK_H_

#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "common/rpc/errors.h"
#include "zhuqi/routing/v1/consultation_service.pb.h"

namespace zhuqi::routing {

// Each brings texts and UUIDs of the request to their stored form and adds all that is wrong with it as such,
// by full field path. Identities of the request itself are not looked at.
void CheckConvening(v1::ConveneConsultationRequest& request, const Directory& directory, absl::Time now,
                    rpc::Violations& violations);
void CheckConsultationAction(v1::ConsultationAction& action, const Directory& directory, absl::Time now,
                             rpc::Violations& violations);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CONSULTATIONS_CONSULTATION_CHECK_H_
