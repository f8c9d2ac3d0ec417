#include "services/intake/summaries/reminder_keeper.h"

#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/db/transaction.h"
#include "common/feed/append.h"
#include "services/intake/summaries/reminder_rules.h"
#include "services/intake/summaries/summary_store.h"

namespace zhuqi::intake {
namespace {

constexpr absl::Duration kReminderTimeout = absl::Seconds(30);

// Reminds of those of `due` that are still due once they are locked; gives how many.
absl::StatusOr<int64_t> RemindOf(db::Transaction& transaction, const std::vector<DueReminder>& due,
                                 const Directory& directory, absl::Time now) {
  std::vector<UnitMonth> keys;
  for (const DueReminder& reminder : due) keys.emplace_back(reminder.key.org_unit_id, reminder.key.month);
  ZHUQI_ASSIGN_OR_RETURN(const Summaries locked, LockSummaries(transaction, keys));
  std::deque<StoredSummary> reminded;  // whose elements stay where they are
  std::vector<const StoredSummary*> rows;
  std::vector<SummaryChange> history;
  std::vector<feed::OutgoingEvent> events;
  for (const DueReminder& reminder : due) {
    const auto current = locked.find(reminder.key);
    if (current == locked.end()) continue;
    std::optional<StoredSummary> after = Reminded(current->second, directory, now);
    if (!after.has_value()) continue;
    after->remind_at = NextReminderAt(after->summary, directory);
    events.push_back(ReminderEvent(*after, directory.sequence()));
    reminded.push_back(*std::move(after));
    rows.push_back(&reminded.back());
    history.push_back({&reminded.back(), ""});
  }
  ZHUQI_RETURN_IF_ERROR(UpdateSummaries(transaction, rows, history, now));
  ZHUQI_RETURN_IF_ERROR(feed::Append(transaction, now, events));
  return static_cast<int64_t>(reminded.size());
}

}  // namespace

ReminderKeeper::~ReminderKeeper() { Stop(); }

void ReminderKeeper::Start() {
  thread_ = std::thread([this] { Run(); });
}

void ReminderKeeper::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool ReminderKeeper::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void ReminderKeeper::Run() {
  bool failing = false;
  while (!stopping()) {
    const absl::StatusOr<int64_t> reminded = RunOnce();
    if (reminded.ok() && *reminded > 0) {
      options_.logger->Info("units were reminded of summaries", {{"reminders", *reminded}});
    }
    // Said once when it begins: the database may be away for an hour.
    if (!reminded.ok() && !failing && !stopping()) {
      options_.logger->Warning("units could not be reminded; it is tried again",
                               {{"error", reminded.status()}});
    }
    failing = !reminded.ok();
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), options_.interval);
  }
}

absl::StatusOr<int64_t> ReminderKeeper::RunOnce() {
  const std::shared_ptr<const Directory> directory = options_.directory->Get();
  const absl::Time now = options_.clock->Now();
  int64_t all = 0;
  // Nothing goes out at night: the database need not be asked.
  if (!directory->calendar().IsWorkingTime(now)) return all;
  std::optional<DueReminder> after;
  do {
    if (stopping()) return absl::UnavailableError("the service stops");
    std::vector<DueReminder> due;
    int64_t reminded = 0;
    db::TransactionOptions options;
    options.deadline = absl::Now() + kReminderTimeout;
    // After a commit whose outcome is unknown the body is run again: what went out then is not due any more.
    options.body_is_idempotent = true;
    ZHUQI_RETURN_IF_ERROR(
        db::RunTransaction(*options_.pool, options, [&](db::Transaction& transaction) -> absl::Status {
          ZHUQI_ASSIGN_OR_RETURN(due, FindDueReminders(transaction.connection(), now, after, options_.batch));
          ZHUQI_ASSIGN_OR_RETURN(reminded, RemindOf(transaction, due, *directory, now));
          return absl::OkStatus();
        }));
    if (reminded > 0) options_.tail->NotifyCommitted();
    all += reminded;
    after.reset();
    // What is not due yet by this replica's directory stays where it is and is passed over.
    if (static_cast<int>(due.size()) == options_.batch) after = std::move(due.back());
  } while (after.has_value());
  return all;
}

}  // namespace zhuqi::intake
