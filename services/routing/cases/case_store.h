// All SQL on cases.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_STORE_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_STORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/connection.h"
#include "services/routing/cases/case_record.h"

namespace zhuqi::routing {

using CaseMap = std::map<Uuid, CaseRecord>;
// Source system and external id of an issue.
using IssueKey = std::pair<std::string, std::string>;

// The cases of those identities; unknown ones are absent.
absl::StatusOr<CaseMap> ReadCases(db::Connection& connection, const std::vector<Uuid>& case_ids);
// The cases of those issues' records, by case.
absl::StatusOr<CaseMap> ReadCasesOfIssues(db::Connection& connection,
                                          const std::vector<Uuid>& issue_record_ids);
// Cases that are not closed and whose identity is above `after`, in the order of identities, at most `limit`.
absl::StatusOr<CaseMap> ReadOpenCases(db::Connection& connection, const Uuid& after, int limit);
// The identities of the cases of those issues.
absl::StatusOr<std::map<IssueKey, Uuid>> FindCases(db::Connection& connection,
                                                   const std::vector<IssueKey>& keys);
// Oldest first by occurred_at, then in the order of recording.
absl::StatusOr<std::vector<v1::CaseEvent>> ReadHistory(db::Connection& connection, const Uuid& case_id);

// Writes history first. Aborted when another transaction has written one of the events meanwhile.
absl::Status WriteCases(db::Connection& connection, const CaseMap& cases,
                        const std::vector<std::pair<Uuid, v1::CaseEvent>>& events);

// Both ends included; an absent end does not bound.
struct DayRange {
  std::optional<absl::CivilDay> first;
  std::optional<absl::CivilDay> last;
};

// Which cases to list: what is absent or empty is not asked.
struct CaseFilter {
  std::vector<std::string> org_unit_ids;  // any of these
  std::string owner_org_unit_id;
  std::string lead_department_id;
  std::optional<std::string> lead_function;      // empty: of cases that no department leads
  std::optional<std::string> exact_category_id;  // empty: of issues without one
  std::string category_id;                       // this or below it
  int state = 0;
  int outcome = 0;
  int issue_kind = 0;
  DayRange received;
  DayRange closed;
  DayRange resolved;
  DayRange response_due;
  DayRange due;
  DayRange called_back;
  DayRange escalated;
  DayRange consulted;
  std::optional<absl::CivilDay> open_at_end_of;
};

// The place of a case in the order of lists: newest receipt first, then by identity.
struct ListPlace {
  absl::Time received_at;
  Uuid case_id;
};

// At most `limit` cases that follow `after` in the order of lists.
absl::StatusOr<std::vector<CaseRecord>> SelectCases(db::Connection& connection, const CaseFilter& filter,
                                                    const std::optional<ListPlace>& after, int limit);
absl::StatusOr<int64_t> CountCases(db::Connection& connection, const CaseFilter& filter);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_STORE_H_
