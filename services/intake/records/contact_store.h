// All SQL of contacts: sealed for their record, and of newest revisions alone.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_CONTACT_STORE_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_CONTACT_STORE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/db/transaction.h"
#include "common/encryption/key_ring.h"
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::intake {

// What a contact is sealed for.
std::string ContactPlace(const Uuid& record_id);

absl::StatusOr<absl::flat_hash_map<Uuid, encryption::Sealed>> ReadSealedContacts(
    db::Connection& connection, const std::vector<Uuid>& record_ids);

// Stores contacts in place of what was there; absent: there is none any more.
absl::Status WriteContacts(db::Transaction& transaction,
                           const std::map<Uuid, std::optional<encryption::Sealed>>& contacts);

// The contact of a record in clear text; absent when it has none. FAILED_PRECONDITION CONTACT_KEY_MISSING
// when its key is not there. `keys` may be null.
absl::StatusOr<std::optional<v1::Contact>> ReadContact(db::Connection& connection, const Uuid& record_id,
                                                       const encryption::KeyRing* keys);

// The identifiers of the keys that contacts are sealed by.
absl::StatusOr<std::vector<std::string>> ReadContactKeyIds(db::Connection& connection);

// A contact and the record that it belongs to, as far as its digest needs them.
struct ContactRow {
  Uuid record_id;
  encryption::Sealed sealed;
  std::string body;
};
// Locks and gives up to `limit` contacts of the key after `after`, by identity of the record.
absl::StatusOr<std::vector<ContactRow>> LockContacts(db::Transaction& transaction, const std::string& key_id,
                                                     const Uuid& after, int limit);
// Stores the same contact sealed anew, and the record's digest with it.
absl::Status ReplaceContact(db::Transaction& transaction, const Uuid& record_id,
                            const encryption::Sealed& sealed, const std::string& digest);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_CONTACT_STORE_H_
