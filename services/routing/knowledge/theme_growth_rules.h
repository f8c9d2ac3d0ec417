// When similar cases are proposed as a theme, and what becomes of a case that resembles a theme. Pure.
//
// A group is a case (the seed) and those that are like it: never a chain of cases each like the next, so
// everybody can see why a case is in it.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_GROWTH_RULES_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_GROWTH_RULES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/base/uuid.h"
#include "services/routing/knowledge/theme_rules.h"
#include "zhuqi/routing/v1/theme.pb.h"

namespace zhuqi::routing {

// The numbers: see config/v1/themes.proto.
struct ThemeNumbers {
  int window_days = 90;
  int least_cases = 4;
  int least_districts = 2;
  int least_enterprises = 3;
  int least_similarity_percent = 15;
  int least_new_cases = 4;
};

// A case as far as themes go.
struct GrowthCase {
  Uuid case_id;
  std::string district_id;
  // Empty: not known, and no enterprise is counted.
  std::string uscc;
  absl::CivilDay received_on;
  // To the seed; 1: linked as having the same cause.
  double similarity = 0;
};

struct Growth {
  // By identity, the seed among them.
  std::vector<GrowthCase> cases;
  v1::ThemeGrowth message;
};

// Of the spans of window_days that have the seed in them, the one with the most cases (of equals the latest).
// Nullopt: the numbers are not reached.
std::optional<Growth> FindGrowth(const GrowthCase& seed, const std::vector<GrowthCase>& similar,
                                 const ThemeNumbers& numbers);

// What is to be done about a seed.
struct GrowthDecision {
  enum class What { kNothing, kPropose, kJoin, kSuggest };
  What what = What::kNothing;
  // Of kJoin and kSuggest.
  Uuid theme_id;
  double similarity = 0;
  // Of kPropose.
  std::optional<Growth> growth;
};

// `themes`: all that the seed or a similar case stands in, merged ones left out.
//  - A seed that stands in a live theme is left alone.
//  - It resembles a live theme when at least two of its similar cases are members (one, if the theme has no
//    more, or if intake links the two): it joins a proposal, and is suggested for what somebody confirmed.
//    Not where somebody took it out. Of several themes, that with the most such members.
//  - Else it is proposed with its group, without members of live themes. Of a group with cases that were
//    rejected together, least_new_cases must be new.
GrowthDecision Decide(const GrowthCase& seed, const std::vector<GrowthCase>& similar,
                      const std::vector<ThemeRecord>& themes, const ThemeNumbers& numbers);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_GROWTH_RULES_H_
