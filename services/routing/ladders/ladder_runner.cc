#include "services/routing/ladders/ladder_runner.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/db/transaction.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_batch.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/follow/followed_directory.h"
#include "services/routing/ladders/ladder_rules.h"
#include "services/routing/ladders/ladder_store.h"

namespace zhuqi::routing {
namespace {

constexpr absl::Duration kLadderTimeout = absl::Seconds(30);
// The gauge of what is due counts no further: counting must not cost what is due.
constexpr int64_t kMostCounted = 10'000;

// What one transaction did.
struct Batch {
  int due = 0;
  std::vector<v1::LadderStepFired> fired;
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
void FireDueSteps(const Uuid& case_id, absl::Time now, const Directory& directory,
                  const v1::Catalogue& catalogue, CaseBatch& batch, Batch& done) {
  const CaseRecord* record = batch.FindForChange(case_id);
  while (record != nullptr) {
    const std::optional<NextStep> next = NextStepOf(record->body, directory.calendar());
    if (!next.has_value() || next->at > now) break;
    CaseChange change = FireStep(*record, *next, now, directory, catalogue);
    done.fired.push_back(change.event.ladder_step());
    batch.Take(std::move(change));
    record = batch.Find(case_id);
  }
}

absl::StatusOr<Batch> FireBatch(db::Transaction& transaction, const LadderRunnerOptions& options,
                                absl::Time now) {
  db::Connection& connection = transaction.connection();
  ZHUQI_ASSIGN_OR_RETURN(std::shared_ptr<const Directory> directory,
                         DirectoryInForce(connection, *options.directory));
  Batch done;
  // Working hours may be over, or another replica's directory may have changed them.
  if (!directory->calendar().IsWorkingTime(now)) return done;
  ZHUQI_ASSIGN_OR_RETURN(std::vector<DueCase> due, ReadDueCases(connection, now, options.batch));
  done.due = static_cast<int>(due.size());
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<Uuid> claimed, Claim(connection, std::move(due)));
  // Read after the claim: nobody changes the ladder of these cases until this transaction ends.
  ZHUQI_ASSIGN_OR_RETURN(CaseMap cases, ReadCases(connection, claimed));
  std::shared_ptr<const v1::Catalogue> catalogue = options.catalogue->Get();
  if (catalogue == nullptr) catalogue = std::make_shared<const v1::Catalogue>();
  CaseBatch batch(std::move(cases), directory, catalogue, now, options.outbox);
  for (const Uuid& case_id : claimed) {
    FireDueSteps(case_id, now, *directory, *catalogue, batch, done);
    batch.TimeNextStep(case_id);
  }
  ZHUQI_RETURN_IF_ERROR(batch.Write(transaction));
  return done;
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

absl::StatusOr<int> LadderRunner::RunBatch() {
  db::TransactionOptions transaction;
  transaction.deadline = absl::Now() + kLadderTimeout;
  // The claims say whether an earlier attempt, whose commit had an unknown outcome, was committed.
  transaction.body_is_idempotent = true;
  Batch done;
  const absl::Time now = options_.clock->Now();
  ZHUQI_RETURN_IF_ERROR(
      db::RunTransaction(*options_.pool, transaction, [&](db::Transaction& open) -> absl::Status {
        ZHUQI_ASSIGN_OR_RETURN(done, FireBatch(open, options_, now));
        return absl::OkStatus();
      }));
  for (const v1::LadderStepFired& fired : done.fired) {
    options_.metrics
        ->Counter("zhuqi_routing_ladder_steps_total", "Steps of escalation ladders that fired.",
                  {{"action", ActionOf(fired.step())}, {"done", fired.refusal().empty() ? "yes" : "no"}})
        .Increment();
    late_.Observe(absl::ToDoubleSeconds(now - TimeFrom(fired.due_at())));
  }
  if (!done.fired.empty()) options_.tail->NotifyCommitted();
  return done.due;
}

absl::StatusOr<bool> LadderRunner::LookForDue() {
  ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, options_.pool->Acquire(absl::Now() + kLadderTimeout));
  ZHUQI_ASSIGN_OR_RETURN(const int64_t due, CountDueCases(*lease, options_.clock->Now(), kMostCounted));
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
