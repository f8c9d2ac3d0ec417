// A replica of the record service on a real database, and what its tests need around it.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_TEST_REPLICA_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_TEST_REPLICA_H_

#include <memory>
#include <string>
#include <vector>

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "common/encryption/key_ring.h"
#include "common/feed/append.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/test_database.h"
#include "common/testing/test_server.h"
#include "gtest/gtest.h"
#include "intake_schema.h"
#include "services/intake/records/record_service.h"

namespace zhuqi::intake {

inline constexpr int32_t kPartitions = 4;
inline constexpr char kGoodCode[] = "914403001922038216";
inline constexpr char kOtherCode[] = "9144030071526726XG";

// One replica of the service's record part on a database that it may share.
class Replica {
 public:
  // `contact_keys` may be null.
  Replica(db::PoolOptions database, DirectoryHolder& directory, const Clock& clock,
          const encryption::KeyRing* contact_keys = nullptr, rpc::CallAdaptorOptions calls = {})
      : pool_(*db::Pool::Create(std::move(database))),
        sql_(pool_.get(), 2, 100),
        tail_(*pool_, false),
        calls_(calls) {
    EXPECT_EQ(tail_.Start(), absl::OkStatus());
    RecordWriterOptions options;
    options.group_commit.pool = pool_.get();
    options.partitions = kPartitions;
    options.clock = &clock;
    options.directory = &directory;
    options.tail = &tail_;
    options.contact_keys = contact_keys;
    writer_ = std::make_unique<RecordWriter>(options);
    RecordServiceParts parts;
    parts.adaptor = &calls_.adaptor();
    parts.sql = &sql_;
    parts.writer = writer_.get();
    parts.directory = &directory;
    parts.refresh_directory = [](db::Connection&) { return absl::OkStatus(); };
    parts.clock = &clock;
    parts.tail = &tail_;
    parts.contact_keys = contact_keys;
    parts.partitions = kPartitions;
    service_ = std::make_unique<RecordServer>(parts);
    server_ = std::make_unique<testing::TestServer>(std::vector<grpc::Service*>{service_.get()});
    stub_ = v1::RecordService::NewStub(server_->channel());
  }
  ~Replica() {
    tail_.Stop();
    server_.reset();
  }

  absl::StatusOr<v1::SubmitRecordsResponse> Submit(const v1::SubmitRecordsRequest& request) {
    return Call(&v1::RecordService::Stub::SubmitRecords, request);
  }
  absl::StatusOr<v1::ListRecordsResponse> List(const v1::ListRecordsRequest& request) {
    return Call(&v1::RecordService::Stub::ListRecords, request);
  }
  // Any unary call.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (v1::RecordService::Stub::*method)(grpc::ClientContext*,
                                                                                const Request&, Response*),
                                const Request& request) {
    grpc::ClientContext context;
    Response response;
    const grpc::Status status = (stub_.get()->*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  v1::RecordService::Stub& stub() { return *stub_; }

 private:
  std::unique_ptr<db::Pool> pool_;
  db::SqlExecutor sql_;
  feed::FeedTail tail_;
  testing::TestCalls calls_;
  std::unique_ptr<RecordWriter> writer_;
  std::unique_ptr<RecordServer> service_;
  std::unique_ptr<testing::TestServer> server_;
  std::unique_ptr<v1::RecordService::Stub> stub_;
};

class RecordServiceTest : public ::testing::Test {
 protected:
  RecordServiceTest() : clock_(CityTime(absl::CivilDay(2024, 3, 20), 12)) {
    EXPECT_EQ(database_.Migrate(IntakeSchema()), absl::OkStatus());
    feed::v1::DirectoryChanged change;
    for (const char* id : {"jinshui", "erqi"}) {
      auto* unit = change.add_org_units();
      unit->set_org_unit_id(id);
      unit->set_level(directory::v1::ORG_UNIT_LEVEL_DISTRICT);
      unit->set_parent_id("zhengzhou");
    }
    auto* city = change.add_org_units();
    city->set_org_unit_id("zhengzhou");
    city->set_level(directory::v1::ORG_UNIT_LEVEL_CITY);
    change.add_categories()->set_category_id("land");
    change.add_categories()->set_category_id("land.use");
    change.add_categories()->set_category_id("tax");
    directory_.Advance(*Directory().With(change, 1));
    pool_ = *db::Pool::Create(database_.options(2));
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    EXPECT_EQ(feed::SetUpPartitions(*lease, kPartitions), absl::OkStatus());
  }

  std::unique_ptr<Replica> StartReplica(const encryption::KeyRing* contact_keys = nullptr) {
    return std::make_unique<Replica>(database_.options(4), directory_, clock_, contact_keys);
  }

  static v1::RecordSubmission Visit(const std::string& external_id, int day,
                                    const std::vector<std::string>& usccs,
                                    const std::string& unit = "jinshui") {
    v1::RecordSubmission record;
    record.mutable_key()->set_source_system("hall");
    record.mutable_key()->set_external_id(external_id);
    record.set_org_unit_id(unit);
    *record.mutable_visit()->mutable_visited_on() = DateMessage(absl::CivilDay(2024, 3, day));
    for (const std::string& uscc : usccs) record.mutable_visit()->add_enterprises()->set_uscc(uscc);
    return record;
  }

  static v1::RecordSubmission Issue(const std::string& external_id,
                                    const std::string& title = "地下空间改变用途",
                                    const std::string& unit = "jinshui") {
    v1::RecordSubmission record;
    record.mutable_key()->set_source_system("hall");
    record.mutable_key()->set_external_id(external_id);
    record.set_org_unit_id(unit);
    v1::Issue& issue = *record.mutable_issue();
    issue.set_kind(v1::ISSUE_KIND_PROBLEM);
    issue.set_category_id("land");
    issue.set_title(title);
    *issue.mutable_raised_at() = TimestampMessage(CityTime(absl::CivilDay(2024, 3, 19), 9));
    issue.mutable_enterprise()->set_uscc(kGoodCode);
    return record;
  }

  v1::SubmitRecordsRequest Request(std::vector<v1::RecordSubmission> records) {
    v1::SubmitRecordsRequest request;
    request.set_request_id(Uuid::NewV7(Clock::System().Now()).ToString());
    for (auto& record : records) *request.add_records() = std::move(record);
    return request;
  }

  static std::vector<std::string> Dispositions(const v1::SubmitRecordsResponse& response) {
    std::vector<std::string> names;
    for (const auto& result : response.results()) {
      names.push_back(v1::RecordResult::Disposition_Name(result.disposition()).substr(12));
    }
    return names;
  }

  // Events of all partitions, each in its order.
  std::vector<feed::v1::Event> Events() {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    std::vector<feed::v1::Event> events;
    const std::vector<common::v1::FeedPosition> heads = *feed::ReadHeads(*lease);
    for (const common::v1::FeedPosition& head : heads) {
      const int limit = static_cast<int>(head.sequence());
      const auto read = feed::ReadEvents(*lease, head.partition(), 0, head.sequence(), limit);
      EXPECT_TRUE(read.ok()) << read.status();
      if (read.ok()) events.insert(events.end(), read->begin(), read->end());
    }
    return events;
  }

  void Execute(const std::string& statement) {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    EXPECT_EQ(lease->Execute(statement, {}).status(), absl::OkStatus());
  }

  int64_t Count(const std::string& table) {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    int64_t count = -1;
    EXPECT_EQ(lease->Query("SELECT COUNT(*) FROM " + table, {},
                           [&](db::Row& row) {
                             count = row.Int64(0);
                             return absl::OkStatus();
                           }),
              absl::OkStatus());
    return count;
  }

  testing::TestDatabase database_;
  FakeClock clock_;
  DirectoryHolder directory_;
  std::unique_ptr<db::Pool> pool_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_TEST_REPLICA_H_
