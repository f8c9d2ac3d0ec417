#include "services/routing/follow/directory_recounter.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/db/batch_failure.h"
#include "common/db/transaction.h"
#include "services/routing/cases/case_batch.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/follow/followed_directory.h"
#include "services/routing/follow/recount_store.h"
#include "services/routing/ladders/ladder_store.h"

namespace zhuqi::routing {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);

// Brings the directory in force to those cases.
absl::Status BringTo(const std::vector<Uuid>& case_ids, db::Transaction& transaction,
                     const DirectoryRecounterOptions& options) {
  db::Connection& connection = transaction.connection();
  ZHUQI_ASSIGN_OR_RETURN(std::shared_ptr<const Directory> directory,
                         DirectoryInForce(connection, *options.directory));
  // Read after the lock: the next step of a case that changes at this moment is reckoned from the change.
  ZHUQI_RETURN_IF_ERROR(LockNextSteps(connection, case_ids));
  ZHUQI_ASSIGN_OR_RETURN(CaseMap cases, ReadCases(connection, case_ids));
  CaseBatch batch(&connection, std::move(cases), std::move(directory), options.catalogue->Get(),
                  options.clock->Now(), options.outbox);
  for (const Uuid& case_id : case_ids) {
    batch.FindForChange(case_id);
    // A day off after a deadline moves steps and no deadline.
    batch.TimeNextStep(case_id);
  }
  return batch.Write(transaction);
}

// The mark after the page that began at `mark`.
absl::Status MovePast(const std::vector<Uuid>& page, RecountMark mark, db::Connection& connection,
                      const DirectoryRecounterOptions& options) {
  if (static_cast<int>(page.size()) < options.page_size) return FinishRecount(connection, mark);
  mark.after = page.back();
  return MoveRecount(connection, mark);
}

// The next page of a recount that is not finished. False when there is none.
absl::StatusOr<bool> ApplyPage(db::Transaction& transaction, const DirectoryRecounterOptions& options) {
  db::Connection& connection = transaction.connection();
  ZHUQI_ASSIGN_OR_RETURN(const std::optional<RecountMark> mark, TakeRecount(connection));
  if (!mark.has_value()) return false;
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<Uuid> page,
                         ReadOpenCaseIds(connection, mark->after, options.page_size));
  ZHUQI_RETURN_IF_ERROR(BringTo(page, transaction, options));
  ZHUQI_RETURN_IF_ERROR(MovePast(page, *mark, connection, options));
  return true;
}

db::TransactionOptions PageTransaction() {
  db::TransactionOptions options;
  options.deadline = absl::Now() + kTimeout;
  // The mark says whether an earlier attempt, whose commit had an unknown outcome, was committed; and a case
  // that has taken the directory over does so once.
  options.body_is_idempotent = true;
  return options;
}

}  // namespace

DirectoryRecounter::DirectoryRecounter(DirectoryRecounterOptions options) : options_(options) {
  gauge_ = options_.metrics->CallbackGauge("zhuqi_routing_recounting",
                                           "1 while a changed directory is being brought to open cases.", {},
                                           [this] { return waiting_.load() ? 1.0 : 0.0; });
}

void DirectoryRecounter::Start() {
  thread_ = std::thread([this] { Run(); });
}

void DirectoryRecounter::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool DirectoryRecounter::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

bool DirectoryRecounter::Pause() {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&stopping_), options_.interval);
  return !stopping_;
}

absl::StatusOr<bool> DirectoryRecounter::RecountPage() {
  bool worked = false;
  const absl::Status applied =
      db::RunTransaction(*options_.pool, PageTransaction(), [&](db::Transaction& open) -> absl::Status {
        ZHUQI_ASSIGN_OR_RETURN(worked, ApplyPage(open, options_));
        return absl::OkStatus();
      });
  if (!applied.ok()) {
    if (db::ConcernsTheWholeBatch(applied)) return applied;
    ZHUQI_ASSIGN_OR_RETURN(worked, RecountEachByItself());
  }
  if (worked) options_.tail->NotifyCommitted();
  return worked;
}

absl::StatusOr<bool> DirectoryRecounter::RecountEachByItself() {
  std::optional<RecountMark> mark;
  std::vector<Uuid> page;
  ZHUQI_RETURN_IF_ERROR(
      db::RunTransaction(*options_.pool, PageTransaction(), [&](db::Transaction& open) -> absl::Status {
        ZHUQI_ASSIGN_OR_RETURN(mark, TakeRecount(open.connection()));
        if (!mark.has_value()) return absl::OkStatus();
        ZHUQI_ASSIGN_OR_RETURN(page, ReadOpenCaseIds(open.connection(), mark->after, options_.page_size));
        return absl::OkStatus();
      }));
  if (!mark.has_value()) return false;
  for (const Uuid& case_id : page) {
    if (stopping()) return false;
    const absl::Status brought =
        db::RunTransaction(*options_.pool, PageTransaction(),
                           [&](db::Transaction& open) { return BringTo({case_id}, open, options_); });
    if (brought.ok()) continue;
    if (db::ConcernsTheWholeBatch(brought)) return brought;
    ZHUQI_RETURN_IF_ERROR(Postpone(case_id, brought));
  }
  ZHUQI_RETURN_IF_ERROR(
      db::RunTransaction(*options_.pool, PageTransaction(), [&](db::Transaction& open) -> absl::Status {
        ZHUQI_ASSIGN_OR_RETURN(const std::optional<RecountMark> now, TakeRecount(open.connection()));
        // Another replica has done the page meanwhile.
        if (!now.has_value() || now->directory_sequence != mark->directory_sequence ||
            now->after != mark->after) {
          return absl::OkStatus();
        }
        return MovePast(page, *now, open.connection(), options_);
      }));
  return true;
}

absl::Status DirectoryRecounter::Postpone(const Uuid& case_id, const absl::Status& why) {
  options_.logger->Error("a case can not take over a changed directory; it is tried again after a pause",
                         {{"case_id", case_id.ToString()}, {"status", why}});
  options_.metrics
      ->Counter("zhuqi_routing_recount_failures_total",
                "Times that a case alone could not be written when a directory changed.")
      .Increment();
  return db::RunTransaction(*options_.pool, PageTransaction(), [&](db::Transaction& open) {
    return PutOff(open.connection(), case_id, std::nullopt, options_.clock->Now());
  });
}

absl::Status DirectoryRecounter::RecountAll() {
  // Without a transaction: nearly always there is nothing to do.
  {
    ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, options_.pool->Acquire(absl::Now() + kTimeout));
    ZHUQI_ASSIGN_OR_RETURN(const bool has, HasRecount(*lease));
    waiting_ = has;
  }
  while (waiting_ && !stopping()) {
    ZHUQI_ASSIGN_OR_RETURN(const bool worked, RecountPage());
    waiting_ = worked;
  }
  return absl::OkStatus();
}

void DirectoryRecounter::Run() {
  bool failing = false;
  while (Pause()) {
    const absl::Status status = RecountAll();
    // Said once when it begins: the database may be away for an hour.
    if (!status.ok() && !failing) {
      options_.logger->Warning("open cases wait for a changed directory", {{"status", status}});
    }
    failing = !status.ok();
  }
}

}  // namespace zhuqi::routing
