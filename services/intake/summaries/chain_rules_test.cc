#include "services/intake/summaries/chain_rules.h"

#include "common/rpc/errors.h"
#include "gtest/gtest.h"
#include "services/intake/summaries/decision_rules.h"
#include "services/intake/summaries/draft_rules.h"
#include "services/intake/summaries/obligation_view.h"
#include "services/intake/summaries/period_rules.h"
#include "services/intake/summaries/summary_plan.h"
#include "services/intake/summaries/test_summaries.h"

namespace zhuqi::intake {
namespace {

StoredSummary SentBy(const std::string& unit, const std::string& form, int64_t visits,
                     const SubmitContext& context, const std::vector<v1::SummaryBasis>& basis = {},
                     std::optional<StoredSummary> current = {}) {
  v1::SubmitSummaryRequest request;
  request.set_org_unit_id(unit);
  *request.mutable_month() = YearMonthMessage(kDecember);
  v1::SummaryCell& cell = *request.add_cells();
  cell.set_indicator_id("visits");
  cell.set_status(v1::CELL_STATUS_REPORTED);
  cell.set_value(visits);
  for (const v1::SummaryBasis& one : basis) *request.add_basis() = one;
  return SentWith(current.has_value() ? *current : OwedBy(*Chain(), unit, form), request, context);
}

// A township that was accepted, and the district that was made from it, and accepted too.
class ChainTest : public testing::Test {
 protected:
  const directory::v1::SummaryForm& FormOfLevel(const std::string& id) {
    return *Chain()->FormFor(id, kDecember);
  }
  StoredSummary Accepted(const StoredSummary& sent, const std::string& form) {
    return ReviewedWith(sent, FormOfLevel(form), *Chain(), v1::REVIEW_DECISION_ACCEPT);
  }

  MonthEvidence township_evidence_ = EvidenceFor(Chain(), "township");
  SubmitContext below_{township_evidence_, {}, false, "clerk", kInTime};
  StoredSummary township_ = Accepted(SentBy("huayuanlu", "township", 3, below_), "township");
  MonthEvidence district_evidence_ = [this] {
    MonthEvidence evidence = EvidenceFor(Chain(), "district");
    evidence.lower = {{township_.summary, Chain()->FormFor("township", kDecember)}};
    return evidence;
  }();
  SubmitContext above_{district_evidence_, {}, false, "clerk", kInTime};
  StoredSummary district_ =
      Accepted(SentBy("jinshui", "district", 3, above_, {BasisOf(township_.summary)}), "district");
};

TEST_F(ChainTest, ALaterRevisionBelowVoidsTheAcceptanceAboveVisibly) {
  const StoredSummary changed = SentBy("huayuanlu", "township", 4, below_, {}, township_);
  EXPECT_TRUE(Stands(district_.summary.basis(0), township_.summary));
  EXPECT_FALSE(Stands(district_.summary.basis(0), changed.summary));
  const auto above = AfterLowerChanged(district_, changed.summary);
  ASSERT_TRUE(above.has_value());
  EXPECT_EQ(above->summary.state(), v1::SUMMARY_STATE_SUBMITTED);
  EXPECT_TRUE(above->summary.basis(0).superseded());
  EXPECT_TRUE(above->summary.reviews(0).voided());
  EXPECT_EQ(above->summary.reviews(0).voided_by(), "basis huayuanlu revision 2");
  EXPECT_EQ(above->summary.digest(), district_.summary.digest());  // its content is what it was
  EXPECT_NE(EtagOf(*above), EtagOf(district_));
  // Once: a third revision below adds nothing.
  EXPECT_FALSE(
      AfterLowerChanged(*above, SentBy("huayuanlu", "township", 5, below_, {}, changed).summary).has_value());
  // It can be returned and sent again, and not accepted as it is.
  const auto accept = Review(*above, ReviewOf(*above, v1::REVIEW_DECISION_ACCEPT),
                             {FormOfLevel("district"), *Chain(), "city", kLate});
  EXPECT_EQ(rpc::ReasonOf(accept.status()), "BASIS_SUPERSEDED");
  EXPECT_EQ(rpc::ErrorInfoOf(accept.status())->metadata().at("allowed"), "SUBMIT, RETURN, COMMENT");
  EXPECT_TRUE(Review(*above, ReviewOf(*above, v1::REVIEW_DECISION_RETURN),
                     {FormOfLevel("district"), *Chain(), "city", kLate})
                  .ok());
}

TEST_F(ChainTest, OrderOfTheBasisIsNotContent) {
  const StoredSummary other = Accepted(SentBy("fengchan", "township", 2, below_), "township");
  district_evidence_.lower.push_back({other.summary, Chain()->FormFor("township", kDecember)});
  const std::vector<v1::SummaryBasis> basis = {BasisOf(other.summary), BasisOf(township_.summary)};
  const StoredSummary sent = SentBy("jinshui", "district", 5, above_, basis);
  ASSERT_EQ(sent.summary.basis_size(), 2);
  EXPECT_EQ(sent.summary.basis(0).org_unit_id(), "fengchan");
  EXPECT_EQ(sent.summary.basis(1).org_unit_id(), "huayuanlu");
  const StoredSummary accepted = Accepted(sent, "district");
  const StoredSummary again = SentBy("jinshui", "district", 5, above_, {basis[1], basis[0]}, accepted);
  EXPECT_EQ(again.summary.digest(), accepted.summary.digest());
  EXPECT_EQ(again.sequence, accepted.sequence);  // it stands already, and stays accepted
  // What is wrong is named by its place in the request.
  v1::SubmitSummaryRequest wrong;
  *wrong.mutable_month() = YearMonthMessage(kDecember);
  *wrong.add_basis() = BasisOf(township_.summary);
  *wrong.add_basis() = BasisOf(other.summary);
  wrong.mutable_basis(1)->set_org_unit_id("elsewhere");
  const auto refused = Submit(OwedBy(*Chain(), "jinshui", "district"), wrong, above_);
  EXPECT_EQ(rpc::BadRequestOf(refused.status())->field_violations(0).field(), "basis[1]");
}

TEST_F(ChainTest, WhatWasNotMadeFromItIsNotTouched) {
  StoredSummary other = district_;
  other.summary.clear_basis();
  EXPECT_FALSE(AfterLowerChanged(other, SentBy("huayuanlu", "township", 4, below_, {}, township_).summary)
                   .has_value());
  EXPECT_FALSE(AfterLowerChanged(district_, township_.summary).has_value());
}

TEST_F(ChainTest, ReviewReturnsWithRemarksAndAClockOfItsOwn) {
  v1::ReviewSummaryRequest request =
      ReviewOf(SentBy("jinshui", "district", 3, above_), v1::REVIEW_DECISION_RETURN);
  v1::CellRemark& remark = *request.add_remarks();
  remark.set_indicator_id("visits");
  remark.set_reason("DOES_NOT_MATCH_RECORDS");
  const auto sent = SentBy("jinshui", "district", 3, above_);
  // Thursday, 8 January 2026 and two working days: the end of Monday the 12th.
  const auto returned = Review(sent, request, {FormOfLevel("district"), *Chain(), "city", kLate});
  ASSERT_TRUE(returned.ok()) << returned.status();
  EXPECT_EQ(TimeFrom(returned->summary.return_due_at()), StartOfCityDay(absl::CivilDay(2026, 1, 13)));
  EXPECT_EQ(returned->summary.reviews(0).remarks(0).reason(), "DOES_NOT_MATCH_RECORDS");
  EXPECT_EQ(ActBy(returned->summary), StartOfCityDay(absl::CivilDay(2026, 1, 13)));
  // Sent again: the clock is gone.
  const StoredSummary again = SentBy("jinshui", "district", 4, above_, {}, *returned);
  EXPECT_FALSE(again.summary.has_return_due_at());
  EXPECT_EQ(ActBy(again.summary), std::nullopt);
  request.mutable_remarks(0)->set_indicator_id("weather");
  EXPECT_EQ(rpc::ReasonOf(Review(sent, request, {FormOfLevel("district"), *Chain(), "city", kLate}).status()),
            "INDICATOR_UNKNOWN");
}

// What a comment leaves: everything but the reviews and the count of changes.
std::string WithoutReviews(const StoredSummary& stored) {
  v1::MonthlySummary summary = stored.summary;
  summary.clear_reviews();
  return summary.SerializeAsString();
}

TEST_F(ChainTest, ACommentIsKeptInEveryStateThatHasARevisionAndChangesNothingElse) {
  const directory::v1::SummaryForm& form = FormOfLevel("district");
  const StoredSummary sent = SentBy("jinshui", "district", 3, above_);
  const StoredSummary accepted = ReviewedWith(sent, form, *Chain(), v1::REVIEW_DECISION_ACCEPT);
  const StoredSummary returned = ReviewedWith(sent, form, *Chain(), v1::REVIEW_DECISION_RETURN);
  StoredSummary waived = returned;
  waived.summary.set_state(v1::SUMMARY_STATE_WAIVED);
  waived.summary.set_waiver_reason("机房搬迁");
  for (const StoredSummary& current : {sent, accepted, returned, waived}) {
    const StoredSummary commented =
        ReviewedWith(current, form, *Chain(), v1::REVIEW_DECISION_COMMENT, kLate + absl::Hours(90 * 24));
    EXPECT_EQ(WithoutReviews(commented), WithoutReviews(current));
    EXPECT_EQ(ActBy(commented.summary), ActBy(current.summary));
    EXPECT_EQ(FactsOf(commented).SerializeAsString(), FactsOf(current).SerializeAsString());
    EXPECT_EQ(commented.sequence, current.sequence + 1);
    ASSERT_EQ(commented.summary.reviews_size(), current.summary.reviews_size() + 1);
    for (int i = 0; i < current.summary.reviews_size(); ++i) {
      EXPECT_EQ(commented.summary.reviews(i).SerializeAsString(),
                current.summary.reviews(i).SerializeAsString());
    }
    const v1::SummaryReview& comment = *commented.summary.reviews().rbegin();
    EXPECT_EQ(comment.decision(), v1::REVIEW_DECISION_COMMENT);
    EXPECT_EQ(comment.comment(), "已阅");
    EXPECT_EQ(comment.reviewer(), "city");
    EXPECT_EQ(TimeFrom(comment.reviewed_at()), kLate + absl::Hours(90 * 24));
    EXPECT_EQ(comment.revision(), 1);
    EXPECT_EQ(comment.digest(), sent.summary.digest());
  }
}

TEST_F(ChainTest, ACommentSpeaksOfTheNewestRevisionAndALaterOneLeavesIt) {
  const ReviewContext context{FormOfLevel("district"), *Chain(), "city", kLate};
  const StoredSummary owed = OwedBy(*Chain(), "jinshui", "district");
  v1::ReviewSummaryRequest of_nothing = ReviewOf(owed, v1::REVIEW_DECISION_COMMENT);
  of_nothing.set_revision(1);
  const absl::Status refused = Review(owed, of_nothing, context).status();
  EXPECT_EQ(rpc::ReasonOf(refused), "ILLEGAL_TRANSITION");
  EXPECT_EQ(rpc::ErrorInfoOf(refused)->metadata().at("allowed"), "SUBMIT");
  const StoredSummary first = SentBy("jinshui", "district", 3, above_);
  const StoredSummary commented = ReviewedWith(first, context.form, *Chain(), v1::REVIEW_DECISION_COMMENT);
  const StoredSummary second = SentBy("jinshui", "district", 4, above_, {}, commented);
  ASSERT_EQ(second.summary.reviews_size(), 1);
  EXPECT_FALSE(second.summary.reviews(0).voided());
  v1::ReviewSummaryRequest old = ReviewOf(first, v1::REVIEW_DECISION_COMMENT);
  EXPECT_EQ(rpc::ReasonOf(Review(second, old, context).status()), "REVISION_SUPERSEDED");
  old.set_revision(2);
  EXPECT_EQ(rpc::ReasonOf(Review(second, old, context).status()), "DIGEST_MISMATCH");
  // What is refused says that a comment is possible.
  const StoredSummary accepted = ReviewedWith(second, context.form, *Chain(), v1::REVIEW_DECISION_ACCEPT);
  const absl::Status twice =
      Review(accepted, ReviewOf(accepted, v1::REVIEW_DECISION_ACCEPT), context).status();
  EXPECT_EQ(rpc::ErrorInfoOf(twice)->metadata().at("allowed"), "SUBMIT, COMMENT");
}

TEST_F(ChainTest, ASummaryTakes50CommentsAndAllDecisionsBesides) {
  const ReviewContext context{FormOfLevel("district"), *Chain(), "city", kLate};
  StoredSummary commented = SentBy("jinshui", "district", 3, above_);
  const v1::ReviewSummaryRequest comment = ReviewOf(commented, v1::REVIEW_DECISION_COMMENT);
  for (int i = 0; i < 50; ++i) {
    const auto after = Review(commented, comment, context);
    ASSERT_TRUE(after.ok()) << i << after.status();
    commented = *after;
  }
  const absl::Status one_more = Review(commented, comment, context).status();
  EXPECT_EQ(one_more.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::ReasonOf(one_more), "TOO_MANY_COMMENTS");
  EXPECT_EQ(ReviewedWith(commented, context.form, *Chain(), v1::REVIEW_DECISION_ACCEPT).summary.state(),
            v1::SUMMARY_STATE_ACCEPTED);
}

TEST_F(ChainTest, ACommentBelowVoidsNothingAbove) {
  SummaryPlan plan({{KeyOf(township_), township_}, {KeyOf(district_), district_}}, {}, Chain(), kLate);
  v1::ReviewSummaryRequest comment = ReviewOf(township_, v1::REVIEW_DECISION_COMMENT);
  comment.set_form_id("township");
  const auto taken = plan.Take(comment, "jinshui");
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->reviews_size(), 2);
  EXPECT_EQ(plan.events().size(), 1u);
  const StoredSummary& above = plan.summaries().at(KeyOf(district_));
  EXPECT_EQ(above.sequence, district_.sequence);
  EXPECT_EQ(above.summary.SerializeAsString(), district_.summary.SerializeAsString());
}

TEST_F(ChainTest, WhatIsReturnedToAUnitThatHasClosedIsWaived) {
  feed::v1::DirectoryChanged closing;
  directory::v1::OrgUnit& unit = *closing.add_org_units();
  unit = *Chain()->FindUnit("jinshui");
  *unit.mutable_closed_on() = DateMessage(absl::CivilDay(2026, 1, 7));
  const auto closed = Chain()->With(closing, 2).value();
  const StoredSummary sent = SentBy("jinshui", "district", 3, above_);
  EXPECT_FALSE(Adjusted(sent, *closed).has_value());  // it was sent, and that stands
  const StoredSummary returned =
      ReviewedWith(sent, FormOfLevel("district"), *closed, v1::REVIEW_DECISION_RETURN);
  EXPECT_EQ(returned.summary.state(), v1::SUMMARY_STATE_WAIVED);
  EXPECT_EQ(returned.summary.waiver_reason(),
            "the unit closed on 2026-01-07, before it had to be sent again");
  EXPECT_EQ(returned.summary.reviews(0).decision(), v1::REVIEW_DECISION_RETURN);
  EXPECT_EQ(returned.returned_count, 1);
  EXPECT_EQ(returned.sequence, sent.sequence + 1);
  EXPECT_FALSE(Adjusted(returned, *closed).has_value());
  // Accepted it is as any other.
  EXPECT_EQ(ReviewedWith(sent, FormOfLevel("district"), *closed, v1::REVIEW_DECISION_ACCEPT).summary.state(),
            v1::SUMMARY_STATE_ACCEPTED);
}

TEST(CheckReview, TakesEachLimitAndRefusesOnePastIt) {
  v1::ReviewSummaryRequest request;
  request.set_org_unit_id("jinshui");
  *request.mutable_month() = YearMonthMessage(kDecember);
  request.set_revision(1);
  request.set_decision(v1::REVIEW_DECISION_RETURN);
  request.set_comment(std::string(2000, 'x'));
  for (int i = 0; i < 200; ++i) request.add_remarks()->set_reason("R");
  request.mutable_remarks(0)->set_reason(std::string(64, 'R'));
  request.mutable_remarks(0)->set_comment(std::string(500, 'x'));
  EXPECT_TRUE(CheckReview(request, kLate).ok()) << CheckReview(request, kLate).status();
  const auto reason = [](const v1::ReviewSummaryRequest& bad) {
    return rpc::ReasonOf(CheckReview(bad, kLate).status());
  };
  auto bad = request;
  bad.mutable_comment()->push_back('x');
  EXPECT_EQ(reason(bad), "TEXT_TOO_LONG");
  bad = request;
  bad.add_remarks()->set_reason("R");
  EXPECT_EQ(reason(bad), "OUT_OF_RANGE");
  for (const std::string& wrong :
       {std::string(65, 'R'), std::string(), std::string("lower"), std::string("1ST")}) {
    bad = request;
    bad.mutable_remarks(0)->set_reason(wrong);
    EXPECT_EQ(reason(bad), "REASON_INVALID") << wrong;
  }
  bad = request;
  bad.mutable_remarks(0)->mutable_comment()->push_back('x');
  EXPECT_EQ(reason(bad), "TEXT_TOO_LONG");
  bad = request;
  bad.set_decision(v1::REVIEW_DECISION_ACCEPT);
  EXPECT_EQ(reason(bad), "REMARKS_WITHOUT_RETURN");
}

TEST(CheckReview, AReviewThatOnlyCommentsHasWords) {
  v1::ReviewSummaryRequest request;
  request.set_org_unit_id("jinshui");
  *request.mutable_month() = YearMonthMessage(kDecember);
  request.set_revision(1);
  request.set_decision(v1::REVIEW_DECISION_COMMENT);
  const auto reason = [&request](const std::string& comment) {
    request.set_comment(comment);
    return rpc::ReasonOf(CheckReview(request, kLate).status());
  };
  const auto characters = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "阅";
    return text;
  };
  EXPECT_EQ(reason(""), "COMMENT_REQUIRED");
  EXPECT_EQ(reason("　 "), "COMMENT_REQUIRED");
  EXPECT_EQ(reason(characters(1)), "");
  EXPECT_EQ(reason(characters(2000)), "");
  EXPECT_EQ(reason(characters(2001)), "TEXT_TOO_LONG");
  request.add_remarks()->set_reason("R");
  EXPECT_EQ(reason("请附台账"), "REMARKS_WITHOUT_RETURN");
  request.clear_remarks();
  request.set_decision(static_cast<v1::ReviewDecision>(v1::ReviewDecision_ARRAYSIZE));
  EXPECT_EQ(reason("请附台账"), "REQUIRED");
}

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

TEST(Period, LocksOnADateOfItsOwn) {
  // The form's tenth working day of January 2026 is the 15th: the 4th, a Sunday, was worked.
  const auto& form = *Chain()->FormFor("district", kDecember);
  const StoredPeriod period = NewPeriod(form, kDecember, Chain()->calendar(), kInTime);
  const absl::Time lock = StartOfCityDay(absl::CivilDay(2026, 1, 16));
  EXPECT_EQ(LockTime(period.period), lock);
  EXPECT_FALSE(IsLocked(period.period, lock - absl::Microseconds(1)));
  EXPECT_TRUE(IsLocked(period.period, lock));
  const StoredPeriod never =
      NewPeriod(*Chain()->FormFor("township", kDecember), kDecember, Chain()->calendar(), kInTime);
  EXPECT_FALSE(IsLocked(never.period, lock + absl::Hours(10000)));
}

TEST(Period, IsLockedAndUnlockedByHand) {
  v1::LockPeriodRequest lock;
  lock.set_reason("年度决算");
  v1::LockPeriodRequest unlock = lock;
  unlock.set_unlock(true);
  const StoredPeriod open =
      NewPeriod(*Chain()->FormFor("district", kDecember), kDecember, Chain()->calendar(), kInTime);
  const StoredPeriod locked = *DecideLock(open, lock, "chief", kInTime);
  EXPECT_TRUE(IsLocked(locked.period, kInTime));
  EXPECT_EQ(locked.period.decisions(0).actor(), "chief");
  EXPECT_EQ(DecideLock(locked, lock, "chief", kLate)->period.decisions_size(), 1);  // stands so already
  // Unlocked before the form's own date: that still comes.
  const StoredPeriod early = *DecideLock(locked, unlock, "chief", kLate);
  EXPECT_FALSE(IsLocked(early.period, kLate));
  EXPECT_TRUE(IsLocked(early.period, StartOfCityDay(absl::CivilDay(2026, 1, 16))));
  // After it: it stays open until somebody locks it.
  const absl::Time after = StartOfCityDay(absl::CivilDay(2026, 2, 1));
  const StoredPeriod late = *DecideLock(early, unlock, "chief", after);
  EXPECT_EQ(LockTime(late.period), std::nullopt);
  EXPECT_FALSE(IsLocked(late.period, after + absl::Hours(10000)));
}

TEST(Period, HasAtMost100Decisions) {
  StoredPeriod period =
      NewPeriod(*Chain()->FormFor("township", kDecember), kDecember, Chain()->calendar(), kInTime);
  v1::LockPeriodRequest request;
  for (int i = 0; i < 100; ++i) {
    request.set_unlock(i % 2 == 1);
    const auto decided = DecideLock(period, request, "chief", kInTime);
    ASSERT_TRUE(decided.ok()) << i;
    period = *decided;
  }
  request.set_unlock(false);
  EXPECT_EQ(rpc::ReasonOf(DecideLock(period, request, "chief", kInTime).status()), "TOO_MANY_DECISIONS");
}

TEST(Period, ProvisionalLockDateIsSettledByTheNotice) {
  directory::v1::ApplyDirectoryRequest request = CityRequest();
  request.clear_calendar();
  request.mutable_forms(0)->set_lock_working_day(10);
  const auto without = After(Directory(), request);
  const auto& form = without->forms().at("monthly");
  const StoredPeriod guessed = NewPeriod(form, kDecember, without->calendar(), kInTime);
  EXPECT_TRUE(guessed.lock_provisional);
  EXPECT_FALSE(SettledLock(guessed, form, without->calendar(), kLate).has_value());
  const auto settled = SettledLock(guessed, form, City()->calendar(), kLate);
  ASSERT_TRUE(settled.has_value());
  EXPECT_EQ(LockTime(settled->period), StartOfCityDay(absl::CivilDay(2026, 1, 16)));
  EXPECT_FALSE(SettledLock(*settled, form, without->calendar(), kLate).has_value());  // and stays
  // Before the notice the other date was expected: by weekdays, the tenth working day is the 14th.
  EXPECT_EQ(LockTime(*KnownAt(settled->period, kInTime)), StartOfCityDay(absl::CivilDay(2026, 1, 15)));
  EXPECT_EQ(KnownAt(settled->period, kInTime)->SerializeAsString(), guessed.period.SerializeAsString());
  EXPECT_EQ(KnownAt(settled->period, kLate)->SerializeAsString(), settled->period.SerializeAsString());
}

TEST(Period, IsKnownAsItWasWithoutLaterDecisions) {
  v1::LockPeriodRequest lock;
  lock.set_reason("年度决算");
  v1::LockPeriodRequest unlock = lock;
  unlock.set_unlock(true);
  const StoredPeriod open =
      NewPeriod(*Chain()->FormFor("township", kDecember), kDecember, Chain()->calendar(), kInTime);
  const StoredPeriod locked = *DecideLock(open, lock, "chief", kLate);
  const StoredPeriod unlocked = *DecideLock(locked, unlock, "chief", kLate + absl::Hours(1));
  const auto known = [&](absl::Time as_of) { return *KnownAt(unlocked.period, as_of); };
  EXPECT_EQ(known(kInTime).SerializeAsString(), open.period.SerializeAsString());
  EXPECT_EQ(LockTime(known(kInTime)), std::nullopt);
  EXPECT_EQ(LockTime(known(kLate)), kLate);
  EXPECT_EQ(LockTime(known(kLate + absl::Hours(1))), std::nullopt);
  EXPECT_EQ(known(kLate + absl::Hours(1)).decisions_size(), 2);
  EXPECT_FALSE(KnownAt(unlocked.period, kInTime - absl::Microseconds(1)).has_value());
}

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

TEST(Draft, AddsOwnRecordsAndTheAcceptedSummariesBelow) {
  MonthEvidence evidence = EvidenceFor(Chain(), "district");
  evidence.own_records = {{"visits", 4}, {"reached", 0}};
  v1::MonthlySummary below;
  below.set_org_unit_id("huayuanlu");
  below.set_form_id("township");
  below.set_revision(2);
  below.set_digest("d");
  v1::SummaryCell& cell = *below.add_cells();
  cell.set_indicator_id("visits");
  cell.set_status(v1::CELL_STATUS_REPORTED);
  cell.set_value(3);
  evidence.lower = {{below, Chain()->FormFor("township", kDecember)}};
  const StoredSummary owed = OwedBy(*Chain(), "jinshui", "district");
  const v1::DraftSummaryResponse draft = DraftOf(owed, evidence, kInTime);
  ASSERT_EQ(draft.cells_size(), 4);
  EXPECT_EQ(draft.cells(0).value(), 7);
  EXPECT_EQ(draft.cells(0).counted_value(), 7);
  EXPECT_EQ(draft.cells(0).status(), v1::CELL_STATUS_REPORTED);
  EXPECT_EQ(draft.cells(0).derivation(), v1::CELL_DERIVATION_AUTOMATIC);
  EXPECT_EQ(draft.sources(0).own_records(), 4);
  EXPECT_EQ(draft.sources(0).lower_level(), 3);
  EXPECT_EQ(draft.sources(0).lower_units(), 1);
  EXPECT_EQ(draft.cells(1).status(), v1::CELL_STATUS_NIL);  // counted, and nothing was there
  EXPECT_FALSE(draft.sources(1).has_lower_level());
  EXPECT_EQ(draft.cells(2).status(), v1::CELL_STATUS_MISSING);  // nothing can give it: not zero
  EXPECT_EQ(draft.basis(0).org_unit_id(), "huayuanlu");
  EXPECT_EQ(draft.basis(0).revision(), 2);
  EXPECT_EQ(draft.etag(), "s1");
  EXPECT_EQ(draft.form_version(), 1);
  // Somebody is missing, or the month runs: it may still change.
  evidence.missing_units = {"fengchan"};
  EXPECT_EQ(DraftOf(owed, evidence, kInTime).cells(0).status(), v1::CELL_STATUS_PROVISIONAL);
  EXPECT_EQ(DraftOf(owed, evidence, kInTime).cells(1).status(), v1::CELL_STATUS_NIL);
  EXPECT_EQ(DraftOf(owed, evidence, CityTime(absl::CivilDay(2025, 12, 31), 23)).cells(1).status(),
            v1::CELL_STATUS_PROVISIONAL);
}

// What a district's draft says of its visits when it has `own` records, and its townships said so.
v1::SummaryCell DraftedFrom(std::optional<int64_t> own, const std::vector<v1::CellStatus>& below) {
  MonthEvidence evidence = EvidenceFor(Chain(), "district");
  if (own.has_value()) evidence.own_records["visits"] = *own;
  for (const v1::CellStatus status : below) {
    v1::MonthlySummary summary;
    summary.set_org_unit_id(absl::StrCat("township-", evidence.lower.size()));
    v1::SummaryCell& cell = *summary.add_cells();
    cell.set_indicator_id("visits");
    cell.set_status(status);
    if (HasValue(status)) cell.set_value(3);
    evidence.lower.push_back({summary, Chain()->FormFor("township", kDecember)});
  }
  return DraftOf(OwedBy(*Chain(), "jinshui", "district"), evidence, kInTime).cells(0);
}

TEST(Traps, NumberMissingBelowIsNotZeroAbove) {
  // A sum without what one of them does not know does not stand, and is never nil.
  const v1::SummaryCell some = DraftedFrom(4, {v1::CELL_STATUS_REPORTED, v1::CELL_STATUS_MISSING});
  EXPECT_EQ(some.status(), v1::CELL_STATUS_PROVISIONAL);
  EXPECT_EQ(some.value(), 7);
  EXPECT_EQ(DraftedFrom(0, {v1::CELL_STATUS_NIL, v1::CELL_STATUS_MISSING}).status(),
            v1::CELL_STATUS_PROVISIONAL);
  EXPECT_EQ(DraftedFrom(0, {v1::CELL_STATUS_MISSING}).status(), v1::CELL_STATUS_PROVISIONAL);
  EXPECT_EQ(DraftedFrom(std::nullopt, {v1::CELL_STATUS_NIL, v1::CELL_STATUS_MISSING}).status(),
            v1::CELL_STATUS_PROVISIONAL);
  // Nobody knows anything.
  EXPECT_EQ(DraftedFrom(std::nullopt, {v1::CELL_STATUS_MISSING}).status(), v1::CELL_STATUS_MISSING);
  // Where the question does not apply nothing is missing.
  EXPECT_EQ(DraftedFrom(0, {v1::CELL_STATUS_NIL, v1::CELL_STATUS_NOT_APPLICABLE}).status(),
            v1::CELL_STATUS_NIL);
  EXPECT_EQ(DraftedFrom(4, {v1::CELL_STATUS_REPORTED, v1::CELL_STATUS_NOT_APPLICABLE}).status(),
            v1::CELL_STATUS_REPORTED);
  EXPECT_EQ(DraftedFrom(4, {v1::CELL_STATUS_ESTIMATED}).status(), v1::CELL_STATUS_PROVISIONAL);
}

}  // namespace
}  // namespace zhuqi::intake
