// A replica whose ladders a test runs.
#ifndef ZHUQI_SERVICES_ROUTING_TESTING_LADDER_REPLICA_H_
#define ZHUQI_SERVICES_ROUTING_TESTING_LADDER_REPLICA_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/grpc_status.h"
#include "services/routing/ladders/ladder_runner.h"
#include "services/routing/testing.h"
#include "services/routing/testing/replica.h"

namespace zhuqi::routing::testing {

class LadderReplica : public Replica {
 public:
  LadderReplica(const ::zhuqi::testing::TestDatabase& database, const Clock& clock,
                const v1::Catalogue& catalogue = LadderCatalogue(), const ReplicaPace& pace = {})
      : Replica(database, clock, catalogue, pace),
        runner_({.pool = pool_.get(),
                 .directory = &directory_,
                 .catalogue = &catalogue_,
                 .tail = tail_.get(),
                 .clock = &clock_,
                 .logger = &telemetry::Logger::Null(),
                 .metrics = &calls_.metrics(),
                 .batch = pace.batch,
                 .interval = absl::Milliseconds(5)}) {
    Serve();
  }
  ~LadderReplica() { runner_.Stop(); }

  LadderRunner& runner() { return runner_; }
  std::string MetricsText() { return calls_.metrics().Render(); }

  // Until nothing is due; how many batches that took.
  int RunAll() {
    int batches = 0;
    while (true) {
      const absl::StatusOr<int> due = runner_.RunBatch();
      EXPECT_TRUE(due.ok()) << due.status();
      if (!due.ok() || *due == 0) return batches;
      ++batches;
    }
  }

  v1::Case Get(int number) {
    const auto found = Replica::Get(absl::StrCat("issue-", number));
    EXPECT_TRUE(found.ok()) << found.status();
    return found.value_or(v1::Case());
  }
  absl::Status Act(int number, const v1::CaseAction& action) {
    return Replica::Act(absl::StrCat("issue-", number), action).status();
  }
  // External ids.
  std::vector<std::string> List(const v1::ListCasesRequest& request) {
    grpc::ClientContext context;
    v1::ListCasesResponse response;
    const grpc::Status status = cases().ListCases(&context, request, &response);
    EXPECT_TRUE(status.ok()) << rpc::FromGrpcStatus(status);
    std::vector<std::string> ids;
    for (const v1::Case& item : response.cases()) ids.push_back(item.issue_key().external_id());
    return ids;
  }

 private:
  LadderRunner runner_;
};

}  // namespace zhuqi::routing::testing

#endif  // ZHUQI_SERVICES_ROUTING_TESTING_LADDER_REPLICA_H_
