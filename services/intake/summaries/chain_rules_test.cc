#include "services/intake/summaries/chain_rules.h"

#include "common/rpc/errors.h"
#include "gtest/gtest.h"
#include "services/intake/summaries/summary_plan.h"
#include "services/intake/summaries/test_summaries.h"

namespace zhuqi::intake {
namespace {

// A township that was accepted, and the district that was made from it, and accepted too.
class ChainTest : public ::testing::Test {
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

}  // namespace
}  // namespace zhuqi::intake
