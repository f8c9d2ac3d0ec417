#include "services/intake/summaries/period_rules.h"

#include "common/rpc/errors.h"
#include "gtest/gtest.h"
#include "services/intake/summaries/test_summaries.h"

namespace zhuqi::intake {
namespace {

TEST(Period, LocksOnADateOfItsOwn) {
  // The form's tenth working day of January 2026 is the 15th: the 4th, a Sunday, was worked.
  const auto& form = *Chain()->FormFor("district", kDecember);
  const StoredPeriod period = NewPeriod(form, kDecember, Chain()->calendar(), kInTime);
  const absl::Time lock = StartOfCityDay(absl::CivilDay(2026, 1, 16));
  EXPECT_EQ(LockTime(period.period), lock);
  EXPECT_FALSE(IsLocked(period.period, lock - absl::Microseconds(1)));
  EXPECT_TRUE(IsLocked(period.period, lock));
  const StoredPeriod never =
      NewPeriod(*Chain()->FormFor("township", kDecember), kDecember, Chain()->calendar(), kInTime);
  EXPECT_FALSE(IsLocked(never.period, lock + absl::Hours(10000)));
}

TEST(Period, IsLockedAndUnlockedByHand) {
  v1::LockPeriodRequest lock;
  lock.set_reason("年度决算");
  v1::LockPeriodRequest unlock = lock;
  unlock.set_unlock(true);
  const StoredPeriod open =
      NewPeriod(*Chain()->FormFor("district", kDecember), kDecember, Chain()->calendar(), kInTime);
  const StoredPeriod locked = *DecideLock(open, lock, "chief", kInTime);
  EXPECT_TRUE(IsLocked(locked.period, kInTime));
  EXPECT_EQ(locked.period.decisions(0).actor(), "chief");
  EXPECT_EQ(DecideLock(locked, lock, "chief", kLate)->period.decisions_size(), 1);  // stands so already
  // Unlocked before the form's own date: that still comes.
  const StoredPeriod early = *DecideLock(locked, unlock, "chief", kLate);
  EXPECT_FALSE(IsLocked(early.period, kLate));
  EXPECT_TRUE(IsLocked(early.period, StartOfCityDay(absl::CivilDay(2026, 1, 16))));
  // After it: it stays open until somebody locks it.
  const absl::Time after = StartOfCityDay(absl::CivilDay(2026, 2, 1));
  const StoredPeriod late = *DecideLock(early, unlock, "chief", after);
  EXPECT_EQ(LockTime(late.period), std::nullopt);
  EXPECT_FALSE(IsLocked(late.period, after + absl::Hours(10000)));
}

TEST(Period, HasAtMost100Decisions) {
  StoredPeriod period =
      NewPeriod(*Chain()->FormFor("township", kDecember), kDecember, Chain()->calendar(), kInTime);
  v1::LockPeriodRequest request;
  for (int i = 0; i < 100; ++i) {
    request.set_unlock(i % 2 == 1);
    const auto decided = DecideLock(period, request, "chief", kInTime);
    ASSERT_TRUE(decided.ok()) << i;
    period = *decided;
  }
  request.set_unlock(false);
  EXPECT_EQ(rpc::ReasonOf(DecideLock(period, request, "chief", kInTime).status()), "TOO_MANY_DECISIONS");
}

TEST(Period, ProvisionalLockDateIsSettledByTheNotice) {
  directory::v1::ApplyDirectoryRequest request = CityRequest();
  request.clear_calendar();
  request.mutable_forms(0)->set_lock_working_day(10);
  const auto without = After(Directory(), request);
  const auto& form = without->forms().at("monthly");
  const StoredPeriod guessed = NewPeriod(form, kDecember, without->calendar(), kInTime);
  EXPECT_TRUE(guessed.lock_provisional);
  EXPECT_FALSE(SettledLock(guessed, form, without->calendar(), kLate).has_value());
  const auto settled = SettledLock(guessed, form, City()->calendar(), kLate);
  ASSERT_TRUE(settled.has_value());
  EXPECT_EQ(LockTime(settled->period), StartOfCityDay(absl::CivilDay(2026, 1, 16)));
  EXPECT_FALSE(SettledLock(*settled, form, without->calendar(), kLate).has_value());  // and stays
  // Before the notice the other date was expected: by weekdays, the tenth working day is the 14th.
  EXPECT_EQ(LockTime(*KnownAt(settled->period, kInTime)), StartOfCityDay(absl::CivilDay(2026, 1, 15)));
  EXPECT_EQ(KnownAt(settled->period, kInTime)->SerializeAsString(), guessed.period.SerializeAsString());
  EXPECT_EQ(KnownAt(settled->period, kLate)->SerializeAsString(), settled->period.SerializeAsString());
}

TEST(Period, IsKnownAsItWasWithoutLaterDecisions) {
  v1::LockPeriodRequest lock;
  lock.set_reason("年度决算");
  v1::LockPeriodRequest unlock = lock;
  unlock.set_unlock(true);
  const StoredPeriod open =
      NewPeriod(*Chain()->FormFor("township", kDecember), kDecember, Chain()->calendar(), kInTime);
  const StoredPeriod locked = *DecideLock(open, lock, "chief", kLate);
  const StoredPeriod unlocked = *DecideLock(locked, unlock, "chief", kLate + absl::Hours(1));
  const auto known = [&](absl::Time as_of) { return *KnownAt(unlocked.period, as_of); };
  EXPECT_EQ(known(kInTime).SerializeAsString(), open.period.SerializeAsString());
  EXPECT_EQ(LockTime(known(kInTime)), std::nullopt);
  EXPECT_EQ(LockTime(known(kLate)), kLate);
  EXPECT_EQ(LockTime(known(kLate + absl::Hours(1))), std::nullopt);
  EXPECT_EQ(known(kLate + absl::Hours(1)).decisions_size(), 2);
  EXPECT_FALSE(KnownAt(unlocked.period, kInTime - absl::Microseconds(1)).has_value());
}

}  // namespace
}  // namespace zhuqi::intake
