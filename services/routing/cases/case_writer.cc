#include "services/routing/cases/case_writer.h"

#include <atomic>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"
#include "common/base/status_macros.h"
#include "common/feed/first_answers.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "services/routing/follow/followed_directory.h"

namespace zhuqi::routing {
namespace {

constexpr char kMethod[] = "CaseService.ActOnCase";

// What the rules are given, the same for the whole batch.
struct Surroundings {
  std::shared_ptr<const Directory> directory;
  std::shared_ptr<const v1::Catalogue> catalogue;
  absl::Time now;
};

// One command that was carried out.
struct Done {
  const CaseCommand* command;
  v1::ActOnCaseResponse response;
  size_t event;
};

// The cases that `commands` name; their case_id is filled in where it was to be looked up.
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
  return ReadCases(connection, ids);
}

absl::StatusOr<Done> CarryOut(const CaseCommand& command, const Surroundings& given, CaseBatch& batch) {
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
  ZHUQI_ASSIGN_OR_RETURN(CaseChange change, Act(*record, input, *given.directory, *given.catalogue));
  Done done{&command, {}, 0};
  *done.response.mutable_event() = change.event;
  *done.response.mutable_case_() = Present(change.record, *given.directory, given.now);
  done.event = batch.Take(std::move(change));
  return done;
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
  Surroundings given{std::move(directory), options_.catalogue->Get(), options_.clock->Now()};
  if (given.catalogue == nullptr) given.catalogue = std::make_shared<const v1::Catalogue>();
  ZHUQI_ASSIGN_OR_RETURN(CaseMap known, ReadTargets(transaction.connection(), commands));
  CaseBatch batch(std::move(known), given.directory, given.catalogue, given.now, options_.outbox);
  std::vector<Done> done;
  for (Writer::Entry* entry : fresh) {
    absl::StatusOr<Done> one = CarryOut(entry->item, given, batch);
    if (one.ok()) {
      done.push_back(*std::move(one));
    } else {
      entry->outcome = one.status();
    }
  }
  ZHUQI_RETURN_IF_ERROR(batch.Write(transaction));
  for (Done& one : done) {
    const feed::OutgoingEvent& event = batch.events()[one.event];
    one.response.set_consistency_token(
        feed::MakeToken({feed::Position("routing", event.partition, event.event.sequence())}));
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
