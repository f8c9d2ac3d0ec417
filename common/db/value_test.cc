#include "common/db/value.h"

#include <random>
#include <string>
#include <variant>

#include "gtest/gtest.h"

namespace zhuqi::db {
namespace {

std::string TextOf(const Value& value) { return std::get<std::string>(value.storage()); }

TEST(Value, DaysAndTimesAreWrittenAsTheServerReadsThem) {
  EXPECT_EQ(TextOf(absl::CivilDay(2024, 2, 29)), "2024-02-29");
  EXPECT_EQ(TextOf(absl::CivilDay(1, 1, 1)), "0001-01-01");
  EXPECT_EQ(TextOf(absl::UnixEpoch()), "1970-01-01 00:00:00.000000");
  EXPECT_EQ(TextOf(absl::UnixEpoch() - absl::Microseconds(1)), "1969-12-31 23:59:59.999999");
  EXPECT_EQ(TextOf(absl::FromUnixMicros(1706063519123456) + absl::Nanoseconds(999)),
            "2024-01-24 02:31:59.123456");
}

TEST(Value, TimesAreThoseOfTheLibrary) {
  std::mt19937_64 random(1);
  const int64_t first = absl::ToUnixMicros(absl::FromCivil(absl::CivilSecond(1, 1, 1), absl::UTCTimeZone()));
  const int64_t end =
      absl::ToUnixMicros(absl::FromCivil(absl::CivilSecond(10000, 1, 1), absl::UTCTimeZone()));
  std::uniform_int_distribution<int64_t> any(first, end - 1);
  for (int i = 0; i < 10000; ++i) {
    const absl::Time time = absl::FromUnixMicros(any(random));
    EXPECT_EQ(TextOf(time), absl::FormatTime("%E4Y-%m-%d %H:%M:%E6S", time, absl::UTCTimeZone()));
  }
}

TEST(Value, AYearThatNoDateHoldsIsNotCutToOneThatItHolds) {
  EXPECT_EQ(TextOf(absl::CivilDay(12024, 1, 1)), "year out of range");
  EXPECT_EQ(TextOf(absl::CivilDay(-1, 1, 1)), "year out of range");
}

}  // namespace
}  // namespace zhuqi::db
