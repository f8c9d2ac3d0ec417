// Explaining a deadline through the call, on a real database.
#include "services/routing/deadlines/deadline_service.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/db/transaction.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/timer.h"
#include "common/testing/test_database.h"
#include "common/testing/test_server.h"
#include "routing_schema.h"
#include "services/routing/cases/case_batch.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;

class DeadlineServiceTest : public ::testing::Test {
 protected:
  DeadlineServiceTest() : positions_(timer_), clock_(At("2024-05-08 10:00")) {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    pool_ = *db::Pool::Create(database_.options(4));
    directory_.Advance(testing::City());
    EXPECT_EQ(StoreCase(), absl::OkStatus());
    sql_ = std::make_unique<db::SqlExecutor>(pool_.get(), 2, 100);
    service_ = std::make_unique<DeadlineServer>(
        DeadlineServiceParts{&calls_.adaptor(), sql_.get(), &directory_, &positions_, &clock_});
    server_ = std::make_unique<::zhuqi::testing::TestServer>(std::vector<grpc::Service*>{service_.get()});
    stub_ = v1::DeadlineService::NewStub(server_->channel());
  }
  ~DeadlineServiceTest() override {
    server_.reset();
    sql_->Stop();
  }

  absl::Status StoreCase() {
    {
      const db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
      ZHUQI_RETURN_IF_ERROR(feed::SetUpPartitions(*lease, 2));
    }
    const auto catalogue = std::make_shared<const v1::Catalogue>(testing::CityCatalogue());
    CaseBatch batch(nullptr, {}, testing::City(), catalogue, At("2024-05-06 10:00"), Outbox::kOff);
    batch.Take(
        ReceiveCase(testing::Issue(), At("2024-05-06 10:00"), *testing::City(), *catalogue, 1).value());
    return db::RunTransaction(*pool_, {},
                              [&](db::Transaction& transaction) { return batch.Write(transaction); });
  }

  absl::StatusOr<v1::ExplainDeadlineResponse> Explain(const v1::ExplainDeadlineRequest& request) {
    grpc::ClientContext context;
    v1::ExplainDeadlineResponse response;
    const grpc::Status status = stub_->ExplainDeadline(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  static v1::ExplainDeadlineRequest OfIssue(const std::string& external_id) {
    v1::ExplainDeadlineRequest request;
    request.mutable_issue_key()->set_source_system("js-system");
    request.mutable_issue_key()->set_external_id(external_id);
    return request;
  }

  ::zhuqi::testing::TestDatabase database_;
  ::zhuqi::testing::TestCalls calls_;
  std::unique_ptr<db::Pool> pool_;
  rpc::Timer timer_;
  DirectoryHolder directory_;
  feed::Positions positions_;
  FakeClock clock_;
  std::unique_ptr<db::SqlExecutor> sql_;
  std::unique_ptr<DeadlineServer> service_;
  std::unique_ptr<::zhuqi::testing::TestServer> server_;
  std::unique_ptr<v1::DeadlineService::Stub> stub_;
};

TEST_F(DeadlineServiceTest, PagesAreReckonedAtTheInstantOfTheFirstAndBringTheSumForward) {
  v1::ExplainDeadlineRequest request = OfIssue("issue-1");
  const auto whole = Explain(request);
  ASSERT_EQ(whole.status(), absl::OkStatus());
  EXPECT_EQ(TimeFrom(whole->deadline()), At("2024-05-15 17:00"));
  EXPECT_EQ(whole->next_page_token(), "");
  request.set_page_size(4);
  v1::ExplainDeadlineResponse joined;
  do {
    const auto page = Explain(request);
    ASSERT_EQ(page.status(), absl::OkStatus());
    EXPECT_EQ(page->brought_forward_days(),
              joined.days().empty() ? 0 : joined.days(joined.days_size() - 1).sum_days());
    joined.mutable_days()->MergeFrom(page->days());
    request.set_page_token(page->next_page_token());
    clock_.Advance(absl::Hours(24));
  } while (!request.page_token().empty());
  ASSERT_EQ(joined.days_size(), whole->days_size());
  for (int i = 0; i < joined.days_size(); ++i) {
    EXPECT_EQ(joined.days(i).ShortDebugString(), whole->days(i).ShortDebugString());
  }
}

TEST_F(DeadlineServiceTest, TheCaseAndTheClockAreNamedInEitherWay) {
  v1::ExplainDeadlineRequest request;
  request.set_case_id(Explain(OfIssue("issue-1"))->case_id());
  request.set_clock(v1::CLOCK_KIND_RESPONSE);
  const auto response = Explain(request);
  ASSERT_EQ(response.status(), absl::OkStatus());
  EXPECT_EQ(TimeFrom(response->deadline()), At("2024-05-06 10:30"));
  EXPECT_TRUE(response->breached());
}

TEST_F(DeadlineServiceTest, WhatCanNotBeMeantIsRefused) {
  EXPECT_EQ(rpc::ReasonOf(Explain(OfIssue("issue-2")).status()), "CASE_UNKNOWN");
  v1::ExplainDeadlineRequest request;
  request.set_page_size(-1);
  request.set_page_token("AAAA");
  const auto violations = rpc::BadRequestOf(Explain(request).status());
  ASSERT_TRUE(violations.has_value());
  EXPECT_EQ(violations->field_violations_size(), 3);
  v1::ExplainDeadlineRequest of_part = OfIssue("issue-1");
  of_part.set_clock(v1::CLOCK_KIND_REPLY);
  EXPECT_EQ(rpc::ReasonOf(Explain(of_part).status()), "DEPARTMENT_REQUIRED");
  of_part.set_department_id("js.fire");
  EXPECT_EQ(rpc::ReasonOf(Explain(of_part).status()), "CLOCK_UNKNOWN");
  of_part.set_clock(v1::CLOCK_KIND_PLAN);
  EXPECT_EQ(rpc::ReasonOf(Explain(of_part).status()), "DEPARTMENT_NOT_EMPTY");
  v1::ExplainDeadlineRequest first = OfIssue("issue-1");
  first.set_page_size(2);
  const std::string token = Explain(first)->next_page_token();
  first.set_clock(v1::CLOCK_KIND_RESPONSE);
  first.set_page_token(token);
  EXPECT_EQ(rpc::ReasonOf(Explain(first).status()), "PAGE_TOKEN_INVALID");
}

}  // namespace
}  // namespace zhuqi::routing
