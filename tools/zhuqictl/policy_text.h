// Policies and who may claim them, as text for people.
#ifndef ZHUQI_TOOLS_ZHUQICTL_POLICY_TEXT_H_
#define ZHUQI_TOOLS_ZHUQICTL_POLICY_TEXT_H_

#include <string>

#include "google/protobuf/repeated_field.h"
#include "zhuqi/directory/v1/directory.pb.h"
#include "zhuqi/intake/v1/enterprise_service.pb.h"

namespace zhuqi::ctl {

// "C, I; small, micro; tags: key, listed; without: dishonest; registered 2020-01-01.."; "all" without a
// condition.
std::string EligibilityText(const directory::v1::Policy& policy);

// "12.50" of 1250 fen; "" for 0: nothing is known.
std::string YuanText(int64_t fen);

// What keeps the verdict from being ELIGIBLE: "sizes: small, micro ≠ large", "industry_sections: C = ?"; ""
// for nothing.
std::string ObstaclesText(const intake::v1::PolicyMatch& match);

// One line a match. `by_enterprise`: of one policy, so that lines begin with the enterprise; else with the
// policy.
std::string MatchTable(const google::protobuf::RepeatedPtrField<intake::v1::PolicyMatch>& matches,
                       bool by_enterprise);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_POLICY_TEXT_H_
