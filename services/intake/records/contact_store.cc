#include "services/intake/records/contact_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/db/multi_row.h"
#include "common/rpc/errors.h"

namespace zhuqi::intake {

std::string ContactPlace(const Uuid& record_id) {
  return absl::StrCat("record-contact:", record_id.ToString());
}

absl::StatusOr<absl::flat_hash_map<Uuid, encryption::Sealed>> ReadSealedContacts(
    db::Connection& connection, const std::vector<Uuid>& record_ids) {
  std::vector<db::Values> keys;
  keys.reserve(record_ids.size());
  for (const Uuid& id : record_ids) keys.push_back({id});
  absl::flat_hash_map<Uuid, encryption::Sealed> contacts;
  ZHUQI_RETURN_IF_ERROR(
      db::SelectByKeys(connection, "SELECT record_id, key_id, sealed FROM record_contacts WHERE record_id IN",
                       1, keys, [&](db::Row& row) {
                         contacts[row.ReadUuid(0)] = {row.Text(1), row.Text(2)};
                         return absl::OkStatus();
                       }));
  return contacts;
}

absl::Status WriteContacts(db::Transaction& transaction,
                           const std::map<Uuid, std::optional<encryption::Sealed>>& contacts) {
  db::MultiRowInsert insert("record_contacts", {"record_id", "key_id", "sealed"},
                            "ON DUPLICATE KEY UPDATE key_id = VALUES(key_id), sealed = VALUES(sealed)");
  for (const auto& [record_id, sealed] : contacts) {
    if (sealed.has_value()) {
      insert.Add({record_id, sealed->key_id, sealed->bytes});
      continue;
    }
    ZHUQI_RETURN_IF_ERROR(
        transaction.Execute("DELETE FROM record_contacts WHERE record_id = ?", {record_id}).status());
  }
  return insert.Run(transaction.connection()).status();
}

absl::StatusOr<std::optional<v1::Contact>> ReadContact(db::Connection& connection, const Uuid& record_id,
                                                       const encryption::KeyRing* keys) {
  ZHUQI_ASSIGN_OR_RETURN(const auto contacts, ReadSealedContacts(connection, {record_id}));
  const auto found = contacts.find(record_id);
  if (found == contacts.end()) return std::optional<v1::Contact>();
  const encryption::Sealed& sealed = found->second;
  if (keys == nullptr || !keys->Knows(sealed.key_id)) {
    return rpc::Error(
        absl::StatusCode::kFailedPrecondition, "CONTACT_KEY_MISSING",
        absl::StrCat("the key \"", sealed.key_id, "\" of this contact is not configured (contact_keys)"),
        absl::StrCat("未配置该联系人的加密密钥“", sealed.key_id, "”（contact_keys）"));
  }
  ZHUQI_ASSIGN_OR_RETURN(const std::string opened, keys->Open(sealed, ContactPlace(record_id)));
  v1::Contact contact;
  if (!contact.ParseFromString(opened)) return absl::DataLossError("a stored contact can not be read");
  return std::optional<v1::Contact>(std::move(contact));
}

absl::StatusOr<std::vector<std::string>> ReadContactKeyIds(db::Connection& connection) {
  std::vector<std::string> ids;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query("SELECT DISTINCT key_id FROM record_contacts ORDER BY key_id", {}, [&](db::Row& row) {
        ids.push_back(row.Text(0));
        return absl::OkStatus();
      }));
  return ids;
}

absl::StatusOr<std::vector<ContactRow>> LockContacts(db::Transaction& transaction, const std::string& key_id,
                                                     const Uuid& after, int limit) {
  std::vector<ContactRow> rows;
  // The records' rows are locked too: whoever revises one of them waits, and then sees the new digest.
  ZHUQI_RETURN_IF_ERROR(transaction.Query(
      "SELECT c.record_id, c.key_id, c.sealed, r.body FROM record_contacts c JOIN records r ON r.record_id = "
      "c.record_id WHERE c.key_id = ? AND c.record_id > ? ORDER BY c.record_id LIMIT ? FOR UPDATE",
      {key_id, after, limit}, [&](db::Row& row) {
        rows.push_back({row.ReadUuid(0), {row.Text(1), row.Text(2)}, row.Text(3)});
        return absl::OkStatus();
      }));
  return rows;
}

absl::Status ReplaceContact(db::Transaction& transaction, const Uuid& record_id,
                            const encryption::Sealed& sealed, const std::string& digest) {
  ZHUQI_RETURN_IF_ERROR(transaction
                            .Execute("UPDATE record_contacts SET key_id = ?, sealed = ? WHERE record_id = ?",
                                     {sealed.key_id, sealed.bytes, record_id})
                            .status());
  return transaction.Execute("UPDATE records SET digest = ? WHERE record_id = ?", {digest, record_id})
      .status();
}

}  // namespace zhuqi::intake
