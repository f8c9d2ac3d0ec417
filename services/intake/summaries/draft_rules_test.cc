#include "services/intake/summaries/draft_rules.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/intake/summaries/test_summaries.h"

namespace zhuqi::intake {
namespace {

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
