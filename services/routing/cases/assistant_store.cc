#include "services/routing/cases/assistant_store.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/routing/cases/case_store.h"

namespace zhuqi::routing {
namespace {

// Waits for whoever chooses from this unit now.
absl::Status LockPool(db::Connection& connection, const AssistantPool& pool) {
  return connection
      .Execute(
          "INSERT INTO assistant_pools (org_unit_id) VALUES (?) ON DUPLICATE KEY UPDATE org_unit_id = "
          "VALUES(org_unit_id)",
          {pool.org_unit_id})
      .status();
}

// Of each department's stretch of its index the open cases that it assists in: what it has to do costs, and
// nothing else.
absl::StatusOr<AssistantLoads> ReadLoads(db::Connection& connection, const AssistantPool& pool) {
  std::set<std::string> departments;
  for (const Assistant& member : pool.members) departments.insert(member.department_id);
  std::string places;
  db::Values values;
  for (const std::string& department : departments) {
    absl::StrAppend(&places, places.empty() ? "?" : ",?");
    values.emplace_back(department);
  }
  values.emplace_back(kPartInOpenCase);
  values.emplace_back(static_cast<int>(v1::ASSIGNMENT_ROLE_ASSISTANT));
  AssistantLoads loads;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      absl::StrCat("SELECT department_id, team_id, COUNT(*) FROM case_parts FORCE INDEX (by_department) "
                   "WHERE department_id IN (",
                   places, ") AND standing = ? AND role = ? GROUP BY department_id, team_id"),
      values, [&](db::Row& row) {
        const std::string department = row.Text(0);
        const std::string team = row.Text(1);
        loads[{department, team}] = row.Int64(2);
        return absl::OkStatus();
      }));
  return loads;
}

}  // namespace

absl::Status GiveWantedAssistant(db::Connection& connection, const CaseBatch& batch,
                                 const Directory& directory, CaseChange& change, absl::Status& refusal) {
  if (!change.wants_assistant) return absl::OkStatus();
  const AssistantPool pool = AssistantPoolFor(directory, change.record.body.owner_org_unit_id());
  AssistantLoads loads;
  if (!pool.members.empty()) {
    ZHUQI_RETURN_IF_ERROR(LockPool(connection, pool));
    ZHUQI_ASSIGN_OR_RETURN(loads, ReadLoads(connection, pool));
    batch.AddLoads(loads);
  }
  refusal = GiveAssistant(pool, loads, directory, change);
  return absl::OkStatus();
}

}  // namespace zhuqi::routing
