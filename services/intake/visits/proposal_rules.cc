#include "services/intake/visits/proposal_rules.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "services/intake/visits/plan_rules.h"

namespace zhuqi::intake {
namespace {

constexpr int kNeverVisited = 40;
constexpr int kOverdue = 30;
constexpr int kOverdueMonth = 5;
constexpr int kMostOverdue = 60;
constexpr int kDue = 15;
constexpr int kIssue = 10;
constexpr int kMostIssues = 30;
constexpr int kPolicy = 5;
constexpr int kMostPolicies = 20;
constexpr int kStep = -2;
constexpr int kMostSteps = -20;
constexpr int kDefaultVisitsADay = 2;

std::optional<absl::CivilDay> LastVisit(const v1::Enterprise& enterprise) {
  return enterprise.has_last_visited_on() ? CivilDayFrom(enterprise.last_visited_on()) : std::nullopt;
}

// Whole months from `first` to `last`, by AddMonths.
int MonthsBetween(absl::CivilDay first, absl::CivilDay last) {
  int months = static_cast<int>(absl::CivilMonth(last) - absl::CivilMonth(first));
  while (months > 0 && AddMonths(first, months) > last) --months;
  return std::max(months, 0);
}

void Add(v1::VisitProposal& proposal, absl::string_view reason, int points, std::string chinese,
         std::string english) {
  v1::ProposalReason& added = *proposal.add_reasons();
  added.set_reason(std::string(reason));
  added.set_points(points);
  added.set_finding_zh(std::move(chinese));
  added.set_finding(std::move(english));
  proposal.set_points(proposal.points() + points);
}

void AddCadence(v1::VisitProposal& proposal, const v1::Enterprise& enterprise, int every, absl::CivilDay on) {
  const std::optional<absl::CivilDay> last = LastVisit(enterprise);
  if (IsOverdue(enterprise, every, on)) {
    if (!last.has_value()) {
      Add(proposal, "cadence_overdue", kOverdue, absl::StrCat("应每 ", every, " 个月走访一次，尚未走访"),
          absl::StrCat("to be visited every ", every, " months, and was not yet"));
      return;
    }
    const int months = MonthsBetween(*last, on);
    Add(proposal, "cadence_overdue", std::min(kOverdue + kOverdueMonth * (months - every), kMostOverdue),
        absl::StrCat("距上次走访 ", months, " 个月，应每 ", every, " 个月一次"),
        absl::StrCat("last visited ", months, " months ago, to be visited every ", every, " months"));
    return;
  }
  if (!last.has_value()) return;
  const absl::CivilDay due = AddMonths(*last, every);
  if (due - on > kCadenceDueDays) return;
  const std::string day = absl::FormatCivilTime(due);
  Add(proposal, "cadence_due", kDue, absl::StrCat("应于 ", day, " 前再次走访，每 ", every, " 个月一次"),
      absl::StrCat("to be visited again by ", day, ", every ", every, " months"));
}

bool IsUnavailable(const directory::v1::Team& team, absl::CivilDay day) {
  return std::any_of(team.unavailable().begin(), team.unavailable().end(),
                     [day](const common::v1::DateSpan& span) {
                       return (!span.has_first() || day >= CivilDayFrom(span.first()).value_or(day)) &&
                              (!span.has_last() || day <= CivilDayFrom(span.last()).value_or(day));
                     });
}

bool IsForTeam(const v1::VisitPlan& plan, const directory::v1::Team& team) {
  return (plan.team_id().empty() || plan.team_id() == team.team_id()) &&
         (plan.department_id().empty() || plan.department_id() == team.department_id());
}

}  // namespace

std::optional<v1::VisitProposal> NeedOf(const VisitCandidate& candidate, absl::CivilDay on) {
  const v1::Enterprise& enterprise = candidate.enterprise;
  v1::VisitProposal proposal;
  proposal.set_uscc(enterprise.uscc());
  proposal.set_enterprise_name(enterprise.name());
  proposal.set_org_unit_id(enterprise.org_unit_id());
  proposal.set_distance(candidate.distance);
  if (!enterprise.has_last_visited_on())
    Add(proposal, "never_visited", kNeverVisited, "从未走访", "never visited");
  if (candidate.every_months.has_value()) AddCadence(proposal, enterprise, *candidate.every_months, on);
  if (const int issues = candidate.recent_issues; issues > 0) {
    Add(proposal, "recent_issues", std::min(kIssue * std::min(issues, kMostIssues), kMostIssues),
        absl::StrCat("近 ", kRecentIssueDays, " 天内、上次走访后提出诉求 ", issues, " 项"),
        absl::StrCat("issues of the last ", kRecentIssueDays, " days, after the last visit: ", issues));
  }
  if (const int policies = candidate.unclaimed_policies; policies > 0) {
    Add(proposal, "unclaimed_policies", std::min(kPolicy * std::min(policies, kMostPolicies), kMostPolicies),
        absl::StrCat("符合条件而未申领的政策 ", policies, " 项"),
        absl::StrCat("policies that it may claim and did not apply for: ", policies));
  }
  if (proposal.reasons().empty()) return std::nullopt;
  if (const int steps = candidate.distance; steps > 0) {
    Add(proposal, "distance", std::max(kStep * steps, kMostSteps),
        absl::StrCat("与服务队所属机构相距 ", steps, " 级"),
        absl::StrCat("steps in the tree from the team's unit: ", steps));
  }
  return proposal;
}

bool IsNeededMore(const v1::VisitProposal& left, const v1::VisitProposal& right) {
  if (left.points() != right.points()) return left.points() > right.points();
  return std::forward_as_tuple(left.distance(), left.uscc()) <
         std::forward_as_tuple(right.distance(), right.uscc());
}

void KeepMostNeeded(std::vector<v1::VisitProposal>& proposals, std::size_t count) {
  std::sort(proposals.begin(), proposals.end(), IsNeededMore);
  if (proposals.size() > count) proposals.resize(count);
}

std::optional<int32_t> TightestCadence(const std::vector<v1::VisitPlan>& plans,
                                       const v1::Enterprise& enterprise, const directory::v1::Team& team,
                                       const Directory& directory, absl::CivilDay on) {
  std::optional<int32_t> tightest;
  for (const v1::VisitPlan& plan : plans) {
    if (!HasCadence(plan, on) || !IsForTeam(plan, team) ||
        (tightest.has_value() && plan.every_months() >= *tightest)) {
      continue;
    }
    const bool marked = std::find(enterprise.tags().begin(), enterprise.tags().end(),
                                  plan.enterprise_tag()) != enterprise.tags().end();
    if (marked && directory.IsInOrBelow(enterprise.org_unit_id(), plan.org_unit_id())) {
      tightest = plan.every_months();
    }
  }
  return tightest;
}

bool IsOverdue(const v1::Enterprise& enterprise, int32_t every_months, absl::CivilDay on) {
  std::optional<absl::CivilDay> since = LastVisit(enterprise);
  if (!since.has_value() && enterprise.has_registered_on()) since = CivilDayFrom(enterprise.registered_on());
  return !since.has_value() || *since < FirstDayInCadence(on, every_months);
}

std::vector<absl::CivilDay> DaysOf(const directory::v1::Team& team, const calendar::WorkingCalendar& calendar,
                                   absl::CivilDay from, int visits) {
  const int a_day = team.visits_a_day() == 0 ? kDefaultVisitsADay : team.visits_a_day();
  absl::CivilDay last(2100, 12, 31);
  if (team.has_closed_on()) last = std::min(last, CivilDayFrom(team.closed_on()).value_or(last));
  std::vector<absl::CivilDay> days;
  for (absl::CivilDay day = from; day <= last && static_cast<int>(days.size()) < visits; ++day) {
    if (!calendar.IsWorkingDay(day) || IsUnavailable(team, day)) continue;
    const int left = visits - static_cast<int>(days.size());
    days.insert(days.end(), static_cast<size_t>(std::min(a_day, left)), day);
  }
  return days;
}

int32_t Distance(const Directory& directory, const std::string& from, const std::string& to) {
  if (from == to) return 0;
  std::vector<std::string> one = directory.AncestorsOf(from);
  std::vector<std::string> other = directory.AncestorsOf(to);
  one.insert(one.begin(), from);
  other.insert(other.begin(), to);
  // What both have above them is no way between them.
  while (!one.empty() && !other.empty() && one.back() == other.back()) {
    one.pop_back();
    other.pop_back();
  }
  return static_cast<int32_t>(one.size() + other.size());
}

}  // namespace zhuqi::intake
