#include "services/routing/taskforces/task_force_service.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/rpc/errors.h"
#include "common/rpc/uuid_field.h"
#include "services/routing/special/special_store.h"
#include "services/routing/taskforces/task_force_check.h"
#include "services/routing/taskforces/task_force_list.h"
#include "services/routing/taskforces/task_force_rules.h"
#include "services/routing/taskforces/task_force_store.h"
#include "services/routing/taskforces/task_force_table.h"

namespace zhuqi::routing {
namespace {

constexpr int kMostForceEntries = 200;
constexpr size_t kMostForceHistoryBytes = size_t{1} << 20;
constexpr int kMostCasesShown = 50;

// The command that `request` asks for. `check` adds what is wrong with it and brings it to its stored form.
template <typename Request, typename Check>
absl::StatusOr<TaskForceCommand<Request>> ReadForceCommand(Request request, const std::string& actor,
                                                           Check check) {
  rpc::Violations violations;
  TaskForceCommand<Request> command;
  Request content = request;
  content.clear_request_id();
  content.clear_at_least_token();
  command.digest = Sha256(absl::StrCat(Request::descriptor()->name(), content.SerializeAsString()));
  command.request_id = rpc::ReadUuid(request.request_id(), "request_id", violations).value_or(Uuid());
  check(request, violations);
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  command.request = std::move(request);
  command.actor = actor;
  return command;
}

db::TransactionOptions RunForceAgain() {
  db::TransactionOptions options;
  options.body_is_idempotent = true;
  return options;
}

absl::StatusOr<TaskForceKey> ReadForceKey(const v1::GetTaskForceRequest& request) {
  if (request.has_name()) return TaskForceKey{std::nullopt, request.name()};
  rpc::Violations violations;
  std::optional<Uuid> id;
  if (request.by_case() == v1::GetTaskForceRequest::BY_NOT_SET) {
    violations.Add("task_force_id", "TASK_FORCE_REQUIRED", "name the task force", "必须指定助企专班");
  } else {
    id = rpc::ReadUuid(request.task_force_id(), "task_force_id", violations);
  }
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return TaskForceKey{id, ""};
}

absl::StatusOr<v1::GetTaskForceResponse> ReadWholeTaskForce(db::Connection& connection,
                                                            const TaskForceKey& key,
                                                            const Directory& directory, absl::Time now) {
  ZHUQI_ASSIGN_OR_RETURN(const std::optional<v1::TaskForce> found, ReadTaskForce(connection, key));
  if (!found.has_value()) return UnknownTaskForce();
  const Uuid id = Uuid::Parse(found->task_force_id()).value_or(Uuid());
  v1::GetTaskForceResponse response;
  ZHUQI_ASSIGN_OR_RETURN(*response.mutable_task_force(), ShowTaskForce(connection, *found, directory, now));
  ZHUQI_ASSIGN_OR_RETURN(std::vector<v1::TaskForceCase> cases,
                         ReadTaskForceCases(connection, id, kMostCasesShown));
  for (v1::TaskForceCase& each : cases) *response.add_cases() = std::move(each);
  // One more says whether the history began earlier.
  ZHUQI_ASSIGN_OR_RETURN(std::vector<v1::TaskForceEvent> history,
                         ReadTaskForceHistory(connection, id, kMostForceEntries + 1));
  size_t first = history.size();
  size_t bytes = 0;
  while (first > 0 && history.size() - first < static_cast<size_t>(kMostForceEntries)) {
    bytes += history[first - 1].ByteSizeLong();
    if (bytes > kMostForceHistoryBytes) break;
    --first;
  }
  response.set_history_cut(first > 0);
  for (size_t i = first; i < history.size(); ++i) *response.add_history() = std::move(history[i]);
  return response;
}

}  // namespace

void TaskForceServer::CountChange(const std::string& action) {
  parts_.metrics
      ->Counter("zhuqi_routing_task_force_actions_total", "Actions on task forces.", {{"action", action}})
      .Increment();
}

absl::Status TaskForceServer::FollowCalendar(db::Connection& connection, const Directory& directory) {
  // What is due is written with the calendar in force and keeps that from changing until it is written: once
  // the directory with a newer one is seen here, nothing more of an older one comes.
  const int64_t version = directory.calendar_version();
  if (retimed_for_.load() >= version) return absl::OkStatus();
  for (const DueTable& table : {kChecklistItems, kSpecialItems}) {
    ZHUQI_RETURN_IF_ERROR(RetimeDueDays(connection, table, directory.calendar()));
  }
  int64_t known = retimed_for_.load();
  while (known < version && !retimed_for_.compare_exchange_weak(known, version)) {
  }
  return absl::OkStatus();
}

Task<absl::StatusOr<v1::SetUpTaskForceResponse>> TaskForceServer::SetUp(
    rpc::CallContext& call, const v1::SetUpTaskForceRequest& request) {
  using Outcome = db::ChangeOutcome<v1::SetUpTaskForceResponse>;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::Time now = parts_.clock->Now();
  absl::StatusOr<SetUpCommand> command = ReadForceCommand(
      request, call.principal.id, [&](v1::SetUpTaskForceRequest& sent, rpc::Violations& violations) {
        CheckSetUp(sent, *directory, now, violations);
      });
  if (!command.ok()) co_return command.status();
  const TaskForceSurroundings given{parts_.directory, now};
  auto run = parts_.sql->RunInTransaction<Outcome>(
      call.deadline, RunForceAgain(),
      [&command, given](db::Transaction& transaction) { return WriteSetUp(transaction, *command, given); });
  absl::StatusOr<Outcome> outcome = co_await run;
  if (!outcome.ok()) co_return outcome.status();
  if (outcome->refusal.ok()) CountChange("set_up");
  co_return std::move(*outcome).ToStatusOr();
}

Task<absl::StatusOr<v1::ActOnTaskForceResponse>> TaskForceServer::Act(
    rpc::CallContext& call, const v1::ActOnTaskForceRequest& request) {
  using Outcome = db::ChangeOutcome<v1::ActOnTaskForceResponse>;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::Time now = parts_.clock->Now();
  absl::StatusOr<TaskForceActionCommand> command = ReadForceCommand(
      request, call.principal.id, [&](v1::ActOnTaskForceRequest& sent, rpc::Violations& violations) {
        CheckTaskForceRequest(sent, *directory, now, violations);
      });
  if (!command.ok()) co_return command.status();
  const std::string name = TaskForceActionName(command->request.action().action_case());
  const TaskForceSurroundings given{parts_.directory, now};
  auto run = parts_.sql->RunInTransaction<Outcome>(
      call.deadline, RunForceAgain(), [&command, given](db::Transaction& transaction) {
        return WriteTaskForceAction(transaction, *command, given);
      });
  absl::StatusOr<Outcome> outcome = co_await run;
  if (!outcome.ok()) co_return outcome.status();
  if (outcome->refusal.ok()) CountChange(name);
  co_return std::move(*outcome).ToStatusOr();
}

Task<absl::StatusOr<v1::GetTaskForceResponse>> TaskForceServer::Get(rpc::CallContext& call,
                                                                    const v1::GetTaskForceRequest& request) {
  const absl::StatusOr<TaskForceKey> key = ReadForceKey(request);
  if (!key.ok()) co_return key.status();
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::Time now = parts_.clock->Now();
  // What it is, its cases, visits and history are of one moment.
  db::TransactionOptions options;
  options.consistent_snapshot = true;
  auto read = parts_.sql->RunInTransaction<v1::GetTaskForceResponse>(
      call.deadline, options, [&key, &directory, now](db::Transaction& transaction) {
        return ReadWholeTaskForce(transaction.connection(), *key, *directory, now);
      });
  absl::StatusOr<v1::GetTaskForceResponse> response = co_await read;
  co_return response;
}

Task<absl::StatusOr<v1::ListTaskForcesResponse>> TaskForceServer::List(
    rpc::CallContext& call, const v1::ListTaskForcesRequest& request) {
  using Found = std::vector<v1::TaskForceSummary>;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::StatusOr<TaskForceList> list = ReadTaskForceList(request, *directory);
  if (!list.ok()) co_return list.status();
  const absl::CivilDay today = CityDay(parts_.clock->Now());
  auto read = parts_.sql->Run<Found>(
      call.deadline, [this, &list, &directory, today](db::Connection& connection) -> absl::StatusOr<Found> {
        ZHUQI_RETURN_IF_ERROR(FollowCalendar(connection, *directory));
        // One more than the page holds says whether another follows.
        return SelectTaskForces(connection, list->filter, list->after, today, list->page_size + 1);
      });
  absl::StatusOr<Found> found = co_await read;
  if (!found.ok()) co_return found.status();
  co_return ShowTaskForces(*list, *std::move(found));
}

Task<absl::StatusOr<v1::ListSpecialItemsResponse>> TaskForceServer::ListSpecial(
    rpc::CallContext& call, const v1::ListSpecialItemsRequest& request) {
  using Found = std::vector<ListedSpecial>;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::StatusOr<SpecialList> list = ReadSpecialList(request, *directory);
  if (!list.ok()) co_return list.status();
  const absl::CivilDay today = CityDay(parts_.clock->Now());
  auto read = parts_.sql->Run<Found>(
      call.deadline, [this, &list, &directory, today](db::Connection& connection) -> absl::StatusOr<Found> {
        ZHUQI_RETURN_IF_ERROR(FollowCalendar(connection, *directory));
        return SelectSpecialItems(connection, list->filter, list->after, today, list->page_size + 1);
      });
  absl::StatusOr<Found> found = co_await read;
  if (!found.ok()) co_return found.status();
  co_return ShowSpecialItems(*list, *std::move(found), *directory, today);
}

}  // namespace zhuqi::routing
