#include "services/routing/knowledge/theme_growth_rules.h"

#include <algorithm>
#include <set>

#include "common/directory/date_message.h"

namespace zhuqi::routing {
namespace {

bool IsMember(const ThemeRecord& theme, const Uuid& case_id) {
  const auto found = theme.members.find(case_id);
  return found != theme.members.end() && found->second.standing == v1::THEME_CASE_STANDING_MEMBER;
}

bool StandsIn(const ThemeRecord& theme, const Uuid& case_id) {
  const auto found = theme.members.find(case_id);
  return found != theme.members.end() && found->second.standing != v1::THEME_CASE_STANDING_REMOVED;
}

// The most alike of those of `similar` that are members, and how many there are.
struct Resemblance {
  int members = 0;
  double similarity = 0;
};
Resemblance ResemblanceOf(const std::vector<GrowthCase>& similar, const ThemeRecord& theme) {
  Resemblance found;
  for (const GrowthCase& one : similar) {
    if (!IsMember(theme, one.case_id)) continue;
    ++found.members;
    found.similarity = std::max(found.similarity, one.similarity);
  }
  return found;
}

bool Resembles(const Resemblance& found, const ThemeRecord& theme) {
  if (found.members >= 2) return true;
  if (found.members == 0) return false;
  const auto members = std::count_if(theme.members.begin(), theme.members.end(), [](const auto& member) {
    return member.second.standing == v1::THEME_CASE_STANDING_MEMBER;
  });
  return members == 1 || found.similarity >= 1;
}

// Counts what is in `cases`; nullopt when the numbers are not reached.
std::optional<Growth> Counted(const GrowthCase& seed, std::vector<GrowthCase> cases,
                              const ThemeNumbers& numbers) {
  std::set<std::string> districts;
  std::set<std::string> enterprises;
  absl::CivilDay first = seed.received_on;
  absl::CivilDay last = seed.received_on;
  for (const GrowthCase& one : cases) {
    districts.insert(one.district_id);
    if (!one.uscc.empty()) enterprises.insert(one.uscc);
    first = std::min(first, one.received_on);
    last = std::max(last, one.received_on);
  }
  const bool spread = static_cast<int>(districts.size()) >= numbers.least_districts ||
                      static_cast<int>(enterprises.size()) >= numbers.least_enterprises;
  if (!spread || static_cast<int>(cases.size()) < numbers.least_cases) return std::nullopt;
  std::sort(cases.begin(), cases.end(),
            [](const GrowthCase& left, const GrowthCase& right) { return left.case_id < right.case_id; });
  Growth growth{std::move(cases), {}};
  v1::ThemeGrowth& message = growth.message;
  message.set_seed_case_id(seed.case_id.ToString());
  *message.mutable_received()->mutable_first() = DateMessage(first);
  *message.mutable_received()->mutable_last() = DateMessage(last);
  message.set_cases(static_cast<int32_t>(growth.cases.size()));
  message.set_districts(static_cast<int32_t>(districts.size()));
  message.set_enterprises(static_cast<int32_t>(enterprises.size()));
  message.set_window_days(numbers.window_days);
  message.set_least_cases(numbers.least_cases);
  message.set_least_districts(numbers.least_districts);
  message.set_least_enterprises(numbers.least_enterprises);
  message.set_least_similarity_percent(numbers.least_similarity_percent);
  return growth;
}

// How many of the growth's cases were in no rejected theme; all, when none was.
bool HasGrownSinceRejection(const Growth& growth, const std::vector<ThemeRecord>& themes,
                            const ThemeNumbers& numbers) {
  int rejected = 0;
  for (const GrowthCase& one : growth.cases) {
    rejected += std::any_of(themes.begin(), themes.end(), [&](const ThemeRecord& theme) {
      return theme.body.state() == v1::THEME_STATE_REJECTED && IsMember(theme, one.case_id);
    });
  }
  return rejected == 0 || static_cast<int>(growth.cases.size()) - rejected >= numbers.least_new_cases;
}

}  // namespace

std::optional<Growth> FindGrowth(const GrowthCase& seed, const std::vector<GrowthCase>& similar,
                                 const ThemeNumbers& numbers) {
  std::vector<GrowthCase> best;
  // A span that begins at a case, or at the earliest day that has the seed in it, has as many as any other.
  std::set<absl::CivilDay> starts = {seed.received_on};
  for (const GrowthCase& one : similar) {
    if (one.received_on <= seed.received_on && one.received_on > seed.received_on - numbers.window_days)
      starts.insert(one.received_on);
  }
  for (const absl::CivilDay start : starts) {
    std::vector<GrowthCase> within = {seed};
    for (const GrowthCase& one : similar) {
      if (one.received_on >= start && one.received_on < start + numbers.window_days) within.push_back(one);
    }
    if (within.size() >= best.size()) best = std::move(within);
  }
  return Counted(seed, std::move(best), numbers);
}

GrowthDecision Decide(const GrowthCase& seed, const std::vector<GrowthCase>& similar,
                      const std::vector<ThemeRecord>& themes, const ThemeNumbers& numbers) {
  GrowthDecision decision;
  int most = 0;
  std::set<Uuid> taken;
  for (const ThemeRecord& theme : themes) {
    if (!IsLive(theme.body.state())) continue;
    if (StandsIn(theme, seed.case_id)) return {};
    for (const auto& [case_id, member] : theme.members) {
      if (member.standing == v1::THEME_CASE_STANDING_MEMBER) taken.insert(case_id);
    }
    const Resemblance found = ResemblanceOf(similar, theme);
    const bool has_room = theme.members.size() < kMostThemeCases;
    if (theme.members.contains(seed.case_id) || !has_room || !Resembles(found, theme)) continue;
    if (found.members <= most) continue;
    most = found.members;
    decision.what = theme.body.state() == v1::THEME_STATE_PROPOSED ? GrowthDecision::What::kJoin
                                                                   : GrowthDecision::What::kSuggest;
    decision.theme_id = Uuid::Parse(theme.body.theme_id()).value_or(Uuid());
    decision.similarity = found.similarity;
  }
  if (decision.what != GrowthDecision::What::kNothing) return decision;
  std::vector<GrowthCase> others;
  for (const GrowthCase& one : similar) {
    if (!taken.contains(one.case_id)) others.push_back(one);
  }
  decision.growth = FindGrowth(seed, others, numbers);
  if (!decision.growth.has_value() || !HasGrownSinceRejection(*decision.growth, themes, numbers)) return {};
  decision.what = GrowthDecision::What::kPropose;
  return decision;
}

}  // namespace zhuqi::routing
