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
#include "services/routing/cases/issue_key.h"

namespace zhuqi::routing {

using CaseMap = std::map<Uuid, CaseRecord>;

// The cases of those identities; unknown ones are absent.
absl::StatusOr<CaseMap> ReadCases(db::Connection& connection, const std::vector<Uuid>& case_ids);
// The cases that those issues' records became, by case; not their children.
absl::StatusOr<CaseMap> ReadCasesOfIssues(db::Connection& connection,
                                          const std::vector<Uuid>& issue_record_ids);
// Cases that are not closed and whose identity is above `after`, in the order of identities, at most `limit`.
absl::StatusOr<std::vector<Uuid>> ReadOpenCaseIds(db::Connection& connection, const Uuid& after, int limit);
// The identities of the cases that those issues became; not their children.
absl::StatusOr<std::map<IssueKey, Uuid>> FindCases(db::Connection& connection,
                                                   const std::vector<IssueKey>& keys);
struct HistoryPage {
  // Oldest first by occurred_at, then in the order of recording.
  std::vector<v1::CaseEvent> events;
  // Entries were recorded before these.
  bool more = false;
};
// The last entries recorded before sequence `before`: at most `limit`, and no more than kMaxHistoryBytes of
// them, though never none.
inline constexpr size_t kMaxHistoryBytes = size_t{512} << 10;
absl::StatusOr<HistoryPage> ReadHistory(db::Connection& connection, const Uuid& case_id, int64_t before,
                                        int limit);

// One entry of a case's history.
using EventKey = std::pair<Uuid, int64_t>;
absl::StatusOr<std::map<EventKey, v1::CaseEvent>> ReadEvents(db::Connection& connection,
                                                             const std::vector<EventKey>& keys);

// Writes history first. Aborted when another transaction has written one of the events meanwhile. `stored`:
// the cases as this transaction read them, new ones absent; of parts, days and task forces only what differs
// from them is written. That is right because of the history: a case that is not as it was read here aborts.
absl::Status WriteCases(db::Connection& connection, const CaseMap& stored, const CaseMap& cases,
                        const std::vector<std::pair<Uuid, v1::CaseEvent>>& events);

// For the statements of the case's other stores (case_list_store).
//
// What CaseRecordFrom reads, of "cases c" and "case_bodies b".
inline constexpr char kCaseColumns[] =
    "b.body, b.facts, c.latest_at, c.first_accepted_at, c.unanswered_call_backs, c.partition_number ";
absl::StatusOr<CaseRecord> CaseRecordFrom(db::Row& row);
// Kinds of case_dates.
inline constexpr int kEscalatedDate = 1;
inline constexpr int kConsultedDate = 2;
inline constexpr int kBulletinDate = 3;
// Standings of case_parts: a part that is in force.
inline constexpr int kPartInClosedCase = 1;
inline constexpr int kPartInOpenCase = 2;
// What stands for the handling deadline of a case that has none.
absl::Time NoDeadline();

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_STORE_H_
