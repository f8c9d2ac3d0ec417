#include "services/routing/ladders/ladder_runner.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/db/batch_failure.h"
#include "common/db/transaction.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/assistant_store.h"
#include "services/routing/cases/case_batch.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/consultations/consultation_store.h"
#include "services/routing/follow/followed_directory.h"
#include "services/routing/ladders/ladder_rules.h"

namespace zhuqi::routing {
namespace {

constexpr absl::Duration kLadderTimeout = absl::Seconds(30);
// The gauge of what is due counts no further: counting must not cost what is due.
constexpr int64_t kMostDueCounted = 10'000;

// What the steps of claimed cases did.
struct Fired {
  std::vector<v1::LadderStepFired> steps;
  std::vector<ConsultationChange> convened;
};

// The due cases that this transaction has claimed.
absl::StatusOr<std::vector<Uuid>> Claim(db::Connection& connection, std::vector<DueCase> due) {
  std::sort(due.begin(), due.end(),
            [](const DueCase& left, const DueCase& right) { return left.case_id < right.case_id; });
  std::vector<Uuid> claimed;
  for (const DueCase& one : due) {
    ZHUQI_ASSIGN_OR_RETURN(const bool mine, ClaimDueCase(connection, one));
    if (mine) claimed.push_back(one.case_id);
  }
  return claimed;
}

// Fires all of the case's steps that are due, in order.
absl::Status FireDueSteps(db::Connection& connection, const Uuid& case_id, absl::Time now,
                          const Directory& directory, const CompiledCatalogue& catalogue, CaseBatch& batch,
                          Fired& done) {
  const CaseRecord* record = batch.FindForChange(case_id);
  while (record != nullptr) {
    const std::optional<NextStep> next = NextStepOf(record->body, directory.calendar());
    if (!next.has_value() || next->at > now) break;
    FiredStep step = FireStep(*record, *next, now, directory, catalogue);
    done.steps.push_back(step.change.event.ladder_step());
    if (step.convened.has_value()) done.convened.push_back(*std::move(step.convened));
    absl::Status refusal;  // of actions alone
    ZHUQI_RETURN_IF_ERROR(GiveWantedAssistant(connection, batch, directory, step.change, refusal));
    batch.Take(std::move(step.change));
    record = batch.Find(case_id);
  }
  return absl::OkStatus();
}

// What fired of `due`.
absl::StatusOr<std::vector<v1::LadderStepFired>> FireDue(db::Transaction& transaction,
                                                         const LadderRunnerOptions& options,
                                                         const std::shared_ptr<const Directory>& directory,
                                                         std::vector<DueCase> due, absl::Time now) {
  db::Connection& connection = transaction.connection();
  Fired done;
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<Uuid> claimed, Claim(connection, std::move(due)));
  // Read after the claim: nobody changes the ladder of these cases until this transaction ends.
  ZHUQI_ASSIGN_OR_RETURN(CaseMap cases, ReadCases(connection, claimed));
  const std::shared_ptr<const CompiledCatalogue> catalogue = options.catalogue->GetOrEmpty();
  CaseBatch batch(&connection, std::move(cases), directory, {catalogue, &catalogue->message()}, now,
                  options.outbox);
  for (const Uuid& case_id : claimed) {
    ZHUQI_RETURN_IF_ERROR(FireDueSteps(connection, case_id, now, *directory, *catalogue, batch, done));
    batch.TimeNextStep(case_id);
  }
  for (const ConsultationChange& convened : done.convened) {
    ZHUQI_RETURN_IF_ERROR(WriteConsultation(transaction, nullptr, convened));
  }
  ZHUQI_RETURN_IF_ERROR(batch.Write(transaction));
  return std::move(done.steps);
}

db::TransactionOptions TransactionOf() {
  db::TransactionOptions options;
  options.deadline = absl::Now() + kLadderTimeout;
  // The claims say whether an earlier attempt, whose commit had an unknown outcome, was committed.
  options.body_is_idempotent = true;
  return options;
}

std::string ActionOf(const v1::LadderStep& step) {
  const auto* field = v1::LadderStep::descriptor()->FindFieldByNumber(step.action_case());
  return field == nullptr ? std::string() : field->name();
}

// Seconds, from what the interval makes to a week of downtime.
std::vector<double> LateBuckets() { return {1, 5, 15, 60, 300, 900, 3600, 14400, 86400, 604800}; }

}  // namespace

LadderRunner::LadderRunner(LadderRunnerOptions options)
    : options_(options),
      due_(options.metrics->Gauge("zhuqi_routing_ladder_cases_due",
                                  "Cases with a step of their escalation ladder that is due and has not "
                                  "fired, counted up to 10,000.")),
      late_(options.metrics->Histogram("zhuqi_routing_ladder_late_seconds",
                                       "How long after it was due a step of an escalation ladder fired.", {},
                                       LateBuckets())) {}

void LadderRunner::Start() {
  thread_ = std::thread([this] { Run(); });
}

void LadderRunner::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool LadderRunner::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

bool LadderRunner::Pause() {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&stopping_), options_.interval);
  return !stopping_;
}

absl::StatusOr<LadderRunner::Batch> LadderRunner::Fire(absl::Time now, const DueCase* only) {
  Batch done;
  const auto fire = [&](db::Transaction& open) -> absl::Status {
    done = Batch();
    ZHUQI_ASSIGN_OR_RETURN(std::shared_ptr<const Directory> directory,
                           DirectoryInForce(open.connection(), *options_.directory));
    // Working hours may be over, or another replica's directory may have changed them.
    if (!directory->calendar().IsWorkingTime(now)) return absl::OkStatus();
    std::vector<DueCase> due;
    if (only != nullptr) {
      due.push_back(*only);
    } else {
      ZHUQI_ASSIGN_OR_RETURN(due, ReadDueCases(open.connection(), now, options_.batch));
    }
    done.due = static_cast<int>(due.size());
    ZHUQI_ASSIGN_OR_RETURN(done.fired, FireDue(open, options_, directory, std::move(due), now));
    return absl::OkStatus();
  };
  ZHUQI_RETURN_IF_ERROR(db::RunTransaction(*options_.pool, TransactionOf(), fire));
  return done;
}

absl::Status LadderRunner::Postpone(const DueCase& due, const absl::Status& why, absl::Time now) {
  options_.logger->Error("a case's escalation ladder can not go on; it is tried again after a pause",
                         {{"case_id", due.case_id.ToString()}, {"status", why}});
  options_.metrics
      ->Counter("zhuqi_routing_ladder_failures_total",
                "Times that a case alone could not be written when a step of its ladder was due.")
      .Increment();
  return db::RunTransaction(*options_.pool, TransactionOf(), [&](db::Transaction& open) {
    return PutOff(open.connection(), due.case_id, due.next_at, now);
  });
}

absl::StatusOr<LadderRunner::Batch> LadderRunner::FireEachByItself(absl::Time now) {
  std::vector<DueCase> due;
  {
    ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, options_.pool->Acquire(absl::Now() + kLadderTimeout));
    ZHUQI_ASSIGN_OR_RETURN(due, ReadDueCases(*lease, now, options_.batch));
  }
  Batch all;
  all.due = static_cast<int>(due.size());
  for (const DueCase& one : due) {
    if (stopping()) break;
    absl::StatusOr<Batch> done = Fire(now, &one);
    if (done.ok()) {
      all.fired.insert(all.fired.end(), done->fired.begin(), done->fired.end());
      continue;
    }
    if (db::ConcernsTheWholeBatch(done.status())) return done.status();
    ZHUQI_RETURN_IF_ERROR(Postpone(one, done.status(), now));
  }
  return all;
}

absl::StatusOr<int> LadderRunner::RunBatch() {
  const absl::Time now = options_.clock->Now();
  absl::StatusOr<Batch> done = Fire(now, nullptr);
  if (!done.ok() && !db::ConcernsTheWholeBatch(done.status())) done = FireEachByItself(now);
  if (!done.ok()) return done.status();
  Measure(*done, now);
  return done->due;
}

void LadderRunner::Measure(const Batch& done, absl::Time now) {
  for (const v1::LadderStepFired& fired : done.fired) {
    options_.metrics
        ->Counter("zhuqi_routing_ladder_steps_total", "Steps of escalation ladders that fired.",
                  {{"action", ActionOf(fired.step())}, {"done", fired.refusal().empty() ? "yes" : "no"}})
        .Increment();
    late_.Observe(absl::ToDoubleSeconds(now - TimeFrom(fired.due_at())));
  }
  if (!done.fired.empty()) options_.tail->NotifyCommitted();
}

absl::StatusOr<bool> LadderRunner::LookForDue() {
  ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, options_.pool->Acquire(absl::Now() + kLadderTimeout));
  ZHUQI_ASSIGN_OR_RETURN(const int64_t due, CountDueCases(*lease, options_.clock->Now(), kMostDueCounted));
  due_.Set(static_cast<double>(due));
  return due > 0;
}

absl::Status LadderRunner::RunAllDue() {
  ZHUQI_ASSIGN_OR_RETURN(bool more, LookForDue());
  while (more && !stopping()) {
    ZHUQI_ASSIGN_OR_RETURN(const int due, RunBatch());
    if (due == 0) break;
    ZHUQI_ASSIGN_OR_RETURN(more, LookForDue());
  }
  return absl::OkStatus();
}

void LadderRunner::Run() {
  bool failing = false;
  while (Pause()) {
    const absl::Status status = RunAllDue();
    // Said once when it begins: the database may be away for an hour.
    if (!status.ok() && !failing) {
      options_.logger->Warning("steps of escalation ladders wait", {{"status", status}});
    }
    failing = !status.ok();
  }
}

}  // namespace zhuqi::routing
