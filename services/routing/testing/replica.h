// One replica of the service in a test's process, with its own everything but the database.
#ifndef ZHUQI_SERVICES_ROUTING_TESTING_REPLICA_H_
#define ZHUQI_SERVICES_ROUTING_TESTING_REPLICA_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/feed/tail.h"
#include "common/testing/test_database.h"
#include "common/testing/test_server.h"
#include "services/routing/cases/case_service.h"
#include "services/routing/follow/directory_recounter.h"
#include "services/routing/follow/intake_follower.h"

namespace zhuqi::routing::testing {

inline constexpr int32_t kPartitions = 2;
inline constexpr int32_t kPartition = 1;  // that the tests' records stand in

// A UUID for a request.
std::string NewRequestId();

// The record and the issue "issue-<number>" of js, as testing::Issue has it.
std::string NumberedRecordId(int number);
feed::v1::RecordChanged NumberedIssue(int number);

// Messages of intake's feed: a change of the directory, and changes of records at `first` and after it.
feed::v1::FollowResponse DirectoryMessage(int64_t sequence, const feed::v1::DirectoryChanged& change);
feed::v1::FollowResponse RecordMessage(int64_t first, const std::vector<feed::v1::RecordChanged>& records);

// How much a replica does at a time, and how soon it sees what another one committed. Small and soon, so
// that tests of few cases see batches end and replicas meet.
struct ReplicaPace {
  int batch = 4;  // cases of a page of the recounter and of a batch of ladders
  absl::Duration tail_interval = absl::Milliseconds(5);
};

// What every replica has: it follows intake by messages that a test hands over, writes cases, and serves
// them. Its clock stands still until the test moves it. Tests of other parts derive from it.
class Replica {
 public:
  // The schema must be there; partitions are set up, and `catalogue` (when given) is put in force. `clock`
  // must outlive it.
  Replica(const ::zhuqi::testing::TestDatabase& database, const Clock& clock,
          const std::optional<v1::Catalogue>& catalogue, const ReplicaPace& pace = {});
  ~Replica();
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  // Begins to serve cases, as `adjust` has it, and what else is given.
  void Serve(
      const std::function<void(CaseServiceParts&)>& adjust = [](CaseServiceParts&) {},
      std::vector<grpc::Service*> also = {});
  void StopServing();

  IntakeFollower& follower() { return *follower_; }
  const DirectoryHolder& directory() const { return directory_; }
  // Puts `catalogue` in force.
  void Use(const v1::Catalogue& catalogue);
  // Not started: a test takes pages, or starts it.
  DirectoryRecounter& recounter() { return *recounter_; }
  feed::FeedTail& tail() { return *tail_; }
  db::Pool& pool() { return *pool_; }
  v1::CaseService::Stub& cases() { return *case_stub_; }
  std::shared_ptr<grpc::Channel> channel() { return server_->channel(); }

  absl::StatusOr<v1::ActOnCaseResponse> Act(const v1::ActOnCaseRequest& request);
  absl::StatusOr<v1::ActOnCaseResponse> Act(const std::string& external_id, const v1::CaseAction& action);
  absl::StatusOr<v1::Case> Get(const std::string& external_id, const std::string& token = "");

 protected:
  std::unique_ptr<db::Pool> pool_;
  ::zhuqi::testing::TestCalls calls_;
  rpc::Timer timer_;
  DirectoryHolder directory_;
  feed::Positions positions_;
  CatalogueHolder catalogue_;
  const Clock& clock_;
  std::unique_ptr<feed::FeedTail> tail_;
  std::unique_ptr<db::SqlExecutor> sql_;
  std::unique_ptr<CaseWriter> writer_;
  std::unique_ptr<IntakeFollower> follower_;
  std::unique_ptr<DirectoryRecounter> recounter_;

 private:
  std::unique_ptr<CaseServer> cases_;
  std::unique_ptr<::zhuqi::testing::TestServer> server_;
  std::unique_ptr<v1::CaseService::Stub> case_stub_;
};

}  // namespace zhuqi::routing::testing

#endif  // ZHUQI_SERVICES_ROUTING_TESTING_REPLICA_H_
