// Lists of cases on a real database, for the tests of filters, orders and plans.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_TEST_LISTS_H_
#define ZHUQI_SERVICES_ROUTING_CASES_TEST_LISTS_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "common/testing/test_database.h"
#include "routing_schema.h"
#include "services/routing/cases/case_list.h"
#include "services/routing/cases/case_list_store.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/testing.h"

namespace zhuqi::routing::testing {

using ListRequest = v1::ListCasesRequest;

// Monday, the last working day before the seven holidays.
inline const absl::Time kListedAt = At("2024-09-30 10:00");

inline std::string CaseId(int number) {
  return absl::StrCat("018f4a10-0000-7000-8000-", 100000000000 + number);
}
inline std::string IssueId(int number) {
  return absl::StrCat("018f4a10-0000-7000-9000-", 100000000000 + number);
}

inline void AddPart(v1::Case& body, const std::string& department, v1::AssignmentRole role,
                    bool ended = false) {
  v1::Assignment& part = *body.add_assignments();
  part.set_department_id(department);
  part.set_role(role);
  *part.mutable_since() = body.received_at();
  if (ended) *part.mutable_until() = TimestampMessage(kListedAt);
}

// Case "issue-<number>" of js, led by js.planning, in progress, due in a month.
inline CaseRecord NumberedCase(int number) {
  CaseRecord record;
  v1::Case& body = record.body;
  body.set_case_id(CaseId(number));
  body.set_issue_record_id(IssueId(number));
  body.mutable_issue_key()->set_source_system("js-system");
  body.mutable_issue_key()->set_external_id(absl::StrCat("issue-", number));
  body.set_org_unit_id("js");
  body.set_owner_org_unit_id("js");
  body.set_lead_department_id("js.planning");
  body.mutable_issue()->set_kind(intake::v1::ISSUE_KIND_PROBLEM);
  body.mutable_issue()->set_category_id("land");
  body.mutable_issue()->set_title("地下空间变更用途");
  body.set_state(v1::PROCESS_STATE_IN_PROGRESS);
  body.set_sequence(1);
  *body.mutable_received_at() = TimestampMessage(At("2024-09-01 09:00"));
  AddPart(body, "js.planning", v1::ASSIGNMENT_ROLE_LEAD);
  record.facts.set_lead_function("planning");
  *record.facts.mutable_handling_due_at() = TimestampMessage(At("2024-10-30 17:00"));
  record.latest_at = At("2024-09-01 09:00");
  record.partition = 1;
  return record;
}

inline void Close(CaseRecord& record, absl::string_view at) {
  record.body.set_state(v1::PROCESS_STATE_CLOSED);
  record.body.set_outcome(v1::OUTCOME_RESOLVED);
  *record.body.mutable_closed_at() = TimestampMessage(At(at));
}

class CaseListTest : public ::testing::Test {
 protected:
  CaseListTest() {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    pool_ = *db::Pool::Create(database_.options(2));
    lease_.emplace(*pool_->Acquire(absl::InfiniteFuture()));
  }

  db::Connection& connection() { return **lease_; }

  // Writes case `number` with one entry of its history, recorded at `recorded_at`.
  void Put(
      int number, const std::function<void(CaseRecord&)>& change = [](CaseRecord&) {},
      absl::Time recorded_at = kListedAt) {
    PutAll({NumberedWith(number, change)}, recorded_at);
  }
  static CaseRecord NumberedWith(int number, const std::function<void(CaseRecord&)>& change) {
    CaseRecord record = NumberedCase(number);
    change(record);
    return record;
  }
  void PutAll(const std::vector<CaseRecord>& records, absl::Time recorded_at = kListedAt) {
    CaseMap cases;
    std::vector<std::pair<Uuid, v1::CaseEvent>> events;
    for (const CaseRecord& record : records) {
      const Uuid id = *Uuid::Parse(record.body.case_id());
      v1::CaseEvent event;
      event.set_sequence(record.body.sequence());
      *event.mutable_recorded_at() = TimestampMessage(recorded_at);
      events.emplace_back(id, event);
      cases.emplace(id, record);
    }
    ASSERT_EQ(WriteCases(connection(), {}, cases, events), absl::OkStatus());
  }

  absl::StatusOr<CaseList> Read(const std::function<void(ListRequest&)>& fill) {
    ListRequest request;
    fill(request);
    return ReadListRequest(request, *directory_, now_);
  }
  std::string ReasonOf(const std::function<void(ListRequest&)>& fill) {
    return rpc::ReasonOf(Read(fill).status());
  }

  // External ids in the order of the list, which CountCases must agree with.
  std::vector<std::string> Find(const std::function<void(ListRequest&)>& fill) {
    const auto list = Read(fill);
    EXPECT_TRUE(list.ok()) << list.status();
    std::vector<std::string> found;
    if (!list.ok()) return found;
    const auto cases = SelectCases(connection(), list->filter, list->order, std::nullopt, 1000);
    EXPECT_TRUE(cases.ok()) << cases.status();
    for (const ListedCase& each : *cases) found.push_back(each.record.body.issue_key().external_id());
    EXPECT_EQ(CountCases(connection(), list->filter).value(), static_cast<int64_t>(found.size()));
    return found;
  }
  std::vector<std::string> InTab(v1::CaseTab tab) {
    return Find([tab](ListRequest& r) { r.add_tabs(tab); });
  }

  ::zhuqi::testing::TestDatabase database_;
  std::unique_ptr<db::Pool> pool_;
  std::optional<db::Lease> lease_;
  std::shared_ptr<const Directory> directory_ = testing::City();
  absl::Time now_ = kListedAt;
};

inline void DueAt(CaseRecord& record, absl::string_view at) {
  *record.facts.mutable_handling_due_at() = TimestampMessage(At(at));
}

}  // namespace zhuqi::routing::testing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_TEST_LISTS_H_
