// Recurrence in the feed, on a real database: the figure that a follower makes of the facts is the one that
// the theme shows, whatever is corrected.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/routing/families/family_testing.h"
#include "services/routing/knowledge/recurrence_rules.h"
#include "services/routing/knowledge/theme_fixture.h"

namespace zhuqi::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kStairs;
using testing::kUnderground;
using ::testing::Pair;

using DayCounts = std::map<absl::CivilDay, int>;

class RecurrenceTest : public testing::ThemeTest {
 protected:
  // A confirmed theme of `cases`.
  std::string ThemeOf(const std::vector<std::string>& cases, const std::string& title = kUnderground) {
    v1::ProposeThemeRequest request;
    request.set_request_id(testing::NewRequestId());
    request.mutable_content()->set_title(title);
    request.mutable_content()->set_category_id("land");
    for (const std::string& id : cases) request.add_cases()->set_case_id(id);
    const auto proposed = Call(&v1::ThemeService::Stub::ProposeTheme, request);
    EXPECT_TRUE(proposed.ok()) << proposed.status();
    if (!proposed.ok()) return "";
    Confirm(proposed->theme().theme_id());
    return proposed->theme().theme_id();
  }
  void MustDo(const std::string& theme_id, const std::string& action) {
    const auto done = Do(theme_id, action);
    ASSERT_TRUE(done.ok()) << action << done.status();
  }
  static std::string FixedOn(int month, int day) {
    return absl::StrCat("complete_fix { fix: '容缺受理' fixed_on { year: 2024 month: ", month, " day: ", day,
                        " } }");
  }
  static std::string Without(const std::string& case_id) {
    return absl::StrCat("remove_cases { reason: '另有成因' cases { case_id: '", case_id, "' } }");
  }

  // What a follower makes of the feed: the facts after each event, less those before it.
  DayCounts Figure() {
    DayCounts counts;
    std::map<std::string, std::string> last;
    for (const feed::v1::Event& event : replica_->Events()) {
      if (!event.has_case_changed()) continue;
      const feed::v1::CaseChanged& changed = event.case_changed();
      std::string& known = last[changed.after().case_id()];
      EXPECT_EQ(changed.before().SerializeAsString(), known);
      known = changed.after().SerializeAsString();
      Add(changed.before(), -1, counts);
      Add(changed.after(), 1, counts);
    }
    std::erase_if(counts, [](const auto& count) { return count.second == 0; });
    return counts;
  }

 private:
  static void Add(const feed::v1::CaseFacts& facts, int sign, DayCounts& counts) {
    if (facts.outcome() == v1::OUTCOME_WITHDRAWN) return;
    const absl::CivilDay received = CivilDayFrom(facts.received_on()).value_or(absl::CivilDay());
    if (IsIn(SpansOf(facts.recurrence_spans()), received)) counts[received] += sign;
  }
};

const absl::CivilDay kSecondOfJune(2024, 6, 2);

TEST_F(RecurrenceTest, AFixThatMovesAndACaseThatLeavesCorrectTheFigure) {
  const std::string old = AddCase(1, kUnderground, "js", "2024-05-06 10:00");
  const std::string recent = AddCase(2, kUnderground, "zm", "2024-06-02 10:00");
  const std::string theme = ThemeOf({old, recent});
  EXPECT_THAT(Figure(), IsEmpty());
  MustDo(theme, FixedOn(5, 20));
  EXPECT_THAT(Figure(), ElementsAre(Pair(kSecondOfJune, 1)));
  MustDo(theme, FixedOn(6, 2));
  EXPECT_THAT(Figure(), IsEmpty());
  // 30 days of counting end on June 1.
  MustDo(theme, FixedOn(5, 2));
  EXPECT_THAT(Figure(), ElementsAre(Pair(absl::CivilDay(2024, 5, 6), 1)));
  MustDo(theme, FixedOn(5, 20));
  EXPECT_THAT(Figure(), ElementsAre(Pair(kSecondOfJune, 1)));
  MustDo(theme, Without(recent));
  EXPECT_THAT(Figure(), IsEmpty());
  MustDo(theme, AddCases({recent}));
  EXPECT_THAT(Figure(), ElementsAre(Pair(kSecondOfJune, 1)));
  EXPECT_EQ(Get(theme).theme().recurrence_count(), 1);
}

TEST_F(RecurrenceTest, ACaseOfTwoFixedThemesCountsOnce) {
  const std::string both = AddCase(1, kUnderground, "zm", "2024-06-02 10:00");
  const std::string first = ThemeOf({both});
  const std::string second = ThemeOf({both}, kStairs);
  MustDo(first, FixedOn(5, 20));
  MustDo(second, FixedOn(5, 25));
  EXPECT_THAT(Figure(), ElementsAre(Pair(kSecondOfJune, 1)));
  MustDo(first, Without(both));
  EXPECT_THAT(Figure(), ElementsAre(Pair(kSecondOfJune, 1)));
  MustDo(second, Without(both));
  EXPECT_THAT(Figure(), IsEmpty());
}

TEST_F(RecurrenceTest, WithdrawalAndACorrectedReceiptNeedNoWordFromTheTheme) {
  const std::string one = AddCase(1, kUnderground, "js", "2024-06-02 10:00");
  const std::string two = AddCase(2, kUnderground, "zm", "2024-06-02 11:00");
  const std::string theme = ThemeOf({one, two});
  MustDo(theme, FixedOn(5, 20));
  EXPECT_THAT(Figure(), ElementsAre(Pair(kSecondOfJune, 2)));
  Withdraw(one);
  EXPECT_THAT(Figure(), ElementsAre(Pair(kSecondOfJune, 1)));
  feed::v1::RecordChanged issue = testing::Issue(testing::NumberedRecordId(2), "issue-2");
  *issue.mutable_issue()->mutable_raised_at() = TimestampMessage(testing::At("2024-05-20 09:00"));
  Write(
      [&](CaseBatch& batch) {
        batch.Take(ReviseIssue(*batch.Find(*Uuid::Parse(two)), issue, clock_.Now(), *testing::City()));
      },
      {two});
  EXPECT_THAT(Figure(), IsEmpty());
  EXPECT_EQ(Get(theme).theme().recurrence_count(), 0);
}

TEST_F(RecurrenceTest, ReopeningAThemeEmptiesNoFigureAndRejectingItDoes) {
  const std::string old = AddCase(1, kUnderground, "js", "2024-05-06 10:00");
  const std::string recent = AddCase(2, kUnderground, "zm", "2024-06-02 10:00");
  const std::string theme = ThemeOf({old, recent});
  MustDo(theme, FixedOn(5, 20));
  MustDo(theme, "reopen { reason: '又发生' due_on { year: 2024 month: 7 day: 31 } }");
  EXPECT_THAT(Figure(), ElementsAre(Pair(kSecondOfJune, 1)));
  // What comes while no fix stands is no recurrence.
  clock_.Advance(absl::Hours(48));
  const std::string later = AddCase(3, kUnderground, "js", "2024-06-04 10:00");
  MustDo(theme, AddCases({later}));
  EXPECT_THAT(Figure(), ElementsAre(Pair(kSecondOfJune, 1)));
  const v1::GetThemeResponse got = Get(theme);
  EXPECT_FALSE(got.recurrence().has_fixed_on());
  EXPECT_THAT(got.recurrence().case_ids(), ElementsAre(recent));
  EXPECT_EQ(CivilDayFrom(got.recurrence().counted(0).last()), absl::CivilDay(2024, 6, 3));
  EXPECT_TRUE(got.recurrence().span_over());
  MustDo(theme, "reject { reason: '成因各异' }");
  EXPECT_THAT(Figure(), IsEmpty());
  EXPECT_FALSE(Get(theme).has_recurrence());
}

TEST_F(RecurrenceTest, AMergedThemeHandsOverWhatRecurred) {
  const std::string recent = AddCase(1, kUnderground, "zm", "2024-06-02 10:00");
  const std::string other = AddCase(2, kStairs, "js", "2024-06-02 12:00");
  const std::string source = ThemeOf({recent});
  const std::string target = ThemeOf({other}, kStairs);
  MustDo(source, FixedOn(5, 20));
  MustDo(source, "reopen { reason: '又发生' due_on { year: 2024 month: 7 day: 31 } }");
  EXPECT_THAT(Figure(), ElementsAre(Pair(kSecondOfJune, 1)));
  MustDo(source, absl::StrCat("merge { into_theme_id: '", target, "' reason: '同一成因' }"));
  EXPECT_THAT(Figure(), ElementsAre(Pair(kSecondOfJune, 2)));
  EXPECT_EQ(Get(target).theme().recurrence_count(), 2);
  MustDo(target, Without(recent));
  EXPECT_THAT(Figure(), ElementsAre(Pair(kSecondOfJune, 1)));
}

TEST_F(RecurrenceTest, TheTokenOfAFixStandsForWhatItsCasesWereTold) {
  const std::string recent = AddCase(1, kUnderground, "zm", "2024-06-02 10:00");
  const std::string theme = ThemeOf({recent});
  const auto fixed = Do(theme, FixedOn(5, 20));
  ASSERT_TRUE(fixed.ok()) << fixed.status();
  int64_t place = 0;
  const auto token = feed::ParseToken(fixed->consistency_token());
  for (const auto& position : token->positions()) {
    if (position.source() == "routing") place = position.sequence();
  }
  EXPECT_EQ(place, replica_->Events().back().sequence());
  // What changes nothing tells nothing.
  const size_t told = replica_->Events().size();
  MustDo(theme, FixedOn(5, 20));
  MustDo(theme, "prevent { due_on { year: 2024 month: 6 day: 20 } org_unit_ids: 'js' }");
  EXPECT_EQ(replica_->Events().size(), told);
}

// Each theme changes its days again and again; both have the case.
TEST_F(RecurrenceTest, OfTwoThemesThatChangeAtOnceForOneCaseNoneIsLost) {
  const std::string both = AddCase(1, kUnderground, "zm", "2024-06-02 10:00");
  const std::string first = ThemeOf({both});
  const std::string second = ThemeOf({both}, kStairs);
  const auto move = [&](const std::string& theme, int days) {
    for (int i = 0; i < 12; ++i) MustDo(theme, FixedOn(5, 1 + (i * days) % 28));
  };
  std::thread other([&] { move(second, 5); });
  move(first, 3);
  other.join();
  std::vector<RecurrenceSpan> days;
  for (const std::string& theme : {first, second}) {
    const v1::GetThemeResponse got = Get(theme);
    for (const RecurrenceSpan& span : SpansOf(got.recurrence().counted())) days.push_back(span);
  }
  EXPECT_EQ(SpansOf(replica_->Events().back().case_changed().after().recurrence_spans()), UnionOf(days));
  EXPECT_THAT(Figure(), ElementsAre(Pair(kSecondOfJune, 1)));
}

TEST_F(RecurrenceTest, AChildOfADividedCaseIsNoMemberAndItsIssueCountsOnce) {
  const std::string parent = AddCase(1, kUnderground, "js", "2024-06-02 10:00");
  OnCase(parent, testing::Accept());
  OnCase(parent, testing::DivideAmong({{"js.fire", "疏散宽度"}, {"js.office", "窗口受理"}}));
  const std::string child = replica_->Events().back().case_changed().after().case_id();
  ASSERT_NE(child, parent);
  const std::string theme = ThemeOf({parent});
  const auto added = Do(theme, AddCases({child}));
  EXPECT_EQ(rpc::ReasonOf(added.status()), "CHILD_CASE");
  EXPECT_EQ(rpc::ErrorInfoOf(added.status())->metadata().at("parent_case_id"), parent);
  v1::ProposeThemeRequest request;
  request.set_request_id(testing::NewRequestId());
  request.mutable_content()->set_title("x");
  request.mutable_content()->set_category_id("land");
  request.add_cases()->set_case_id(child);
  EXPECT_EQ(rpc::ReasonOf(Call(&v1::ThemeService::Stub::ProposeTheme, request).status()), "CHILD_CASE");
  MustDo(theme, FixedOn(5, 20));
  EXPECT_THAT(Figure(), ElementsAre(Pair(kSecondOfJune, 1)));
}

}  // namespace
}  // namespace zhuqi::routing
