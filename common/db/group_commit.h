// Group commit: what arrived while the last batch committed is the next batch, written in one transaction.
#ifndef ZHUQI_COMMON_DB_GROUP_COMMIT_H_
#define ZHUQI_COMMON_DB_GROUP_COMMIT_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/task.h"
#include "common/db/group_commit_core.h"
#include "common/db/pool.h"
#include "common/db/transaction.h"

namespace zhuqi::db {

// Thread-safe. Each lane (a partition, say) belongs to one of the writer threads, so its items keep their
// order.
template <typename Item, typename Outcome>
class GroupCommit {
 public:
  struct Entry {
    Item item;
    // Set by apply.
    std::optional<absl::StatusOr<Outcome>> outcome;
    size_t weight = 1;
    absl::Time deadline = absl::InfiniteFuture();
  };
  // Writes all entries and sets the outcome of each (an error is an outcome too, of an item that is refused
  // and has written nothing) before it returns OK. Runs again from the start, outcomes cleared, as
  // RunTransaction says, so it must begin with the idempotency rows and must not keep state between runs. A
  // status other than OK fails all entries together: the batch is then split until the item at fault stands
  // alone.
  using Apply = std::function<absl::Status(Transaction&, absl::Span<Entry* const>)>;
  using Done = std::function<void(absl::StatusOr<Outcome>)>;

  // `after_commit` runs on the writer's thread after each commit, before the outcomes are handed out.
  GroupCommit(GroupCommitOptions options, Apply apply, std::function<void()> after_commit = nullptr)
      : apply_(std::move(apply)),
        core_(
            std::move(options),
            [this](Transaction& transaction, absl::Span<internal::QueuedEntry* const> batch) {
              return ApplyBatch(transaction, batch);
            },
            std::move(after_commit)) {}

  // Hands an item to its lane's writer. `weight` is about the rows it writes. `done` is called exactly once:
  // at once on this thread with ResourceExhausted (queue full) or Unavailable (stopped), else on one thread
  // that hands out outcomes in the order in which a writer's batches ended, where it must not block: with the
  // outcome after the commit, with DeadlineExceeded when its batch had not begun by `deadline`, or with the
  // error of the transaction.
  void Write(size_t lane, Item item, size_t weight, absl::Time deadline, Done done) {
    core_.Write(lane, std::make_unique<Slot>(Entry{std::move(item), std::nullopt, weight, deadline},
                                             std::move(done)));
  }

  // The same, for a coroutine; it goes on on the thread that hands out outcomes.
  Task<absl::StatusOr<Outcome>> Write(size_t lane, Item item, size_t weight, absl::Time deadline) {
    AwaitCallback<absl::StatusOr<Outcome>> written(
        [this, lane, &item, weight,
         deadline](typename AwaitCallback<absl::StatusOr<Outcome>>::Resume resume) {
          Write(lane, std::move(item), weight, deadline, std::move(resume));
        });
    absl::StatusOr<Outcome> outcome = co_await written;
    co_return outcome;
  }

  // Takes no more items, writes what waits, joins the writers. Safe to call twice; the destructor calls it.
  void Stop() { core_.Stop(); }

  GroupCommitStats stats() const { return core_.stats(); }

 private:
  struct Slot final : internal::QueuedEntry {
    Slot(Entry written, Done told) : entry(std::move(written)), done(std::move(told)) {
      weight = entry.weight;
      deadline = entry.deadline;
    }

    Entry entry;
    Done done;

    void ClearOutcome() override { entry.outcome.reset(); }
    bool HasOutcome() const override { return entry.outcome.has_value(); }
    void Deliver() override { done(*std::move(entry.outcome)); }
    void Fail(const absl::Status& status) override { done(status); }
  };

  absl::Status ApplyBatch(Transaction& transaction, absl::Span<internal::QueuedEntry* const> batch) {
    std::vector<Entry*> entries;
    entries.reserve(batch.size());
    for (internal::QueuedEntry* queued : batch) entries.push_back(&static_cast<Slot*>(queued)->entry);
    return apply_(transaction, entries);
  }

  const Apply apply_;
  internal::GroupCommitCore core_;  // last: its threads use what stands above
};

}  // namespace zhuqi::db

#endif  // ZHUQI_COMMON_DB_GROUP_COMMIT_H_
