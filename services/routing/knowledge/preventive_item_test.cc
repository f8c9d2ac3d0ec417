// Preventive work items on a real database: who is asked, and the work on it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/rpc/errors.h"
#include "services/routing/knowledge/theme_fixture.h"

namespace zhuqi::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kUnderground;

using PreventiveItemTest = testing::ThemeTest;

TEST_F(PreventiveItemTest, DistrictsThatHaveTheCategoryAndHaveNotComplainedAreAsked) {
  for (int i = 1; i <= 3; ++i) {
    members_.push_back(AddCase(i, kUnderground, "js", "2024-06-01 10:00", absl::StrCat("E", i)));
  }
  AddCase(4, "其他土地事项", "zm", "2024-01-10 10:00", "E9");
  LookAtAll();
  ASSERT_EQ(List({}).size(), 1u);
  const std::string id = List({})[0].theme_id();
  Confirm(id, "prevent { due_on { year: 2024 month: 6 day: 20 } note: '走访地下空间项目' }");
  const v1::GetThemeResponse got = Get(id);
  ASSERT_EQ(got.preventive_items_size(), 1);
  const v1::PreventiveItem& item = got.preventive_items(0);
  EXPECT_EQ(item.org_unit_id(), "zm");
  EXPECT_EQ(item.theme_title(), kUnderground);
  ASSERT_EQ(item.grounds_size(), 1);
  EXPECT_EQ(item.grounds(0).reason(), v1::PREVENTION_REASON_SAME_CATEGORY);
  EXPECT_EQ(item.grounds(0).cases(), 1);
  EXPECT_THAT(item.grounds(0).enterprise_usccs(), ElementsAre("E9"));
  EXPECT_EQ(item.note(), "走访地下空间项目");
  EXPECT_THAT(got.history(1).prevented_org_unit_ids(), ElementsAre("zm"));
  EXPECT_EQ(got.theme().open_preventive_item_count(), 1);
  // Again: nobody is asked twice.
  const auto again = Do(id, "prevent { due_on { year: 2024 month: 6 day: 20 } }");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->prevented_org_unit_ids_size(), 0);
  EXPECT_THAT(ListIds("org_unit_id: 'zm'"), ElementsAre(id));
  // Work on it.
  EXPECT_THAT(ListItems("org_unit_id: 'zm' state: PREVENTIVE_ITEM_STATE_OPEN"), ElementsAre("zm"));
  EXPECT_THAT(ListItems("overdue: true"), IsEmpty());
  clock_.Advance(absl::Hours(24 * 18));
  EXPECT_THAT(ListItems("overdue: true"), ElementsAre("zm"));
  // It was raised there all the same, the day after the item was made.
  const std::string all_the_same = AddCase(5, kUnderground, "zm", "2024-06-04 09:00");
  ASSERT_TRUE(Do(id, AddCases({all_the_same})).ok());
  const auto done = OnItem(id, "zm", "complete { note: '已走访，一家受影响' }");
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->item().state(), v1::PREVENTIVE_ITEM_STATE_DONE);
  EXPECT_EQ(done->item().cases_since(), 1);
  EXPECT_THAT(ListItems("overdue: true"), IsEmpty());
  EXPECT_THAT(ListItems(absl::StrCat("theme_id: '", id, "'")), ElementsAre("zm"));
  const v1::GetThemeResponse after = Get(id);
  const v1::ThemeEvent& last = after.history(after.history_size() - 1);
  EXPECT_EQ(last.preventive_item().org_unit_id(), "zm");
  EXPECT_EQ(last.preventive_item().action().complete().note(), "已走访，一家受影响");
  EXPECT_EQ(rpc::ReasonOf(OnItem(id, "zm", "report { note: 'x' }").status()), "ILLEGAL_TRANSITION");
  EXPECT_EQ(rpc::ReasonOf(OnItem(id, "js", "report { note: 'x' }").status()), "PREVENTIVE_ITEM_UNKNOWN");
}

TEST_F(PreventiveItemTest, ARejectedThemeAsksNothingMoreOfAnybody) {
  for (int i = 1; i <= 3; ++i) AddCase(i, kUnderground, "js", "2024-06-01 10:00", absl::StrCat("E", i));
  LookAtAll();
  const std::string id = List({})[0].theme_id();
  Confirm(id, "prevent { due_on { year: 2024 month: 6 day: 20 } org_unit_ids: 'zm' }");
  ASSERT_TRUE(Do(id, "reject { reason: '成因各异' }").ok());
  const v1::GetThemeResponse got = Get(id);
  EXPECT_EQ(got.preventive_items(0).state(), v1::PREVENTIVE_ITEM_STATE_NOT_NEEDED);
  EXPECT_EQ(got.preventive_items(0).note(), "成因各异");
  EXPECT_EQ(
      rpc::ReasonOf(OnItem(id, "zm", "reopen { note: 'x' due_on { year: 2024 month: 7 day: 1 } }").status()),
      "THEME_ENDED");
}

}  // namespace
}  // namespace zhuqi::routing
