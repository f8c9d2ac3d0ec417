// Whether an enterprise may claim a policy, and why; and what came of it. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_ENTERPRISES_POLICY_RULES_H_
#define ZHUQI_SERVICES_INTAKE_ENTERPRISES_POLICY_RULES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/directory/directory.h"
#include "zhuqi/directory/v1/directory.pb.h"
#include "zhuqi/intake/v1/enterprise.pb.h"
#include "zhuqi/intake/v1/enterprise_service.pb.h"
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::intake {

// True when `day` lies within the policy's span of validity.
bool IsInForce(const directory::v1::Policy& policy, absl::CivilDay day);

// How the enterprise stands on `day`. One condition that fails decides; else one of which nothing is known.
v1::PolicyMatch::Verdict VerdictOf(const directory::v1::Policy& policy, const v1::Enterprise& enterprise,
                                   absl::CivilDay day, const Directory& directory);

// The same with each condition that the policy has. What came of it is not filled in.
v1::PolicyMatch MatchOf(const directory::v1::Policy& policy, const v1::Enterprise& enterprise,
                        absl::CivilDay day, const Directory& directory);

// One policy brought to one enterprise, as a record says.
struct Delivery {
  std::string record_id;
  absl::CivilDay on;
  v1::PolicyOutcome outcome = v1::POLICY_OUTCOME_UNSPECIFIED;
  int64_t granted_fen = 0;
};

// Of all deliveries of one policy to one enterprise.
struct DeliverySummary {
  absl::CivilDay first_on;
  // The furthest that came of it: granted, else applied, else not eligible, else explained. That it does not
  // apply is known only after it was explained.
  v1::PolicyOutcome outcome = v1::POLICY_OUTCOME_UNSPECIFIED;
  std::string newest_record_id;
  int64_t granted_fen = 0;
};

// `deliveries` is not empty.
DeliverySummary Summarise(const std::vector<Delivery>& deliveries);

// True when the enterprise applied for it, or has it already.
bool IsClaimed(v1::PolicyOutcome outcome);

// Fills in what came of it.
void SetDeliveries(const DeliverySummary& deliveries, v1::PolicyMatch& match);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_ENTERPRISES_POLICY_RULES_H_
