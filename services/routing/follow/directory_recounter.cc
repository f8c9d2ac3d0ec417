#include "services/routing/follow/directory_recounter.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/db/transaction.h"
#include "services/routing/cases/case_batch.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/follow/followed_directory.h"
#include "services/routing/follow/recount_store.h"

namespace zhuqi::routing {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);

// The next page of a recount that is not finished. False when there is none.
absl::StatusOr<bool> ApplyPage(db::Transaction& transaction, const DirectoryRecounterOptions& options) {
  db::Connection& connection = transaction.connection();
  ZHUQI_ASSIGN_OR_RETURN(std::optional<RecountMark> mark, TakeRecount(connection));
  if (!mark.has_value()) return false;
  ZHUQI_ASSIGN_OR_RETURN(std::shared_ptr<const Directory> directory,
                         DirectoryInForce(connection, *options.directory));
  ZHUQI_ASSIGN_OR_RETURN(CaseMap open, ReadOpenCases(connection, mark->after, options.page_size));
  std::vector<Uuid> page;
  for (const auto& [id, record] : open) page.push_back(id);
  CaseBatch batch(std::move(open), std::move(directory), options.catalogue->Get(), options.clock->Now(),
                  options.outbox);
  for (const Uuid& id : page) {
    batch.FindForChange(id);
    // A day off after a deadline moves steps and no deadline.
    batch.TimeNextStep(id);
  }
  if (static_cast<int>(page.size()) < options.page_size) {
    ZHUQI_RETURN_IF_ERROR(FinishRecount(connection, *mark));
  } else {
    mark->after = page.back();
    ZHUQI_RETURN_IF_ERROR(MoveRecount(connection, *mark));
  }
  ZHUQI_RETURN_IF_ERROR(batch.Write(transaction));
  return true;
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
  db::TransactionOptions transaction;
  transaction.deadline = absl::Now() + kTimeout;
  // The mark says whether an earlier attempt, whose commit had an unknown outcome, was committed.
  transaction.body_is_idempotent = true;
  bool worked = false;
  ZHUQI_RETURN_IF_ERROR(
      db::RunTransaction(*options_.pool, transaction, [&](db::Transaction& open) -> absl::Status {
        ZHUQI_ASSIGN_OR_RETURN(worked, ApplyPage(open, options_));
        return absl::OkStatus();
      }));
  if (worked) options_.tail->NotifyCommitted();
  return worked;
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
