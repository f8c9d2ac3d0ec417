#include "services/intake/enterprises/policy_matches.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/rpc/errors.h"
#include "services/intake/enterprises/enterprise_store.h"
#include "services/intake/enterprises/policy_rules.h"
#include "services/intake/enterprises/policy_store.h"
#include "services/intake/records/record_reader.h"

namespace zhuqi::intake {
namespace {

constexpr int kReadAtOnce = 500;
// A match is at most 20 kB, so that a page stays well below what a message may have.
constexpr size_t kPageBytes = 2 << 20;
constexpr int kPreparedVisits = 10;
constexpr int kPreparedIssues = 20;
constexpr size_t kPreparedPolicies = 200;

bool IsWanted(v1::PolicyMatch::Verdict verdict, v1::PolicyMatch::Verdict asked) {
  if (asked != v1::PolicyMatch::VERDICT_UNSPECIFIED) return verdict == asked;
  return verdict != v1::PolicyMatch::VERDICT_NOT_ELIGIBLE;
}

// What came of the policy with those of `enterprises` whose verdict is wanted.
absl::StatusOr<DeliverySummaries> ReadOutcomes(db::Connection& connection,
                                               const std::vector<const v1::Enterprise*>& enterprises,
                                               const std::string& policy_id) {
  std::vector<std::string> usccs;
  usccs.reserve(enterprises.size());
  for (const v1::Enterprise* enterprise : enterprises) usccs.push_back(enterprise->uscc());
  return ReadDeliveries(connection, usccs, policy_id);
}

// Adds the matches among `enterprises` to `page` until it has `limit`.
absl::Status TakeMatches(db::Connection& connection, const Directory& directory, const MatchQuery& query,
                         const std::vector<v1::Enterprise>& enterprises, size_t limit, MatchPage& page) {
  std::vector<const v1::Enterprise*> wanted;
  for (const v1::Enterprise& enterprise : enterprises) {
    if (IsWanted(VerdictOf(*query.policy, enterprise, query.on, directory), query.verdict)) {
      wanted.push_back(&enterprise);
    }
  }
  ZHUQI_ASSIGN_OR_RETURN(const DeliverySummaries outcomes,
                         ReadOutcomes(connection, wanted, query.policy->policy_id()));
  for (const v1::Enterprise* enterprise : wanted) {
    const auto outcome = outcomes.find(std::make_pair(enterprise->uscc(), query.policy->policy_id()));
    const bool brought = outcome != outcomes.end();
    if (query.not_brought && brought) continue;
    if (query.not_claimed && brought && IsClaimed(outcome->second.outcome)) continue;
    if (page.matches.size() == limit || page.bytes >= kPageBytes) {
      page.more = true;
      return absl::OkStatus();
    }
    page.matches.push_back(MatchOf(*query.policy, *enterprise, query.on, directory));
    if (brought) SetDeliveries(outcome->second, page.matches.back());
    page.bytes += page.matches.back().ByteSizeLong();
    page.last_uscc = enterprise->uscc();
  }
  page.last_uscc = enterprises.back().uscc();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<MatchPage> ReadMatches(db::Connection& connection, const Directory& directory,
                                      const MatchQuery& query, const std::string& after, int limit,
                                      int max_considered) {
  EnterpriseFilter filter;
  filter.org_unit_ids = query.org_unit_ids;
  MatchPage page;
  page.last_uscc = after;
  for (int considered = 0; considered < max_considered; considered += kReadAtOnce) {
    const int asked = std::min(kReadAtOnce, max_considered - considered);
    ZHUQI_ASSIGN_OR_RETURN(const std::vector<v1::Enterprise> enterprises,
                           ListEnterprises(connection, filter, page.last_uscc, asked));
    if (enterprises.empty()) return page;
    ZHUQI_RETURN_IF_ERROR(
        TakeMatches(connection, directory, query, enterprises, static_cast<size_t>(limit), page));
    if (page.more || static_cast<int>(enterprises.size()) < asked) return page;
  }
  page.more = true;
  return page;
}

absl::StatusOr<std::vector<v1::PolicyMatch>> ReadClaimablePolicies(db::Connection& connection,
                                                                   const Directory& directory,
                                                                   const v1::Enterprise& enterprise,
                                                                   absl::CivilDay on, size_t limit) {
  std::vector<v1::PolicyMatch> matches;
  if (enterprise.has_closed_on()) return matches;  // it claims nothing any more
  for (const auto& [id, policy] : directory.policies()) {
    if (matches.size() == limit) break;
    if (VerdictOf(policy, enterprise, on, directory) == v1::PolicyMatch::VERDICT_NOT_ELIGIBLE) continue;
    matches.push_back(MatchOf(policy, enterprise, on, directory));
  }
  ZHUQI_ASSIGN_OR_RETURN(const DeliverySummaries outcomes,
                         ReadDeliveries(connection, {enterprise.uscc()}, ""));
  for (v1::PolicyMatch& match : matches) {
    const auto outcome = outcomes.find(std::make_pair(match.uscc(), match.policy_id()));
    if (outcome != outcomes.end()) SetDeliveries(outcome->second, match);
  }
  return matches;
}

absl::StatusOr<v1::PrepareVisitResponse> ReadPreparation(db::Connection& connection,
                                                         const Directory& directory, const std::string& uscc,
                                                         absl::CivilDay on) {
  ZHUQI_ASSIGN_OR_RETURN(std::optional<v1::Enterprise> enterprise, ReadEnterprise(connection, uscc));
  if (!enterprise.has_value()) return UnknownEnterprise();
  ZHUQI_ASSIGN_OR_RETURN(std::vector<v1::Record> visits,
                         ReadNewestRecords(connection, uscc, v1::RECORD_KIND_VISIT, kPreparedVisits));
  ZHUQI_ASSIGN_OR_RETURN(std::vector<v1::Record> issues,
                         ReadNewestRecords(connection, uscc, v1::RECORD_KIND_ISSUE, kPreparedIssues));
  ZHUQI_ASSIGN_OR_RETURN(std::vector<v1::PolicyMatch> policies,
                         ReadClaimablePolicies(connection, directory, *enterprise, on, kPreparedPolicies));
  v1::PrepareVisitResponse response;
  *response.mutable_enterprise() = *std::move(enterprise);
  for (v1::Record& visit : visits) *response.add_visits() = std::move(visit);
  for (v1::Record& issue : issues) {
    issue.mutable_submission()->mutable_issue()->clear_contact();
    *response.add_issues() = std::move(issue);
  }
  for (v1::PolicyMatch& policy : policies) *response.add_policies() = std::move(policy);
  return response;
}

absl::Status UnknownEnterprise() {
  return rpc::Error(absl::StatusCode::kNotFound, "ENTERPRISE_UNKNOWN", "there is no such enterprise",
                    "没有该企业");
}

}  // namespace zhuqi::intake
