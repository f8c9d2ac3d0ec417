#include "services/intake/summaries/decision_rules.h"

#include <string>

#include "common/rpc/errors.h"
#include "gtest/gtest.h"
#include "services/intake/summaries/obligation_view.h"
#include "services/intake/summaries/summary_plan.h"
#include "services/intake/summaries/test_summaries.h"

namespace zhuqi::intake {
namespace {

v1::DecideObligationRequest Decision(v1::ObligationDecision::Kind kind,
                                     absl::Time until = absl::InfinitePast()) {
  v1::DecideObligationRequest request;
  request.set_org_unit_id("jinshui");
  *request.mutable_month() = YearMonthMessage(kDecember);
  request.mutable_decision()->set_kind(kind);
  request.mutable_decision()->set_reason("机房搬迁");
  if (until != absl::InfinitePast())
    *request.mutable_decision()->mutable_extended_until() = TimestampMessage(until);
  return request;
}

absl::StatusOr<StoredSummary> Decided(const StoredSummary& current,
                                      const v1::DecideObligationRequest& request, absl::Time now = kInTime) {
  return Decide(current, request, {*Chain(), "chief", now});
}

using D = v1::ObligationDecision;

TEST(Decide, WaivesWithAReasonAndTakesItBack) {
  const StoredSummary owed = OwedBy(*Chain(), "jinshui", "district");
  const auto waived = Decided(owed, Decision(D::KIND_WAIVE));
  ASSERT_TRUE(waived.ok()) << waived.status();
  EXPECT_EQ(waived->summary.state(), v1::SUMMARY_STATE_WAIVED);
  EXPECT_EQ(waived->summary.waiver_reason(), "机房搬迁");
  EXPECT_EQ(waived->summary.decisions(0).approver(), "chief");
  EXPECT_EQ(TimeFrom(waived->summary.decisions(0).decided_at()), kInTime);
  // The keeper has no reason of its own, and leaves it.
  EXPECT_FALSE(Adjusted(*waived, *Chain()).has_value());
  const auto twice = Decided(*waived, Decision(D::KIND_WAIVE));
  EXPECT_EQ(rpc::ReasonOf(twice.status()), "ILLEGAL_TRANSITION");
  EXPECT_EQ(rpc::ErrorInfoOf(twice.status())->metadata().at("allowed"), "SUBMIT, UNWAIVE");
  const auto owed_again = Decided(*waived, Decision(D::KIND_UNWAIVE));
  ASSERT_TRUE(owed_again.ok()) << owed_again.status();
  EXPECT_EQ(owed_again->summary.state(), v1::SUMMARY_STATE_OWED);
  EXPECT_EQ(owed_again->summary.waiver_reason(), "");
  EXPECT_EQ(owed_again->sequence, 3);
}

TEST(Decide, WaiverOfTheDirectoryIsTheDirectorysToTakeBack) {
  StoredSummary waived = OwedBy(*Chain(), "jinshui", "district");
  waived.summary.set_state(v1::SUMMARY_STATE_WAIVED);
  waived.summary.set_waiver_reason("the unit closed on 2026-01-02, before the summary was due");
  const auto taken_back = Decided(waived, Decision(D::KIND_UNWAIVE));
  EXPECT_EQ(rpc::ErrorInfoOf(taken_back.status())->metadata().at("allowed"), "SUBMIT");
}

TEST(Decide, WhatWasSentIsNotWaived) {
  StoredSummary sent = OwedBy(*Chain(), "jinshui", "district");
  sent.summary.set_state(v1::SUMMARY_STATE_ACCEPTED);
  for (const auto kind : {D::KIND_WAIVE, D::KIND_UNWAIVE, D::KIND_EXTEND}) {
    EXPECT_EQ(rpc::ReasonOf(Decided(sent, Decision(kind, kLate)).status()), "ILLEGAL_TRANSITION");
  }
  auto stale = Decision(D::KIND_WAIVE);
  stale.set_etag("s9");
  EXPECT_EQ(rpc::ReasonOf(Decided(sent, stale).status()), "ETAG_MISMATCH");
}

TEST(Decide, ExtensionMakesTimelyUntilItLapses) {
  const StoredSummary owed = OwedBy(*Chain(), "jinshui", "district");
  const absl::Time until = kInTime + absl::Hours(48);
  const auto extended = Decided(owed, Decision(D::KIND_EXTEND, until));
  ASSERT_TRUE(extended.ok()) << extended.status();
  EXPECT_EQ(TimeFrom(extended->summary.due_at()), kInTime);  // the first due date is kept
  EXPECT_FALSE(IsLate(extended->summary, until));
  EXPECT_TRUE(IsLate(extended->summary, until + absl::Microseconds(1)));
  // What reporting counts by.
  EXPECT_EQ(TimeFrom(FactsOf(*extended).due_at()), until);
  const auto view = [&](absl::Time now) {
    return ObligationOf(*extended, *Chain()->FormFor("district", kDecember), Chain()->calendar(), now);
  };
  EXPECT_FALSE(view(until).overdue());
  EXPECT_EQ(view(until).working_days_late(), 0);
  // Lapsed on Saturday the 10th; on Monday the 12th it is two working days late, from the first due date, the
  // 8th.
  const v1::Obligation lapsed = view(CityTime(absl::CivilDay(2026, 1, 12), 9));
  EXPECT_TRUE(lapsed.overdue());
  EXPECT_EQ(lapsed.working_days_late(), 2);
}

TEST(Decide, ExtensionHasLimits) {
  const StoredSummary owed = OwedBy(*Chain(), "jinshui", "district");
  EXPECT_EQ(rpc::ReasonOf(Decided(owed, Decision(D::KIND_EXTEND, kInTime)).status()), "EXTENSION_BEFORE_DUE");
  const absl::Time last = kInTime + absl::Hours(24 * 366);
  EXPECT_TRUE(Decided(owed, Decision(D::KIND_EXTEND, last)).ok());
  EXPECT_EQ(rpc::ReasonOf(Decided(owed, Decision(D::KIND_EXTEND, last + absl::Microseconds(1))).status()),
            "OUT_OF_RANGE");
}

TEST(CheckDecision, TakesEachLimitAndRefusesOnePastIt) {
  const auto reason = [](const v1::DecideObligationRequest& request) {
    return rpc::ReasonOf(CheckDecision(request, kInTime).status());
  };
  auto request = Decision(D::KIND_WAIVE);
  request.mutable_decision()->set_reason(std::string(500, 'x'));
  EXPECT_EQ(reason(request), "");
  request.mutable_decision()->mutable_reason()->push_back('x');
  EXPECT_EQ(reason(request), "TEXT_TOO_LONG");
  request.mutable_decision()->clear_reason();
  EXPECT_EQ(reason(request), "REQUIRED");
  EXPECT_EQ(reason(Decision(D::KIND_UNSPECIFIED)), "REQUIRED");
  EXPECT_EQ(reason(Decision(D::KIND_EXTEND, kLate)), "");
  EXPECT_EQ(reason(Decision(D::KIND_EXTEND, kInTime)), "EXTENSION_HAS_PASSED");
  EXPECT_EQ(reason(Decision(D::KIND_WAIVE, kLate)), "NOT_AN_EXTENSION");
}

TEST(Decide, HasAtMost100Decisions) {
  StoredSummary owed = OwedBy(*Chain(), "jinshui", "district");
  for (int i = 0; i < 99; ++i) owed.summary.add_decisions();
  const auto last = Decided(owed, Decision(D::KIND_WAIVE));
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(rpc::ReasonOf(Decided(*last, Decision(D::KIND_UNWAIVE)).status()), "TOO_MANY_DECISIONS");
}

}  // namespace
}  // namespace zhuqi::intake
