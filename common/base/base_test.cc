#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/synchronization/barrier.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "common/base/civil_time.h"
#include "common/base/clock.h"
#include "common/base/page_token.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/base/stop_together.h"
#include "common/base/task.h"
#include "common/base/uuid.h"
#include "gtest/gtest.h"

namespace zhuqi {
namespace {

// What a task ended with, for whoever started it from ordinary code.
template <typename T>
struct Outcome {
  std::optional<T> value;
  std::exception_ptr exception;
  absl::Notification done;
};

template <typename T>
std::shared_ptr<Outcome<T>> Start(Task<T> task) {
  auto outcome = std::make_shared<Outcome<T>>();
  Spawn(std::move(task), [outcome](std::optional<T> value, std::exception_ptr exception) {
    outcome->value = std::move(value);
    outcome->exception = exception;
    outcome->done.Notify();
  });
  return outcome;
}

Task<int> Give(int value) { co_return value; }

Task<int> Sum(int n) {
  int sum = 0;
  for (int i = 1; i <= n; ++i) {
    const int value = co_await Give(i);
    sum += value;
  }
  co_return sum;
}

Task<int> Throw() {
  throw std::runtime_error("out of luck");
  co_return 0;
}

Task<int> PassOn() {
  const int value = co_await Throw();
  co_return value;
}

Task<absl::StatusOr<int>> Half(int value) {
  if (value % 2 != 0) co_return absl::InvalidArgumentError("odd");
  co_return value / 2;
}

Task<absl::StatusOr<int>> Quarter(int value) {
  absl::StatusOr<int> half = co_await Half(value);
  ZHUQI_CO_ASSIGN_OR_RETURN(const int number, half);
  absl::StatusOr<int> quarter = co_await Half(number);
  co_return quarter;
}

// Resumes from a thread of its own.
Task<std::thread::id> Elsewhere(std::vector<std::thread>* threads) {
  const int value = co_await AwaitCallback<int>(
      [threads](AwaitCallback<int>::Resume resume) { threads->emplace_back([resume] { resume(1); }); });
  EXPECT_EQ(value, 1);
  co_return std::this_thread::get_id();
}

// Counts how many of it live.
struct Counted {
  static std::atomic<int> live;
  Counted() { ++live; }
  Counted(const Counted&) { ++live; }
  Counted(Counted&&) noexcept { ++live; }
  ~Counted() { --live; }
};
std::atomic<int> Counted::live{0};

Task<Counted> HoldAndWait(Counted held, std::function<void(std::function<void(int)>)> enqueue) {
  const int value = co_await AwaitCallback<int>(std::move(enqueue));
  if (value < 0) throw std::runtime_error("asked to");
  co_return held;
}

TEST(Task, GivesItsValueToTheOneWhoSpawned) {
  const auto outcome = Start(Sum(100));
  ASSERT_TRUE(outcome->done.HasBeenNotified());
  EXPECT_EQ(outcome->value, 5050);
  EXPECT_EQ(outcome->exception, nullptr);
}

TEST(Task, AwaitsThatCompleteAtOnceDoNotUseUpTheStack) {
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
  EXPECT_EQ(Start(Sum(50000))->value, 1250025000);
#else
  // g++ passes from coroutine to coroutine by a tail call only where it optimises.
  EXPECT_EQ(Start(Sum(100))->value, 5050);
#endif
}

TEST(Task, IsLazy) {
  bool ran = false;
  {
    // The flag goes by reference: a coroutine must not be a capturing lambda.
    struct Body {
      static Task<int> Run(bool* flag) {
        *flag = true;
        co_return 1;
      }
    };
    const Task<int> never_awaited = Body::Run(&ran);
  }
  EXPECT_FALSE(ran);
}

TEST(Task, AnExceptionEndsInTheOneWhoSpawned) {
  const auto outcome = Start(PassOn());
  ASSERT_TRUE(outcome->done.HasBeenNotified());
  EXPECT_FALSE(outcome->value.has_value());
  ASSERT_NE(outcome->exception, nullptr);
  try {
    std::rethrow_exception(outcome->exception);
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "out of luck");
  }
}

TEST(Task, TheStatusMacrosLeaveACoroutine) {
  EXPECT_EQ(**Start(Quarter(12))->value, 3);
  EXPECT_EQ(Start(Quarter(3))->value->status().message(), "odd");
  EXPECT_EQ(Start(Quarter(6))->value->status().message(), "odd");
}

TEST(Task, ContinuesOnTheThreadThatResumesIt) {
  std::vector<std::thread> threads;
  const auto outcome = Start(Elsewhere(&threads));
  outcome->done.WaitForNotification();
  ASSERT_EQ(threads.size(), 1u);
  EXPECT_EQ(outcome->value, threads[0].get_id());
  EXPECT_NE(outcome->value, std::this_thread::get_id());
  threads[0].join();
}

TEST(Task, ThousandsResumedFromManyThreadsLeaveNothingBehind) {
  constexpr int kTasks = 4000;
  constexpr int kThreads = 4;
  std::vector<std::vector<std::function<void(int)>>> queues(kThreads);
  std::atomic<int> values{0};
  std::atomic<int> exceptions{0};
  absl::BlockingCounter finished(kTasks);
  for (int i = 0; i < kTasks; ++i) {
    auto& queue = queues[static_cast<std::size_t>(i % kThreads)];
    Spawn(HoldAndWait(Counted(),
                      [&queue](std::function<void(int)> resume) { queue.push_back(std::move(resume)); }),
          [&](std::optional<Counted> value, std::exception_ptr) {
            ++(value.has_value() ? values : exceptions);
            finished.DecrementCount();
          });
  }
  std::vector<std::thread> threads;
  for (auto& queue : queues) {
    threads.emplace_back([&queue] {
      int i = 0;
      for (auto& resume : queue) resume(i++ % 10 == 0 ? -1 : 1);
    });
  }
  finished.Wait();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(values, kTasks * 9 / 10);
  EXPECT_EQ(exceptions, kTasks / 10);
  EXPECT_EQ(Counted::live, 0);
}

TEST(Uuid, NewOnesGrowWithinAMillisecondAndCarryTheTime) {
  const absl::Time now = absl::FromUnixMillis(1719273750164);
  Uuid last = Uuid::NewV7(now);
  EXPECT_EQ(last.ToString()[14], '7');
  for (int i = 0; i < 1000; ++i) {
    const Uuid next = Uuid::NewV7(now);
    ASSERT_LT(last, next);
    last = next;
  }
}

TEST(Uuid, TextAndBytesGoRound) {
  const std::string text = "0190163d-8694-739b-aea5-966c26f8ad91";
  const auto uuid = Uuid::Parse(text);
  ASSERT_TRUE(uuid.has_value());
  EXPECT_EQ(uuid->ToString(), text);
  EXPECT_EQ(Uuid::Parse("0190163D-8694-739B-AEA5-966C26F8AD91"), uuid);
  EXPECT_EQ(Uuid::FromBytes(uuid->ToBytes()), uuid);
}

TEST(Uuid, RefusesWhatIsNone) {
  for (const char* text : {"", "0190163d8694739baea5966c26f8ad91", "0190163d-8694-739b-aea5-966c26f8ad9",
                           "0190163d-8694-739b-aea5-966c26f8ad91 ", "g190163d-8694-739b-aea5-966c26f8ad91",
                           "{0190163d-8694-739b-aea5-966c26f8ad9}"}) {
    EXPECT_FALSE(Uuid::Parse(text).has_value()) << text;
  }
  EXPECT_FALSE(Uuid::FromBytes("short").has_value());
}

TEST(Uuid, ADerivedOneIsAFunctionOfItsArguments) {
  const absl::Time at = absl::FromUnixMillis(1719273750164);
  EXPECT_EQ(Uuid::Derived("case", "7", at), Uuid::Derived("case", "7", at));
  EXPECT_NE(Uuid::Derived("case", "7", at), Uuid::Derived("case", "8", at));
  EXPECT_NE(Uuid::Derived("case", "7", at), Uuid::Derived("theme", "7", at));
  EXPECT_EQ(Uuid::Derived("case", "7", at).ToString()[14], '8');
}

TEST(Sha256, MatchesTheStandardsVectors) {
  EXPECT_EQ(absl::BytesToHexString(Sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(absl::BytesToHexString(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(CivilTime, TheCitysDayBeginsAtSixteenHoursUtcOfTheDayBefore) {
  const absl::Time begin = absl::FromCivil(absl::CivilSecond(2026, 2, 28, 16, 0, 0), absl::UTCTimeZone());
  EXPECT_EQ(CityDay(begin), absl::CivilDay(2026, 3, 1));
  EXPECT_EQ(CityDay(begin - absl::Nanoseconds(1)), absl::CivilDay(2026, 2, 28));
  EXPECT_EQ(StartOfCityDay(absl::CivilDay(2026, 3, 1)), begin);
  EXPECT_EQ(CityTime(absl::CivilDay(2026, 3, 1), 9, 30), begin + absl::Hours(9.5));
}

TEST(Clock, AFakeOneStandsUntilItIsMoved) {
  FakeClock clock(absl::UnixEpoch());
  clock.Advance(absl::Seconds(5));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(5));
  clock.Set(absl::FromUnixSeconds(3));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(3));
}

TEST(PageToken, GivesThePositionBackForTheSameFilterAlone) {
  const std::vector<std::string> position = {"", std::string("a\0b", 3), "郑州"};
  const std::string token = EncodePageToken("filter", position);
  EXPECT_EQ(DecodePageToken(token, "filter", 3), position);
  EXPECT_EQ(DecodePageToken(token, "another", 3), std::nullopt);
  EXPECT_EQ(DecodePageToken(token, "filter", 2), std::nullopt);
  EXPECT_EQ(DecodePageToken(token.substr(0, token.size() - 2), "filter", 3), std::nullopt);
  EXPECT_EQ(DecodePageToken("?", "filter", 3), std::nullopt);
}

TEST(PageToken, OneRowMoreThanAPageHoldsIsTakenOffAndSaysThatThereIsANextPage) {
  std::vector<int> rows = {1, 2, 3};
  EXPECT_TRUE(CutToPage(rows, 2));
  EXPECT_EQ(rows, (std::vector<int>{1, 2}));
  EXPECT_FALSE(CutToPage(rows, 2));
  EXPECT_EQ(rows, (std::vector<int>{1, 2}));
  rows.clear();
  EXPECT_FALSE(CutToPage(rows, 2));
}

// A row that is as large as it says.
struct LargeRow {
  std::size_t bytes = 0;
  std::size_t ByteSizeLong() const { return bytes; }
};

TEST(PageToken, PageEndsAtItsBytesToo) {
  const auto cut = [](std::vector<LargeRow> rows, int page_size) {
    const bool more = CutToPage(rows, page_size);
    return std::make_pair(rows.size(), more);
  };
  const LargeRow half{kMaxPageBytes / 2};
  EXPECT_EQ(cut({half, half}, 3), std::make_pair(std::size_t{2}, false));
  EXPECT_EQ(cut({half, half, LargeRow{1}}, 3), std::make_pair(std::size_t{2}, true));
  EXPECT_EQ(cut({half, half, LargeRow{0}}, 3), std::make_pair(std::size_t{3}, false));
  EXPECT_EQ(cut({half, half}, 1), std::make_pair(std::size_t{1}, true));
  // Never without a row, and one that is too large stands alone.
  EXPECT_EQ(cut({LargeRow{3 * kMaxPageBytes}, half}, 3), std::make_pair(std::size_t{1}, true));
  EXPECT_EQ(cut({half, LargeRow{3 * kMaxPageBytes}}, 3), std::make_pair(std::size_t{1}, true));
}

// Each of the three ends when all have begun: one after another they never would.
TEST(StopTogether, NoneWaitsForAnotherToHaveEnded) {
  auto* const all_begun = new absl::Barrier(3);
  std::atomic<int> ended{0};
  const auto stop = [&] {
    if (all_begun->Block()) delete all_begun;
    ++ended;
  };
  StopTogether({stop, stop, stop});
  EXPECT_EQ(ended, 3);
  StopTogether({});
}

}  // namespace
}  // namespace zhuqi
