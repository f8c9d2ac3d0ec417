// The transactions that change plans and quotas.
#ifndef ZHUQI_SERVICES_INTAKE_VISITS_VISIT_WRITER_H_
#define ZHUQI_SERVICES_INTAKE_VISITS_VISIT_WRITER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/change_outcome.h"
#include "common/db/transaction.h"
#include "common/directory/directory.h"
#include "zhuqi/intake/v1/visit_plan_service.pb.h"

namespace zhuqi::intake {

// Makes or changes plans that were checked, with the quotas of months that began. The first answer to a
// repeated request stands. Refusals: those of ChangePlans, REQUEST_ID_REUSED.
absl::StatusOr<db::ChangeOutcome<v1::ApplyVisitPlansResponse>> WritePlans(
    db::Transaction& transaction, const Directory& directory, const v1::ApplyVisitPlansRequest& request,
    const Uuid& request_id, const std::string& digest, absl::Time now);

// What WritePlans would answer. Nothing is stored.
absl::StatusOr<v1::ApplyVisitPlansResponse> PreviewPlans(db::Connection& connection,
                                                         const Directory& directory,
                                                         const v1::ApplyVisitPlansRequest& request,
                                                         absl::Time now);

// Waives a quota, or takes the waiver back. NotFound QUOTA_UNKNOWN.
absl::StatusOr<v1::WaiveVisitQuotaResponse> WriteWaiver(db::Transaction& transaction,
                                                        const Directory& directory,
                                                        const v1::WaiveVisitQuotaRequest& request,
                                                        const Uuid& request_id, const std::string& digest,
                                                        const std::string& actor, absl::Time now);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_VISITS_VISIT_WRITER_H_
