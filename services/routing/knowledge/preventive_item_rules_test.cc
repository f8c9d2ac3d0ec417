#include "services/routing/knowledge/preventive_item_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "google/protobuf/text_format.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kAskedAt = At("2024-06-03 10:00");

v1::PreventiveItemAction ItemAction(const std::string& text) {
  v1::PreventiveItemAction action;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &action)) << text;
  return action;
}

PreventionInput Input() {
  PreventionInput input;
  *input.request.mutable_due_on() = DateMessage(absl::CivilDay(2024, 6, 30));
  input.actor = "li";
  input.now = kAskedAt;
  return input;
}

std::vector<std::string> Texts(const std::vector<v1::PreventiveItem>& items) {
  std::vector<std::string> texts;
  for (const v1::PreventiveItem& item : items) {
    std::string text = item.org_unit_id();
    for (const v1::PreventionGround& ground : item.grounds()) {
      absl::StrAppend(&text, " ", v1::PreventionReason_Name(ground.reason()).substr(18), ":", ground.cases(),
                      ":", ground.enterprises());
      if (!ground.enterprise_usccs().empty())
        absl::StrAppend(&text, ":", absl::StrJoin(ground.enterprise_usccs(), "+"));
    }
    texts.push_back(text);
  }
  return texts;
}

TEST(PreventiveItems, DistrictsWithTheEnterpriseOrTheCategoryGetOne) {
  PreventionInput input = Input();
  input.complained = {"zm"};
  input.concern.same_enterprise = {{"js-t", "E1", 2}};
  input.concern.same_category = {{"js", "E1", 1}, {"js", "E2", 2}, {"js-t", "E2", 2},
                                 {"js", "", 3},   {"zm", "E3", 1}, {"zz", "E4", 1}};
  // The township's issues are its district's; the city is no district; zm has complained. The enterprise with
  // the most issues comes first.
  EXPECT_THAT(Texts(NewItems(v1::Theme(), input, *testing::City())),
              ElementsAre("js SAME_ENTERPRISE:2:1:E1 SAME_CATEGORY:8:2:E2+E1"));
}

TEST(PreventiveItems, TwentyEnterprisesAreNamedAndAllAreCounted) {
  PreventionInput input = Input();
  for (int i = 0; i < 21; ++i) input.concern.same_category.push_back({"js", absl::StrCat("E", i), 1});
  const auto items = NewItems(v1::Theme(), input, *testing::City());
  EXPECT_EQ(items[0].grounds(0).enterprises(), 21);
  EXPECT_EQ(items[0].grounds(0).enterprise_usccs_size(), 20);
}

TEST(PreventiveItems, OnlyThoseThatAreNamedWhenSomeAre) {
  PreventionInput input = Input();
  input.request.add_org_unit_ids("zm");
  input.concern.same_category = {{"js", "E1", 1}};
  const auto items = NewItems(v1::Theme(), input, *testing::City());
  EXPECT_THAT(Texts(items), ElementsAre("zm NAMED:0:0"));
  EXPECT_EQ(items[0].state(), v1::PREVENTIVE_ITEM_STATE_OPEN);
  EXPECT_EQ(items[0].changed_by(), "li");
  EXPECT_EQ(items[0].etag(), "1");
}

TEST(PreventiveItems, NobodyIsAskedTwiceNorWhoHasComplainedBelow) {
  PreventionInput input = Input();
  input.concern.same_category = {{"js", "E1", 1}, {"zm", "E2", 1}};
  input.asked = {"zm"};
  input.complained = {"js-t"};
  EXPECT_THAT(NewItems(v1::Theme(), input, *testing::City()), IsEmpty());
}

v1::PreventiveItem OpenItem() {
  PreventionInput input = Input();
  input.request.add_org_unit_ids("zm");
  return NewItems(v1::Theme(), input, *testing::City())[0];
}

TEST(PreventiveItems, EachStateAllowsWhatTheTableSays) {
  const auto allowed = [](v1::PreventiveItemState state) {
    return absl::StrJoin(AllowedItemActions(state), " ");
  };
  EXPECT_EQ(allowed(v1::PREVENTIVE_ITEM_STATE_OPEN), "report complete decline postpone");
  EXPECT_EQ(allowed(v1::PREVENTIVE_ITEM_STATE_DONE), "reopen");
  EXPECT_EQ(allowed(v1::PREVENTIVE_ITEM_STATE_NOT_NEEDED), "reopen");
}

TEST(PreventiveItems, AnItemIsReportedDoneAndReopened) {
  const auto act = [](const v1::PreventiveItem& item, const std::string& text, bool ended = false) {
    return ActOnItem(item, ItemAction(text), ended, "wang", At("2024-06-10 09:00"));
  };
  const auto reported = act(OpenItem(), "report { note: '已走访两家' }");
  EXPECT_EQ(reported->state(), v1::PREVENTIVE_ITEM_STATE_OPEN);
  EXPECT_EQ(reported->note(), "已走访两家");
  EXPECT_EQ(reported->etag(), "2");
  EXPECT_EQ(reported->changed_by(), "wang");
  const auto done = act(*reported, "complete { note: '均已告知' }");
  EXPECT_EQ(done->state(), v1::PREVENTIVE_ITEM_STATE_DONE);
  EXPECT_EQ(rpc::ReasonOf(act(*done, "report { note: 'x' }").status()), "ILLEGAL_TRANSITION");
  const std::string reopen = "reopen { note: '漏一家' due_on { year: 2024 month: 7 day: 31 } }";
  EXPECT_EQ(rpc::ReasonOf(act(*done, reopen, true).status()), "THEME_ENDED");
  const auto again = act(*done, reopen);
  EXPECT_EQ(again->state(), v1::PREVENTIVE_ITEM_STATE_OPEN);
  EXPECT_EQ(CivilDayFrom(again->due_on()), absl::CivilDay(2024, 7, 31));
}

TEST(PreventiveItems, AnItemIsOverdueAfterItsDueDayWhileItIsOpen) {
  v1::PreventiveItem item = OpenItem();
  FillItem(item, absl::CivilDay(2024, 6, 30));
  EXPECT_FALSE(item.overdue());
  FillItem(item, absl::CivilDay(2024, 7, 1));
  EXPECT_TRUE(item.overdue());
  item = EndItem(item, "不成立", "li", kAskedAt);
  FillItem(item, absl::CivilDay(2024, 7, 1));
  EXPECT_FALSE(item.overdue());
  EXPECT_EQ(item.state(), v1::PREVENTIVE_ITEM_STATE_NOT_NEEDED);
}

}  // namespace
}  // namespace zhuqi::routing
