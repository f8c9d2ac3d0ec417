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
#include "common/rpc/uuid_field.h"
#include "services/routing/consultations/consultation_check.h"
#include "services/routing/consultations/consultation_list.h"
#include "services/routing/consultations/consultation_rules.h"
#include "services/routing/consultations/consultation_store.h"

namespace zhuqi::routing {
namespace {

constexpr int kMostEntries = 200;
constexpr size_t kMostHistoryBytes = size_t{1} << 20;

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
  if (const auto id = rpc::ReadUuid(request.request_id(), "request_id", violations)) command.request_id = *id;
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

// What the two lists are made of.
struct ConsultationRows {
  using Request = v1::ListConsultationsRequest;
  using Response = v1::ListConsultationsResponse;
  using List = ConsultationList;
  using Row = v1::ConsultationSummary;

  static absl::StatusOr<List> Read(const Request& request, const Directory& directory) {
    return ReadConsultationList(request, directory);
  }
  static absl::StatusOr<std::vector<Row>> Select(db::Connection& connection, const List& list,
                                                 absl::CivilDay today, int limit) {
    return SelectConsultations(connection, list.filter, list.after, today, limit);
  }
  static std::string NextToken(const List& list, const Row& last) {
    return NextConsultationToken(list, last);
  }
  static void Show(Row row, const Directory& /*directory*/, absl::CivilDay /*today*/, Response& response) {
    *response.add_consultations() = std::move(row);
  }
};

struct TaskRows {
  using Request = v1::ListConsultationTasksRequest;
  using Response = v1::ListConsultationTasksResponse;
  using List = TaskList;
  using Row = v1::ConsultationTaskRow;

  static absl::StatusOr<List> Read(const Request& request, const Directory& directory) {
    return ReadTaskList(request, directory);
  }
  static absl::StatusOr<std::vector<Row>> Select(db::Connection& connection, const List& list,
                                                 absl::CivilDay today, int limit) {
    return SelectTasks(connection, list.filter, list.after, today, limit);
  }
  static std::string NextToken(const List& list, const Row& last) { return NextTaskToken(list, last); }
  static void Show(Row row, const Directory& directory, absl::CivilDay today, Response& response) {
    PresentTask(*row.mutable_task(), directory.calendar(), today);
    *response.add_tasks() = std::move(row);
  }
};

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
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::Time now = parts_.clock->Now();
  absl::StatusOr<ConsultationActionCommand> command = ReadConsultationCommand(
      request, call.principal.id, [&](v1::ActOnConsultationRequest& sent, rpc::Violations& violations) {
        rpc::ReadUuid(sent.consultation_id(), "consultation_id", violations);
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
  rpc::Violations violations;
  const std::optional<Uuid> id = rpc::ReadUuid(request.consultation_id(), "consultation_id", violations);
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

template <typename Rows>
Task<absl::StatusOr<typename Rows::Response>> ConsultationServer::ListRows(
    rpc::CallContext& call, const typename Rows::Request& request) {
  using Found = std::vector<typename Rows::Row>;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::StatusOr<typename Rows::List> list = Rows::Read(request, *directory);
  if (!list.ok()) co_return list.status();
  const absl::CivilDay today = CityDay(parts_.clock->Now());
  auto read = parts_.sql->Run<Found>(
      call.deadline, [this, &list, &directory, today](db::Connection& connection) -> absl::StatusOr<Found> {
        ZHUQI_RETURN_IF_ERROR(FollowCalendar(connection, *directory));
        // One more than the page holds says whether another follows.
        return Rows::Select(connection, *list, today, list->page_size + 1);
      });
  absl::StatusOr<Found> found = co_await read;
  if (!found.ok()) co_return found.status();
  typename Rows::Response response;
  if (CutToPage(*found, list->page_size)) response.set_next_page_token(Rows::NextToken(*list, found->back()));
  for (auto& row : *found) Rows::Show(std::move(row), *directory, today, response);
  co_return response;
}

Task<absl::StatusOr<v1::ListConsultationsResponse>> ConsultationServer::List(
    rpc::CallContext& call, const v1::ListConsultationsRequest& request) {
  return ListRows<ConsultationRows>(call, request);
}

Task<absl::StatusOr<v1::ListConsultationTasksResponse>> ConsultationServer::ListTasks(
    rpc::CallContext& call, const v1::ListConsultationTasksRequest& request) {
  return ListRows<TaskRows>(call, request);
}

}  // namespace zhuqi::routing
