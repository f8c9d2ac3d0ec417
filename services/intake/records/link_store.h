// All SQL of links between records.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_LINK_STORE_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_LINK_STORE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/db/transaction.h"
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::intake {

// A link that stands.
struct StoredLink {
  Uuid link_id;
  v1::RecordLink link;
};

// Locks those of the records that there are, and gives the partition of each. Whoever makes a link holds the
// record that it is from, so what is read under the lock stays true.
absl::StatusOr<std::map<Uuid, int32_t>> LockRecords(db::Transaction& transaction,
                                                    std::vector<Uuid> record_ids);

// The links from and to a record, oldest first, at most `limit`.
absl::StatusOr<std::vector<StoredLink>> ReadLinks(db::Connection& connection, const Uuid& record_id,
                                                  int limit);

// Where links of this kind lead from these records.
absl::StatusOr<std::vector<Uuid>> ReadTargets(db::Transaction& transaction, v1::RecordLinkKind kind,
                                              const std::vector<Uuid>& from);

absl::Status InsertLink(db::Transaction& transaction, const StoredLink& link);
absl::Status RemoveLink(db::Transaction& transaction, const StoredLink& link, absl::Time removed_at,
                        const std::string& actor, const std::string& reason);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_LINK_STORE_H_
