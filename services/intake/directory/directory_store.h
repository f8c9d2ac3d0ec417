// The directory in the database: it has no tables of its own, it is what its log (partition 0 of the feed)
// adds up to.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_STORE_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_STORE_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/transaction.h"
#include "common/directory/directory.h"
#include "services/intake/directory/directory_rules.h"
#include "services/intake/directory/reorganization_rules.h"

namespace zhuqi::intake {

// `from` and all that was committed after it. DataLoss when the log has a gap or is damaged,
// FailedPrecondition when it ends before `from` (the database was restored: this process must start anew).
absl::StatusOr<std::shared_ptr<const Directory>> CatchUp(db::Connection& connection,
                                                         std::shared_ptr<const Directory> from);

// The whole log.
absl::StatusOr<std::shared_ptr<const Directory>> LoadDirectory(db::Connection& connection);

// Brings `holder` up to what any replica has committed.
absl::Status RefreshDirectory(db::Connection& connection, DirectoryHolder& holder);

struct DirectoryWrite {
  directory::v1::ApplyDirectoryResponse response;
  // As the transaction leaves it, once that is committed.
  std::shared_ptr<const Directory> directory;
};

// Applies `request` on top of `known` and what was committed after it. Replicas that apply at once take
// turns: the log's end is locked first. The first answer to a repeated request stands. InvalidArgument lists
// what is wrong.
absl::StatusOr<DirectoryWrite> WriteDirectory(db::Transaction& transaction,
                                              std::shared_ptr<const Directory> known,
                                              const directory::v1::ApplyDirectoryRequest& request,
                                              const Uuid& request_id, absl::Time now);

struct ReorganizationWrite {
  directory::v1::ReorganizeOrgUnitsResponse response;
  std::shared_ptr<const Directory> directory;
};

// The same for a reorganization. FailedPrecondition UNIT_CLOSED for a unit that had ended.
absl::StatusOr<ReorganizationWrite> WriteReorganization(
    db::Transaction& transaction, std::shared_ptr<const Directory> known,
    const directory::v1::ReorganizeOrgUnitsRequest& request, const Uuid& request_id,
    const ReorganizationRecord& record);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_STORE_H_
