#include "services/intake/summaries/record_scope.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/summaries/test_summaries.h"

namespace zhuqi::intake {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(RecordScope, IsOneSpanWhileNothingChanges) {
  const auto spans = RecordScope(*Chain(), "jinshui", kJanuary, {});
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].first, absl::CivilDay(2026, 1, 1));
  EXPECT_EQ(spans[0].last, absl::CivilDay(2026, 1, 31));
  EXPECT_THAT(spans[0].org_unit_ids, ElementsAre("fengchan", "huayuanlu", "jinshui"));
}

TEST(RecordScope, LeavesOutWhatReportsItself) {
  const auto spans = RecordScope(*Chain(), "jinshui", kJanuary, {"huayuanlu", "fengchan"});
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_THAT(spans[0].org_unit_ids, ElementsAre("jinshui"));
}

TEST(RecordScope, FollowsAMoveOnItsDay) {
  const auto spans = RecordScope(*Moved(), "jinshui", kJanuary, {});
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].last, absl::CivilDay(2026, 1, 14));
  EXPECT_THAT(spans[0].org_unit_ids, ElementsAre("fengchan", "huayuanlu", "jinshui"));
  EXPECT_EQ(spans[1].first, absl::CivilDay(2026, 1, 15));
  EXPECT_THAT(spans[1].org_unit_ids, ElementsAre("fengchan", "jinshui"));
}

TEST(RecordScope, OfAUnitThatWasNotThereIsEmpty) {
  EXPECT_THAT(RecordScope(*Chain(), "nowhere", kJanuary, {}), IsEmpty());
}

TEST(LowerUnits, BelongToWhomTheyWereBelowAtTheEnd) {
  const auto level = directory::v1::ORG_UNIT_LEVEL_TOWNSHIP;
  EXPECT_THAT(LowerUnits(*Moved(), "jinshui", kJanuary, level), ElementsAre("fengchan"));
  EXPECT_THAT(LowerUnits(*Moved(), "zhongmu", kJanuary, level), ElementsAre("huayuanlu"));
  EXPECT_THAT(LowerUnits(*Moved(), "jinshui", kDecember, level), ElementsAre("fengchan", "huayuanlu"));
  EXPECT_THAT(LowerUnits(*Moved(), "zhengzhou", kJanuary, directory::v1::ORG_UNIT_LEVEL_DISTRICT),
              ElementsAre("jinshui", "zhongmu"));
}

}  // namespace
}  // namespace zhuqi::intake
