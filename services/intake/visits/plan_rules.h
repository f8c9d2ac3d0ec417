// Standing orders to visit: what makes them good, which months they owe, and how a month's quota stands.
// Pure: the directory and the day are arguments.
#ifndef ZHUQI_SERVICES_INTAKE_VISITS_PLAN_RULES_H_
#define ZHUQI_SERVICES_INTAKE_VISITS_PLAN_RULES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/directory/directory.h"
#include "common/rpc/errors.h"
#include "zhuqi/intake/v1/visit_plan.pb.h"
#include "zhuqi/intake/v1/visit_plan_service.pb.h"

namespace zhuqi::intake {

// A plan as it is stored.
struct StoredPlan {
  v1::VisitPlan plan;    // without its etag, which follows from `sequence`
  int64_t sequence = 0;  // counts every change from 1
  // The last month whose quota was decided, be it that none is owed. Absent: none was yet.
  std::optional<absl::CivilMonth> decided_through;
};

// A month's quota as it is stored.
struct StoredQuota {
  v1::VisitPlan plan;  // as it was when the month began
  absl::CivilMonth month;
  std::string waiver_reason;  // empty: it is not waived
};

// Visits that count, and the different enterprises among them.
struct VisitTally {
  int32_t visits = 0;
  int32_t enterprises = 0;
};

// As the contract shows it.
v1::VisitPlan Shown(const StoredPlan& stored);

// Brings texts to their stored form and notes all that is wrong with the plans, wherever they stand.
void CheckPlans(google::protobuf::RepeatedPtrField<v1::VisitPlan>& plans, const Directory& directory,
                rpc::Violations& violations);

// Takes decisions on the months that have begun by `today` and were not decided yet: gives the quotas that
// are owed, and moves `decided_through`. A month is decided once, so that a plan which is changed reaches
// later months alone. Nothing is owed by a unit, department or team that ended before the month began, nor by
// a unit or department that opens after its end.
std::vector<StoredQuota> DecideMonths(StoredPlan& stored, const Directory& directory, absl::CivilDay today);

// What a request comes to.
struct PlanChanges {
  std::map<std::string, StoredPlan> created;  // by identity
  std::map<std::string, StoredPlan> changed;
  std::vector<StoredQuota> quotas;   // that are to be made
  std::vector<v1::VisitPlan> shown;  // in the order sent
};

// Makes or replaces `plans`, which were checked. `known`: what is stored under their identities. Months that
// began are decided by the plan that stood before. Aborted ETAG_MISMATCH; InvalidArgument when more than
// 10,000 quotas would be made.
absl::StatusOr<PlanChanges> ChangePlans(const google::protobuf::RepeatedPtrField<v1::VisitPlan>& plans,
                                        const std::map<std::string, StoredPlan>& known,
                                        const Directory& directory, absl::CivilDay today);

// How the quota stands. One that is waived stays so however many visits were made; one whose unit, department
// or team ended before the month did is waived by that, unless it was met.
v1::VisitQuota Shown(const StoredQuota& quota, const VisitTally& tally, const Directory& directory,
                     absl::CivilDay today);

// The day `months` after `day`; the month's last day where it is shorter: 31 May and one month is 30 June.
absl::CivilDay AddMonths(absl::CivilDay day, int months);

// The first day on which a visit still keeps a cadence of `every_months` when it is looked at on `on`: an
// enterprise is overdue when its newest visit is earlier.
absl::CivilDay FirstDayInCadence(absl::CivilDay on, int every_months);

// True when the plan has a cadence that is in force in the month of `on`.
bool HasCadence(const v1::VisitPlan& plan, absl::CivilDay on);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_VISITS_PLAN_RULES_H_
