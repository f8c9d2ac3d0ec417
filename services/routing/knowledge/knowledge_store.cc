#include "services/routing/knowledge/knowledge_store.h"

#include <set>
#include <utility>

#include "common/base/status_macros.h"
#include "common/db/multi_row.h"

namespace zhuqi::routing {
namespace {

const std::string* SolutionIn(const v1::CaseEvent& event) {
  // What its children answered is what was done about a case that was divided.
  if (!event.child_changed().answers().empty()) return &event.child_changed().answers();
  if (event.late() || !event.has_action()) return nullptr;
  if (event.action().has_resolve()) return &event.action().resolve().text();
  if (event.action().has_explain()) return &event.action().explain().text();
  return nullptr;
}

}  // namespace

absl::StatusOr<std::vector<v1::Case>> ReadCasesAfter(db::Connection& connection, const Uuid& after,
                                                     int limit) {
  std::vector<v1::Case> cases;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query("SELECT body FROM case_bodies WHERE case_id > ? ORDER BY case_id LIMIT ?",
                       {after, limit}, [&](db::Row& row) {
                         if (!cases.emplace_back().ParseFromString(row.Text(0))) {
                           return absl::DataLossError("a stored case can not be read");
                         }
                         return absl::OkStatus();
                       }));
  return cases;
}

absl::StatusOr<std::map<Uuid, std::string>> ReadSolutions(db::Connection& connection,
                                                          const std::vector<Uuid>& case_ids) {
  std::vector<db::Values> keys;
  for (const Uuid& id : std::set<Uuid>(case_ids.begin(), case_ids.end())) keys.push_back({id});
  std::map<Uuid, std::pair<int64_t, std::string>> last;
  ZHUQI_RETURN_IF_ERROR(
      db::SelectByKeys(connection, "SELECT case_id, sequence, body FROM case_events WHERE case_id IN", 1,
                       keys, [&](db::Row& row) {
                         const Uuid case_id = row.ReadUuid(0);
                         const int64_t sequence = row.Int64(1);
                         v1::CaseEvent event;
                         if (!event.ParseFromString(row.Text(2))) {
                           return absl::DataLossError("a stored event of a case can not be read");
                         }
                         const std::string* solution = SolutionIn(event);
                         if (solution != nullptr && last[case_id].first < sequence)
                           last[case_id] = {sequence, *solution};
                         return absl::OkStatus();
                       }));
  std::map<Uuid, std::string> solutions;
  for (auto& [case_id, found] : last) solutions.emplace(case_id, std::move(found.second));
  return solutions;
}

}  // namespace zhuqi::routing
