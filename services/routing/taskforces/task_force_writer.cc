#include "services/routing/taskforces/task_force_writer.h"

#include <memory>
#include <optional>
#include <utility>

#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/db/errors.h"
#include "common/feed/first_answers.h"
#include "common/rpc/errors.h"
#include "services/routing/follow/followed_directory.h"
#include "services/routing/taskforces/task_force_rules.h"

namespace zhuqi::routing {
namespace {

using SetUpOutcome = db::ChangeOutcome<v1::SetUpTaskForceResponse>;
using ForceOutcome = db::ChangeOutcome<v1::ActOnTaskForceResponse>;

// All but the idempotency rows. A refusal has written nothing.
absl::StatusOr<SetUpOutcome> CarryOutSetUp(db::Transaction& transaction, const SetUpCommand& command,
                                           const TaskForceSurroundings& given) {
  ZHUQI_ASSIGN_OR_RETURN(const std::shared_ptr<const Directory> directory,
                         DirectoryInForce(transaction.connection(), *given.directory));
  const TaskForceInput input{given.now, command.actor, "", *directory};
  const absl::StatusOr<TaskForceChange> change =
      SetUpTaskForce(command.request, Uuid::NewV7(given.now).ToString(), input);
  if (!change.ok()) return SetUpOutcome::Of(change.status());
  const absl::Status written = WriteTaskForce(transaction, nullptr, *change);
  if (db::DuplicateKey(written)) {
    return SetUpOutcome::Of(rpc::Error(absl::StatusCode::kAlreadyExists, "TASK_FORCE_NAME_TAKEN",
                                       "another task force has or had this name", "已有同名的助企专班"));
  }
  ZHUQI_RETURN_IF_ERROR(written);
  v1::SetUpTaskForceResponse response;
  *response.mutable_task_force() = PresentTaskForce(change->body, *directory, CityDay(given.now));
  // Who reads on with this token sees what this request saw.
  response.set_consistency_token(command.request.at_least_token());
  return SetUpOutcome::Of(std::move(response));
}

// What the rules need to know of other tables.
absl::Status FillInput(db::Connection& connection, const v1::TaskForce& body,
                       const v1::TaskForceAction& action, TaskForceInput& input) {
  if (action.has_link_visit()) {
    ZHUQI_ASSIGN_OR_RETURN(
        input.visit, ReadVisit(connection, Uuid::Parse(action.link_visit().record_id()).value_or(Uuid())));
  }
  if (action.has_dissolve()) {
    // The task force is locked: no case is given to it until this is committed.
    ZHUQI_ASSIGN_OR_RETURN(
        const CaseCounts counts,
        CountTaskForceCases(connection, Uuid::Parse(body.task_force_id()).value_or(Uuid())));
    input.open_cases = counts.open;
  }
  return absl::OkStatus();
}

absl::StatusOr<ForceOutcome> CarryOutForceAction(db::Transaction& transaction,
                                                 const TaskForceActionCommand& command,
                                                 const TaskForceSurroundings& given) {
  const v1::ActOnTaskForceRequest& request = command.request;
  db::Connection& connection = transaction.connection();
  ZHUQI_ASSIGN_OR_RETURN(const std::shared_ptr<const Directory> directory,
                         DirectoryInForce(connection, *given.directory));
  ZHUQI_ASSIGN_OR_RETURN(const std::optional<v1::TaskForce> before,
                         LockTaskForce(transaction, KeyOfTaskForce(request)));
  if (!before.has_value()) return ForceOutcome::Of(UnknownTaskForce());
  if (!request.etag().empty() && request.etag() != before->etag()) {
    return ForceOutcome::Of(rpc::Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                                       "the task force has changed since it was read",
                                       "专班已被更新，请刷新后重试", {{"etag", before->etag()}}));
  }
  TaskForceInput input{given.now, command.actor, request.acting_department_id(), *directory};
  ZHUQI_RETURN_IF_ERROR(FillInput(connection, *before, request.action(), input));
  const absl::StatusOr<TaskForceChange> change = ChangeTaskForce(*before, request.action(), input);
  if (!change.ok()) return ForceOutcome::Of(change.status());
  ZHUQI_RETURN_IF_ERROR(WriteTaskForce(transaction, &*before, *change));
  v1::ActOnTaskForceResponse response;
  ZHUQI_ASSIGN_OR_RETURN(*response.mutable_task_force(),
                         ShowTaskForce(connection, change->body, *directory, given.now));
  *response.mutable_event() = change->event;
  response.set_consistency_token(request.at_least_token());
  return ForceOutcome::Of(std::move(response));
}

// Runs `work` once for each request id, and gives its first answer ever after.
template <typename Response, typename Request, typename Work>
absl::StatusOr<db::ChangeOutcome<Response>> AnswerForceOnce(db::Transaction& transaction,
                                                            absl::string_view method,
                                                            const TaskForceCommand<Request>& command,
                                                            const TaskForceSurroundings& given, Work work) {
  using Outcome = db::ChangeOutcome<Response>;
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers,
                         feed::FirstAnswers::Load(transaction, {&command.request_id, 1}));
  if (answers.IsNew(command.request_id)) {
    ZHUQI_ASSIGN_OR_RETURN(const Outcome outcome, work(transaction, command, given));
    if (!outcome.refusal.ok()) return outcome;
    answers.Remember(command.request_id, method, command.digest, outcome.response.SerializeAsString(),
                     given.now);
    ZHUQI_RETURN_IF_ERROR(answers.Store(transaction));
  }
  return Outcome::Of(answers.Answer<Response>(command.request_id, command.digest));
}

}  // namespace

absl::Status UnknownTaskForce() {
  return rpc::Error(absl::StatusCode::kNotFound, "TASK_FORCE_UNKNOWN", "there is no such task force",
                    "助企专班不存在");
}

TaskForceKey KeyOfTaskForce(const v1::ActOnTaskForceRequest& request) {
  if (request.has_task_force_id()) return {Uuid::Parse(request.task_force_id()).value_or(Uuid()), ""};
  return {std::nullopt, request.name()};
}

absl::StatusOr<v1::TaskForce> ShowTaskForce(db::Connection& connection, const v1::TaskForce& body,
                                            const Directory& directory, absl::Time now) {
  v1::TaskForce shown = PresentTaskForce(body, directory, CityDay(now));
  ZHUQI_ASSIGN_OR_RETURN(const CaseCounts counts,
                         CountTaskForceCases(connection, Uuid::Parse(body.task_force_id()).value_or(Uuid())));
  shown.mutable_progress()->set_case_count(static_cast<int32_t>(counts.all));
  shown.mutable_progress()->set_open_case_count(static_cast<int32_t>(counts.open));
  return shown;
}

absl::StatusOr<SetUpOutcome> WriteSetUp(db::Transaction& transaction, const SetUpCommand& command,
                                        const TaskForceSurroundings& given) {
  return AnswerForceOnce<v1::SetUpTaskForceResponse>(transaction, "TaskForceService.SetUpTaskForce", command,
                                                     given, CarryOutSetUp);
}

absl::StatusOr<ForceOutcome> WriteTaskForceAction(db::Transaction& transaction,
                                                  const TaskForceActionCommand& command,
                                                  const TaskForceSurroundings& given) {
  return AnswerForceOnce<v1::ActOnTaskForceResponse>(transaction, "TaskForceService.ActOnTaskForce", command,
                                                     given, CarryOutForceAction);
}

}  // namespace zhuqi::routing
