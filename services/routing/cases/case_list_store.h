// The SQL of lists of cases: which, in what order, and how many.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_LIST_STORE_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_LIST_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/connection.h"
#include "services/routing/cases/case_record.h"
#include "services/routing/cases/day_range.h"
#include "zhuqi/routing/v1/case_service.pb.h"

namespace zhuqi::routing {

// Process states, a bit each.
using StateSet = unsigned;
constexpr StateSet StateBit(v1::ProcessState state) { return 1U << static_cast<unsigned>(state); }
inline constexpr StateSet kOpenStates = StateBit(v1::PROCESS_STATE_AWAITING_ACCEPTANCE) |
                                        StateBit(v1::PROCESS_STATE_IN_PROGRESS) |
                                        StateBit(v1::PROCESS_STATE_AWAITING_CALL_BACK);
inline constexpr StateSet kAllStates = kOpenStates | StateBit(v1::PROCESS_STATE_CLOSED);

// Which cases to list: what is absent or empty is not asked.
struct CaseFilter {
  std::vector<std::string> org_unit_ids;  // any of these
  std::string owner_org_unit_id;
  std::string lead_department_id;
  std::optional<std::string> lead_function;      // empty: of cases that no department leads
  std::optional<std::string> exact_category_id;  // empty: of issues without one
  std::string category_id;                       // this or below it
  StateSet states = kAllStates;
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
  DayRange bulletin;
  int at_least_priority = 0;
  std::optional<absl::CivilDay> open_at_end_of;
  std::string department_id;          // has a part in it …
  std::vector<int> department_roles;  // … that is any of these
  std::string team_id;                // that it does as this team's
  bool department_leads = false;
  // The handling deadline is before, and not before, these instants.
  std::optional<absl::Time> overdue_at;
  std::optional<absl::Time> not_overdue_at;
  // The handling deadline is on or before this day.
  std::optional<absl::CivilDay> due_through;
  bool escalated_ever = false;
  std::string text;  // folded for search
  std::string enterprise_uscc;
  bool green_channel = false;
  std::string task_force;  // by name
  bool special = false;    // followed to the end
  std::string project;
  std::optional<Uuid> parent;  // children of this case alone
  bool without_children = false;
};

// The place of a case in an order: what it is ordered by, then its identity.
struct ListPlace {
  absl::Time at;
  Uuid case_id;
};

struct ListedCase {
  CaseRecord record;
  ListPlace place;
};

// Whether a page of such a list, or with `count` its total, may have to look through a large part of all
// cases: conditions that no index narrows (text, project, task force, category …), or an order that no index
// has, without an enterprise, a department, an owner's open cases or a month that narrows them.
bool ReadsWidely(const CaseFilter& filter, v1::CaseOrder order, bool count);

// A statement with its values, as it is run.
struct ListStatement {
  std::string sql;
  db::Values values;
};
ListStatement SelectStatement(const CaseFilter& filter, v1::CaseOrder order,
                              const std::optional<ListPlace>& after, int limit);
ListStatement CountStatement(const CaseFilter& filter, std::optional<int64_t> most);

// At most `limit` cases that follow `after` in `order`.
absl::StatusOr<std::vector<ListedCase>> SelectCases(db::Connection& connection, const CaseFilter& filter,
                                                    v1::CaseOrder order,
                                                    const std::optional<ListPlace>& after, int limit);
// How many match, counting no further than `most`.
absl::StatusOr<int64_t> CountCases(db::Connection& connection, const CaseFilter& filter,
                                   std::optional<int64_t> most = std::nullopt);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_LIST_STORE_H_
