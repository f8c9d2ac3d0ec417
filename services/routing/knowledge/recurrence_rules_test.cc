#include "services/routing/knowledge/recurrence_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/directory/date_message.h"
#include "google/protobuf/text_format.h"
#include "services/routing/cases/case_timeline.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

RecurrenceSpan June(int first, int last) {
  return {absl::CivilDay(2024, 6, first), absl::CivilDay(2024, 6, last)};
}

Uuid Numbered(int number) {
  return *Uuid::Parse(absl::StrCat("018f4a10-0000-7000-8000-", 200000000000 + number));
}

// A confirmed theme of the cases 1 to `cases`.
ThemeRecord Judged(int cases) {
  ThemeMembers members;
  for (int i = 1; i <= cases; ++i) {
    members[Numbered(i)] = {v1::THEME_CASE_STANDING_MEMBER, 0.5, At("2024-05-06 10:00"), "zhuqi"};
  }
  v1::ThemeContent content;
  content.set_title("地下空间变更用途");
  content.set_cause("规划条件调整");
  content.set_fix("容缺受理");
  ThemeRecord record =
      NewTheme("018f4a10-0000-7000-8000-300000000001", content, members, "zhuqi", At("2024-05-06 10:00"));
  record.body.set_state(v1::THEME_STATE_CONFIRMED);
  return record;
}

ThemeRecord DoOn(const ThemeRecord& before, absl::string_view at, const std::string& action,
                 std::vector<Uuid> case_ids = {}) {
  ThemeActionInput input;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(action, &input.action)) << action;
  input.case_ids = std::move(case_ids);
  input.actor = "li";
  input.now = At(at);
  input.recurrence_days = 10;
  const auto after = ActOnTheme(before, input);
  EXPECT_TRUE(after.ok()) << after.status();
  return after.value_or(before);
}

constexpr char kFixedFirst[] = "complete_fix { fixed_on { year: 2024 month: 6 day: 1 } }";
constexpr char kTakenUp[] = "reopen { reason: '又发生' due_on { year: 2024 month: 9 day: 1 } }";

TEST(RecurrenceRules, DaysAreInOneSpanOrInNone) {
  EXPECT_THAT(UnionOf({}), IsEmpty());
  EXPECT_THAT(UnionOf({June(5, 4)}), IsEmpty());
  EXPECT_THAT(UnionOf({June(20, 21), June(1, 3), June(2, 5)}), ElementsAre(June(1, 5), June(20, 21)));
  EXPECT_THAT(UnionOf({June(1, 3), June(4, 5)}), ElementsAre(June(1, 5)));
  EXPECT_THAT(UnionOf({June(1, 9), June(2, 5)}), ElementsAre(June(1, 9)));
  EXPECT_THAT(UnionOf({June(1, 3), June(5, 6)}), ElementsAre(June(1, 3), June(5, 6)));
}

v1::ThemeCase ReceivedAt(absl::string_view at) {
  v1::ThemeCase item;
  item.set_standing(v1::THEME_CASE_STANDING_MEMBER);
  *item.mutable_received_at() = TimestampMessage(At(at));
  return item;
}

TEST(RecurrenceRules, RecurrenceBeginsTheDayAfterTheFixAndEndsWithItsSpan) {
  const v1::Theme theme = DoOn(Judged(2), "2024-06-03 10:00", kFixedFirst).body;
  EXPECT_FALSE(IsRecurrence(theme, ReceivedAt("2024-06-01 23:59")));
  EXPECT_TRUE(IsRecurrence(theme, ReceivedAt("2024-06-02 00:00")));
  EXPECT_TRUE(IsRecurrence(theme, ReceivedAt("2024-06-11 23:59")));
  EXPECT_FALSE(IsRecurrence(theme, ReceivedAt("2024-06-12 00:00")));
}

TEST(RecurrenceRules, WithdrawnAndSuggestedCasesAreNoRecurrence) {
  const v1::Theme theme = DoOn(Judged(2), "2024-06-03 10:00", kFixedFirst).body;
  v1::ThemeCase item = ReceivedAt("2024-06-10 10:00");
  EXPECT_TRUE(IsRecurrence(theme, item));
  item.set_outcome(v1::OUTCOME_WITHDRAWN);
  EXPECT_FALSE(IsRecurrence(theme, item));
  item = ReceivedAt("2024-06-10 10:00");
  item.set_standing(v1::THEME_CASE_STANDING_SUGGESTED);
  EXPECT_FALSE(IsRecurrence(theme, item));
  EXPECT_FALSE(IsRecurrence(Judged(1).body, ReceivedAt("2024-06-10 10:00")));
}

TEST(RecurrenceRules, WhatRecurredBeforeAThemeWasReopenedStays) {
  const ThemeRecord fixed = DoOn(Judged(2), "2024-06-03 10:00", kFixedFirst);
  const ThemeRecord reopened = DoOn(fixed, "2024-06-05 10:00", kTakenUp);
  EXPECT_THAT(RecurrenceSpansOf(reopened.body), ElementsAre(June(2, 5)));
  const ThemeRecord again = DoOn(reopened, "2024-06-20 10:00", "complete_fix {}");
  EXPECT_THAT(
      RecurrenceSpansOf(again.body),
      ElementsAre(June(2, 5), RecurrenceSpan{absl::CivilDay(2024, 6, 21), absl::CivilDay(2024, 6, 30)}));
  // A second fix that is dated back to within the first one's days counts none of them twice.
  const ThemeRecord dated_back =
      DoOn(reopened, "2024-06-20 10:00", "complete_fix { fixed_on { year: 2024 month: 6 day: 4 } }");
  EXPECT_THAT(RecurrenceSpansOf(dated_back.body), ElementsAre(June(2, 14)));
}

TEST(RecurrenceRules, AThemeReopenedOnTheDayOfItsFixHasNone) {
  const ThemeRecord fixed = DoOn(Judged(2), "2024-06-03 10:00", "complete_fix {}");
  EXPECT_THAT(RecurrenceSpansOf(DoOn(fixed, "2024-06-03 16:00", kTakenUp).body), IsEmpty());
}

TEST(RecurrenceRules, WhatNobodyConfirmsAnyMoreHasNone) {
  const ThemeRecord reopened =
      DoOn(DoOn(Judged(2), "2024-06-03 10:00", kFixedFirst), "2024-06-05 10:00", kTakenUp);
  const ThemeRecord rejected = DoOn(reopened, "2024-06-06 10:00", "reject { reason: '成因各异' }");
  EXPECT_THAT(RecurrenceSpansOf(rejected.body), IsEmpty());
  EXPECT_THAT(RecurrenceSpansOf(DoOn(rejected, "2024-06-07 10:00", "reopen { reason: '新证据' }").body),
              IsEmpty());
}

TEST(RecurrenceRules, AThemeThatTakesInAnotherTakesOverWhatRecurredThere) {
  const ThemeRecord source =
      DoOn(DoOn(Judged(1), "2024-06-03 10:00", kFixedFirst), "2024-06-05 10:00", kTakenUp);
  ThemeRecord target = Judged(2);
  target.body.set_theme_id("018f4a10-0000-7000-8000-300000000002");
  ThemeActionInput input;
  input.action.mutable_merge()->set_reason("同一问题");
  input.now = At("2024-06-10 10:00");
  const Merged merged = *MergeThemes(source, target, input);
  EXPECT_THAT(RecurrenceSpansOf(merged.source.body), IsEmpty());
  EXPECT_THAT(RecurrenceSpansOf(merged.target.body), ElementsAre(June(2, 5)));
}

TEST(RecurrenceRules, AFixConcernsAllMembersAndWhoComesAfterItOnlyHimself) {
  const ThemeRecord judged = Judged(2);
  const ThemeRecord fixed = DoOn(judged, "2024-06-03 10:00", kFixedFirst);
  EXPECT_THAT(CasesConcerned(judged, fixed), ElementsAre(Numbered(1), Numbered(2)));
  EXPECT_THAT(CasesConcerned(fixed, DoOn(fixed, "2024-06-04 10:00", "add_cases {}", {Numbered(3)})),
              ElementsAre(Numbered(3)));
  EXPECT_THAT(CasesConcerned(fixed, DoOn(fixed, "2024-06-04 10:00", "remove_cases {}", {Numbered(1)})),
              ElementsAre(Numbered(1)));
  EXPECT_THAT(CasesConcerned(judged, DoOn(judged, "2024-06-04 10:00", "add_cases {}", {Numbered(3)})),
              IsEmpty());
}

TEST(RecurrenceRules, TheHistoryOfACaseSaysWhyItCounts) {
  CaseRecord record =
      ReceiveCase(testing::Issue(), At("2024-05-06 09:30"), *testing::City(), testing::CityCatalogue(), 1)
          ->record;
  v1::Theme theme = Judged(1).body;
  const auto told = [&](const RecurrenceSpans& spans) {
    const CaseChange change =
        FollowThemes(record, theme, spans, "li", At("2024-06-03 10:00"), *testing::City());
    EXPECT_EQ(change.record.body.sequence(), 2);
    EXPECT_EQ(change.record.body.state(), record.body.state());
    EXPECT_EQ(change.record.latest_at, record.latest_at);
    EXPECT_EQ(change.record.facts.sequence(), 2);
    EXPECT_TRUE(KnowsSpans(change.record, spans));
    return EntryOf(change.event, *testing::City()).text_zh();
  };
  EXPECT_EQ(told({{absl::CivilDay(2024, 5, 6), absl::CivilDay(2024, 5, 6)}}),
            "一类问题“地下空间变更用途”：整改后再次发生，计为复发");
  EXPECT_EQ(told({June(1, 2)}), "一类问题“地下空间变更用途”：已有整改，本件不在复发统计期内，不计复发");
  EXPECT_EQ(told({}), "一类问题“地下空间变更用途”：本件不再涉及整改，不计复发");
}

}  // namespace
}  // namespace zhuqi::routing
