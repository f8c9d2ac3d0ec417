#include "services/routing/consultations/consultation_service.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/page_token.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/rpc/errors.h"
#include "services/routing/consultations/consultation_check.h"
#include "services/routing/consultations/consultation_list.h"
#include "services/routing/consultations/consultation_rules.h"
#include "services/routing/consultations/consultation_store.h"

namespace zhuqi::routing {
namespace {

constexpr int kMostEntries = 200;
constexpr size_t kMostHistoryBytes = size_t{1} << 20;

std::optional<Uuid> RequiredUuid(const std::string& text, const char* field, rpc::Violations& violations) {
  const std::optional<Uuid> parsed = Uuid::Parse(text);
  if (!parsed.has_value()) {
    violations.Add(field, "UUID_INVALID", "a UUID of 36 characters is required", "须为 36 个字符的 UUID");
  }
  return parsed;
}

// The command that `request` asks for. `check` adds what is wrong with it and brings it to its stored form.
template <typename Request, typename Check>
absl::StatusOr<ConsultationCommand<Request>> ReadConsultationCommand(Request request,
                                                                     const std::string& actor, Check check) {
  rpc::Violations violations;
  ConsultationCommand<Request> command;
  Request content = request;
  content.clear_request_id();
  content.clear_at_least_token();
  command.digest = Sha256(absl::StrCat(Request::descriptor()->name(), content.SerializeAsString()));
  if (const auto id = RequiredUuid(request.request_id(), "request_id", violations)) command.request_id = *id;
  check(request, violations);
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  command.request = std::move(request);
  command.actor = actor;
  return command;
}

db::TransactionOptions RunAgain() {
  db::TransactionOptions options;
  options.body_is_idempotent = true;
  return options;
}

absl::StatusOr<v1::GetConsultationResponse> ReadWholeConsultation(db::Connection& connection,
                                                                  const Uuid& id) {
  ZHUQI_ASSIGN_OR_RETURN(std::optional<v1::Consultation> found, ReadConsultation(connection, id));
  if (!found.has_value()) return UnknownConsultation();
  // One more says whether the history began earlier.
  ZHUQI_ASSIGN_OR_RETURN(std::vector<v1::ConsultationEvent> history,
                         ReadConsultationHistory(connection, id, kMostEntries + 1));
  size_t first = history.size();
  size_t bytes = 0;
  while (first > 0 && history.size() - first < static_cast<size_t>(kMostEntries)) {
    bytes += history[first - 1].ByteSizeLong();
    if (bytes > kMostHistoryBytes) break;
    --first;
  }
  v1::GetConsultationResponse response;
  *response.mutable_consultation() = *std::move(found);
  response.set_history_cut(first > 0);
  for (size_t i = first; i < history.size(); ++i) *response.add_history() = std::move(history[i]);
  return response;
}

v1::ListConsultationsResponse ShowConsultations(const ConsultationList& list,
                                                std::vector<v1::ConsultationSummary> found) {
  v1::ListConsultationsResponse response;
  const bool more = found.size() > static_cast<size_t>(list.page_size);
  if (more) found.pop_back();
  if (more) response.set_next_page_token(NextConsultationToken(list, found.back()));
  for (v1::ConsultationSummary& summary : found) *response.add_consultations() = std::move(summary);
  return response;
}

v1::ListConsultationTasksResponse ShowTasks(const TaskList& list, std::vector<v1::ConsultationTaskRow> found,
                                            const Directory& directory, absl::CivilDay today) {
  v1::ListConsultationTasksResponse response;
  size_t bytes = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    bytes += found[i].ByteSizeLong();
    if (response.tasks_size() == list.page_size || (bytes > kMaxPageBytes && i > 0)) {
      response.set_next_page_token(NextTaskToken(list, found[i - 1]));
      break;
    }
    v1::ConsultationTaskRow& shown = *response.add_tasks();
    shown = found[i];
    PresentTask(*shown.mutable_task(), directory.calendar(), today);
  }
  return response;
}

}  // namespace

void ConsultationServer::CountChange(const std::string& action) {
  parts_.metrics
      ->Counter("zhuqi_routing_consultation_actions_total", "Actions on consultations.", {{"action", action}})
      .Increment();
}

absl::Status ConsultationServer::FollowCalendar(db::Connection& connection, const Directory& directory) {
  // A task is written with the calendar in force and keeps that from changing until it is written: once the
  // directory with a newer one is seen here, no more tasks of an older one come.
  const int64_t version = directory.calendar_version();
  if (retimed_for_.load() >= version) return absl::OkStatus();
  ZHUQI_RETURN_IF_ERROR(RetimeTasks(connection, directory.calendar()));
  int64_t known = retimed_for_.load();
  while (known < version && !retimed_for_.compare_exchange_weak(known, version)) {
  }
  return absl::OkStatus();
}

Task<absl::StatusOr<v1::ConveneConsultationResponse>> ConsultationServer::Convene(
    rpc::CallContext& call, const v1::ConveneConsultationRequest& request) {
  using Outcome = db::ChangeOutcome<v1::ConveneConsultationResponse>;
  auto wait = parts_.positions->WaitFor(request.at_least_token(), call.deadline, call.cancellation);
  const absl::Status reached = co_await wait;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::Time now = parts_.clock->Now();
  absl::StatusOr<ConveneCommand> command = ReadConsultationCommand(
      request, call.principal.id, [&](v1::ConveneConsultationRequest& sent, rpc::Violations& violations) {
        CheckConvening(sent, *directory, now, violations);
      });
  if (!command.ok()) co_return command.status();
  const ConsultationSurroundings given{parts_.directory, parts_.catalogue, now, parts_.outbox};
  auto run = parts_.sql->RunInTransaction<Outcome>(call.deadline, RunAgain(),
                                                   [&command, given](db::Transaction& transaction) {
                                                     return WriteConvening(transaction, *command, given);
                                                   });
  absl::StatusOr<Outcome> outcome = co_await run;
  if (!outcome.ok()) co_return outcome.status();
  if (outcome->refusal.ok()) {
    parts_.tail->NotifyCommitted();
    CountChange("convene");
  }
  co_return std::move(*outcome).ToStatusOr();
}

Task<absl::StatusOr<v1::ActOnConsultationResponse>> ConsultationServer::Act(
    rpc::CallContext& call, const v1::ActOnConsultationRequest& request) {
  using Outcome = db::ChangeOutcome<v1::ActOnConsultationResponse>;
  auto wait = parts_.positions->WaitFor(request.at_least_token(), call.deadline, call.cancellation);
  const absl::Status reached = co_await wait;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::Time now = parts_.clock->Now();
  absl::StatusOr<ConsultationActionCommand> command = ReadConsultationCommand(
      request, call.principal.id, [&](v1::ActOnConsultationRequest& sent, rpc::Violations& violations) {
        RequiredUuid(sent.consultation_id(), "consultation_id", violations);
        CheckConsultationAction(*sent.mutable_action(), *directory, now, violations);
      });
  if (!command.ok()) co_return command.status();
  const auto& action = command->request.action();
  const std::string name =
      v1::ConsultationAction::descriptor()->FindFieldByNumber(action.action_case())->name();
  const ConsultationSurroundings given{parts_.directory, parts_.catalogue, now, parts_.outbox};
  auto run = parts_.sql->RunInTransaction<Outcome>(
      call.deadline, RunAgain(), [&command, given](db::Transaction& transaction) {
        return WriteConsultationAction(transaction, *command, given);
      });
  absl::StatusOr<Outcome> outcome = co_await run;
  if (!outcome.ok()) co_return outcome.status();
  if (outcome->refusal.ok()) CountChange(name);
  co_return std::move(*outcome).ToStatusOr();
}

Task<absl::StatusOr<v1::GetConsultationResponse>> ConsultationServer::Get(
    rpc::CallContext& call, const v1::GetConsultationRequest& request) {
  auto wait = parts_.positions->WaitFor(request.at_least_token(), call.deadline, call.cancellation);
  const absl::Status reached = co_await wait;
  if (!reached.ok()) co_return reached;
  rpc::Violations violations;
  const std::optional<Uuid> id = RequiredUuid(request.consultation_id(), "consultation_id", violations);
  if (!id.has_value()) co_return violations.ToStatus();
  // What is decided and its history are of one moment.
  db::TransactionOptions options;
  options.consistent_snapshot = true;
  auto read = parts_.sql->RunInTransaction<v1::GetConsultationResponse>(
      call.deadline, options,
      [id](db::Transaction& transaction) { return ReadWholeConsultation(transaction.connection(), *id); });
  absl::StatusOr<v1::GetConsultationResponse> response = co_await read;
  if (!response.ok()) co_return response.status();
  v1::Consultation shown =
      PresentConsultation(response->consultation(), *parts_.directory->Get(), CityDay(parts_.clock->Now()));
  *response->mutable_consultation() = std::move(shown);
  co_return response;
}

Task<absl::StatusOr<v1::ListConsultationsResponse>> ConsultationServer::List(
    rpc::CallContext& call, const v1::ListConsultationsRequest& request) {
  using Found = std::vector<v1::ConsultationSummary>;
  auto wait = parts_.positions->WaitFor(request.at_least_token(), call.deadline, call.cancellation);
  const absl::Status reached = co_await wait;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::StatusOr<ConsultationList> list = ReadConsultationList(request, *directory);
  if (!list.ok()) co_return list.status();
  const absl::CivilDay today = CityDay(parts_.clock->Now());
  auto read = parts_.sql->Run<Found>(
      call.deadline, [this, &list, &directory, today](db::Connection& connection) -> absl::StatusOr<Found> {
        ZHUQI_RETURN_IF_ERROR(FollowCalendar(connection, *directory));
        // One more than the page holds says whether another follows.
        return SelectConsultations(connection, list->filter, list->after, today, list->page_size + 1);
      });
  absl::StatusOr<Found> found = co_await read;
  if (!found.ok()) co_return found.status();
  co_return ShowConsultations(*list, *std::move(found));
}

Task<absl::StatusOr<v1::ListConsultationTasksResponse>> ConsultationServer::ListTasks(
    rpc::CallContext& call, const v1::ListConsultationTasksRequest& request) {
  using Found = std::vector<v1::ConsultationTaskRow>;
  auto wait = parts_.positions->WaitFor(request.at_least_token(), call.deadline, call.cancellation);
  const absl::Status reached = co_await wait;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::StatusOr<TaskList> list = ReadTaskList(request, *directory);
  if (!list.ok()) co_return list.status();
  const absl::CivilDay today = CityDay(parts_.clock->Now());
  auto read = parts_.sql->Run<Found>(
      call.deadline, [this, &list, &directory, today](db::Connection& connection) -> absl::StatusOr<Found> {
        ZHUQI_RETURN_IF_ERROR(FollowCalendar(connection, *directory));
        return SelectTasks(connection, list->filter, list->after, today, list->page_size + 1);
      });
  absl::StatusOr<Found> found = co_await read;
  if (!found.ok()) co_return found.status();
  co_return ShowTasks(*list, *std::move(found), *directory, today);
}

}  // namespace zhuqi::routing
