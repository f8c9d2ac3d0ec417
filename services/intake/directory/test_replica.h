// One process of intake as far as directory and summaries go, in the test's own process, on the test's
// database.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_TEST_REPLICA_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_TEST_REPLICA_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "common/db/pool.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/feed/append.h"
#include "common/feed/tail.h"
#include "common/rpc/grpc_status.h"
#include "common/telemetry/logger.h"
#include "common/testing/test_database.h"
#include "common/testing/test_server.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "intake_schema.h"
#include "services/intake/directory/directory_keeper.h"
#include "services/intake/directory/directory_store.h"

namespace zhuqi::intake {

inline constexpr int32_t kTestPartitions = 4;

// A migrated database with its partitions.
class IntakeDatabase {
 public:
  IntakeDatabase() {
    EXPECT_TRUE(database_.Migrate(IntakeSchema()).ok());
    pool_ = db::Pool::Create(database_.options(2)).value();
    EXPECT_TRUE(feed::SetUpPartitions(**pool_->Acquire(absl::InfiniteFuture()), kTestPartitions).ok());
  }

  std::unique_ptr<db::Pool> NewPool(int size) { return db::Pool::Create(database_.options(size)).value(); }

  // A number that `sql` gives.
  int64_t Count(const std::string& sql) {
    int64_t count = -1;
    const absl::Status status = (*pool_->Acquire(absl::InfiniteFuture()))->Query(sql, {}, [&](db::Row& row) {
      count = row.Int64(0);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return count;
  }

  // All events of a partition.
  std::vector<feed::v1::Event> Events(int32_t partition) {
    db::Lease lease = pool_->Acquire(absl::InfiniteFuture()).value();
    int64_t head = 0;
    const auto heads = feed::ReadHeads(*lease).value();
    for (const auto& position : heads) {
      if (position.partition() == partition) head = position.sequence();
    }
    return head == 0 ? std::vector<feed::v1::Event>()
                     : feed::ReadEvents(*lease, partition, 0, head, 10000).value();
  }

 private:
  testing::TestDatabase database_;
  std::unique_ptr<db::Pool> pool_;
};

// What every replica has, whatever it serves.
struct ReplicaParts {
  explicit ReplicaParts(IntakeDatabase& database)
      : pool(database.NewPool(8)), sql(pool.get(), 4, 256), tail(*pool, false, absl::Milliseconds(5)) {
    EXPECT_TRUE(RefreshDirectory(**pool->Acquire(absl::InfiniteFuture()), directory).ok());
  }

  std::unique_ptr<db::Pool> pool;
  db::SqlExecutor sql;
  DirectoryHolder directory;
  feed::FeedTail tail;
  FakeClock clock{Clock::System().Now()};
  testing::TestCalls calls;
};

// Calls a method of a stub, with a generous deadline.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Call(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                              const Request& request) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
  context.set_wait_for_ready(true);  // on a busy machine connecting takes its time
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return rpc::FromGrpcStatus(status);
  return response;
}

inline std::string NewRequestId() { return Uuid::NewV7(Clock::System().Now()).ToString(); }

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_TEST_REPLICA_H_
