// Themes that the service proposes, on a real database and a real index.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "services/routing/knowledge/same_cause_store.h"
#include "services/routing/knowledge/theme_fixture.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kStairs;
using testing::kUnderground;
using testing::NumberedRecordId;
using testing::ThemeReplica;
using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;

using ThemeProposerTest = testing::ThemeTest;

TEST_F(ThemeProposerTest, SimilarCasesOfTwoDistrictsAreProposedOnce) {
  const std::string other = AddCase(90, kStairs, "zm");
  const std::string theme_id = Proposed();
  replica_->LookAtAll();
  const auto themes = List({});
  ASSERT_EQ(themes.size(), 1u);
  const v1::Theme& theme = themes[0];
  EXPECT_EQ(theme.state(), v1::THEME_STATE_PROPOSED);
  EXPECT_EQ(theme.content().title(), kUnderground);
  EXPECT_EQ(theme.content().category_id(), "land.change-of-use");
  EXPECT_EQ(theme.proposed_by(), "zhuqi");
  EXPECT_EQ(theme.case_count(), 3);
  EXPECT_EQ(theme.district_count(), 2);
  EXPECT_EQ(theme.growth().cases(), 3);
  EXPECT_EQ(theme.growth().districts(), 2);
  EXPECT_EQ(theme.growth().enterprises(), 0);
  EXPECT_EQ(theme.growth().least_cases(), 3);
  const v1::GetThemeResponse got = Get(theme_id);
  EXPECT_THAT(CasesOf(got, v1::THEME_CASE_STANDING_MEMBER), UnorderedElementsAreArray(members_));
  ASSERT_EQ(got.history_size(), 1);
  EXPECT_EQ(got.history(0).proposed().case_ids_size(), 3);
}

TEST_F(ThemeProposerTest, CasesOfOneDistrictOrAnotherCategoryOrLongAgoAreNoTheme) {
  for (int i = 1; i <= 3; ++i) AddCase(i, kUnderground, "js");
  for (int i = 4; i <= 6; ++i)
    AddCase(i, kStairs, i == 4 ? "js" : "zm", "2024-06-01 10:00", "", i == 6 ? "tax" : "fire");
  for (int i = 7; i <= 9; ++i) AddCase(i, "园区道路货车限行", i == 7 ? "js" : "zm", "2024-04-01 10:00");
  LookAtAll();
  EXPECT_THAT(List({}), IsEmpty());
}

TEST_F(ThemeProposerTest, FurtherCasesJoinAProposalAndAreOnlySuggestedForAConfirmedTheme) {
  const std::string theme_id = Proposed();
  const std::string joined = AddCase(50, kUnderground, "zm");
  LookAtAll();
  EXPECT_EQ(Get(theme_id).theme().case_count(), 4);
  EXPECT_EQ(Get(theme_id).history(1).joined().case_ids(0), joined);
  Confirm(theme_id);
  const std::string suggested = AddCase(51, kUnderground, "js");
  LookAtAll();
  const v1::GetThemeResponse got = Get(theme_id);
  EXPECT_EQ(got.theme().case_count(), 4);
  EXPECT_EQ(got.theme().suggested_count(), 1);
  EXPECT_THAT(CasesOf(got, v1::THEME_CASE_STANDING_SUGGESTED), ElementsAre(suggested));
  EXPECT_EQ(List({}).size(), 1u);
}

TEST_F(ThemeProposerTest, ARejectedProposalComesBackOnlyWhenItHasGrown) {
  const std::string theme_id = Proposed();
  ASSERT_TRUE(Do(theme_id, "reject { reason: '成因各异' }").ok());
  AddCase(50, kUnderground, "zm");
  LookAtAll();
  EXPECT_EQ(List({}).size(), 1u);
  clock_.Advance(absl::Seconds(1));
  AddCase(51, kUnderground, "js");
  LookAtAll();
  const auto themes = List({});
  ASSERT_EQ(themes.size(), 2u);
  EXPECT_EQ(themes[0].state(), v1::THEME_STATE_PROPOSED);
  EXPECT_EQ(themes[0].case_count(), 5);
}

TEST_F(ThemeProposerTest, ARestartGoesOnWhereItWas) {
  for (const char* unit : {"js", "js-t", "zm"}) AddCase(++number_, kUnderground, unit);
  Restart(/*seeds=*/1);
  replica_->Index(token_);
  ASSERT_TRUE(*replica_->proposer().RunBatch());
  Restart();
  LookAtAll();
  ASSERT_EQ(List({}).size(), 1u);
  EXPECT_EQ(List({})[0].case_count(), 3);
  Restart();
  LookAtAll();
  EXPECT_EQ(List({}).size(), 1u);
}

TEST_F(ThemeProposerTest, TwoReplicasLookAtEachCaseOnce) {
  ThemeReplica second(database_, clock_, 2);
  Restart(/*seeds=*/2);
  const std::vector<std::string> titles = {kUnderground, kStairs, "园区道路白天货车限行"};
  for (int i = 0; i < 30; ++i) AddCase(i, titles[static_cast<size_t>(i % 3)], i % 2 == 0 ? "js" : "zm");
  // The last event of both partitions.
  for (int i = 0; i < 2; ++i) {
    replica_->Index(token_);
    second.Index(token_);
    AddCase(100 + i, "无关事项", "js");
  }
  replica_->Index(token_);
  second.Index(token_);
  std::thread other([&second] { second.LookAtAll(); });
  replica_->LookAtAll();
  other.join();
  second.LookAtAll();
  const auto themes = List({});
  EXPECT_EQ(themes.size(), 3u);
  for (const v1::Theme& theme : themes) {
    EXPECT_EQ(theme.case_count(), 10) << theme.content().title();
    // The proposal, and an entry for each case that joined: none twice.
    const v1::GetThemeResponse got = Get(theme.theme_id());
    int mentioned = 0;
    for (const v1::ThemeEvent& event : got.history())
      mentioned += event.proposed().case_ids_size() + event.joined().case_ids_size();
    EXPECT_EQ(mentioned, 10);
  }
}

TEST_F(ThemeProposerTest, AReplicaWhoseIndexIsBehindAnothersWaits) {
  ThemeReplica second(database_, clock_);
  AddCase(1, kUnderground, "js");
  AddCase(2, kUnderground, "js-t");
  second.Index(token_);
  replica_->Index(token_);
  AddCase(3, kUnderground, "zm");
  LookAtAll();
  ASSERT_EQ(List({}).size(), 1u);
  AddCase(5, kUnderground, "zm");
  // It has not seen what the first one looked at.
  EXPECT_FALSE(*second.proposer().RunBatch());
  second.Index(token_);
  EXPECT_TRUE(*second.proposer().RunBatch());
  EXPECT_EQ(List({})[0].case_count(), 4);
}

TEST_F(ThemeProposerTest, WhatIntakeLinksAsOneCauseIsProposedWhateverItsWords) {
  const std::string one = AddCase(1, "地下室证办不下来", "js");
  const std::string two = AddCase(2, "车位无法确权", "zm", "2024-06-02 10:00", "", "tax");
  const std::string three = AddCase(3, "规划核实不予受理", "zm", "2024-06-02 10:00", "", "fire");
  LookAtAll();
  EXPECT_THAT(List({}), IsEmpty());
  feed::v1::FollowResponse message;
  for (const int other : {2, 3}) {
    intake::v1::RecordLink& link = *message.add_events()->mutable_record_link()->mutable_link();
    link.set_from_record_id(NumberedRecordId(1));
    link.set_to_record_id(NumberedRecordId(other));
    link.set_kind(intake::v1::RECORD_LINK_KIND_SAME_CAUSE_AS);
  }
  db::Lease lease = *replica_->pool().Acquire(absl::InfiniteFuture());
  ASSERT_EQ(StoreSameCauseLinks(*lease, message), absl::OkStatus());
  replica_->LookAtAll();
  const auto themes = List({});
  ASSERT_EQ(themes.size(), 1u);
  EXPECT_THAT(CasesOf(Get(themes[0].theme_id()), v1::THEME_CASE_STANDING_MEMBER),
              UnorderedElementsAre(one, two, three));
  for (feed::v1::Event& event : *message.mutable_events()) event.mutable_record_link()->set_removed(true);
  ASSERT_EQ(StoreSameCauseLinks(*lease, message), absl::OkStatus());
  EXPECT_THAT(*ReadSameCause(*lease, *Uuid::Parse(NumberedRecordId(1)), 10), IsEmpty());
}

}  // namespace
}  // namespace zhuqi::routing
