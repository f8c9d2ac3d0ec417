#include "services/routing/knowledge/same_cause_store.h"

#include <optional>
#include <string>

#include "common/base/status_macros.h"
#include "common/db/multi_row.h"

namespace zhuqi::routing {

absl::Status StoreSameCauseLinks(db::Connection& connection, const feed::v1::FollowResponse& message) {
  for (const feed::v1::Event& event : message.events()) {
    const intake::v1::RecordLink& link = event.record_link().link();
    if (!event.has_record_link() || link.kind() != intake::v1::RECORD_LINK_KIND_SAME_CAUSE_AS) continue;
    const std::optional<Uuid> from = Uuid::Parse(link.from_record_id());
    const std::optional<Uuid> to = Uuid::Parse(link.to_record_id());
    if (!from.has_value() || !to.has_value()) continue;
    for (const auto& [one, other] : {std::pair(*from, *to), std::pair(*to, *from)}) {
      if (event.record_link().removed()) {
        ZHUQI_RETURN_IF_ERROR(
            connection
                .Execute("DELETE FROM same_cause_links WHERE record_id = ? AND other_record_id = ?",
                         {one, other})
                .status());
        continue;
      }
      ZHUQI_RETURN_IF_ERROR(connection
                                .Execute("INSERT INTO same_cause_links (record_id, other_record_id) VALUES "
                                         "(?, ?) ON DUPLICATE KEY UPDATE record_id = VALUES(record_id)",
                                         {one, other})
                                .status());
      ZHUQI_RETURN_IF_ERROR(connection
                                .Execute("INSERT INTO same_cause_seeds (record_id) VALUES (?) ON DUPLICATE "
                                         "KEY UPDATE record_id = VALUES(record_id)",
                                         {one})
                                .status());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::set<Uuid>> ReadSameCause(db::Connection& connection, const Uuid& record_id,
                                             size_t limit) {
  std::set<Uuid> found = {record_id};
  std::vector<db::Values> next = {{record_id}};
  while (!next.empty() && found.size() <= limit) {
    std::vector<db::Values> reached;
    ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(connection,
                                           "SELECT other_record_id FROM same_cause_links WHERE record_id IN",
                                           1, next, [&](db::Row& row) {
                                             const Uuid other = row.ReadUuid(0);
                                             if (found.size() <= limit && found.insert(other).second)
                                               reached.push_back({other});
                                             return absl::OkStatus();
                                           }));
    next = std::move(reached);
  }
  found.erase(record_id);
  return found;
}

absl::StatusOr<std::vector<Uuid>> ReadSameCauseSeeds(db::Connection& connection, int limit) {
  std::vector<Uuid> seeds;
  ZHUQI_RETURN_IF_ERROR(connection.Query("SELECT record_id FROM same_cause_seeds ORDER BY record_id LIMIT ?",
                                         {limit}, [&](db::Row& row) {
                                           seeds.push_back(row.ReadUuid(0));
                                           return absl::OkStatus();
                                         }));
  return seeds;
}

absl::Status RemoveSameCauseSeeds(db::Connection& connection, const std::vector<Uuid>& record_ids) {
  for (const Uuid& id : record_ids) {
    ZHUQI_RETURN_IF_ERROR(
        connection.Execute("DELETE FROM same_cause_seeds WHERE record_id = ?", {id}).status());
  }
  return absl::OkStatus();
}

}  // namespace zhuqi::routing
