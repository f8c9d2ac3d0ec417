#include "tools/zhuqictl/deadline_text.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace zhuqi::ctl {
namespace {

using ::testing::HasSubstr;

routing::v1::ExplainDeadlineResponse Explanation(const std::string& text) {
  routing::v1::ExplainDeadlineResponse response;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &response)) << text;
  return response;
}

TEST(DeadlineTextTest, EveryDaySaysWhatItIsWhyItCountsAndTheSum) {
  const std::string text = DescribeDeadline(Explanation(R"(
    case_id: "c" clock: CLOCK_KIND_HANDLING policy { policy_id: "handle" working_days { count: 5 } }
    catalogue_version: 3 calendar_id: "city" calendar_version: 7 deadline { seconds: 1772096400 }
    measured_at { seconds: 1770861600 } used_days: 1 used_working_minutes: 450
    days { date { year: 2026 month: 2 day: 14 } weekday: 6 from { seconds: 1770998400 } to { seconds: 1771084800 }
           kind: DAY_KIND_MAKE_UP_WORKDAY holiday: "春节" notice_year: 2026 counting: DAY_COUNTING_COUNTS days: 1
           minutes: 420 sum_days: 2 }
    days { date { year: 2026 month: 2 day: 26 } weekday: 4 from { seconds: 1772035200 } to { seconds: 1772096400 }
           kind: DAY_KIND_WORKDAY counting: DAY_COUNTING_COUNTS days: 1 minutes: 420 sum_days: 5 due: true ahead: true }
    next_page_token: "x")"));
  EXPECT_THAT(
      text,
      HasSubstr("handling clock of case c: due 2026-02-26 17:00\nlimit 5 working days (policy handle of "
                "catalogue version 3), calendar city version 7\nused by 2026-02-12 10:00: 1 days, 7:30 "
                "working hours"));
  EXPECT_THAT(text, HasSubstr("make up workday 春节 (notice of 2026)  counts"));
  EXPECT_THAT(text, HasSubstr("2026-02-26  Thu  00:00-17:00  workday"));
  EXPECT_THAT(text, HasSubstr("DUE; ahead"));
  EXPECT_THAT(text, HasSubstr("more days"));
}

TEST(DeadlineTextTest, HalfDaysAreWrittenAsPeopleWriteThem) {
  const std::string text = DescribeDeadline(Explanation(R"(
    clock: CLOCK_KIND_RESPONSE policy { policy_id: "contact" working_days { half: true } }
    days { date { year: 2026 month: 3 day: 4 } weekday: 3 from { seconds: 1772553600 } to { seconds: 1772596800 }
           kind: DAY_KIND_WORKDAY counting: DAY_COUNTING_COUNTS half_day: true sum_half_day: true due: true } )"));
  EXPECT_THAT(text, HasSubstr("limit 0.5 working days"));
  EXPECT_THAT(text, HasSubstr("counts   0.5  0.5"));
}

TEST(DeadlineTextTest, APausedClockSaysByWhomAndWhyAndHasNoDeadline) {
  const std::string text = DescribeDeadline(Explanation(R"(
    clock: CLOCK_KIND_RESPONSE policy { policy_id: "contact" working_hours { minutes: 90 } }
    days { date { year: 2026 month: 3 day: 4 } weekday: 3 from { seconds: 1772553600 } to { seconds: 1772640000 }
           kind: DAY_KIND_WORKDAY counting: DAY_COUNTING_PAUSED sum_minutes: 65
           pauses { start { seconds: 1772596800 } paused: true reason: "等待企业补件" by: "li" } })"));
  EXPECT_THAT(text, HasSubstr("paused, has no deadline until it is resumed\nlimit 1:30 working hours"));
  EXPECT_THAT(text, HasSubstr("1:05"));
  EXPECT_THAT(text, HasSubstr("paused 2026-03-04 12:00 to now by li: 等待企业补件"));
}

}  // namespace
}  // namespace zhuqi::ctl
