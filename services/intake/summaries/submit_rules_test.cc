#include "services/intake/summaries/submit_rules.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/directory/test_directory.h"
#include "services/intake/summaries/review_rules.h"
#include "services/intake/summaries/summary_digest.h"
#include "services/intake/summaries/summary_plan.h"
#include "services/intake/summaries/test_summaries.h"

namespace zhuqi::intake {
namespace {

using testing::ElementsAre;

const std::shared_ptr<const Directory>& TheCity() {
  static const std::shared_ptr<const Directory> city = City();
  return city;
}

const directory::v1::SummaryForm& Form() { return TheCity()->forms().at("monthly"); }

StoredSummary Owed() { return OwedBy(*TheCity(), "jinshui", "monthly"); }

v1::SubmitSummaryRequest Request(const std::string& cells) {
  return FromText<v1::SubmitSummaryRequest>(
      absl::StrCat(R"(org_unit_id: "jinshui" month { year: 2025 month: 12 } narrative: "平稳" )", cells));
}

v1::SubmitSummaryRequest Visits(int value) {
  return Request(
      absl::StrCat(R"(cells { indicator_id: "visits" status: CELL_STATUS_REPORTED value: )", value, " }"));
}

StoredSummary Sent(const StoredSummary& current, const v1::SubmitSummaryRequest& request, absl::Time now) {
  const MonthEvidence evidence = EvidenceFor(TheCity(), "monthly");
  return SentWith(current, request, {evidence, {}, false, "jinshui-clerk", now});
}

absl::StatusOr<StoredSummary> TrySubmit(const StoredSummary& current, const v1::SubmitSummaryRequest& request,
                                        absl::Time now, bool locked = false) {
  const MonthEvidence evidence = EvidenceFor(TheCity(), "monthly");
  return Submit(current, request, {evidence, {}, locked, "jinshui-clerk", now});
}

StoredSummary Reviewed(const StoredSummary& current, v1::ReviewDecision decision) {
  return ReviewedWith(current, Form(), *TheCity(), decision);
}

absl::StatusOr<StoredSummary> TryReview(const StoredSummary& current,
                                        const v1::ReviewSummaryRequest& request) {
  return Review(current, request, {Form(), *TheCity(), "city", kLate});
}

std::vector<std::string> Wrong(const v1::SubmitSummaryRequest& request) {
  std::vector<std::string> wrong;
  const absl::Status status = CheckSubmission(request, kInTime).status();
  const auto bad = rpc::BadRequestOf(status);
  if (!bad.has_value()) return wrong;
  for (const auto& violation : bad->field_violations()) {
    wrong.push_back(absl::StrCat(violation.field(), " ",
                                 violation.description().substr(0, violation.description().find(':'))));
  }
  return wrong;
}

TEST(Submit, FirstRevisionMeetsTheObligation) {
  const StoredSummary sent = Sent(Owed(), Visits(14), kInTime);
  EXPECT_EQ(sent.summary.state(), v1::SUMMARY_STATE_SUBMITTED);
  EXPECT_EQ(sent.summary.revision(), 1);
  EXPECT_EQ(TimeFrom(sent.summary.first_submitted_at()), kInTime);
  EXPECT_EQ(TimeFrom(sent.summary.recorded_at()), kInTime);
  EXPECT_FALSE(sent.summary.late());
  EXPECT_EQ(sent.summary.digest().size(), 64u);
  EXPECT_EQ(EtagOf(sent), "s2");
}

TEST(Traps, ZeroIsNotMissing) {
  const StoredSummary zero = Sent(Owed(), Visits(0), kInTime);
  const StoredSummary nil =
      Sent(Owed(), Request(R"(cells { indicator_id: "visits" status: CELL_STATUS_NIL })"), kInTime);
  const StoredSummary not_applicable = Sent(
      Owed(), Request(R"(cells { indicator_id: "visits" status: CELL_STATUS_NOT_APPLICABLE })"), kInTime);
  const StoredSummary left_out = Sent(Owed(), Request(""), kInTime);
  const StoredSummary missing =
      Sent(Owed(), Request(R"(cells { indicator_id: "visits" status: CELL_STATUS_MISSING })"), kInTime);
  EXPECT_EQ(zero.summary.cells(0).status(), v1::CELL_STATUS_REPORTED);
  EXPECT_EQ(nil.summary.cells(0).status(), v1::CELL_STATUS_NIL);
  EXPECT_EQ(not_applicable.summary.cells(0).status(), v1::CELL_STATUS_NOT_APPLICABLE);
  EXPECT_EQ(left_out.summary.cells(0).status(), v1::CELL_STATUS_MISSING);
  // Four different reports; only leaving a cell out says the same as MISSING.
  EXPECT_THAT((std::set<std::string>{zero.summary.digest(), nil.summary.digest(),
                                     not_applicable.summary.digest(), left_out.summary.digest()}),
              testing::SizeIs(4));
  EXPECT_EQ(left_out.summary.digest(), missing.summary.digest());
}

TEST(Submit, CellsStandInTheFormsOrder) {
  const StoredSummary sent = Sent(Owed(), Request(R"(
      cells { indicator_id: "issues" status: CELL_STATUS_REPORTED value: 3 derivation: CELL_DERIVATION_AUTOMATIC }
      cells { indicator_id: "visits" status: CELL_STATUS_NIL })"),
                                  kInTime);
  EXPECT_EQ(sent.summary.cells_size(), 2);
  EXPECT_EQ(sent.summary.cells(0).indicator_id(), "visits");
  EXPECT_EQ(sent.summary.cells(0).derivation(), v1::CELL_DERIVATION_MANUAL);
  EXPECT_EQ(sent.summary.cells(1).value(), 3);
}

TEST(Submit, RefusesWrongCells) {
  EXPECT_THAT(
      Wrong(Request(R"(
      cells { indicator_id: "visits" status: CELL_STATUS_REPORTED value: 1000000000001 }
      cells { indicator_id: "visits" status: CELL_STATUS_MISSING value: 5 }
      cells { indicator_id: "a" value: 1 }
      cells { indicator_id: "b" status: CELL_STATUS_REPORTED value: -1000000000001 derivation: CELL_DERIVATION_ADJUSTED }
      cells { indicator_id: "c" status: CELL_STATUS_ESTIMATED value: 5 }
      cells { indicator_id: "d" status: CELL_STATUS_REPORTED value: 5 counted_value: 5 }
      cells { indicator_id: "e" status: CELL_STATUS_REPORTED value: 5 counted_value: 4 derivation: CELL_DERIVATION_AUTOMATIC })")),
      ElementsAre("cells[0].value OUT_OF_RANGE", "cells[1].indicator_id DUPLICATE",
                  "cells[1].value VALUE_WITHOUT_REPORTED", "cells[2].status REQUIRED",
                  "cells[3].value OUT_OF_RANGE", "cells[3].note NOTE_REQUIRED", "cells[4].note NOTE_REQUIRED",
                  "cells[5].counted_value COUNTED_VALUE_WITHOUT_COUNT", "cells[6].derivation NOT_AUTOMATIC"));
  const auto unknown =
      TrySubmit(Owed(), Request(R"(cells { indicator_id: "other" status: CELL_STATUS_NIL })"), kInTime);
  EXPECT_EQ(rpc::ReasonOf(unknown.status()), "INDICATOR_UNKNOWN");
  EXPECT_EQ(rpc::BadRequestOf(unknown.status())->field_violations(0).field(), "cells[0].indicator_id");
}

TEST(Submit, RefusesMonthsAndTimesThatHaveNotCome) {
  v1::SubmitSummaryRequest request = Visits(1);
  request.mutable_month()->set_year(2026);
  request.mutable_month()->set_month(2);
  EXPECT_THAT(Wrong(request), ElementsAre("month MONTH_NOT_BEGUN"));
  request.mutable_month()->set_month(1);
  EXPECT_THAT(Wrong(request), ElementsAre());
  *request.mutable_occurred_at() = TimestampMessage(kInTime + absl::Minutes(2));
  EXPECT_THAT(Wrong(request), ElementsAre("occurred_at OCCURRED_IN_FUTURE"));
  *request.mutable_occurred_at() = TimestampMessage(StartOfCityDay(absl::CivilDay(2025, 12, 31)));
  EXPECT_THAT(Wrong(request), ElementsAre("occurred_at OCCURRED_BEFORE_MONTH"));
}

TEST(Traps, TimelyIsNotNotYetLocked) {
  // One microsecond late is late, though the month is not locked and nobody has reviewed anything.
  EXPECT_FALSE(Sent(Owed(), Visits(1), kInTime).summary.late());
  const StoredSummary late = Sent(Owed(), Visits(1), kLate);
  EXPECT_TRUE(late.summary.late());
  // And acceptance does not make it timely.
  EXPECT_TRUE(Reviewed(late, v1::REVIEW_DECISION_ACCEPT).summary.late());
}

TEST(Submit, LaterRevisionNeverMovesTheFirstSubmission) {
  const StoredSummary first = Sent(Owed(), Visits(1), kInTime);
  const StoredSummary returned = Reviewed(first, v1::REVIEW_DECISION_RETURN);
  const StoredSummary second = Sent(returned, Visits(2), kLate + absl::Hours(24 * 30));
  EXPECT_EQ(TimeFrom(second.summary.first_submitted_at()), kInTime);
  EXPECT_EQ(TimeFrom(second.summary.submitted_at()), kLate + absl::Hours(24 * 30));
  EXPECT_FALSE(second.summary.late());
  EXPECT_EQ(second.summary.revision(), 2);
  EXPECT_EQ(second.returned_count, 1);
}

// Sent at `now` by somebody who says that it was in time.
StoredSummary DatedBack(const StoredSummary& owed, absl::Time now) {
  v1::SubmitSummaryRequest request = Visits(7);
  *request.mutable_occurred_at() = TimestampMessage(kInTime);
  return Sent(owed, request, now);
}

TEST(Submit, HistoryKeepsBothTimes) {
  const absl::Time now = kInTime + absl::Hours(24 * 200);
  const StoredSummary sent = DatedBack(OwedBy(*TheCity(), "jinshui", "monthly", kLate), now);
  EXPECT_EQ(TimeFrom(sent.summary.first_submitted_at()), kInTime);
  EXPECT_EQ(TimeFrom(sent.summary.submitted_at()), kInTime);
  EXPECT_EQ(TimeFrom(sent.summary.recorded_at()), now);
  EXPECT_FALSE(sent.summary.late());
}

TEST(Traps, LateSummaryIsNotDatedBack) {
  // It was owed before it was due: when it is received counts, whatever its sender says.
  const StoredSummary late = DatedBack(OwedBy(*TheCity(), "jinshui", "monthly", kInTime), kLate);
  EXPECT_EQ(TimeFrom(late.summary.first_submitted_at()), kLate);
  EXPECT_TRUE(late.summary.late());
  EXPECT_TRUE(FactsOf(late).late());
  EXPECT_EQ(TimeFrom(FactsOf(late).first_submitted_at()), kLate);
  // Both times are kept all the same.
  EXPECT_EQ(TimeFrom(late.summary.submitted_at()), kInTime);
  EXPECT_EQ(TimeFrom(late.summary.recorded_at()), kLate);
  EXPECT_FALSE(DatedBack(Owed(), kInTime).summary.late());
}

TEST(Submit, SecondRevisionNamesTheEtag) {
  const StoredSummary first = Sent(Owed(), Visits(1), kInTime);
  v1::SubmitSummaryRequest request = Visits(2);
  const auto without = TrySubmit(first, request, kInTime);
  EXPECT_EQ(without.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(rpc::ReasonOf(without.status()), "ETAG_REQUIRED");
  request.set_etag("s1");
  const auto stale = TrySubmit(first, request, kInTime);
  EXPECT_EQ(stale.status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(rpc::ReasonOf(stale.status()), "ETAG_MISMATCH");
  EXPECT_EQ(rpc::ErrorInfoOf(stale.status())->metadata().at("etag"), "s2");
}

TEST(Traps, ApprovalIsVoidedByALaterChange) {
  const StoredSummary accepted = Reviewed(Sent(Owed(), Visits(1), kInTime), v1::REVIEW_DECISION_ACCEPT);
  EXPECT_EQ(accepted.summary.state(), v1::SUMMARY_STATE_ACCEPTED);
  EXPECT_FALSE(accepted.summary.reviews(0).voided());
  const StoredSummary changed = Sent(accepted, Visits(2), kLate);
  EXPECT_EQ(changed.summary.state(), v1::SUMMARY_STATE_SUBMITTED);
  ASSERT_EQ(changed.summary.reviews_size(), 1);
  EXPECT_TRUE(changed.summary.reviews(0).voided());
  EXPECT_EQ(changed.summary.reviews(0).revision(), 1);
}

TEST(Submit, SendingWhatStandsDoesNotUndoTheApproval) {
  const StoredSummary accepted = Reviewed(Sent(Owed(), Visits(1), kInTime), v1::REVIEW_DECISION_ACCEPT);
  const StoredSummary again = Sent(accepted, Visits(1), kLate);
  EXPECT_EQ(again.sequence, accepted.sequence);
  EXPECT_EQ(again.summary.state(), v1::SUMMARY_STATE_ACCEPTED);
  // What was returned is waiting for an answer, so the same content is one.
  const StoredSummary returned = Reviewed(Sent(Owed(), Visits(1), kInTime), v1::REVIEW_DECISION_RETURN);
  EXPECT_EQ(Sent(returned, Visits(1), kLate).summary.revision(), 2);
}

TEST(Submit, WaivedUnitMaySendAllTheSame) {
  StoredSummary waived = Owed();
  waived.summary.set_state(v1::SUMMARY_STATE_WAIVED);
  waived.summary.set_waiver_reason("closed");
  const StoredSummary sent = Sent(waived, Visits(1), kInTime);
  EXPECT_EQ(sent.summary.state(), v1::SUMMARY_STATE_SUBMITTED);
  EXPECT_EQ(sent.summary.waiver_reason(), "");
}

TEST(Review, NamesTheNewestRevisionAndItsDigest) {
  const StoredSummary first = Sent(Owed(), Visits(1), kInTime);
  const StoredSummary second = Sent(first, Visits(2), kInTime);
  v1::ReviewSummaryRequest old = ReviewOf(first, v1::REVIEW_DECISION_ACCEPT);
  const auto superseded = TryReview(second, old);
  EXPECT_EQ(superseded.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::ReasonOf(superseded.status()), "REVISION_SUPERSEDED");
  old.set_revision(2);
  const auto mismatch = TryReview(second, old);
  EXPECT_EQ(mismatch.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::ReasonOf(mismatch.status()), "DIGEST_MISMATCH");
  old.set_revision(3);
  EXPECT_EQ(rpc::ReasonOf(TryReview(second, old).status()), "REVISION_UNKNOWN");
}

TEST(Review, OnlyWhatWaitsForItMayBeReviewed) {
  v1::ReviewSummaryRequest request = ReviewOf(Owed(), v1::REVIEW_DECISION_ACCEPT);
  request.set_revision(1);
  const auto of_nothing = TryReview(Owed(), request);
  EXPECT_EQ(rpc::ReasonOf(of_nothing.status()), "ILLEGAL_TRANSITION");
  EXPECT_EQ(rpc::ErrorInfoOf(of_nothing.status())->metadata().at("allowed"), "SUBMIT");
  EXPECT_EQ(rpc::ErrorInfoOf(of_nothing.status())->metadata().at("state"), "SUMMARY_STATE_OWED");
  const StoredSummary accepted = Reviewed(Sent(Owed(), Visits(1), kInTime), v1::REVIEW_DECISION_ACCEPT);
  const auto twice = TryReview(accepted, ReviewOf(accepted, v1::REVIEW_DECISION_RETURN));
  EXPECT_EQ(twice.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::ReasonOf(twice.status()), "ILLEGAL_TRANSITION");
}

TEST(Review, ReturnNeedsAReason) {
  v1::ReviewSummaryRequest request = ReviewOf(Sent(Owed(), Visits(1), kInTime), v1::REVIEW_DECISION_RETURN);
  request.set_org_unit_id("jinshui");
  *request.mutable_month() = YearMonthMessage(absl::CivilMonth(2025, 12));
  EXPECT_TRUE(CheckReview(request, kLate).ok());
  request.set_comment("　 ");
  EXPECT_EQ(rpc::ReasonOf(CheckReview(request, kLate).status()), "COMMENT_REQUIRED");
}

TEST(Review, CanNotHaveHappenedBeforeTheRevision) {
  const StoredSummary sent = Sent(Owed(), Visits(1), kInTime);
  v1::ReviewSummaryRequest request = ReviewOf(sent, v1::REVIEW_DECISION_ACCEPT);
  *request.mutable_occurred_at() = TimestampMessage(kInTime - absl::Microseconds(1));
  EXPECT_EQ(rpc::ReasonOf(TryReview(sent, request).status()), "OCCURRED_BEFORE_SUBMISSION");
  *request.mutable_occurred_at() = TimestampMessage(kInTime);
  EXPECT_TRUE(TryReview(sent, request).ok());
}

TEST(Submit, KeepsWhoSentIt) {
  EXPECT_EQ(Sent(Owed(), Visits(1), kInTime).summary.submitted_by(), "jinshui-clerk");
}

TEST(Traps, CorrectionAfterTheLockIsANewVintageAndNeverAnUpdate) {
  const StoredSummary accepted = Reviewed(Sent(Owed(), Visits(1), kInTime), v1::REVIEW_DECISION_ACCEPT);
  v1::SubmitSummaryRequest request = Visits(2);
  request.set_etag(EtagOf(accepted));
  EXPECT_EQ(rpc::ReasonOf(TrySubmit(accepted, request, kLate, /*locked=*/true).status()),
            "CORRECTION_REASON_REQUIRED");
  request.set_correction_reason("漏计一次走访");
  EXPECT_EQ(rpc::ReasonOf(TrySubmit(accepted, request, kLate, /*locked=*/false).status()),
            "CORRECTION_REASON_NOT_ALLOWED");
  const auto corrected = TrySubmit(accepted, request, kLate, /*locked=*/true);
  ASSERT_TRUE(corrected.ok()) << corrected.status();
  EXPECT_EQ(corrected->summary.revision(), 2);
  EXPECT_EQ(corrected->summary.vintage(), 1);
  EXPECT_EQ(corrected->summary.correction_reason(), "漏计一次走访");
  EXPECT_TRUE(corrected->summary.reviews(0).voided());
  EXPECT_EQ(corrected->summary.reviews(0).voided_by(), "revision 2");
  // The same content again corrects nothing, and needs no reason.
  request.clear_correction_reason();
  request.set_etag(EtagOf(*corrected));
  EXPECT_EQ(TrySubmit(*corrected, request, kLate, /*locked=*/true)->sequence, corrected->sequence);
}

TEST(Traps, LockedIsNotLate) {
  // In time for the due date though the period was locked by hand before, and late though it is open.
  v1::SubmitSummaryRequest request = Visits(1);
  request.set_correction_reason("补报");
  EXPECT_FALSE(TrySubmit(Owed(), request, kInTime, /*locked=*/true)->summary.late());
  EXPECT_TRUE(TrySubmit(Owed(), Visits(1), kLate, /*locked=*/false)->summary.late());
}

TEST(Submit, HasAtMost200Revisions) {
  StoredSummary summary = Sent(Owed(), Visits(1), kInTime);
  summary.summary.set_revision(199);
  v1::SubmitSummaryRequest request = Visits(2);
  request.set_etag(EtagOf(summary));
  const auto last = TrySubmit(summary, request, kInTime);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last->summary.revision(), 200);
  request = Visits(3);
  request.set_etag(EtagOf(*last));
  const auto one_more = TrySubmit(*last, request, kInTime);
  EXPECT_EQ(one_more.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::ReasonOf(one_more.status()), "TOO_MANY_REVISIONS");
}

TEST(Submit, SummaryHasAtMost1MiBWithItsReviews) {
  const auto take = [](size_t comment) -> absl::StatusOr<size_t> {
    StoredSummary owed = Owed();
    owed.summary.add_reviews()->set_comment(std::string(comment, 'x'));
    SummaryPlan plan({{KeyOf(owed), owed}}, {}, TheCity(), kInTime);
    const auto evidence = std::make_shared<const MonthEvidence>(EvidenceFor(TheCity(), "monthly"));
    const auto taken = plan.Take(Submission{*CheckSubmission(Visits(1), kInTime), evidence}, "jinshui-clerk");
    if (!taken.ok()) return taken.status();
    return plan.summaries().at(KeyOf(owed)).summary.ByteSizeLong();
  };
  constexpr size_t kComment = 1'000'000;
  const absl::StatusOr<size_t> bytes = take(kComment);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const size_t longest = kComment + kMaxSummaryBytes - *bytes;
  EXPECT_EQ(*take(longest), kMaxSummaryBytes);
  EXPECT_EQ(rpc::ReasonOf(take(longest + 1).status()), "SUMMARY_TOO_LARGE");
}

TEST(CheckSubmission, TakesEachLimitAndRefusesOnePastIt) {
  v1::SubmitSummaryRequest request = Visits(1);
  for (int i = 1; i < 200; ++i) {
    v1::SummaryCell& cell = *request.add_cells();
    cell.set_indicator_id(absl::StrCat("i", i));
    cell.set_status(v1::CELL_STATUS_NIL);
  }
  for (int i = 0; i < 20; ++i) request.add_sections()->set_section_id(absl::StrCat("s", i));
  for (int i = 0; i < 1000; ++i) request.add_basis()->set_org_unit_id(absl::StrCat("u", i));
  request.set_narrative(std::string(8000, 'x'));
  request.mutable_sections(0)->set_text(std::string(8000, 'x'));
  request.mutable_cells(0)->set_note(std::string(500, 'x'));
  request.set_correction_reason(std::string(500, 'x'));
  EXPECT_THAT(Wrong(request), ElementsAre());
  v1::SubmitSummaryRequest longer = request;
  longer.mutable_narrative()->push_back('x');
  longer.mutable_sections(0)->mutable_text()->push_back('x');
  longer.mutable_cells(0)->mutable_note()->push_back('x');
  longer.mutable_correction_reason()->push_back('x');
  EXPECT_THAT(Wrong(longer),
              ElementsAre("cells[0].note TEXT_TOO_LONG", "narrative TEXT_TOO_LONG",
                          "sections[0].text TEXT_TOO_LONG", "correction_reason TEXT_TOO_LONG"));
  v1::SubmitSummaryRequest more = request;
  more.add_cells()->set_indicator_id("one-more");
  more.add_sections()->set_section_id("one-more");
  more.add_basis()->set_org_unit_id("one-more");
  EXPECT_THAT(Wrong(more), ElementsAre("cells OUT_OF_RANGE", "sections OUT_OF_RANGE", "basis OUT_OF_RANGE"));
}

TEST(EventOf, CarriesFactsBeforeAndAfter) {
  const StoredSummary owed = Owed();
  const StoredSummary sent = Sent(owed, Visits(14), kLate);
  const feed::OutgoingEvent outgoing = EventOf(&owed, sent, 7);
  EXPECT_EQ(outgoing.partition, owed.partition);
  EXPECT_EQ(outgoing.event.directory_sequence(), 7);
  EXPECT_EQ(outgoing.event.summary().before().state(), v1::SUMMARY_STATE_OWED);
  const feed::v1::SummaryFacts& after = outgoing.event.summary().after();
  EXPECT_EQ(after.state(), v1::SUMMARY_STATE_SUBMITTED);
  EXPECT_TRUE(after.late());
  EXPECT_EQ(after.revision(), 1);
  EXPECT_EQ(after.cells(0).value(), 14);
  EXPECT_FALSE(EventOf(nullptr, owed, 7).event.summary().has_before());
}

}  // namespace
}  // namespace zhuqi::intake
