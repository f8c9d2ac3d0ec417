#include "common/db/group_commit_core.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/db/batch_failure.h"

namespace zhuqi::db::internal {
namespace {

// Batches that wait to be handed out before the writers wait too: outcomes in memory stay bounded.
constexpr size_t kMaxToDeliver = 4;

// A commit that nobody answered for is nothing that callers need to know of: they repeat the request, and its
// idempotency row says what became of it.
absl::Status ForCallers(const absl::Status& status) {
  if (status.code() != absl::StatusCode::kUnknown || status.message() != kCommitOutcomeUnknown) return status;
  return absl::UnavailableError("the database went away while this was written; repeat the request as it is");
}

}  // namespace

GroupCommitCore::GroupCommitCore(GroupCommitOptions options, Apply apply, std::function<void()> after_commit)
    : options_(std::move(options)), apply_(std::move(apply)), after_commit_(std::move(after_commit)) {
  const int writers = std::max(1, options_.writers);
  for (int i = 0; i < writers; ++i) writers_.push_back(std::make_unique<Writer>());
  for (const auto& writer : writers_)
    writer->thread = std::thread([this, &writer = *writer] { RunWriter(writer); });
  deliverer_ = std::thread([this] { RunDeliverer(); });
}

GroupCommitCore::~GroupCommitCore() { Stop(); }

bool GroupCommitCore::Admit(size_t weight) {
  size_t waiting = queue_weight_.load();
  do {
    if (waiting > 0 && waiting + weight > options_.max_queue_weight) return false;
  } while (!queue_weight_.compare_exchange_weak(waiting, waiting + weight));
  return true;
}

void GroupCommitCore::Write(size_t lane, std::unique_ptr<QueuedEntry> entry) {
  if (!Admit(entry->weight)) {
    ++refused_;
    entry->Fail(absl::ResourceExhaustedError(absl::StrCat("the queue of ", options_.name, " is full")));
    return;
  }
  Writer& writer = *writers_[lane % writers_.size()];
  {
    absl::MutexLock lock(&writer.mutex);
    if (!writer.stopping) {
      writer.queue.push_back(std::move(entry));
      writer.work_waits.Signal();
      return;
    }
  }
  queue_weight_ -= entry->weight;
  entry->Fail(absl::UnavailableError(absl::StrCat("the writer of ", options_.name, " is stopping")));
}

void GroupCommitCore::Stop() {
  for (const auto& writer : writers_) {
    absl::MutexLock lock(&writer->mutex);
    writer->stopping = true;
    writer->work_waits.Signal();
  }
  for (const auto& writer : writers_) {
    if (writer->thread.joinable()) writer->thread.join();
  }
  {
    absl::MutexLock lock(&delivery_mutex_);
    writers_ended_ = true;
  }
  if (deliverer_.joinable()) deliverer_.join();
}

void GroupCommitCore::RunWriter(Writer& writer) {
  for (;;) {
    Owned taken = TakeBatch(writer);
    if (taken.empty()) return;
    std::vector<QueuedEntry*> batch;
    batch.reserve(taken.size());
    for (auto& entry : taken) batch.push_back(entry.release());
    WriteBatch(batch);
  }
}

void GroupCommitCore::HandOut(Batch batch) {
  if (batch.empty()) return;
  Owned owned;
  owned.reserve(batch.size());
  for (QueuedEntry* entry : batch) owned.emplace_back(entry);
  const auto has_space = [this]() ABSL_SHARED_LOCKS_REQUIRED(delivery_mutex_) {
    return to_deliver_.size() < kMaxToDeliver;
  };
  absl::MutexLock lock(&delivery_mutex_, absl::Condition(&has_space));
  to_deliver_.push_back(std::move(owned));
}

void GroupCommitCore::RunDeliverer() {
  const auto has_work = [this]() ABSL_SHARED_LOCKS_REQUIRED(delivery_mutex_) {
    return !to_deliver_.empty() || writers_ended_;
  };
  for (;;) {
    Owned batch;
    {
      absl::MutexLock lock(&delivery_mutex_, absl::Condition(&has_work));
      if (to_deliver_.empty()) return;
      batch = std::move(to_deliver_.front());
      to_deliver_.pop_front();
    }
    for (const auto& entry : batch) {
      if (entry->failure.ok()) {
        entry->Deliver();
      } else {
        entry->Fail(entry->failure);
      }
    }
  }
}

// All that waits, up to the bound; empty when there will never be more.
GroupCommitCore::Owned GroupCommitCore::TakeBatch(Writer& writer) {
  Owned taken;
  size_t weight = 0;
  absl::MutexLock lock(&writer.mutex);
  while (writer.queue.empty() && !writer.stopping) writer.work_waits.Wait(&writer.mutex);
  while (!writer.queue.empty()) {
    const size_t next = writer.queue.front()->weight;
    if (!taken.empty() && weight + next > options_.max_batch_weight) break;
    weight += next;
    taken.push_back(std::move(writer.queue.front()));
    writer.queue.pop_front();
  }
  queue_weight_ -= weight;
  return taken;
}

std::vector<QueuedEntry*> GroupCommitCore::FailExpired(Batch batch) {
  const absl::Time now = absl::Now();
  std::vector<QueuedEntry*> alive;
  std::vector<QueuedEntry*> expired;
  alive.reserve(batch.size());
  for (QueuedEntry* entry : batch) {
    if (entry->deadline > now) {
      alive.push_back(entry);
      continue;
    }
    ++expired_;
    entry->failure =
        absl::DeadlineExceededError(absl::StrCat("the deadline passed in the queue of ", options_.name));
    expired.push_back(entry);
  }
  HandOut(expired);
  return alive;
}

void GroupCommitCore::WriteBatch(Batch whole) {
  const std::vector<QueuedEntry*> batch = FailExpired(whole);
  if (batch.empty()) return;
  const absl::Time begin = absl::Now();
  const absl::Status status = WriteOnce(batch);
  if (!status.ok() && batch.size() > 1 && !ConcernsTheWholeBatch(status)) {
    ++splits_;
    const size_t half = batch.size() / 2;
    WriteBatch(Batch(batch).first(half));
    WriteBatch(Batch(batch).subspan(half));
    return;
  }
  if (!status.ok()) {
    failed_ += static_cast<int64_t>(batch.size());
    for (QueuedEntry* entry : batch) entry->failure = ForCallers(status);
    HandOut(batch);
    return;
  }
  ++batches_;
  items_ += static_cast<int64_t>(batch.size());
  if (after_commit_) after_commit_();
  if (options_.on_batch) {
    size_t weight = 0;
    for (const QueuedEntry* entry : batch) weight += entry->weight;
    options_.on_batch(batch.size(), weight, absl::Now() - begin);
  }
  HandOut(batch);
}

absl::Status GroupCommitCore::WriteOnce(Batch batch) {
  TransactionOptions transaction_options;
  transaction_options.body_is_idempotent = true;
  // As long as anyone waits: whoever waits less long learns the outcome late rather than not at all.
  transaction_options.deadline = absl::InfinitePast();
  for (const QueuedEntry* entry : batch) {
    transaction_options.deadline = std::max(transaction_options.deadline, entry->deadline);
  }
  return RunTransaction(*options_.pool, transaction_options, [&](Transaction& transaction) -> absl::Status {
    for (QueuedEntry* entry : batch) entry->ClearOutcome();
    if (absl::Status status = apply_(transaction, batch); !status.ok()) return status;
    for (const QueuedEntry* entry : batch) {
      if (!entry->HasOutcome()) {
        return absl::InternalError(
            absl::StrCat("the writer of ", options_.name, " left an item without an outcome"));
      }
    }
    return absl::OkStatus();
  });
}

GroupCommitStats GroupCommitCore::stats() const {
  GroupCommitStats stats;
  stats.batches = batches_.load();
  stats.items = items_.load();
  stats.splits = splits_.load();
  stats.refused = refused_.load();
  stats.expired = expired_.load();
  stats.failed = failed_.load();
  stats.queue_weight = queue_weight_.load();
  return stats;
}

}  // namespace zhuqi::db::internal
