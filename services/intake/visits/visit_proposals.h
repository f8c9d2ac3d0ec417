// Reads what a team's next visits follow from.
#ifndef ZHUQI_SERVICES_INTAKE_VISITS_VISIT_PROPOSALS_H_
#define ZHUQI_SERVICES_INTAKE_VISITS_VISIT_PROPOSALS_H_

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/db/connection.h"
#include "common/directory/directory.h"
#include "zhuqi/intake/v1/visit_plan_service.pb.h"

namespace zhuqi::intake {

// Up to `count` visits of the team from `from` on, the most needed first. It looks at the team's unit and all
// below it, at `max_considered` enterprises at most: those whose last visit is longest ago.
absl::StatusOr<v1::ProposeVisitsResponse> ReadProposals(db::Connection& connection,
                                                        const Directory& directory,
                                                        const directory::v1::Team& team, absl::CivilDay from,
                                                        int count, int max_considered);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_VISITS_VISIT_PROPOSALS_H_
