// Township, district, city; drafts from records; what was known when; periods.
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/summaries/period_store.h"
#include "services/intake/summaries/test_summaries.h"
#include "services/intake/summaries/test_summary_replica.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using Stub = v1::SummaryService::Stub;

constexpr char kDecemberText[] = "month { year: 2025 month: 12 } ";

template <typename Request>
Request Named(const std::string& unit, const std::string& form) {
  Request request;
  request.set_org_unit_id(unit);
  request.set_form_id(form);
  *request.mutable_month() = YearMonthMessage(kDecember);
  return request;
}

// The chain's city in a database, on 9 January: the districts' summaries of December were due the day before,
// and their period is locked after the 15th.
const absl::Time kAfterTheLock = CityTime(absl::CivilDay(2026, 1, 20), 10);

class ChainService : public ::testing::Test {
 protected:
  ChainService() {
    replica_.clock().Set(CityTime(absl::CivilDay(2026, 1, 9), 10));
    replica_.Apply(ChainRequest());
  }

  v1::DraftSummaryResponse Draft(const std::string& unit, const std::string& form) {
    const auto draft = replica_.Ask(&Stub::DraftSummary, Named<v1::DraftSummaryRequest>(unit, form));
    EXPECT_TRUE(draft.ok()) << draft.status();
    return draft.ok() ? *draft : v1::DraftSummaryResponse();
  }
  // The draft as a clerk sends it, with `visits` in the place of what was counted when it is not negative.
  v1::SubmitSummaryRequest Drafted(const std::string& unit, const std::string& form, int64_t visits = -1) {
    const v1::DraftSummaryResponse draft = Draft(unit, form);
    auto request = Named<v1::SubmitSummaryRequest>(unit, form);
    *request.mutable_cells() = draft.cells();
    *request.mutable_basis() = draft.basis();
    request.set_etag(draft.etag());
    if (visits >= 0) {
      v1::SummaryCell& cell = *request.mutable_cells(0);
      cell.set_value(visits);
      cell.set_status(v1::CELL_STATUS_REPORTED);
      cell.set_derivation(v1::CELL_DERIVATION_ADJUSTED);
      cell.set_note("台账");
    }
    if (form == "district") {
      v1::SectionText& words = *request.add_sections();
      words.set_section_id("difficulties");
      words.set_text("无");
    }
    return request;
  }
  v1::MonthlySummary Sent(const v1::SubmitSummaryRequest& request) {
    const auto sent = replica_.Submit(request);
    EXPECT_TRUE(sent.ok()) << sent.status();
    return sent.ok() ? sent->summary() : v1::MonthlySummary();
  }
  v1::MonthlySummary Reviewed(const v1::MonthlySummary& summary, v1::ReviewDecision decision) {
    v1::ReviewSummaryRequest request;
    request.set_org_unit_id(summary.org_unit_id());
    request.set_form_id(summary.form_id());
    *request.mutable_month() = summary.month();
    request.set_revision(summary.revision());
    request.set_digest(summary.digest());
    request.set_decision(decision);
    request.set_comment("请核对");
    const auto reviewed = replica_.Review(request);
    EXPECT_TRUE(reviewed.ok()) << reviewed.status();
    return reviewed.ok() ? reviewed->summary() : v1::MonthlySummary();
  }
  v1::MonthlySummary Accepted(const std::string& unit, const std::string& form, int64_t visits = -1) {
    return Reviewed(Sent(Drafted(unit, form, visits)), v1::REVIEW_DECISION_ACCEPT);
  }
  v1::MonthlySummary Now(const std::string& unit, const std::string& form) {
    const auto now = replica_.Get(Named<v1::GetSummaryRequest>(unit, form));
    EXPECT_TRUE(now.ok()) << now.status();
    return now.ok() ? now->summary() : v1::MonthlySummary();
  }
  // Events of all units.
  size_t AllEvents() {
    size_t events = 0;
    for (int32_t partition = 1; partition <= kTestPartitions; ++partition) {
      events += database_.Events(partition).size();
    }
    return events;
  }
  void InsertRecord(const std::string& unit, int kind, const std::string& day, const std::string& uscc) {
    const std::string id = absl::StrCat("UNHEX(LPAD(HEX(", ++records_, "), 32, '0'))");
    Execute(absl::StrCat(
        "INSERT INTO records (record_id, source_system, external_id, org_unit_id, kind, on_date, issue_kind, "
        "category_id, revision, digest, partition_number, created_at, updated_at, recorded_by, contact, "
        "category_tree_version, body) "
        "VALUES (",
        id, ", 't', '", records_, "', '", unit, "', ", kind, ", '", day,
        "', 0, '', 1, REPEAT('0', 32), 1, NOW(6), NOW(6), 'tester', 0, 0, '')"));
    if (kind != v1::RECORD_KIND_VISIT) return;
    Execute(
        absl::StrCat("INSERT INTO visited_enterprises (on_date, org_unit_id, record_id, uscc, team_id, "
                     "department_id) VALUES ('",
                     day, "', '", unit, "', ", id, ", '", uscc, "', '', '')"));
  }
  void Execute(const std::string& sql) {
    const auto done = (*replica_.parts().pool->Acquire(absl::InfiniteFuture()))->Execute(sql, {});
    ASSERT_TRUE(done.ok()) << done.status();
  }

  IntakeDatabase database_;
  Replica replica_{database_};
  int records_ = 0;
};

TEST_F(ChainService, DraftCountsTheRecordsAndAddsTheTownships) {
  for (const char* unit : {"huayuanlu", "huayuanlu", "jinshui", "zhongmu"}) {
    InsertRecord(unit, v1::RECORD_KIND_VISIT, "2025-12-31", "914403001922038216");
  }
  InsertRecord("fengchan", v1::RECORD_KIND_VISIT, "2025-12-01", "91350100M000100Y43");
  InsertRecord("fengchan", v1::RECORD_KIND_VISIT, "2026-01-01", "91350100M000100Y43");  // not in December
  InsertRecord("fengchan", v1::RECORD_KIND_ISSUE, "2025-12-02", "");
  const v1::DraftSummaryResponse township = Draft("fengchan", "township");
  EXPECT_EQ(township.cells(0).value(), 1);
  EXPECT_EQ(township.cells(1).value(), 1);
  EXPECT_EQ(township.sources(1).own_records(), 1);
  Accepted("fengchan", "township");
  // 花园路 has sent nothing: its records are its own to report, and the number is provisional.
  v1::DraftSummaryResponse district = Draft("jinshui", "district");
  EXPECT_EQ(district.cells(0).value(), 2);
  EXPECT_EQ(district.cells(0).status(), v1::CELL_STATUS_PROVISIONAL);
  EXPECT_EQ(district.sources(0).own_records(), 1);
  EXPECT_EQ(district.sources(0).lower_level(), 1);
  EXPECT_THAT(district.missing_units(), ElementsAre("huayuanlu"));
  EXPECT_EQ(district.basis_size(), 1);
  Accepted("huayuanlu", "township");
  district = Draft("jinshui", "district");
  EXPECT_EQ(district.cells(0).value(), 4);
  EXPECT_EQ(district.cells(0).status(), v1::CELL_STATUS_REPORTED);
  // Different enterprises do not add up, so all records below are counted: two.
  EXPECT_EQ(district.cells(1).value(), 2);
  EXPECT_EQ(district.cells(2).status(), v1::CELL_STATUS_MISSING);
  EXPECT_THAT(district.missing_units(), ElementsAre());
}

TEST_F(ChainService, WaivedTownshipsRecordsAreCountedByTheDistrict) {
  InsertRecord("huayuanlu", v1::RECORD_KIND_VISIT, "2025-12-31", "914403001922038216");
  auto waive = Named<v1::DecideObligationRequest>("huayuanlu", "township");
  waive.mutable_decision()->set_kind(v1::ObligationDecision::KIND_WAIVE);
  waive.mutable_decision()->set_reason("筹建中");
  const auto waived = replica_.Ask(&Stub::DecideObligation, waive);
  ASSERT_TRUE(waived.ok()) << waived.status();
  EXPECT_EQ(waived->summary().state(), v1::SUMMARY_STATE_WAIVED);
  EXPECT_NE(waived->consistency_token(), "");
  EXPECT_EQ(Draft("jinshui", "district").sources(0).own_records(), 1);
  EXPECT_THAT(Draft("jinshui", "district").missing_units(), ElementsAre("fengchan"));
}

TEST_F(ChainService, TownshipMovedWithinTheMonthIsCountedOnce) {
  directory::v1::ApplyDirectoryRequest move;
  *move.add_org_units() = FromText<directory::v1::OrgUnit>(R"(
    org_unit_id: "huayuanlu" name: "花园路街道" level: ORG_UNIT_LEVEL_TOWNSHIP parent_id: "zhongmu"
    former_parents { parent_id: "jinshui" until { year: 2025 month: 12 day: 14 } })");
  replica_.Apply(move);
  const std::string company = "914403001922038216";
  for (const auto& [unit, day] :
       std::vector<std::pair<const char*, const char*>>{{"huayuanlu", "2025-12-10"},
                                                        {"huayuanlu", "2025-12-14"},
                                                        {"huayuanlu", "2025-12-15"},
                                                        {"jinshui", "2025-12-10"},
                                                        {"fengchan", "2025-12-10"},
                                                        {"zhongmu", "2025-12-20"},
                                                        {"zhengzhou", "2025-12-01"}}) {
    InsertRecord(unit, v1::RECORD_KIND_VISIT, day, company);
  }
  EXPECT_EQ(Accepted("huayuanlu", "township").cells(0).value(), 3);
  EXPECT_EQ(Accepted("fengchan", "township").cells(0).value(), 1);
  EXPECT_EQ(Accepted("jinshui", "district").cells(0).value(), 2);
  EXPECT_EQ(Accepted("zhongmu", "district").cells(0).value(), 4);
  const v1::DraftSummaryResponse city = Draft("zhengzhou", "city");
  EXPECT_EQ(city.sources(0).own_records(), 1);
  EXPECT_EQ(city.cells(0).value(), 7);
}

TEST_F(ChainService, DistrictSplitWithinTheMonthIsCountedOnce) {
  replica_.Apply(FromText<directory::v1::ApplyDirectoryRequest>(R"(
    org_units {
      org_unit_id: "jinshui" name: "金水区" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
      codes { system: CODE_SYSTEM_GB_T_2260 code: "410105" edition: "2023" }
      closed_on { year: 2025 month: 12 day: 19 } closing_reason: "split" successor_ids: "north" successor_ids: "south"
    }
    org_units {
      org_unit_id: "north" name: "金水北区" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
      opened_on { year: 2025 month: 12 day: 20 }
    }
    org_units {
      org_unit_id: "south" name: "金水南区" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
      opened_on { year: 2025 month: 12 day: 20 }
    }
    org_units {
      org_unit_id: "huayuanlu" name: "花园路街道" level: ORG_UNIT_LEVEL_TOWNSHIP parent_id: "north"
      former_parents { parent_id: "jinshui" until { year: 2025 month: 12 day: 19 } }
    }
    org_units {
      org_unit_id: "fengchan" name: "丰产路街道" level: ORG_UNIT_LEVEL_TOWNSHIP parent_id: "south"
      former_parents { parent_id: "jinshui" until { year: 2025 month: 12 day: 19 } }
    })"));
  EXPECT_EQ(Now("jinshui", "district").state(), v1::SUMMARY_STATE_WAIVED);
  for (const auto& [unit, day] :
       std::vector<std::pair<const char*, const char*>>{{"jinshui", "2025-12-10"},
                                                        {"huayuanlu", "2025-12-10"},
                                                        {"huayuanlu", "2025-12-25"},
                                                        {"fengchan", "2025-12-10"},
                                                        {"north", "2025-12-25"},
                                                        {"zhongmu", "2025-12-10"}}) {
    InsertRecord(unit, v1::RECORD_KIND_VISIT, day, "914403001922038216");
  }
  EXPECT_EQ(Accepted("huayuanlu", "township").cells(0).value(), 2);
  EXPECT_EQ(Accepted("fengchan", "township").cells(0).value(), 1);
  EXPECT_EQ(Accepted("north", "district").cells(0).value(), 3);
  EXPECT_EQ(Accepted("south", "district").cells(0).value(), 1);
  EXPECT_EQ(Accepted("zhongmu", "district").cells(0).value(), 1);
  // What 金水 itself did before it was split is the city's to count; what its townships did is not.
  const v1::DraftSummaryResponse city = Draft("zhengzhou", "city");
  EXPECT_EQ(city.sources(0).own_records(), 1);
  EXPECT_EQ(city.cells(0).value(), 6);
  EXPECT_EQ(city.cells(0).status(), v1::CELL_STATUS_REPORTED);
}

TEST_F(ChainService, AChangeBelowVoidsTheAcceptancesAboveUpTheChain) {
  Accepted("huayuanlu", "township", 3);
  Accepted("fengchan", "township", 2);
  Accepted("jinshui", "district");
  Accepted("zhongmu", "district", 1);
  const v1::MonthlySummary city = Accepted("zhengzhou", "city");
  EXPECT_EQ(city.cells(0).value(), 6);
  const size_t events_before = AllEvents();
  const v1::MonthlySummary changed = Sent(Drafted("huayuanlu", "township", 4));
  EXPECT_EQ(changed.reviews(0).voided_by(), "revision 2");
  const v1::MonthlySummary district = Now("jinshui", "district");
  EXPECT_EQ(district.state(), v1::SUMMARY_STATE_SUBMITTED);
  EXPECT_EQ(district.reviews(0).voided_by(), "basis huayuanlu revision 2");
  const v1::MonthlySummary above = Now("zhengzhou", "city");
  EXPECT_EQ(above.state(), v1::SUMMARY_STATE_SUBMITTED);
  EXPECT_EQ(above.reviews(0).voided_by(), "basis jinshui revision 1");
  EXPECT_TRUE(above.basis(0).superseded());
  EXPECT_FALSE(above.basis(1).superseded());
  EXPECT_EQ(Now("zhongmu", "district").state(), v1::SUMMARY_STATE_ACCEPTED);
  EXPECT_EQ(AllEvents(), events_before + 3);  // each of the three is in the feed
  // The matrix says who has to act.
  const auto matrix = replica_.Ask(
      &Stub::ListObligations,
      FromText<v1::ListObligationsRequest>(absl::StrCat("first_", kDecemberText, "last_", kDecemberText)));
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  std::vector<std::string> superseded;
  for (const v1::Obligation& one : matrix->obligations()) {
    if (!one.basis_superseded()) continue;
    superseded.push_back(one.org_unit_id());
    EXPECT_EQ(one.actor(), v1::OBLIGATION_ACTOR_UNIT);
  }
  EXPECT_THAT(superseded, ElementsAre("jinshui", "zhengzhou"));
  // Made anew from what stands, the chain closes again.
  Reviewed(changed, v1::REVIEW_DECISION_ACCEPT);
  EXPECT_EQ(Accepted("jinshui", "district").cells(0).value(), 6);
  EXPECT_EQ(Accepted("zhengzhou", "city").cells(0).value(), 7);
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM summary_basis"), 4);
}

TEST_F(ChainService, WhatWasMadeFromAnOldRevisionIsRefused) {
  Accepted("huayuanlu", "township", 3);
  const v1::SubmitSummaryRequest stale = Drafted("jinshui", "district");
  Sent(Drafted("huayuanlu", "township", 4));
  EXPECT_EQ(rpc::ReasonOf(replica_.Submit(stale).status()), "BASIS_SUPERSEDED");
  v1::SubmitSummaryRequest check = stale;
  check.set_validate_only(true);
  const auto checked = replica_.Submit(check);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_TRUE(std::any_of(
      checked->summary().findings().begin(), checked->summary().findings().end(),
      [](const auto& finding) { return finding.rule_id() == "basis_superseded" && finding.error(); }));
  EXPECT_EQ(Now("jinshui", "district").revision(), 0);
}

TEST_F(ChainService, ValidateOnlyAnswersWithAllFindingsAndStoresNothing) {
  auto request = Named<v1::SubmitSummaryRequest>("jinshui", "district");
  request.set_validate_only(true);
  const auto checked = replica_.Submit(request);
  ASSERT_TRUE(checked.ok()) << checked.status();
  int errors = 0;
  for (const auto& finding : checked->summary().findings()) errors += finding.error() ? 1 : 0;
  EXPECT_EQ(errors, 2);  // the visits and the section
  request.set_validate_only(false);
  const auto refused = replica_.Submit(request);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(rpc::BadRequestOf(refused.status())->field_violations_size(), 2);
  EXPECT_EQ(Now("jinshui", "district").state(), v1::SUMMARY_STATE_OWED);
}

TEST_F(ChainService, GetSummaryAsOfReadsWhatWasKnown) {
  const absl::Time start = replica_.clock().Now();
  replica_.clock().Set(start + absl::Hours(1));
  const v1::MonthlySummary first = Sent(Drafted("huayuanlu", "township", 3));
  replica_.clock().Set(start + absl::Hours(2));
  Reviewed(first, v1::REVIEW_DECISION_ACCEPT);
  replica_.clock().Set(start + absl::Hours(3));
  Sent(Drafted("huayuanlu", "township", 4));
  const auto as_of = [&](absl::Duration after) {
    auto request = Named<v1::GetSummaryRequest>("huayuanlu", "township");
    *request.mutable_as_of() = TimestampMessage(start + after);
    return replica_.Get(request);
  };
  EXPECT_EQ(as_of(absl::Minutes(59))->summary().state(), v1::SUMMARY_STATE_OWED);
  EXPECT_EQ(as_of(absl::Hours(1))->summary().cells(0).value(), 3);
  EXPECT_EQ(as_of(absl::Hours(1))->summary().reviews_size(), 0);
  EXPECT_EQ(as_of(absl::Hours(2))->summary().state(), v1::SUMMARY_STATE_ACCEPTED);
  EXPECT_FALSE(as_of(absl::Hours(2))->summary().reviews(0).voided());
  EXPECT_EQ(as_of(absl::Hours(3))->summary().cells(0).value(), 4);
  EXPECT_TRUE(as_of(absl::Hours(3))->summary().reviews(0).voided());
  EXPECT_EQ(as_of(absl::Hours(3))->summary().SerializeAsString(),
            Now("huayuanlu", "township").SerializeAsString());
  EXPECT_EQ(rpc::ReasonOf(as_of(-absl::Hours(1)).status()), "NO_OBLIGATION");
}

TEST_F(ChainService, GetSummaryAsOfDoesNotKnowALaterLock) {
  const absl::Time start = replica_.clock().Now();
  const v1::MonthlySummary sent = Sent(Drafted("huayuanlu", "township", 3));
  EXPECT_FALSE(sent.has_locks_at());
  replica_.clock().Set(start + absl::Hours(2));
  auto lock = FromText<v1::LockPeriodRequest>(
      absl::StrCat("form_id: \"township\" reason: \"年度决算\" ", kDecemberText));
  ASSERT_TRUE(replica_.Ask(&Stub::LockPeriod, lock).ok());
  const auto as_of = [&](absl::Duration after) {
    auto request = Named<v1::GetSummaryRequest>("huayuanlu", "township");
    *request.mutable_as_of() = TimestampMessage(start + after);
    return replica_.Get(request)->summary();
  };
  EXPECT_FALSE(as_of(absl::Hours(1)).has_locks_at());
  EXPECT_EQ(TimeFrom(as_of(absl::Hours(2)).locks_at()), start + absl::Hours(2));
  EXPECT_EQ(TimeFrom(Now("huayuanlu", "township").locks_at()), start + absl::Hours(2));
}

TEST_F(ChainService, RevisionsAreComparedCellByCell) {
  Sent(Drafted("huayuanlu", "township", 3));
  v1::SubmitSummaryRequest second = Drafted("huayuanlu", "township", 5);
  second.set_narrative("补录");
  second.mutable_cells(1)->set_status(v1::CELL_STATUS_MISSING);
  second.mutable_cells(1)->set_derivation(v1::CELL_DERIVATION_MANUAL);
  second.mutable_cells(1)->clear_counted_value();
  Sent(second);
  auto request = Named<v1::CompareRevisionsRequest>("huayuanlu", "township");
  const auto newest = replica_.Ask(&Stub::CompareRevisions, request);
  ASSERT_TRUE(newest.ok()) << newest.status();
  EXPECT_EQ(newest->left().revision(), 1);
  EXPECT_EQ(newest->right().revision(), 2);
  ASSERT_EQ(newest->cells_size(), 2);
  EXPECT_EQ(newest->cells(0).indicator_id(), "visits");
  EXPECT_EQ(newest->cells(0).change(), 2);
  EXPECT_FALSE(newest->cells(1).has_change());  // nil against missing is no difference of numbers
  EXPECT_EQ(newest->sections(0).right(), "补录");
  request.set_left(1);
  request.set_right(1);
  EXPECT_EQ(replica_.Ask(&Stub::CompareRevisions, request)->cells_size(), 0);
  for (const auto& [left, right] : std::vector<std::pair<int, int>>{{0, 1}, {1, 3}, {-1, 2}, {3, 2}}) {
    request.set_left(left);
    request.set_right(right);
    const auto unknown = replica_.Ask(&Stub::CompareRevisions, request);
    EXPECT_EQ(unknown.status().code(), absl::StatusCode::kNotFound) << left << " " << right;
    EXPECT_EQ(rpc::ReasonOf(unknown.status()), "REVISION_UNKNOWN");
  }
}

TEST_F(ChainService, AfterTheLockACorrectionIsANewVintage) {
  const v1::MonthlySummary first = Sent(Drafted("zhongmu", "district", 1));
  EXPECT_EQ(TimeFrom(first.locks_at()), StartOfCityDay(absl::CivilDay(2026, 1, 16)));
  EXPECT_EQ(first.vintage(), 0);
  EXPECT_TRUE(first.late());  // late, and not locked
  replica_.clock().Set(kAfterTheLock);
  v1::SubmitSummaryRequest correction = Drafted("zhongmu", "district", 2);
  EXPECT_EQ(rpc::ReasonOf(replica_.Submit(correction).status()), "CORRECTION_REASON_REQUIRED");
  correction.set_correction_reason("漏计一次走访");
  const v1::MonthlySummary corrected = Sent(correction);
  EXPECT_EQ(corrected.vintage(), 1);
  EXPECT_EQ(corrected.revision(), 2);
  // What was known before is what it was.
  auto before = Named<v1::GetSummaryRequest>("zhongmu", "district");
  *before.mutable_as_of() = TimestampMessage(CityTime(absl::CivilDay(2026, 1, 15), 10));
  EXPECT_EQ(replica_.Get(before)->summary().cells(0).value(), 1);
}

TEST_F(ChainService, PeriodsAreListedLockedAndUnlocked) {
  replica_.clock().Set(kAfterTheLock);
  const auto periods = replica_.Ask(&Stub::ListPeriods, v1::ListPeriodsRequest());
  ASSERT_TRUE(periods.ok()) << periods.status();
  std::vector<std::string> lines;
  for (const v1::Period& period : periods->periods()) {
    lines.push_back(absl::StrCat(period.month().year(), "-", period.month().month(), " ", period.form_id(),
                                 " ", period.obligations(), period.locked() ? " locked" : ""));
  }
  EXPECT_THAT(lines, ElementsAre("2026-1 city 1", "2026-1 district 2", "2026-1 township 2", "2025-12 city 1",
                                 "2025-12 district 2 locked", "2025-12 township 2"));
  auto lock = FromText<v1::LockPeriodRequest>(
      absl::StrCat("form_id: \"township\" reason: \"年度决算\" ", kDecemberText));
  lock.set_request_id(NewRequestId());
  const auto locked = replica_.Ask(&Stub::LockPeriod, lock);
  ASSERT_TRUE(locked.ok()) << locked.status();
  EXPECT_TRUE(locked->period().locked());
  EXPECT_EQ(locked->period().decisions(0).actor(), "tester");
  v1::ListPeriodsRequest after;
  after.set_at_least_token(locked->consistency_token());
  EXPECT_FALSE(after.at_least_token().empty());
  EXPECT_TRUE(replica_.Ask(&Stub::ListPeriods, after).ok());
  EXPECT_EQ(replica_.Ask(&Stub::LockPeriod, lock)->SerializeAsString(), locked->SerializeAsString());
  v1::SubmitSummaryRequest request = Drafted("huayuanlu", "township", 3);
  EXPECT_EQ(rpc::ReasonOf(replica_.Submit(request).status()), "CORRECTION_REASON_REQUIRED");
  request.set_correction_reason("补报");
  EXPECT_EQ(replica_.Submit(request)->summary().vintage(), 1);
  lock.set_request_id(NewRequestId());
  lock.set_unlock(true);
  EXPECT_FALSE(replica_.Ask(&Stub::LockPeriod, lock)->period().locked());
  lock.set_request_id("");
  lock.mutable_month()->set_year(2024);
  EXPECT_EQ(rpc::ReasonOf(replica_.Ask(&Stub::LockPeriod, lock).status()), "PERIOD_UNKNOWN");
  lock.set_reason(std::string(501, 'x'));
  EXPECT_EQ(rpc::ReasonOf(replica_.Ask(&Stub::LockPeriod, lock).status()), "TEXT_TOO_LONG");
  std::string token;
  size_t seen = 0;
  do {
    v1::ListPeriodsRequest page;
    page.set_page_size(4);
    page.set_page_token(token);
    const auto read = replica_.Ask(&Stub::ListPeriods, page);
    ASSERT_TRUE(read.ok()) << read.status();
    seen += static_cast<size_t>(read->periods_size());
    token = read->next_page_token();
  } while (!token.empty());
  EXPECT_EQ(seen, 6u);
}

TEST_F(ChainService, LockThatWaitedForAnotherRequestIsDatedWhenItComesAbout) {
  const absl::Time start = replica_.clock().Now();
  auto lock = FromText<v1::LockPeriodRequest>(
      absl::StrCat("form_id: \"township\" reason: \"年度决算\" ", kDecemberText));
  absl::StatusOr<v1::LockPeriodResponse> locked;
  std::thread waiting;
  const absl::Status held =
      db::RunTransaction(*replica_.parts().pool, {}, [&](db::Transaction& transaction) -> absl::Status {
        ZHUQI_RETURN_IF_ERROR(LockPeriods(transaction, {{"township", kDecember}}).status());
        waiting = std::thread([&] { locked = replica_.Ask(&Stub::LockPeriod, lock); });
        // It has arrived, and waits or is about to.
        while (replica_.parts().calls.adaptor().calls_in_flight() == 0) std::this_thread::yield();
        replica_.clock().Set(start + absl::Hours(1));
        return absl::OkStatus();
      });
  waiting.join();
  ASSERT_TRUE(held.ok()) << held;
  ASSERT_TRUE(locked.ok()) << locked.status();
  EXPECT_EQ(TimeFrom(locked->period().decisions(0).decided_at()), start + absl::Hours(1));
}

TEST_F(ChainService, OpeningAPeriodMakesWhatIsMissingOnce) {
  replica_.clock().Set(StartOfCityDay(absl::CivilDay(2026, 2, 1)));
  auto open = FromText<v1::OpenPeriodRequest>("form_id: \"township\" month { year: 2026 month: 2 }");
  open.set_request_id(NewRequestId());
  const auto opened = replica_.Ask(&Stub::OpenPeriod, open);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->created(), 2);
  EXPECT_EQ(opened->period().obligations(), 2);
  EXPECT_NE(opened->consistency_token(), "");
  EXPECT_EQ(replica_.Ask(&Stub::OpenPeriod, open)->created(), 2);  // the first answer
  open.set_request_id("");
  EXPECT_EQ(replica_.Ask(&Stub::OpenPeriod, open)->created(), 0);
  EXPECT_EQ(replica_.keeper().RunOnce().value(), 3);  // the districts and the city are the keeper's still
  const auto reason = [&](const std::string& text) {
    return rpc::ReasonOf(replica_.Ask(&Stub::OpenPeriod, FromText<v1::OpenPeriodRequest>(text)).status());
  };
  EXPECT_EQ(reason("form_id: \"township\" month { year: 2026 month: 3 }"), "MONTH_NOT_BEGUN");
  EXPECT_EQ(reason("form_id: \"other\" month { year: 2026 month: 2 }"), "FORM_UNKNOWN");
  EXPECT_EQ(reason("form_id: \"township\" month { year: 2025 month: 11 }"), "FORM_NOT_IN_FORCE");
  EXPECT_EQ(reason("form_id: \"township\" month { year: 2026 month: 13 }"), "MONTH_INVALID");
}

TEST_F(ChainService, MatrixFiltersAndPages) {
  replica_.clock().Set(kAfterTheLock);
  Sent(Drafted("huayuanlu", "township", 3));
  const auto list = [&](const std::string& text) {
    std::vector<std::string> lines;
    std::string token;
    do {
      auto request = FromText<v1::ListObligationsRequest>(text);
      request.set_page_token(token);
      const auto page = replica_.Ask(&Stub::ListObligations, request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return lines;
      for (const v1::Obligation& one : page->obligations()) {
        lines.push_back(absl::StrCat(one.month().month(), " ", one.org_unit_id(),
                                     one.overdue() ? " overdue" : "", one.locked() ? " locked" : ""));
      }
      token = page->next_page_token();
    } while (!token.empty());
    return lines;
  };
  EXPECT_THAT(list("page_size: 3"),
              ElementsAre("1 fengchan", "1 huayuanlu", "1 jinshui", "1 zhengzhou", "1 zhongmu",
                          "12 fengchan overdue", "12 huayuanlu", "12 jinshui overdue locked",
                          "12 zhengzhou overdue", "12 zhongmu overdue locked"));
  EXPECT_THAT(list("overdue: true org_unit_id: \"jinshui\""),
              ElementsAre("12 fengchan overdue", "12 jinshui overdue locked"));
  EXPECT_THAT(list("state: SUMMARY_STATE_SUBMITTED"), ElementsAre("12 huayuanlu"));
  EXPECT_THAT(list("form_id: \"city\" first_month { year: 2026 month: 1 }"), ElementsAre("1 zhengzhou"));
  const auto reason = [&](const std::string& text) {
    return rpc::ReasonOf(
        replica_.Ask(&Stub::ListObligations, FromText<v1::ListObligationsRequest>(text)).status());
  };
  EXPECT_EQ(reason("page_size: -1"), "PAGE_SIZE_NEGATIVE");
  EXPECT_EQ(reason("page_token: \"x\""), "PAGE_TOKEN_INVALID");
  EXPECT_EQ(reason("org_unit_id: \"nowhere\""), "ORG_UNIT_UNKNOWN");
  EXPECT_EQ(reason("first_month { year: 1999 month: 1 }"), "MONTH_INVALID");
}

TEST_F(ChainService, DecisionsAreAnsweredOnceAndNameTheirApprover) {
  replica_.clock().Set(kAfterTheLock);
  auto extend = Named<v1::DecideObligationRequest>("zhongmu", "district");
  extend.set_request_id(NewRequestId());
  extend.mutable_decision()->set_kind(v1::ObligationDecision::KIND_EXTEND);
  extend.mutable_decision()->set_reason("机房搬迁");
  *extend.mutable_decision()->mutable_extended_until() =
      TimestampMessage(CityTime(absl::CivilDay(2026, 1, 30), 17));
  const auto extended = replica_.Ask(&Stub::DecideObligation, extend);
  ASSERT_TRUE(extended.ok()) << extended.status();
  EXPECT_EQ(extended->summary().decisions(0).approver(), "tester");
  EXPECT_EQ(replica_.Ask(&Stub::DecideObligation, extend)->SerializeAsString(),
            extended->SerializeAsString());
  EXPECT_EQ(Now("zhongmu", "district").decisions_size(), 1);
  EXPECT_EQ(TimeFrom(Now("zhongmu", "district").due_at()), kInTime);
  extend.mutable_decision()->set_reason("another");
  EXPECT_EQ(rpc::ReasonOf(replica_.Ask(&Stub::DecideObligation, extend).status()), "REQUEST_ID_REUSED");
  auto nobody = Named<v1::DecideObligationRequest>("jinshui", "township");
  *nobody.mutable_decision() = extend.decision();
  const auto unknown = replica_.Ask(&Stub::DecideObligation, nobody);
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(rpc::ReasonOf(unknown.status()), "NO_OBLIGATION");
  // Sent within the extension, on the 20th: not late, though the first due date was the 8th.
  v1::SubmitSummaryRequest request = Drafted("zhongmu", "district", 1);
  request.set_correction_reason("补报");
  EXPECT_FALSE(replica_.Submit(request)->summary().late());
}

}  // namespace
}  // namespace zhuqi::intake
