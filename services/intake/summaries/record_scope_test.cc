#include "services/intake/summaries/record_scope.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/summaries/test_summaries.h"

namespace zhuqi::intake {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::CivilMonth kJanuary(2026, 1);

// 花园路 moved from 金水 to 中牟; its last day at 金水 was the 14th.
std::shared_ptr<const Directory> Moved() {
  feed::v1::DirectoryChanged change;
  directory::v1::OrgUnit& unit = *change.add_org_units();
  unit = *Chain()->FindUnit("huayuanlu");
  unit.set_parent_id("zhongmu");
  unit.add_former_parents()->set_parent_id("jinshui");
  *unit.mutable_former_parents(0)->mutable_until() = DateMessage(absl::CivilDay(2026, 1, 14));
  return Chain()->With(change, 2).value();
}

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
