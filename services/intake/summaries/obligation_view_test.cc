#include "services/intake/summaries/obligation_view.h"

#include "gtest/gtest.h"
#include "services/intake/summaries/test_summaries.h"

namespace zhuqi::intake {
namespace {

TEST(ObligationView, SaysWhoHasToActAndHowLate) {
  const auto& form = *Chain()->FormFor("district", kDecember);
  const auto view = [&](const StoredSummary& stored, absl::Time now) {
    return ObligationOf(stored, form, Chain()->calendar(), now);
  };
  const StoredSummary owed = OwedBy(*Chain(), "jinshui", "district");
  // Reminded from two working days before the 8th: the 6th.
  EXPECT_FALSE(view(owed, CityTime(absl::CivilDay(2026, 1, 5), 23)).coming_due());
  EXPECT_TRUE(view(owed, CityTime(absl::CivilDay(2026, 1, 6), 0)).coming_due());
  EXPECT_EQ(view(owed, kInTime).actor(), v1::OBLIGATION_ACTOR_UNIT);
  EXPECT_FALSE(view(owed, kInTime).overdue());
  EXPECT_TRUE(view(owed, kLate).overdue());
  EXPECT_FALSE(view(owed, kLate).coming_due());
  EXPECT_EQ(view(owed, kLate).working_days_late(), 1);  // an hour late is a day late
  EXPECT_EQ(view(owed, CityTime(absl::CivilDay(2026, 1, 13), 9)).working_days_late(), 3);
  const MonthEvidence evidence = EvidenceFor(Chain(), "district");
  const StoredSummary sent = SentBy("jinshui", "district", 3, {evidence, {}, false, "clerk", kLate});
  EXPECT_EQ(view(sent, kLate).actor(), v1::OBLIGATION_ACTOR_REVIEWER);
  EXPECT_EQ(view(sent, kLate + absl::Hours(1000)).working_days_late(),
            1);  // it came; that is how late it was
  EXPECT_FALSE(view(sent, kLate).nil_report());
  const StoredSummary accepted = ReviewedWith(sent, form, *Chain(), v1::REVIEW_DECISION_ACCEPT);
  EXPECT_EQ(view(accepted, kLate).actor(), v1::OBLIGATION_ACTOR_UNSPECIFIED);
}

}  // namespace
}  // namespace zhuqi::intake
