#include "services/routing/cases/case_writer.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"
#include "common/base/status_macros.h"
#include "common/feed/first_answers.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "services/routing/cases/assistant_store.h"
#include "services/routing/families/family_store.h"
#include "services/routing/follow/followed_directory.h"
#include "services/routing/taskforces/task_force_store.h"

namespace zhuqi::routing {
namespace {

constexpr char kMethod[] = "CaseService.ActOnCase";

// What the rules are given, the same for the whole batch.
struct Surroundings {
  std::shared_ptr<const Directory> directory;
  std::shared_ptr<const CompiledCatalogue> catalogue;
  absl::Time now;
  TaskForceMap task_forces;
};

// One command that was carried out.
struct Done {
  const CaseCommand* command;
  v1::ActOnCaseResponse response;
  // Of the feed's events that it caused: the first, and the one after the last.
  size_t first_event;
  size_t end_event;
};

// The cases that `commands` name, and their relatives; case_id is filled in where it was to be looked up.
absl::StatusOr<CaseMap> ReadTargets(db::Connection& connection, std::vector<CaseCommand*>& commands) {
  std::vector<IssueKey> keys;
  for (const CaseCommand* command : commands) {
    if (!command->case_id.has_value()) keys.push_back(command->issue_key);
  }
  ZHUQI_ASSIGN_OR_RETURN(const auto found, FindCases(connection, keys));
  std::vector<Uuid> ids;
  for (CaseCommand* command : commands) {
    if (!command->case_id.has_value()) {
      const auto known = found.find(command->issue_key);
      if (known == found.end()) continue;
      command->case_id = known->second;
    }
    ids.push_back(*command->case_id);
  }
  ZHUQI_ASSIGN_OR_RETURN(CaseMap cases, ReadCases(connection, ids));
  ZHUQI_RETURN_IF_ERROR(AddRelatives(connection, cases));
  return cases;
}

// The task forces that `commands` give cases to. None is dissolved before this transaction ends.
absl::StatusOr<TaskForceMap> ReadDesignated(db::Connection& connection,
                                            const std::vector<CaseCommand*>& commands) {
  std::set<std::string> names;
  for (const CaseCommand* command : commands) {
    const std::string& name = command->action.designate().task_force();
    if (!name.empty()) names.insert(name);
  }
  return HoldTaskForces(connection, names);
}

// The identity of the task force that `designate` names; empty when it names none.
absl::StatusOr<std::string> DesignatedTaskForce(const v1::Designate& designate,
                                                const TaskForceMap& task_forces) {
  if (designate.task_force().empty()) return std::string();
  const auto found = task_forces.find(designate.task_force());
  if (found == task_forces.end()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "TASK_FORCE_UNKNOWN",
                      "there is no task force of this name", "助企专班不存在");
  }
  if (found->second.state == v1::TASK_FORCE_STATE_DISSOLVED) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "TASK_FORCE_DISSOLVED",
                      "the task force is dissolved and takes no case", "该助企专班已撤销");
  }
  return found->second.task_force_id.ToString();
}

// What the command makes of its case.
absl::StatusOr<CaseChange> Decide(const CaseCommand& command, const Surroundings& given, CaseBatch& batch) {
  const CaseRecord* record = command.case_id.has_value() ? batch.Find(*command.case_id) : nullptr;
  if (record == nullptr) return UnknownCase();
  if (!command.etag.empty() && command.etag != record->body.etag()) {
    return rpc::Error(absl::StatusCode::kAborted, "ETAG_MISMATCH", "the case has changed since it was read",
                      "工单已被更新，请刷新后重试", {{"etag", record->body.etag()}});
  }
  record = batch.FindForChange(*command.case_id);
  ActionInput input;
  input.action = command.action;
  input.occurred_at = command.occurred_at;
  input.recorded_at = given.now;
  input.actor = command.actor;
  input.comment = command.comment;
  input.acting_department_id = command.acting_department_id;
  ZHUQI_ASSIGN_OR_RETURN(input.task_force_id,
                         DesignatedTaskForce(command.action.designate(), given.task_forces));
  return Act(*record, input, *given.directory, *given.catalogue);
}

Done CarryOut(const CaseCommand& command, CaseChange change, const Surroundings& given, CaseBatch& batch) {
  Done done{&command, {}, 0, 0};
  *done.response.mutable_event() = change.event;
  done.first_event = batch.Take(std::move(change));
  done.end_event = batch.events().size();
  // With what followed from it.
  *done.response.mutable_case_() = Present(*batch.Find(*command.case_id), *given.directory, given.now);
  return done;
}

// Stands for all that the command caused; its duplicates may be of other partitions.
std::string TokenOfAction(const Done& done, const CaseBatch& batch) {
  std::map<int32_t, int64_t> last;
  for (size_t i = done.first_event; i < done.end_event; ++i) {
    const feed::OutgoingEvent& event = batch.events()[i];
    last[event.partition] = std::max(last[event.partition], event.event.sequence());
  }
  std::vector<common::v1::FeedPosition> positions;
  for (const auto& [partition, sequence] : last) {
    positions.push_back(feed::Position("routing", partition, sequence));
  }
  return feed::MakeToken(positions);
}

// One case always has the same writer, so that two actions on it never wait for each other's locks here.
size_t LaneOf(const CaseCommand& command) {
  return command.case_id.has_value() ? absl::HashOf(*command.case_id) : absl::HashOf(command.issue_key);
}

// Outcomes that come from several threads, until all are there.
class Gathering {
 public:
  using Outcomes = std::vector<absl::StatusOr<v1::ActOnCaseResponse>>;
  Gathering(size_t count, std::function<void(Outcomes)> resume)
      : outcomes_(count, absl::UnknownError("not answered")),
        // One more than there are, for Start: it is not over before all have been handed out.
        missing_(count + 1),
        resume_(std::move(resume)) {}

  void Take(size_t index, absl::StatusOr<v1::ActOnCaseResponse> outcome) {
    outcomes_[index] = std::move(outcome);
    CountDown();
  }
  void Start() { CountDown(); }

 private:
  void CountDown() {
    if (missing_.fetch_sub(1) == 1) resume_(std::move(outcomes_));
  }

  Outcomes outcomes_;
  std::atomic<size_t> missing_;
  std::function<void(Outcomes)> resume_;
};

}  // namespace

absl::Status UnknownCase() {
  return rpc::Error(absl::StatusCode::kNotFound, "CASE_UNKNOWN", "there is no such case", "工单不存在");
}

CaseWriter::CaseWriter(CaseWriterOptions options)
    : options_(options),
      writer_(
          options.group_commit,
          [this](db::Transaction& transaction, absl::Span<Writer::Entry* const> entries) {
            return Apply(transaction, entries);
          },
          [this] { options_.tail->NotifyCommitted(); }) {}

Task<absl::StatusOr<v1::ActOnCaseResponse>> CaseWriter::Write(CaseCommand command, absl::Time deadline) {
  const size_t lane = LaneOf(command);
  return writer_.Write(lane, std::move(command), 1, deadline);
}

Task<std::vector<absl::StatusOr<v1::ActOnCaseResponse>>> CaseWriter::WriteAll(
    std::vector<absl::StatusOr<CaseCommand>> commands, absl::Time deadline) {
  using Outcomes = std::vector<absl::StatusOr<v1::ActOnCaseResponse>>;
  AwaitCallback<Outcomes> written([this, &commands, deadline](AwaitCallback<Outcomes>::Resume resume) {
    const auto gathering = std::make_shared<Gathering>(commands.size(), std::move(resume));
    for (size_t i = 0; i < commands.size(); ++i) {
      if (!commands[i].ok()) {
        gathering->Take(i, commands[i].status());
        continue;
      }
      const size_t lane = LaneOf(*commands[i]);
      writer_.Write(lane, *std::move(commands[i]), 1, deadline,
                    [gathering, i](absl::StatusOr<v1::ActOnCaseResponse> outcome) {
                      gathering->Take(i, std::move(outcome));
                    });
    }
    gathering->Start();
  });
  Outcomes outcomes = co_await written;
  co_return outcomes;
}

absl::Status CaseWriter::Apply(db::Transaction& transaction, absl::Span<Writer::Entry* const> entries) {
  std::vector<Uuid> request_ids;
  for (const Writer::Entry* entry : entries) request_ids.push_back(entry->item.request_id);
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers, feed::FirstAnswers::Load(transaction, request_ids));
  std::vector<Writer::Entry*> fresh;
  std::vector<CaseCommand*> commands;
  for (Writer::Entry* entry : entries) {
    if (!answers.IsNew(entry->item.request_id)) continue;
    fresh.push_back(entry);
    commands.push_back(&entry->item);
  }
  ZHUQI_ASSIGN_OR_RETURN(std::shared_ptr<const Directory> directory,
                         DirectoryInForce(transaction.connection(), *options_.directory));
  Surroundings given{std::move(directory), options_.catalogue->GetOrEmpty(), options_.clock->Now(), {}};
  ZHUQI_ASSIGN_OR_RETURN(given.task_forces, ReadDesignated(transaction.connection(), commands));
  ZHUQI_ASSIGN_OR_RETURN(CaseMap known, ReadTargets(transaction.connection(), commands));
  CaseBatch batch(&transaction.connection(), std::move(known), given.directory,
                  {given.catalogue, &given.catalogue->message()}, given.now, options_.outbox);
  std::vector<Done> done;
  for (Writer::Entry* entry : fresh) {
    absl::StatusOr<CaseChange> change = Decide(entry->item, given, batch);
    absl::Status refusal = change.status();
    if (refusal.ok()) {
      ZHUQI_RETURN_IF_ERROR(
          GiveWantedAssistant(transaction.connection(), batch, *given.directory, *change, refusal));
    }
    if (refusal.ok()) {
      done.push_back(CarryOut(entry->item, *std::move(change), given, batch));
    } else {
      entry->outcome = refusal;
    }
  }
  ZHUQI_RETURN_IF_ERROR(batch.Write(transaction));
  for (Done& one : done) {
    one.response.set_consistency_token(TokenOfAction(one, batch));
    answers.Remember(one.command->request_id, kMethod, one.command->digest, one.response.SerializeAsString(),
                     given.now);
  }
  ZHUQI_RETURN_IF_ERROR(answers.Store(transaction));
  for (Writer::Entry* entry : entries) {
    if (entry->outcome.has_value()) continue;
    entry->outcome = answers.Answer<v1::ActOnCaseResponse>(entry->item.request_id, entry->item.digest);
  }
  return absl::OkStatus();
}

}  // namespace zhuqi::routing
