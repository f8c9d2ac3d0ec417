// What of a case is written: its rows, and of those that changed alone.
#include "services/routing/cases/case_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/db/pool.h"
#include "common/testing/test_database.h"
#include "routing_schema.h"
#include "services/routing/cases/case_testing.h"

namespace zhuqi::routing {
namespace {

using testing::Accept;
using testing::Assign;
using testing::At;
using ::testing::ElementsAre;
using testing::Escalate;
using testing::Explain;
using testing::Reopen;
using testing::Report;

class CaseStoreTest : public ::testing::Test {
 protected:
  CaseStoreTest() {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    pool_ = *db::Pool::Create(database_.options(1));
    lease_.emplace(*pool_->Acquire(absl::InfiniteFuture()));
    Write(testing::Received());
  }

  // As a transaction writes it that has read the case before.
  void Write(const CaseChange& change) {
    const Uuid id = *Uuid::Parse(change.record.body.case_id());
    const CaseMap cases = {{id, change.record}};
    ASSERT_EQ(WriteCases(**lease_, stored_, cases, {{id, change.event}}), absl::OkStatus());
    stored_ = *ReadCases(**lease_, {id});
  }
  void Do(const v1::CaseAction& action, absl::string_view at) {
    const auto change = testing::TryAct(stored_.begin()->second, action, At(at));
    ASSERT_TRUE(change.ok()) << change.status();
    Write(*change);
  }
  void Execute(const std::string& sql) { ASSERT_EQ((*lease_)->Execute(sql, {}).status(), absl::OkStatus()); }
  // "js.planning 1 2": department, role, standing.
  std::vector<std::string> Parts() {
    return Rows("SELECT department_id, role, standing FROM case_parts ORDER BY department_id, role");
  }
  // Kinds.
  std::vector<std::string> Dates() {
    return Rows("SELECT DATE_FORMAT(on_date, '%Y-%m-%d'), kind, 0 FROM case_dates ORDER BY on_date, kind");
  }

  std::vector<std::string> Rows(const std::string& sql) {
    std::vector<std::string> rows;
    EXPECT_EQ((*lease_)->Query(sql, {},
                               [&](db::Row& row) {
                                 const std::string text = row.Text(0);
                                 const int64_t first = row.Int64(1);
                                 rows.push_back(absl::StrCat(text, " ", first, " ", row.Int64(2)));
                                 return absl::OkStatus();
                               }),
              absl::OkStatus());
    return rows;
  }

  ::zhuqi::testing::TestDatabase database_;
  std::unique_ptr<db::Pool> pool_;
  std::optional<db::Lease> lease_;
  CaseMap stored_;
};

TEST_F(CaseStoreTest, PartsStandAsTheCaseHasThem) {
  EXPECT_THAT(Parts(), ElementsAre("js.planning 1 2"));
  Do(Accept(), "2024-05-06 10:00");
  Do(Assign("js.office", v1::ASSIGNMENT_ROLE_CO_HANDLER), "2024-05-06 11:00");
  EXPECT_THAT(Parts(), ElementsAre("js.office 2 2", "js.planning 1 2"));
  Do(Explain(), "2024-05-07 10:00");
  EXPECT_THAT(Parts(), ElementsAre("js.office 2 1", "js.planning 1 1"));
  Do(Reopen(), "2024-05-08 10:00");
  EXPECT_THAT(Parts(), ElementsAre("js.office 2 2", "js.planning 1 2"));
  // The part that ends, and the one that begins.
  Do(Assign("js.office", v1::ASSIGNMENT_ROLE_SUPERVISOR), "2024-05-08 11:00");
  EXPECT_THAT(Parts(), ElementsAre("js.office 2 0", "js.office 3 2", "js.planning 1 2"));
}

TEST_F(CaseStoreTest, DaysOfEscalationsAreWrittenOnce) {
  Do(Escalate(), "2024-05-06 10:00");
  EXPECT_THAT(Dates(), ElementsAre("2024-05-06 1 0"));
  // What is not there any more shows that nobody writes it again.
  Execute("DELETE FROM case_dates");
  Do(Accept(), "2024-05-06 11:00");
  EXPECT_THAT(Dates(), ElementsAre());
}

TEST_F(CaseStoreTest, PartsThatDidNotChangeAreNotWrittenAgain) {
  Execute("DELETE FROM case_parts");
  Do(Accept(), "2024-05-06 10:00");
  Do(Report(true), "2024-05-06 11:00");
  EXPECT_THAT(Parts(), ElementsAre());
  Do(Assign("js.office", v1::ASSIGNMENT_ROLE_CO_HANDLER), "2024-05-06 12:00");
  EXPECT_THAT(Parts(), ElementsAre("js.office 2 2"));
}

// The case is not as this transaction read it, so nothing may be left out.
TEST_F(CaseStoreTest, ACaseThatAnotherTransactionChangedIsNotWritten) {
  const CaseMap earlier = stored_;
  Do(Accept(), "2024-05-06 10:00");
  const auto change = testing::TryAct(earlier.begin()->second, Report(true), At("2024-05-06 10:10"));
  ASSERT_TRUE(change.ok()) << change.status();
  const Uuid id = earlier.begin()->first;
  EXPECT_TRUE(absl::IsAborted(WriteCases(**lease_, earlier, {{id, change->record}}, {{id, change->event}})));
}

}  // namespace
}  // namespace zhuqi::routing
