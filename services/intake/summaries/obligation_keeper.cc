#include "services/intake/summaries/obligation_keeper.h"

#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/feed/token.h"
#include "services/intake/summaries/month_opening.h"
#include "services/intake/summaries/obligation_rules.h"
#include "services/intake/summaries/period_store.h"
#include "services/intake/summaries/reminder_rules.h"
#include "services/intake/summaries/summary_store.h"

namespace zhuqi::intake {
namespace {
constexpr absl::Duration kBatchTimeout = absl::Seconds(30);

// Snapshots share what no change between them touched, so the addresses tell.
bool HaveSameUnitsAndForms(const Directory& left, const Directory& right) {
  return &left.units() == &right.units() && &left.form_versions() == &right.form_versions();
}
}  // namespace

ObligationKeeper::~ObligationKeeper() { Stop(); }

void ObligationKeeper::Start() {
  thread_ = std::thread([this] { Run(); });
}

void ObligationKeeper::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  TellWaiters(std::numeric_limits<int64_t>::max(), absl::UnavailableError("the service stops"));
  if (thread_.joinable()) thread_.join();
}

bool ObligationKeeper::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

ObligationKeeper::Pass ObligationKeeper::Wanted() const {
  return {options_.directory->Get()->sequence(), absl::CivilMonth(CityDay(options_.clock->Now()))};
}

void ObligationKeeper::Run() {
  const auto stop_or_woken = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || woken_; };
  while (!stopping()) {
    const Pass wanted = Wanted();
    bool idle = false;
    {
      absl::MutexLock lock(&mutex_);
      woken_ = false;
      idle = done_ == wanted;
    }
    if (!idle) {
      const absl::StatusOr<int64_t> changed = RunOnce();
      Finish(wanted, changed);
      idle = !changed.ok();
    }
    if (!idle) continue;
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&stop_or_woken), options_.interval);
  }
}

void ObligationKeeper::Finish(const Pass& pass, const absl::StatusOr<int64_t>& changed) {
  if (!changed.ok()) {
    if (!stopping()) {
      options_.logger->Warning("obligations could not all be made; they are tried again",
                               {{"error", changed.status()}});
    }
    TellWaiters(pass.directory_sequence, changed.status());
    return;
  }
  if (*changed > 0) {
    options_.logger->Info("obligations were made or changed",
                          {{"obligations", *changed}, {"directory_sequence", pass.directory_sequence}});
  }
  {
    absl::MutexLock lock(&mutex_);
    done_ = pass;
  }
  TellWaiters(pass.directory_sequence, ReadPositions());
}

absl::StatusOr<int64_t> ObligationKeeper::RunOnce() {
  const std::shared_ptr<const Directory> directory = options_.directory->Get();
  const absl::Time now = options_.clock->Now();
  const absl::CivilMonth month(CityDay(now));
  Settled before;
  {
    absl::MutexLock lock(&mutex_);
    before = settled_;
  }
  // Most changes of a directory (departments, teams, policies) touch no obligation.
  const bool first = before.directory == nullptr;
  const bool same_units_and_forms = !first && HaveSameUnitsAndForms(*before.directory, *directory);
  const bool same_calendar = !first && &before.directory->calendar() == &directory->calendar();
  int64_t changed = 0;
  if (!same_units_and_forms || before.month != month) {
    ZHUQI_ASSIGN_OR_RETURN(changed, MakeMissing(*directory, now));
  }
  if (!same_units_and_forms || !same_calendar) {
    ZHUQI_ASSIGN_OR_RETURN(const int64_t adjusted, AdjustAll(*directory, now));
    changed += adjusted;
    ZHUQI_RETURN_IF_ERROR(SettleLocks(*directory, now));
  }
  absl::MutexLock lock(&mutex_);
  settled_ = {directory, month};
  return changed;
}

absl::StatusOr<int64_t> ObligationKeeper::MakeMissing(const Directory& directory, absl::Time now) {
  int64_t made = 0;
  for (const auto& [key, form] : directory.form_versions()) {
    for (const absl::CivilMonth month : MonthsBegun(form, now)) {
      if (directory.FormFor(form.form_id(), month) != &form) continue;  // a later version has taken over
      ZHUQI_ASSIGN_OR_RETURN(const int64_t of_month, MakeMonth(directory, form, month, now));
      made += of_month;
    }
  }
  return made;
}

absl::StatusOr<int64_t> ObligationKeeper::MakeMonth(const Directory& directory,
                                                    const directory::v1::SummaryForm& form,
                                                    absl::CivilMonth month, absl::Time now) {
  MonthOpening opening(directory, form, month, options_.partitions, options_.batch, now);
  int64_t made = 0;
  do {
    int made_now = 0;
    ZHUQI_RETURN_IF_ERROR(RunBatch([&](db::Transaction& transaction) -> absl::Status {
      ZHUQI_ASSIGN_OR_RETURN(made_now, opening.MakeBatch(transaction));
      return absl::OkStatus();
    }));
    opening.Committed();
    if (made_now > 0) options_.tail->NotifyCommitted();
    made += made_now;
  } while (!opening.done());
  return made;
}

absl::Status ObligationKeeper::SettleLocks(const Directory& directory, absl::Time now) {
  return RunBatch([&](db::Transaction& transaction) -> absl::Status {
    ZHUQI_ASSIGN_OR_RETURN(const Periods periods, LockUnsettled(transaction));
    for (const auto& [key, period] : periods) {
      const auto* form = directory.FormVersion(key.first, period.period.form_version());
      if (form == nullptr) continue;  // this replica does not know it yet, and comes by again when it does
      const auto settled = SettledLock(period, *form, directory.calendar(), now);
      if (settled.has_value()) ZHUQI_RETURN_IF_ERROR(UpdatePeriod(transaction, *settled, now));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<int64_t> ObligationKeeper::AdjustAll(const Directory& directory, absl::Time now) {
  int64_t changed = 0;
  std::optional<SummaryKey> after;
  std::optional<SummaryKey> last;
  int64_t changed_now = 0;
  do {
    ZHUQI_RETURN_IF_ERROR(RunBatch([&](db::Transaction& transaction) -> absl::Status {
      last.reset();
      changed_now = 0;
      ZHUQI_ASSIGN_OR_RETURN(const std::vector<StoredSummary> current,
                             LockAdjustable(transaction, after, options_.batch));
      std::deque<StoredSummary> adjusted;  // whose elements stay where they are
      std::vector<const StoredSummary*> rows;
      std::vector<SummaryChange> history;
      std::vector<feed::OutgoingEvent> events;
      for (const StoredSummary& stored : current) {
        std::optional<StoredSummary> next = Adjusted(stored, directory);
        const std::optional<absl::Time> remind_at =
            NextReminderAt(next.has_value() ? next->summary : stored.summary, directory);
        if (!next.has_value()) {
          // A calendar or a form that changed may remind on another day.
          if (remind_at != stored.remind_at)
            ZHUQI_RETURN_IF_ERROR(UpdateReminderTime(transaction, KeyOf(stored), remind_at));
          continue;
        }
        next->remind_at = remind_at;
        events.push_back(EventOf(&stored, *next, directory.sequence()));
        adjusted.push_back(*std::move(next));
        rows.push_back(&adjusted.back());
        history.push_back({&adjusted.back(), ""});
      }
      if (static_cast<int>(current.size()) == options_.batch) last = KeyOf(current.back());
      changed_now = static_cast<int64_t>(adjusted.size());
      ZHUQI_RETURN_IF_ERROR(UpdateSummaries(transaction, rows, history, now));
      return feed::Append(transaction, now, events);
    }));
    if (changed_now > 0) options_.tail->NotifyCommitted();
    changed += changed_now;
    after = last;
  } while (after.has_value());
  return changed;
}

absl::Status ObligationKeeper::RunBatch(absl::FunctionRef<absl::Status(db::Transaction&)> body) {
  db::TransactionOptions options;
  options.deadline = absl::Now() + kBatchTimeout;
  // After a commit whose outcome is unknown the body is run again: what it made then is there and not made
  // twice.
  options.body_is_idempotent = true;
  for (;;) {
    if (stopping()) return absl::UnavailableError("the service stops");
    const absl::Status status = db::RunTransaction(*options_.pool, options, body);
    // Whenever another replica was first, it made what this one need not make any more: an end is in sight,
    // however often that happens.
    if (!absl::IsAborted(status)) return status;
  }
}

ObligationKeeper::Positions ObligationKeeper::ReadPositions() {
  ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, options_.pool->Acquire(absl::Now() + kBatchTimeout));
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<common::v1::FeedPosition> heads, feed::ReadHeads(*lease));
  std::vector<common::v1::FeedPosition> positions;
  for (const common::v1::FeedPosition& head : heads) {
    if (head.sequence() > 0) positions.push_back(feed::Position("intake", head.partition(), head.sequence()));
  }
  return positions;
}

Task<absl::StatusOr<std::vector<common::v1::FeedPosition>>> ObligationKeeper::MadeFor(
    int64_t directory_sequence, absl::Time deadline, rpc::Cancellation& cancellation) {
  auto waiter = std::make_shared<Waiter>();
  waiter->directory_sequence = directory_sequence;
  if (Enlist(waiter)) {
    auto wait = options_.timer->SleepUntilWoken({waiter, &waiter->woken}, deadline, cancellation);
    co_await wait;
  }
  co_return Withdraw(waiter, cancellation);
}

bool ObligationKeeper::Enlist(const std::shared_ptr<Waiter>& waiter) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return false;
  waiters_.insert(waiter);
  // A pass that is done already need not be the one that the caller means to see the end of: the next is.
  done_ = Pass();
  woken_ = true;
  return true;
}

ObligationKeeper::Positions ObligationKeeper::Withdraw(const std::shared_ptr<Waiter>& waiter,
                                                       const rpc::Cancellation& cancellation) {
  absl::MutexLock lock(&mutex_);
  waiters_.erase(waiter);
  if (waiter->answer.has_value()) return *waiter->answer;
  if (cancellation.cancelled()) return absl::CancelledError("nobody waits for the answer");
  if (stopping_) return absl::UnavailableError("the service stops");
  return absl::DeadlineExceededError("the obligations are still being made");
}

void ObligationKeeper::TellWaiters(int64_t directory_sequence, const Positions& answer) {
  std::vector<std::shared_ptr<Waiter>> told;
  {
    absl::MutexLock lock(&mutex_);
    for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
      if ((*waiter)->directory_sequence > directory_sequence) {
        ++waiter;
        continue;
      }
      (*waiter)->answer = answer;
      told.push_back(*waiter);
      waiter = waiters_.erase(waiter);
    }
  }
  for (const auto& waiter : told) waiter->woken.Cancel();
}

}  // namespace zhuqi::intake
