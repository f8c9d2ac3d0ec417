#include "services/intake/visits/plan_rules.h"

#include "common/directory/date_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"
#include "services/intake/visits/test_visits.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::CivilMonth kJanuary(2026, 1);

using PlanList = google::protobuf::RepeatedPtrField<v1::VisitPlan>;

PlanList ListOf(const std::vector<v1::VisitPlan>& plans) { return PlanList(plans.begin(), plans.end()); }

// "path REASON" of what is wrong with the plans.
std::vector<std::string> Wrong(const std::vector<v1::VisitPlan>& plans) {
  PlanList list = ListOf(plans);
  rpc::Violations violations;
  CheckPlans(list, *CityWithTeams(), violations);
  std::vector<std::string> words;
  for (const rpc::Violation& one : violations.list()) words.push_back(one.field_path + " " + one.reason);
  return words;
}

// "2026-01 10" of each: month and visits owed.
std::vector<std::string> Owed(const std::vector<StoredQuota>& quotas) {
  std::vector<std::string> words;
  for (const StoredQuota& quota : quotas) {
    words.push_back(absl::StrCat(absl::FormatCivilTime(quota.month), " ", quota.plan.monthly_visits()));
  }
  return words;
}

std::string ClosedOn(int month, int day) {
  return absl::StrCat(R"(org_units { org_unit_id: "jinshui" name: "金水区" level: ORG_UNIT_LEVEL_DISTRICT
    parent_id: "zhengzhou" closed_on { year: 2026 month: )",
                      month, " day: ", day, " } }");
}

TEST(CheckPlans, TakesGoodOnesInNormalForm) {
  v1::VisitPlan of_department = PlanOf(R"(plan_id: "b" department_id: "jinshui.planning")");
  v1::VisitPlan of_team =
      PlanOf(R"(plan_id: "c" team_id: "jinshui.mobile" last_month { year: 2026 month: 1 })");
  v1::VisitPlan cadence_alone = PlanOf(R"(plan_id: "d")");
  cadence_alone.clear_monthly_visits();
  EXPECT_THAT(Wrong({PlanOf(), of_department, of_team, cadence_alone}), IsEmpty());
  PlanList list = ListOf({PlanOf(R"(name: "  金水区　")")});
  rpc::Violations violations;
  CheckPlans(list, *CityWithTeams(), violations);
  EXPECT_EQ(list[0].name(), "金水区");
}

TEST(CheckPlans, NamesEverythingThatIsWrongWhereverItStands) {
  v1::VisitPlan bad = FromText<v1::VisitPlan>(R"(
    plan_id: "B" name: " " org_unit_id: "nowhere" department_id: "none" team_id: "none" monthly_visits: -1
    enterprise_tag: "Key" first_month { year: 2026 month: 13 } last_month { year: 1999 month: 1 })");
  EXPECT_THAT(
      Wrong({PlanOf(), bad, PlanOf()}),
      ElementsAre("plans[1].plan_id IDENTIFIER_INVALID", "plans[1].name REQUIRED",
                  "plans[1].org_unit_id ORG_UNIT_UNKNOWN", "plans[1].department_id DEPARTMENT_UNKNOWN",
                  "plans[1].team_id TEAM_UNKNOWN", "plans[1].team_id CONFLICT",
                  "plans[1].monthly_visits OUT_OF_RANGE", "plans[1].enterprise_tag IDENTIFIER_INVALID",
                  "plans[1].every_months OUT_OF_RANGE", "plans[1].first_month MONTH_INVALID",
                  "plans[1].last_month MONTH_INVALID", "plans[2].plan_id DUPLICATE"));
}

TEST(CheckPlans, LimitsAreTakenAndOneMoreIsNot) {
  v1::VisitPlan plan = PlanOf("monthly_visits: 10000 every_months: 36");
  plan.set_plan_id(std::string(64, 'a'));
  std::string name;
  for (int i = 0; i < 100; ++i) name += "长";
  plan.set_name(name);
  plan.set_enterprise_tag(std::string(64, 'k'));
  EXPECT_THAT(Wrong({plan}), IsEmpty());
  plan.set_plan_id(std::string(65, 'a'));
  plan.set_name(name + "长");
  plan.set_enterprise_tag(std::string(65, 'k'));
  plan.set_monthly_visits(10001);
  plan.set_every_months(37);
  EXPECT_THAT(Wrong({plan}), ElementsAre("plans[0].plan_id IDENTIFIER_INVALID", "plans[0].name TEXT_TOO_LONG",
                                         "plans[0].monthly_visits OUT_OF_RANGE",
                                         "plans[0].enterprise_tag IDENTIFIER_INVALID",
                                         "plans[0].every_months OUT_OF_RANGE"));
}

TEST(CheckPlans, APlanOwesVisitsOrHasACadence) {
  v1::VisitPlan nothing = PlanOf();
  nothing.clear_monthly_visits();
  nothing.clear_enterprise_tag();
  nothing.clear_every_months();
  EXPECT_THAT(Wrong({nothing}), ElementsAre("plans[0].monthly_visits REQUIRED"));
  v1::VisitPlan no_tag = PlanOf();
  no_tag.clear_enterprise_tag();
  EXPECT_THAT(Wrong({no_tag}), ElementsAre("plans[0].every_months OUT_OF_RANGE"));
  v1::VisitPlan backwards = PlanOf("last_month { year: 2025 month: 12 }");
  EXPECT_THAT(Wrong({backwards}), ElementsAre("plans[0].last_month DATES_OUT_OF_ORDER"));
}

TEST(DecideMonths, AMonthIsDecidedOnceAndNotBeforeItBegins) {
  const auto city = CityWithTeams();
  StoredPlan stored{PlanOf(), 1, std::nullopt};
  EXPECT_THAT(DecideMonths(stored, *city, absl::CivilDay(2025, 12, 31)), IsEmpty());
  EXPECT_THAT(Owed(DecideMonths(stored, *city, absl::CivilDay(2026, 1, 1))), ElementsAre("2026-01 10"));
  EXPECT_THAT(DecideMonths(stored, *city, absl::CivilDay(2026, 1, 31)), IsEmpty());
  EXPECT_EQ(stored.decided_through, kJanuary);
}

TEST(DecideMonths, MonthsThatBeganWhileNothingRanAreMadeUpForInOrder) {
  const auto city = CityWithTeams();
  StoredPlan stored{PlanOf("last_month { year: 2026 month: 3 }"), 1, kJanuary};
  EXPECT_THAT(Owed(DecideMonths(stored, *city, absl::CivilDay(2026, 5, 2))),
              ElementsAre("2026-02 10", "2026-03 10"));
  EXPECT_EQ(stored.decided_through, absl::CivilMonth(2026, 5));
}

TEST(DecideMonths, NothingIsOwedByAUnitThatClosedBeforeTheMonthNorByOneThatOpensAfterIt) {
  StoredPlan closed{PlanOf(), 1, std::nullopt};
  EXPECT_THAT(Owed(DecideMonths(closed, *With(*CityWithTeams(), ClosedOn(2, 1)), absl::CivilDay(2026, 3, 1))),
              ElementsAre("2026-01 10", "2026-02 10"));
  const auto opens = With(*CityWithTeams(), R"(org_units {
    org_unit_id: "jinshui" name: "金水区" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
    opened_on { year: 2026 month: 2 day: 28 } })");
  StoredPlan opening{PlanOf(), 1, std::nullopt};
  EXPECT_THAT(Owed(DecideMonths(opening, *opens, absl::CivilDay(2026, 3, 1))),
              ElementsAre("2026-02 10", "2026-03 10"));
}

TEST(DecideMonths, NothingIsOwedByATeamThatWasDissolvedBeforeTheMonth) {
  const auto city = With(*CityWithTeams(), R"(teams {
    team_id: "jinshui.mobile" org_unit_id: "jinshui" name: "流动服务队" closed_on { year: 2026 month: 1 day: 31 } })");
  StoredPlan stored{PlanOf(R"(team_id: "jinshui.mobile")"), 1, std::nullopt};
  EXPECT_THAT(Owed(DecideMonths(stored, *city, absl::CivilDay(2026, 3, 1))), ElementsAre("2026-01 10"));
}

TEST(ChangePlans, AChangeReachesLaterMonthsAlone) {
  const auto city = CityWithTeams();
  const std::map<std::string, StoredPlan> known = {{"jinshui-monthly", {PlanOf(), 1, kJanuary}}};
  const auto changes =
      ChangePlans(ListOf({PlanOf("monthly_visits: 99")}), known, *city, absl::CivilDay(2026, 2, 20));
  ASSERT_TRUE(changes.ok()) << changes.status();
  // February began under the plan of before.
  EXPECT_THAT(Owed(changes->quotas), ElementsAre("2026-02 10"));
  StoredPlan stored = changes->changed.at("jinshui-monthly");
  EXPECT_EQ(stored.sequence, 2);
  EXPECT_THAT(Owed(DecideMonths(stored, *city, absl::CivilDay(2026, 3, 1))), ElementsAre("2026-03 99"));
}

TEST(ChangePlans, TheSameAgainChangesNothing) {
  const std::map<std::string, StoredPlan> known = {{"jinshui-monthly", {PlanOf(), 7, kJanuary}}};
  const auto changes = ChangePlans(ListOf({PlanOf()}), known, *CityWithTeams(), absl::CivilDay(2026, 1, 20));
  ASSERT_TRUE(changes.ok()) << changes.status();
  EXPECT_THAT(changes->created, IsEmpty());
  EXPECT_THAT(changes->changed, IsEmpty());
  EXPECT_EQ(changes->shown[0].etag(), "p7");
}

TEST(ChangePlans, AStaleEtagIsRefused) {
  const std::map<std::string, StoredPlan> known = {{"jinshui-monthly", {PlanOf(), 7, kJanuary}}};
  const absl::CivilDay today(2026, 1, 20);
  const auto with = [&](const std::string& etag) {
    return ChangePlans(ListOf({PlanOf(absl::StrCat("monthly_visits: 3 etag: \"", etag, "\""))}), known,
                       *CityWithTeams(), today)
        .status();
  };
  EXPECT_TRUE(with("p7").ok());
  EXPECT_EQ(rpc::ReasonOf(with("p6")), "ETAG_MISMATCH");
  EXPECT_EQ(
      rpc::ReasonOf(ChangePlans(ListOf({PlanOf(R"(etag: "p1")")}), {}, *CityWithTeams(), today).status()),
      "ETAG_MISMATCH");
}

TEST(ChangePlans, TenThousandQuotasOfMonthsThatBeganAreMadeAtOnceAndNotOneMore) {
  const auto city = CityWithTeams();
  const absl::CivilDay today(2026, 1, 20);
  std::vector<v1::VisitPlan> plans;
  for (int i = 0; i < 500; ++i) {
    plans.push_back(PlanOf(absl::StrCat("plan_id: \"p", i, "\" first_month { year: 2024 month: 6 }")));
  }
  const auto changes = ChangePlans(ListOf(plans), {}, *city, today);
  ASSERT_TRUE(changes.ok()) << changes.status();
  EXPECT_EQ(changes->quotas.size(), 10000u);
  plans.back().mutable_first_month()->set_month(5);
  const absl::Status refused = ChangePlans(ListOf(plans), {}, *city, today).status();
  EXPECT_EQ(rpc::ReasonOf(refused), "OUT_OF_RANGE");
  EXPECT_EQ(rpc::BadRequestOf(refused)->field_violations(0).field(), "plans");
}

v1::VisitQuota Standing(int visits, absl::CivilDay today, const std::string& waiver = "",
                        const std::string& change = "") {
  return Shown({PlanOf(), kJanuary, waiver}, {visits, 1}, *With(*CityWithTeams(), change), today);
}

TEST(QuotaState, MetAtOnceAndMissedOnlyWhenTheMonthIsOver) {
  EXPECT_EQ(Standing(9, absl::CivilDay(2026, 1, 31)).state(), v1::VISIT_QUOTA_STATE_OPEN);
  EXPECT_EQ(Standing(9, absl::CivilDay(2026, 2, 1)).state(), v1::VISIT_QUOTA_STATE_MISSED);
  EXPECT_EQ(Standing(10, absl::CivilDay(2026, 1, 5)).state(), v1::VISIT_QUOTA_STATE_MET);
  const v1::VisitQuota more = Standing(11, absl::CivilDay(2026, 2, 1));
  EXPECT_EQ(more.state(), v1::VISIT_QUOTA_STATE_MET);
  EXPECT_EQ(more.owed(), 10);
  EXPECT_EQ(more.done(), 11);
  EXPECT_EQ(more.enterprises(), 1);
}

TEST(QuotaState, AWaivedOneStaysSoHoweverManyVisitsWereMade) {
  const v1::VisitQuota quota = Standing(12, absl::CivilDay(2026, 2, 1), "防汛");
  EXPECT_EQ(quota.state(), v1::VISIT_QUOTA_STATE_WAIVED);
  EXPECT_EQ(quota.waiver_reason(), "防汛");
  EXPECT_EQ(quota.done(), 12);
}

TEST(QuotaState, AUnitThatClosesIsWaivedWithTheReasonAndNeverDropped) {
  const absl::CivilDay later(2026, 2, 1);
  const v1::VisitQuota quota = Standing(3, later, "", ClosedOn(1, 30));
  EXPECT_EQ(quota.state(), v1::VISIT_QUOTA_STATE_WAIVED);
  EXPECT_EQ(quota.waiver_reason(), "机构撤销（2026-01-30） / the unit closed on 2026-01-30");
  // It had the whole month.
  EXPECT_EQ(Standing(3, later, "", ClosedOn(1, 31)).state(), v1::VISIT_QUOTA_STATE_MISSED);
  // It was met all the same.
  EXPECT_EQ(Standing(10, later, "", ClosedOn(1, 30)).state(), v1::VISIT_QUOTA_STATE_MET);
}

TEST(Cadence, AMonthAfterThe31stOfMayIsThe30thOfJune) {
  EXPECT_EQ(AddMonths(absl::CivilDay(2026, 5, 31), 1), absl::CivilDay(2026, 6, 30));
  EXPECT_EQ(AddMonths(absl::CivilDay(2025, 11, 30), 3), absl::CivilDay(2026, 2, 28));
  EXPECT_EQ(AddMonths(absl::CivilDay(2026, 1, 15), -13), absl::CivilDay(2024, 12, 15));
}

RC_GTEST_PROP(Cadence, FirstDayThatKeepsItIsWhereTheNextVisitFallsDueOnTheDayOrLater, ()) {
  const absl::CivilDay on = absl::CivilDay(2020, 1, 1) + *rc::gen::inRange(0, 3000);
  const int every = *rc::gen::inRange(1, 37);
  const absl::CivilDay first = FirstDayInCadence(on, every);
  RC_ASSERT(AddMonths(first, every) >= on);
  RC_ASSERT(AddMonths(first - 1, every) < on);
}

// Everything that can happen to plans and quotas, against a store in memory that takes each quota once.
class Months {
 public:
  void Apply(const v1::VisitPlan& plan) {
    const auto changes = ChangePlans(ListOf({plan}), plans_, *directory_, today_);
    RC_ASSERT(changes.ok());
    for (const auto* stored : {&changes->created, &changes->changed}) {
      for (const auto& [id, one] : *stored) plans_[id] = one;
    }
    Insert(changes->quotas);
  }
  // What the keeper does.
  void Keep() {
    for (auto& [id, stored] : plans_) Insert(DecideMonths(stored, *directory_, today_));
  }
  void Pass(int days) { today_ += days; }
  void Close() { directory_ = With(*directory_, ClosedOn(today_.month(), today_.day())); }
  void Waive(int index, const std::string& reason) {
    if (quotas_.empty()) return;
    std::next(quotas_.begin(), index % static_cast<int>(quotas_.size()))->second.waiver_reason = reason;
  }
  void Visit(const std::string& plan_id) { ++visits_[{plan_id, absl::CivilMonth(today_)}]; }

  void Check() const {
    int met = 0;
    int due = 0;
    int64_t counted = 0;
    int64_t owed = 0;
    for (const auto& [key, quota] : quotas_) {
      const auto made = visits_.find(key);
      const v1::VisitQuota shown =
          Shown(quota, {made == visits_.end() ? 0 : made->second, 0}, *directory_, today_);
      RC_ASSERT(shown.owed() == owed_.at(key));
      RC_ASSERT(shown.state() != v1::VISIT_QUOTA_STATE_UNSPECIFIED);
      RC_ASSERT((shown.state() == v1::VISIT_QUOTA_STATE_WAIVED) == !shown.waiver_reason().empty());
      if (shown.state() == v1::VISIT_QUOTA_STATE_WAIVED) continue;
      ++due;
      if (shown.state() == v1::VISIT_QUOTA_STATE_MET) ++met;
      owed += shown.owed();
      counted += std::min(shown.done(), shown.owed());
      RC_ASSERT((shown.state() == v1::VISIT_QUOTA_STATE_MET) == (shown.done() >= shown.owed()));
    }
    RC_ASSERT(met <= due);
    RC_ASSERT(counted <= owed);
  }

 private:
  using Key = std::pair<std::string, absl::CivilMonth>;
  void Insert(const std::vector<StoredQuota>& quotas) {
    for (const StoredQuota& quota : quotas) {
      const Key key(quota.plan.plan_id(), quota.month);
      RC_ASSERT(quotas_.emplace(key, quota).second);  // a month is decided once
      owed_[key] = quota.plan.monthly_visits();
    }
  }

  std::shared_ptr<const Directory> directory_ = CityWithTeams();
  absl::CivilDay today_{2026, 1, 20};
  std::map<std::string, StoredPlan> plans_;
  std::map<Key, StoredQuota> quotas_;
  std::map<Key, int32_t> owed_;
  std::map<Key, int32_t> visits_;
};

RC_GTEST_PROP(Quotas, NeverPassOneInAnySequenceOfPlansMonthsVisitsWaiversAndClosing, ()) {
  Months months;
  const int steps = *rc::gen::inRange(1, 40);
  for (int i = 0; i < steps; ++i) {
    const std::string plan_id = *rc::gen::element<std::string>("a", "b");
    switch (*rc::gen::inRange(0, 7)) {
      case 0: {
        v1::VisitPlan plan = PlanOf(absl::StrCat("plan_id: \"", plan_id, "\""));
        plan.set_monthly_visits(*rc::gen::inRange(0, 4));
        plan.mutable_first_month()->set_month(*rc::gen::inRange(1, 7));
        if (*rc::gen::arbitrary<bool>())
          *plan.mutable_last_month() = YearMonthMessage(absl::CivilMonth(2026, 8));
        months.Apply(plan);
        break;
      }
      case 1:
        months.Keep();
        break;
      case 2:
        months.Pass(*rc::gen::inRange(1, 20));
        break;
      case 3:
        months.Waive(*rc::gen::inRange(0, 20), *rc::gen::element<std::string>("", "防汛"));
        break;
      case 4:
        if (*rc::gen::inRange(0, 5) == 0) months.Close();
        break;
      default:
        months.Visit(plan_id);
    }
    months.Check();
  }
}

}  // namespace
}  // namespace zhuqi::intake
