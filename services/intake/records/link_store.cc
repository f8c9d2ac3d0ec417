#include "services/intake/records/link_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/db/multi_row.h"
#include "common/directory/date_message.h"

namespace zhuqi::intake {
namespace {

constexpr char kLinkColumns[] = "link_id, from_record_id, kind, to_record_id, reason, actor, linked_at";

Uuid IdFrom(const std::string& text) { return Uuid::Parse(text).value_or(Uuid()); }

StoredLink ToLink(db::Row& row) {
  StoredLink stored;
  stored.link_id = row.ReadUuid(0);
  stored.link.set_from_record_id(row.ReadUuid(1).ToString());
  stored.link.set_kind(static_cast<v1::RecordLinkKind>(row.Int64(2)));
  stored.link.set_to_record_id(row.ReadUuid(3).ToString());
  stored.link.set_reason(row.Text(4));
  stored.link.set_actor(row.Text(5));
  *stored.link.mutable_linked_at() = TimestampMessage(row.Time(6));
  return stored;
}

}  // namespace

absl::StatusOr<std::map<Uuid, int32_t>> LockRecords(db::Transaction& transaction,
                                                    std::vector<Uuid> record_ids) {
  std::sort(record_ids.begin(), record_ids.end());
  std::map<Uuid, int32_t> partitions;
  std::vector<db::Values> keys;
  for (const Uuid& id : record_ids) keys.push_back({id});
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      transaction.connection(), "SELECT record_id, partition_number FROM records WHERE record_id IN", 1, keys,
      [&](db::Row& row) {
        partitions[row.ReadUuid(0)] = static_cast<int32_t>(row.Int64(1));
        return absl::OkStatus();
      },
      " ORDER BY record_id FOR UPDATE"));
  return partitions;
}

absl::StatusOr<std::vector<StoredLink>> ReadLinks(db::Connection& connection, const Uuid& record_id,
                                                  int limit) {
  std::vector<StoredLink> links;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      absl::StrCat("SELECT ", kLinkColumns,
                   " FROM record_links WHERE from_record_id = ? AND removed_at IS NULL UNION ", "SELECT ",
                   kLinkColumns, " FROM record_links WHERE to_record_id = ? AND removed_at IS NULL ORDER BY ",
                   "link_id LIMIT ?"),
      {record_id, record_id, limit}, [&](db::Row& row) {
        links.push_back(ToLink(row));
        return absl::OkStatus();
      }));
  return links;
}

absl::StatusOr<std::vector<Uuid>> ReadTargets(db::Transaction& transaction, v1::RecordLinkKind kind,
                                              const std::vector<Uuid>& from) {
  std::vector<Uuid> targets;
  std::vector<db::Values> keys;
  for (const Uuid& id : from) keys.push_back({id});
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      transaction.connection(),
      "SELECT kind, to_record_id FROM record_links WHERE removed_at IS NULL AND from_record_id IN", 1, keys,
      [&](db::Row& row) {
        if (row.Int64(0) == kind) targets.push_back(row.ReadUuid(1));
        return absl::OkStatus();
      }));
  return targets;
}

absl::Status InsertLink(db::Transaction& transaction, const StoredLink& stored) {
  const v1::RecordLink& link = stored.link;
  return transaction
      .Execute(
          "INSERT INTO record_links (from_record_id, link_id, kind, to_record_id, reason, actor, linked_at, "
          "removed_at, removed_by, removal_reason) VALUES (?, ?, ?, ?, ?, ?, ?, NULL, '', '')",
          {IdFrom(link.from_record_id()), stored.link_id, static_cast<int>(link.kind()),
           IdFrom(link.to_record_id()), link.reason(), link.actor(), TimeFrom(link.linked_at())})
      .status();
}

absl::Status RemoveLink(db::Transaction& transaction, const StoredLink& stored, absl::Time removed_at,
                        const std::string& actor, const std::string& reason) {
  return transaction
      .Execute(
          "UPDATE record_links SET removed_at = ?, removed_by = ?, removal_reason = ? WHERE from_record_id = "
          "? AND "
          "link_id = ?",
          {removed_at, actor, reason, IdFrom(stored.link.from_record_id()), stored.link_id})
      .status();
}

}  // namespace zhuqi::intake
