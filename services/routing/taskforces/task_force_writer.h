// Makes task forces durable: idempotency, the task force and its history in one transaction. No other service
// is told anything: no figure depends on a task force.
#ifndef ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_WRITER_H_
#define ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_WRITER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/change_outcome.h"
#include "common/db/transaction.h"
#include "common/directory/directory.h"
#include "services/routing/taskforces/task_force_store.h"
#include "zhuqi/routing/v1/task_force_service.pb.h"

namespace zhuqi::routing {

// NotFound TASK_FORCE_UNKNOWN.
absl::Status UnknownTaskForce();

// Of a request that was checked.
TaskForceKey KeyOfTaskForce(const v1::ActOnTaskForceRequest& request);

// Who asks, and what for; the request was checked.
template <typename Request>
struct TaskForceCommand {
  Uuid request_id;
  std::string digest;  // of the request's content
  Request request;
  std::string actor;
};
using SetUpCommand = TaskForceCommand<v1::SetUpTaskForceRequest>;
using TaskForceActionCommand = TaskForceCommand<v1::ActOnTaskForceRequest>;

struct TaskForceSurroundings {
  DirectoryHolder* directory = nullptr;
  absl::Time now;
};

// Refusals: as TaskForceService says.
absl::StatusOr<db::ChangeOutcome<v1::SetUpTaskForceResponse>> WriteSetUp(db::Transaction& transaction,
                                                                         const SetUpCommand& command,
                                                                         const TaskForceSurroundings& given);
absl::StatusOr<db::ChangeOutcome<v1::ActOnTaskForceResponse>> WriteTaskForceAction(
    db::Transaction& transaction, const TaskForceActionCommand& command, const TaskForceSurroundings& given);

// What a reader is shown, with the counts of its cases.
absl::StatusOr<v1::TaskForce> ShowTaskForce(db::Connection& connection, const v1::TaskForce& body,
                                            const Directory& directory, absl::Time now);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_TASKFORCES_TASK_FORCE_WRITER_H_
