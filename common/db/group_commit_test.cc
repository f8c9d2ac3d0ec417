#include "common/db/group_commit.h"

#include <atomic>
#include <thread>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "common/db/multi_row.h"
#include "common/db/test_support.h"
#include "gmock/gmock.h"

namespace zhuqi::db {
namespace {

using ::testing::ElementsAre;

// Items are ids; the outcome is the id again. The writer can be held before it writes.
class GroupCommitTest : public DatabaseTest {
 protected:
  using Writer = GroupCommit<int, int>;
  using Result = absl::StatusOr<int>;

  GroupCommitOptions Options() {
    GroupCommitOptions options;
    options.pool = pool_.get();
    options.name = "items";
    options.on_batch = [this](size_t items, size_t weight, absl::Duration) {
      absl::MutexLock lock(&mutex_);
      batches_.push_back(items);
      weights_.push_back(weight);
    };
    return options;
  }

  std::unique_ptr<Writer> MakeWriter(GroupCommitOptions options) {
    return std::make_unique<Writer>(std::move(options), [this](Transaction& transaction, auto entries) {
      ++applied_;
      entered_.Signal();
      {
        absl::MutexLock lock(&mutex_);
        while (held_) released_.Wait(&mutex_);
      }
      return Apply(transaction, entries);
    });
  }

  // Writes every item as a row; a duplicate id is an error that concerns all of them.
  absl::Status Apply(Transaction& transaction, absl::Span<Writer::Entry* const> entries) {
    MultiRowInsert insert("items", {"id", "amount"});
    for (Writer::Entry* entry : entries) {
      insert.Add({entry->item, 1});
      entry->outcome = entry->item;
    }
    return insert.Run(transaction.connection()).status();
  }

  void Hold() {
    absl::MutexLock lock(&mutex_);
    held_ = true;
  }
  void Release() {
    absl::MutexLock lock(&mutex_);
    held_ = false;
    released_.SignalAll();
  }
  // Writes `id` and waits until the writer has begun it and stands.
  void WriteAndHold(Writer& writer, int id) {
    Hold();
    const int before = applied_.load();
    Write(writer, id);
    while (applied_.load() == before) std::this_thread::yield();
  }

  void Write(Writer& writer, int id, size_t weight = 1, absl::Time deadline = absl::InfiniteFuture()) {
    writer.Write(0, id, weight, deadline, [this, id](Result result) {
      absl::MutexLock lock(&mutex_);
      EXPECT_TRUE(results_.emplace(id, std::move(result)).second) << "told twice: " << id;
    });
  }

  absl::Status StatusFor(int id) {
    absl::MutexLock lock(&mutex_);
    const auto found = results_.find(id);
    if (found == results_.end()) return absl::UnknownError("not told");
    if (found->second.ok()) {
      EXPECT_EQ(*found->second, id);
    }
    return found->second.status();
  }

  std::vector<size_t> batches() {
    absl::MutexLock lock(&mutex_);
    return batches_;
  }

  absl::Mutex mutex_;
  absl::CondVar released_, entered_;
  bool held_ = false;
  std::vector<size_t> batches_, weights_;
  std::map<int, Result> results_;
  std::atomic<int> applied_{0};
};

TEST_F(GroupCommitTest, WhatArrivesDuringACommitIsTheNextBatch) {
  const std::unique_ptr<Writer> writer = MakeWriter(Options());
  WriteAndHold(*writer, 0);
  for (int id = 1; id <= 10; ++id) Write(*writer, id);
  EXPECT_EQ(writer->stats().queue_weight, 10u);
  Release();
  writer->Stop();
  EXPECT_THAT(batches(), ElementsAre(1, 10));
  for (int id = 0; id <= 10; ++id) EXPECT_EQ(StatusFor(id), absl::OkStatus());
  EXPECT_EQ(Number("SELECT COUNT(*) FROM items"), 11);
  EXPECT_EQ(writer->stats().batches, 2);
  EXPECT_EQ(writer->stats().items, 11);
  EXPECT_EQ(writer->stats().queue_weight, 0u);
}

TEST_F(GroupCommitTest, ABatchIsBoundedByWeightAndAHeavyItemStandsAlone) {
  GroupCommitOptions options = Options();
  options.max_batch_weight = 5;
  const std::unique_ptr<Writer> writer = MakeWriter(options);
  WriteAndHold(*writer, 0);
  Write(*writer, 1, 3);
  Write(*writer, 2, 2);
  Write(*writer, 3, 9);
  Write(*writer, 4, 4);
  Release();
  writer->Stop();
  EXPECT_THAT(weights_, ElementsAre(1, 5, 9, 4));
}

TEST_F(GroupCommitTest, AFullQueueRefusesAtOnceAndTheOthersGoOn) {
  GroupCommitOptions options = Options();
  options.max_queue_weight = 3;
  const std::unique_ptr<Writer> writer = MakeWriter(options);
  WriteAndHold(*writer, 0);
  Write(*writer, 1, 2);
  Write(*writer, 2, 2);
  EXPECT_EQ(StatusFor(2), absl::ResourceExhaustedError("the queue of items is full"));
  Write(*writer, 3, 1);
  Release();
  writer->Stop();
  EXPECT_EQ(StatusFor(1), absl::OkStatus());
  EXPECT_EQ(StatusFor(3), absl::OkStatus());
  EXPECT_EQ(writer->stats().refused, 1);
}

TEST_F(GroupCommitTest, AnItemHeavierThanTheQueueIsTakenWhenNothingWaits) {
  GroupCommitOptions options = Options();
  options.max_queue_weight = 3;
  const std::unique_ptr<Writer> writer = MakeWriter(options);
  Write(*writer, 1, 100);
  writer->Stop();
  EXPECT_EQ(StatusFor(1), absl::OkStatus());
}

TEST_F(GroupCommitTest, ABadItemIsIsolatedAndAloneGetsTheError) {
  ASSERT_EQ(Connect()->Execute("INSERT INTO items VALUES (7, 0)", {}).status(), absl::OkStatus());
  const std::unique_ptr<Writer> writer = MakeWriter(Options());
  WriteAndHold(*writer, 100);
  for (int id = 1; id <= 16; ++id) Write(*writer, id);
  Release();
  writer->Stop();
  for (int id = 1; id <= 16; ++id) {
    EXPECT_EQ(StatusFor(id),
              id == 7 ? absl::AlreadyExistsError("database error 1062 (23000)") : absl::OkStatus())
        << id;
  }
  EXPECT_EQ(Number("SELECT COUNT(*) FROM items WHERE amount = 1"), 16);
  EXPECT_EQ(writer->stats().splits, 4);
  EXPECT_EQ(writer->stats().failed, 1);
}

TEST_F(GroupCommitTest, AnItemWhoseDeadlinePassedInTheQueueIsNotWritten) {
  const std::unique_ptr<Writer> writer = MakeWriter(Options());
  WriteAndHold(*writer, 0);
  Write(*writer, 1, 1, absl::Now() - absl::Milliseconds(1));
  Write(*writer, 2);
  Release();
  writer->Stop();
  EXPECT_EQ(StatusFor(1).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(StatusFor(2), absl::OkStatus());
  EXPECT_EQ(Number("SELECT COUNT(*) FROM items WHERE id = 1"), 0);
  EXPECT_EQ(writer->stats().expired, 1);
}

TEST_F(GroupCommitTest, StopWritesWhatWaitsAndRefusesWhatComesLater) {
  const std::unique_ptr<Writer> writer = MakeWriter(Options());
  WriteAndHold(*writer, 0);
  Write(*writer, 1);
  std::thread stopping([&] { writer->Stop(); });
  Release();
  stopping.join();
  Write(*writer, 2);
  EXPECT_EQ(StatusFor(1), absl::OkStatus());
  EXPECT_EQ(StatusFor(2).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(writer->stats().queue_weight, 0u);
}

TEST_F(GroupCommitTest, ATransientErrorIsNotSplitAndATransactionIsRunAgainWithOutcomesCleared) {
  std::atomic<int> runs{0};
  Writer writer(Options(),
                [&](Transaction& transaction, absl::Span<Writer::Entry* const> entries) -> absl::Status {
                  for (Writer::Entry* entry : entries) EXPECT_FALSE(entry->outcome.has_value());
                  absl::Status status = Apply(transaction, entries);
                  if (++runs == 1) return absl::AbortedError("another replica was first");
                  return status;
                });
  Write(writer, 1);
  writer.Stop();
  EXPECT_EQ(StatusFor(1), absl::OkStatus());
  EXPECT_EQ(runs.load(), 2);
  EXPECT_EQ(writer.stats().splits, 0);
}

TEST_F(GroupCommitTest, ALostConnectionDuringTheBatchIsReplaced) {
  std::atomic<int> runs{0};
  Writer writer(Options(),
                [&](Transaction& transaction, absl::Span<Writer::Entry* const> entries) -> absl::Status {
                  if (++runs == 1) {
                    EXPECT_EQ(Kill(transaction.connection().server_side_id()), absl::OkStatus());
                  }
                  return Apply(transaction, entries);
                });
  Write(writer, 1);
  writer.Stop();
  EXPECT_EQ(StatusFor(1), absl::OkStatus());
  EXPECT_EQ(runs.load(), 2);
}

TEST_F(GroupCommitTest, AnItemWithoutAnOutcomeIsAnErrorAndNothingIsCommitted) {
  Writer writer(Options(), [&](Transaction& transaction, absl::Span<Writer::Entry* const> entries) {
    const absl::Status status = Apply(transaction, entries);
    entries[0]->outcome.reset();
    return status;
  });
  Write(writer, 1);
  writer.Stop();
  EXPECT_EQ(StatusFor(1).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM items"), 0);
}

TEST_F(GroupCommitTest, TheHookRunsAfterTheCommitAndBeforeTheOutcomes) {
  std::vector<std::string> order;
  Writer writer(
      Options(), [this](Transaction& transaction, auto entries) { return Apply(transaction, entries); },
      [&] {
        EXPECT_EQ(Number("SELECT COUNT(*) FROM items"), 1);
        order.push_back("hook");
      });
  writer.Write(0, 1, 1, absl::InfiniteFuture(), [&](Result) { order.push_back("done"); });
  writer.Stop();
  EXPECT_THAT(order, ElementsAre("hook", "done"));
}

TEST_F(GroupCommitTest, LanesOfSeveralWritersKeepTheirOrder) {
  GroupCommitOptions options = Options();
  options.writers = 3;
  absl::Mutex mutex;
  std::map<size_t, std::vector<int>> finished;
  {
    Writer writer(options,
                  [this](Transaction& transaction, auto entries) { return Apply(transaction, entries); });
    for (int i = 0; i < 300; ++i) {
      const size_t lane = static_cast<size_t>(i % 7);
      writer.Write(lane, i, 1, absl::InfiniteFuture(), [&, lane](Result result) {
        absl::MutexLock lock(&mutex);
        finished[lane].push_back(result.value_or(-1));
      });
    }
  }
  for (const auto& [lane, ids] : finished) EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end())) << lane;
  EXPECT_EQ(Number("SELECT COUNT(*) FROM items"), 300);
}

Task<int> WriteTwo(GroupCommit<int, int>& writer) {
  absl::StatusOr<int> first = co_await writer.Write(0, 1, 1, absl::InfiniteFuture());
  absl::StatusOr<int> second = co_await writer.Write(0, 2, 1, absl::InfiniteFuture());
  co_return first.value_or(-100) * 10 + second.value_or(-100);
}

TEST_F(GroupCommitTest, ACoroutineAwaitsItsOutcome) {
  const std::unique_ptr<Writer> writer = MakeWriter(Options());
  absl::Notification finished;
  int result = 0;
  Spawn(WriteTwo(*writer), [&](std::optional<int> value, std::exception_ptr) {
    result = value.value_or(-1);
    finished.Notify();
  });
  finished.WaitForNotification();
  EXPECT_EQ(result, 12);
}

}  // namespace
}  // namespace zhuqi::db
