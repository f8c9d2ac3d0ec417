#include "services/intake/visits/visit_proposals.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "services/intake/enterprises/enterprise_store.h"
#include "services/intake/enterprises/policy_rules.h"
#include "services/intake/enterprises/policy_store.h"
#include "services/intake/enterprises/request_fields.h"
#include "services/intake/visits/plan_rules.h"
#include "services/intake/visits/proposal_rules.h"
#include "services/intake/visits/visit_store.h"

namespace zhuqi::intake {
namespace {

constexpr int kReadAtOnce = 500;

// Plans with a cadence in force on `on`.
absl::StatusOr<std::vector<v1::VisitPlan>> ReadCadences(db::Connection& connection, absl::CivilDay on) {
  std::vector<v1::VisitPlan> cadences;
  std::string after;
  while (true) {
    ZHUQI_ASSIGN_OR_RETURN(const std::vector<StoredPlan> page, ListPlans(connection, {}, after, kReadAtOnce));
    for (const StoredPlan& stored : page) {
      if (HasCadence(stored.plan, on)) cadences.push_back(stored.plan);
    }
    if (static_cast<int>(page.size()) < kReadAtOnce) return cadences;
    after = page.back().plan.plan_id();
  }
}

class Proposer {
 public:
  Proposer(db::Connection& connection, const Directory& directory, const directory::v1::Team& team,
           absl::CivilDay from, size_t count)
      : connection_(connection), directory_(directory), team_(team), from_(from), count_(count) {}

  absl::StatusOr<std::vector<v1::VisitProposal>> Run(const std::vector<std::string>& usccs) {
    ZHUQI_ASSIGN_OR_RETURN(cadences_, ReadCadences(connection_, from_));
    for (const auto& [id, policy] : directory_.policies()) {
      if (IsInForce(policy, from_)) policies_.push_back(&policy);
    }
    for (size_t first = 0; first < usccs.size(); first += kReadAtOnce) {
      const size_t last = std::min(usccs.size(), first + kReadAtOnce);
      const std::vector<std::string> some(usccs.begin() + static_cast<std::ptrdiff_t>(first),
                                          usccs.begin() + static_cast<std::ptrdiff_t>(last));
      ZHUQI_RETURN_IF_ERROR(LookAt(some));
    }
    return std::move(best_);
  }

 private:
  using IssueDays = absl::flat_hash_map<std::string, std::vector<absl::CivilDay>>;

  absl::Status LookAt(const std::vector<std::string>& usccs) {
    ZHUQI_ASSIGN_OR_RETURN(std::vector<v1::Enterprise> enterprises, ReadEnterprises(connection_, usccs));
    ZHUQI_ASSIGN_OR_RETURN(const IssueDays issues,
                           ReadIssueDays(connection_, usccs, from_ - kRecentIssueDays));
    DeliverySummaries deliveries;
    if (!policies_.empty()) {
      ZHUQI_ASSIGN_OR_RETURN(deliveries, ReadDeliveries(connection_, usccs, ""));
    }
    for (v1::Enterprise& enterprise : enterprises) {
      VisitCandidate candidate;
      candidate.every_months = TightestCadence(cadences_, enterprise, team_, directory_, from_);
      candidate.recent_issues = RecentIssues(enterprise, issues);
      candidate.unclaimed_policies = Unclaimed(enterprise, deliveries);
      candidate.distance = DistanceTo(enterprise.org_unit_id());
      candidate.enterprise = std::move(enterprise);
      std::optional<v1::VisitProposal> need = NeedOf(candidate, from_);
      if (need.has_value()) best_.push_back(*std::move(need));
    }
    KeepMostNeeded(best_, count_);
    return absl::OkStatus();
  }

  int32_t RecentIssues(const v1::Enterprise& enterprise, const IssueDays& issues) const {
    const auto found = issues.find(enterprise.uscc());
    if (found == issues.end()) return 0;
    const auto last =
        enterprise.has_last_visited_on() ? CivilDayFrom(enterprise.last_visited_on()) : std::nullopt;
    return static_cast<int32_t>(std::count_if(
        found->second.begin(), found->second.end(),
        [&](absl::CivilDay day) { return day <= from_ && (!last.has_value() || day > *last); }));
  }

  int32_t Unclaimed(const v1::Enterprise& enterprise, const DeliverySummaries& deliveries) const {
    int32_t unclaimed = 0;
    for (const directory::v1::Policy* policy : policies_) {
      if (VerdictOf(*policy, enterprise, from_, directory_) != v1::PolicyMatch::VERDICT_ELIGIBLE) continue;
      const auto found = deliveries.find(std::make_pair(enterprise.uscc(), policy->policy_id()));
      const bool settled =
          found != deliveries.end() &&
          (IsClaimed(found->second.outcome) || found->second.outcome == v1::POLICY_OUTCOME_NOT_ELIGIBLE);
      if (!settled) ++unclaimed;
    }
    return unclaimed;
  }

  int32_t DistanceTo(const std::string& org_unit_id) {
    const auto [found, is_new] = distances_.try_emplace(org_unit_id, 0);
    if (is_new) found->second = Distance(directory_, team_.org_unit_id(), org_unit_id);
    return found->second;
  }

  db::Connection& connection_;
  const Directory& directory_;
  const directory::v1::Team& team_;
  const absl::CivilDay from_;
  const size_t count_;
  std::vector<v1::VisitPlan> cadences_;
  std::vector<const directory::v1::Policy*> policies_;
  absl::flat_hash_map<std::string, int32_t> distances_;
  std::vector<v1::VisitProposal> best_;
};

}  // namespace

absl::StatusOr<v1::ProposeVisitsResponse> ReadProposals(db::Connection& connection,
                                                        const Directory& directory,
                                                        const directory::v1::Team& team, absl::CivilDay from,
                                                        int count, int max_considered) {
  v1::ProposeVisitsResponse response;
  response.set_rule(kVisitNeedRule);
  const std::vector<absl::CivilDay> days = DaysOf(team, directory.calendar(), from, count);
  if (days.empty()) return response;  // it goes out no more
  rpc::Violations ignored;            // the directory's own team names a unit that is there
  const std::vector<std::string> units = ReadUnits(directory, team.org_unit_id(), "", ignored);
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<std::string> usccs,
                         ReadLongestUnvisited(connection, units, max_considered));
  response.set_considered(static_cast<int32_t>(usccs.size()));
  Proposer proposer(connection, directory, team, from, days.size());
  ZHUQI_ASSIGN_OR_RETURN(std::vector<v1::VisitProposal> proposals, proposer.Run(usccs));
  for (size_t i = 0; i < proposals.size(); ++i) {
    *proposals[i].mutable_proposed_on() = DateMessage(days[i]);
    *response.add_proposals() = std::move(proposals[i]);
  }
  return response;
}

}  // namespace zhuqi::intake
