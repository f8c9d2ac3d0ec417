// Reads who may claim what: matches of a policy page by page, and what a team should know before a visit.
#ifndef ZHUQI_SERVICES_INTAKE_ENTERPRISES_POLICY_MATCHES_H_
#define ZHUQI_SERVICES_INTAKE_ENTERPRISES_POLICY_MATCHES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/db/connection.h"
#include "common/directory/directory.h"
#include "zhuqi/intake/v1/enterprise_service.pb.h"

namespace zhuqi::intake {

struct MatchQuery {
  const directory::v1::Policy* policy = nullptr;  // of the directory that it is read with
  std::vector<std::string> org_unit_ids;          // empty: all
  // Unspecified: eligible and unknown ones.
  v1::PolicyMatch::Verdict verdict = v1::PolicyMatch::VERDICT_UNSPECIFIED;
  bool not_brought = false;
  bool not_claimed = false;
  absl::CivilDay on;
};

struct MatchPage {
  std::vector<v1::PolicyMatch> matches;
  size_t bytes = 0;       // of the matches
  std::string last_uscc;  // how far it was looked
  bool more = false;      // there may be others after it
};

// Up to `limit` matches after the credit code `after`. It looks at no more than `max_considered` enterprises,
// so that it may give fewer, and none, while there are more. Struck-off enterprises claim nothing.
absl::StatusOr<MatchPage> ReadMatches(db::Connection& connection, const Directory& directory,
                                      const MatchQuery& query, const std::string& after, int limit,
                                      int max_considered);

// The policies that `enterprise` may claim or may perhaps claim on `on`, by policy_id, at most `limit`.
absl::StatusOr<std::vector<v1::PolicyMatch>> ReadClaimablePolicies(db::Connection& connection,
                                                                   const Directory& directory,
                                                                   const v1::Enterprise& enterprise,
                                                                   absl::CivilDay on, size_t limit);

// Nothing but the error NotFound ENTERPRISE_UNKNOWN when there is none of this credit code.
absl::StatusOr<v1::PrepareVisitResponse> ReadPreparation(db::Connection& connection,
                                                         const Directory& directory, const std::string& uscc,
                                                         absl::CivilDay on);

// What a credit code that nobody entered is answered with.
absl::Status UnknownEnterprise();

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_ENTERPRISES_POLICY_MATCHES_H_
