#include "common/rpc/timer.h"

#include <atomic>
#include <exception>
#include <memory>
#include <optional>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace zhuqi::rpc {
namespace {

using ::testing::ElementsAre;

// How a sleep ended, once it did.
struct Sleeper {
  explicit Sleeper(Task<bool> task) {
    Spawn(std::move(task), [this](std::optional<bool> due, std::exception_ptr) {
      value = *due;
      done.Notify();
    });
  }
  bool Wait() {
    done.WaitForNotification();
    return value;
  }
  bool value = false;
  absl::Notification done;
};

TEST(Timer, CallsInTheOrderOfTimesNotOfRegistration) {
  Timer timer;
  std::vector<int> order;
  absl::Notification done;
  const absl::Time now = absl::Now();
  timer.At(now + absl::Milliseconds(40), [&] {
    order.push_back(3);
    done.Notify();
  });
  timer.At(now + absl::Milliseconds(20), [&] { order.push_back(2); });
  timer.At(now - absl::Hours(1), [&] { order.push_back(1); });
  done.WaitForNotification();
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(Timer, ASleeperWakesWhenItsTimeHasCome) {
  Timer timer;
  const absl::Time when = absl::Now() + absl::Milliseconds(10);
  Sleeper sleeper(timer.SleepUntil(when));
  EXPECT_TRUE(sleeper.Wait());
  EXPECT_GE(absl::Now(), when);
}

TEST(Timer, StopWakesSleepersAndDropsFunctions) {
  Timer timer;
  Cancellation cancellation;
  bool ran = false;
  timer.At(absl::Now() + absl::Hours(1), [&] { ran = true; });
  Sleeper plain(timer.SleepUntil(absl::InfiniteFuture()));
  Sleeper cancellable(timer.SleepUntil(absl::InfiniteFuture(), &cancellation));
  timer.Stop();
  EXPECT_FALSE(plain.Wait());
  EXPECT_FALSE(cancellable.Wait());
  EXPECT_FALSE(ran);
  Sleeper late(timer.SleepUntil(absl::Now()));
  EXPECT_FALSE(late.Wait());
}

TEST(Timer, CancellationWakesASleeper) {
  Timer timer;
  Cancellation cancellation;
  Sleeper sleeper(timer.SleepUntil(absl::InfiniteFuture(), &cancellation));
  EXPECT_FALSE(sleeper.done.HasBeenNotified());
  cancellation.Cancel();
  EXPECT_FALSE(sleeper.Wait());
  Sleeper late(timer.SleepUntil(absl::InfiniteFuture(), &cancellation));
  EXPECT_FALSE(late.Wait());
}

TEST(Timer, TimeAndCancellationAtOnceWakeASleeperOnce) {
  constexpr int kRounds = 2000;
  Timer timer;
  for (int i = 0; i < kRounds; ++i) {
    auto cancellation = std::make_unique<Cancellation>();
    Sleeper sleeper(timer.SleepUntil(absl::Now(), cancellation.get()));
    cancellation->Cancel();
    sleeper.Wait();
  }
}

TEST(Cancellation, AForgottenCallbackDoesNotRun) {
  Cancellation cancellation;
  int runs = 0;
  const std::uint64_t first = cancellation.OnCancel([&] { runs += 1; });
  cancellation.OnCancel([&] { runs += 10; });
  EXPECT_TRUE(cancellation.Forget(first));
  cancellation.Cancel();
  cancellation.Cancel();
  EXPECT_EQ(runs, 10);
  EXPECT_FALSE(cancellation.Forget(first));
  EXPECT_EQ(cancellation.OnCancel([&] { runs += 100; }), 0u);
  EXPECT_EQ(runs, 110);
}

}  // namespace
}  // namespace zhuqi::rpc
