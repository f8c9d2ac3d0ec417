// Consultations on a real database: what is written once, with its cases or not at all, and what lists show.
#include "services/routing/consultations/consultation_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/uuid.h"
#include "common/directory/date_message.h"
#include "common/feed/append.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/test_database.h"
#include "common/testing/test_server.h"
#include "google/protobuf/text_format.h"
#include "routing_schema.h"
#include "services/routing/cases/case_batch.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/consultations/consultation_store.h"
#include "services/routing/follow/followed_directory.h"
#include "services/routing/test_catalogue.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int32_t kPartition = 1;
const absl::Time kNow = At("2024-05-07 09:00");

std::string NewRequest() { return Uuid::NewV7(absl::Now()).ToString(); }

// One replica of the service, with its own everything but the database.
class ConsultationReplica {
 public:
  explicit ConsultationReplica(const ::zhuqi::testing::TestDatabase& database)
      : pool_(*db::Pool::Create(database.options(12))),
        positions_(timer_),
        catalogue_(positions_),
        clock_(kNow),
        tail_(*pool_, true, absl::Milliseconds(5)),
        sql_(pool_.get(), 4, 1000) {
    EXPECT_EQ(testing::PutInForce(*pool_, catalogue_, testing::CityCatalogue(), kNow), absl::OkStatus());
    service_ = std::make_unique<ConsultationServer>(ConsultationServiceParts{
        &calls_.adaptor(), &sql_, &directory_, &catalogue_, &positions_, &tail_, &clock_, &calls_.metrics()});
    server_ = std::make_unique<::zhuqi::testing::TestServer>(std::vector<grpc::Service*>{service_.get()});
    stub_ = v1::ConsultationService::NewStub(server_->channel());
  }
  ~ConsultationReplica() {
    server_.reset();
    sql_.Stop();
  }

  // The directory's next change, as the follower stores it.
  void Apply(const feed::v1::DirectoryChanged& change, int64_t sequence) {
    feed::v1::FollowResponse message;
    feed::v1::Event* event = message.add_events();
    event->set_sequence(sequence);
    *event->mutable_directory() = change;
    const absl::Status status = db::RunTransaction(*pool_, {}, [&](db::Transaction& transaction) {
      const absl::Status stored = StoreDirectoryChanges(transaction.connection(), message);
      if (!stored.ok()) return stored;
      return transaction
          .Execute(
              "INSERT INTO feed_cursors (source, partition_number, sequence, commit_id) VALUES "
              "('intake', 0, ?, 0) ON DUPLICATE KEY UPDATE sequence = VALUES(sequence)",
              {sequence})
          .status();
    });
    EXPECT_EQ(status, absl::OkStatus());
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    EXPECT_EQ(RefreshDirectory(*lease, directory_), absl::OkStatus());
  }
  // Cases of js, received on 2024-05-06 at 09:30; their identities.
  std::vector<std::string> MakeCases(int count) {
    std::vector<std::string> ids;
    const absl::Status status = db::RunTransaction(*pool_, {}, [&](db::Transaction& transaction) {
      ids.clear();
      CaseBatch batch({}, directory_.Get(), catalogue_.Get(), kNow, Outbox::kOff);
      for (int i = 0; i < count; ++i) {
        const std::string record = absl::StrCat("018f4a10-0000-7000-8000-", 100000000000 + i);
        auto change = ReceiveCase(testing::Issue(record, absl::StrCat("issue-", i)), kNow, *directory_.Get(),
                                  *catalogue_.Get(), kPartition);
        if (!change.ok()) return change.status();
        ids.push_back(change->record.body.case_id());
        batch.Take(*std::move(change));
      }
      return batch.Write(transaction);
    });
    EXPECT_EQ(status, absl::OkStatus());
    return ids;
  }
  void ActOnCase(const std::string& case_id, const std::string& action) {
    ActionInput input;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(action, &input.action));
    input.recorded_at = kNow;
    const Uuid id = *Uuid::Parse(case_id);
    EXPECT_EQ(db::RunTransaction(*pool_, {},
                                 [&](db::Transaction& transaction) {
                                   CaseBatch batch(*ReadCases(transaction.connection(), {id}),
                                                   directory_.Get(), catalogue_.Get(), kNow, Outbox::kOff);
                                   auto change = routing::Act(*batch.FindForChange(id), input,
                                                              *directory_.Get(), *catalogue_.Get());
                                   if (!change.ok()) return change.status();
                                   batch.Take(*std::move(change));
                                   return batch.Write(transaction);
                                 }),
              absl::OkStatus());
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (v1::ConsultationService::Stub::*method)(grpc::ClientContext*,
                                                                                      const Request&,
                                                                                      Response*),
                                const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    Response response;
    const grpc::Status status = ((*stub_).*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  auto Convene(const v1::ConveneConsultationRequest& request) {
    return Call(&v1::ConsultationService::Stub::ConveneConsultation, request);
  }
  auto Act(const v1::ActOnConsultationRequest& request) {
    return Call(&v1::ConsultationService::Stub::ActOnConsultation, request);
  }
  auto Act(const std::string& id, const std::string& action) {
    v1::ActOnConsultationRequest request;
    request.set_request_id(NewRequest());
    request.set_consultation_id(id);
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(action, request.mutable_action())) << action;
    return Act(request);
  }
  auto Get(const std::string& id) {
    v1::GetConsultationRequest request;
    request.set_consultation_id(id);
    return Call(&v1::ConsultationService::Stub::GetConsultation, request);
  }
  auto List(const v1::ListConsultationsRequest& request) {
    return Call(&v1::ConsultationService::Stub::ListConsultations, request);
  }
  auto ListTasks(const v1::ListConsultationTasksRequest& request) {
    return Call(&v1::ConsultationService::Stub::ListConsultationTasks, request);
  }

  CaseRecord CaseNow(const std::string& case_id) {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    return ReadCases(*lease, {*Uuid::Parse(case_id)})->begin()->second;
  }
  // What the case's history says of departments that were convened.
  std::vector<v1::Convene> ConvenedOnCase(const std::string& case_id) {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    std::vector<v1::Convene> found;
    const auto history = ReadHistory(*lease, *Uuid::Parse(case_id), 1000, 100);
    for (const v1::CaseEvent& event : history->events) {
      if (event.action().has_convene()) found.push_back(event.action().convene());
    }
    return found;
  }
  std::vector<feed::v1::Event> Events() {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    const int64_t head = feed::ReadHeads(*lease)->at(kPartition).sequence();
    return *feed::ReadEvents(*lease, kPartition, 0, head, 10000);
  }
  int64_t Count(const std::string& table) {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    int64_t count = -1;
    EXPECT_TRUE(lease
                    ->Query("SELECT COUNT(*) FROM " + table, {},
                            [&](db::Row& row) {
                              count = row.Int64(0);
                              return absl::OkStatus();
                            })
                    .ok());
    return count;
  }
  db::Pool& pool() { return *pool_; }
  FakeClock& clock() { return clock_; }

 private:
  std::unique_ptr<db::Pool> pool_;
  ::zhuqi::testing::TestCalls calls_;
  rpc::Timer timer_;
  DirectoryHolder directory_;
  feed::Positions positions_;
  CatalogueHolder catalogue_;
  FakeClock clock_;
  feed::FeedTail tail_;
  db::SqlExecutor sql_;
  std::unique_ptr<ConsultationServer> service_;
  std::unique_ptr<::zhuqi::testing::TestServer> server_;
  std::unique_ptr<v1::ConsultationService::Stub> stub_;
};

class ConsultationTest : public ::testing::Test {
 protected:
  ConsultationTest() {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    replica_ = std::make_unique<ConsultationReplica>(database_);
    {
      db::Lease lease = *replica_->pool().Acquire(absl::InfiniteFuture());
      EXPECT_EQ(feed::SetUpPartitions(*lease, 2), absl::OkStatus());
    }
    replica_->Apply(testing::CityChange(), 1);
    cases_ = replica_->MakeCases(3);
  }

  v1::ConveneConsultationRequest Request(std::initializer_list<int> cases) {
    v1::ConveneConsultationRequest request;
    request.set_request_id(NewRequest());
    request.set_why("规划条件已调整，两部门意见不一");
    for (const int number : cases) request.add_cases()->set_case_id(cases_[static_cast<size_t>(number)]);
    request.add_department_ids("js.planning");
    request.add_department_ids("js.fire");
    request.set_level(v1::CONSULTATION_LEVEL_DISTRICT);
    *request.mutable_scheduled_at() = TimestampMessage(At("2024-05-08 14:30"));
    request.set_chair_department_id("js.office");
    return request;
  }
  std::string Convened(std::initializer_list<int> cases = {0}) {
    const auto answer = replica_->Convene(Request(cases));
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->consultation().consultation_id() : "";
  }
  void Do(const std::string& id, const std::string& action) {
    const auto answer = replica_->Act(id, action);
    EXPECT_TRUE(answer.ok()) << action << answer.status();
  }
  // Nothing of a convening is there.
  void ExpectNothing() {
    for (const char* table : {"consultations", "consultation_events", "consultation_cases",
                              "consultation_departments", "idempotency_keys"}) {
      EXPECT_EQ(replica_->Count(table), 0) << table;
    }
    EXPECT_EQ(replica_->Events().size(), cases_.size());
    for (const std::string& id : cases_) {
      EXPECT_THAT(replica_->ConvenedOnCase(id), IsEmpty());
      EXPECT_EQ(replica_->CaseNow(id).body.consultation_count(), 0);
    }
  }

  ::zhuqi::testing::TestDatabase database_;
  std::unique_ptr<ConsultationReplica> replica_;
  std::vector<std::string> cases_;
};

constexpr char kDecide[] = R"(decide {
  decisions { text: "出具规划意见" owner_department_id: "js.planning" working_days: 5 }
  decisions { text: "消防复核" owner_department_id: "js.fire" working_days: 3 } })";

// ---- What figures count ----

TEST_F(ConsultationTest, CountsOnceForEachCaseHoweverMuchIsDecidedLater) {
  const std::string id = Convened({0, 1});
  EXPECT_EQ(replica_->Events().size(), 5u);
  Do(id, "answer { department_id: 'js.fire' accept {} }");
  Do(id, kDecide);
  Do(id, "record_minutes { text: '议定两项' }");
  Do(id, "complete_task { number: 1 outcome: '已出具' }");
  Do(id, "complete_task { number: 2 outcome: '已复核' }");
  EXPECT_EQ(replica_->Get(id)->consultation().state(), v1::CONSULTATION_STATE_COMPLETED);
  const auto events = replica_->Events();
  ASSERT_EQ(events.size(), 5u);  // three receipts, two convenings
  for (const int number : {0, 1}) {
    const std::string& case_id = cases_[static_cast<size_t>(number)];
    const auto convened = replica_->ConvenedOnCase(case_id);
    ASSERT_EQ(convened.size(), 1u);
    EXPECT_EQ(convened[0].consultation_id(), id);
    EXPECT_THAT(convened[0].department_ids(), ElementsAre("js.planning", "js.fire"));
    const CaseRecord record = replica_->CaseNow(case_id);
    EXPECT_EQ(record.body.consultation_count(), 1);
    EXPECT_EQ(record.facts.consulted_on_size(), 1);
    EXPECT_EQ(CivilDayFrom(record.facts.consulted_on(0)), absl::CivilDay(2024, 5, 7));
    EXPECT_EQ(replica_->Count(absl::StrCat("case_dates WHERE kind = 2 AND case_id = UNHEX(REPLACE('", case_id,
                                           "', '-', ''))")),
              1);
  }
  EXPECT_EQ(replica_->CaseNow(cases_[2]).body.consultation_count(), 0);
}

TEST_F(ConsultationTest, ConveningThatIsRepeatedOrCancelledCountsOnce) {
  const v1::ConveneConsultationRequest request = Request({0});
  const auto first = replica_->Convene(request);
  const auto again = replica_->Convene(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  Do(first->consultation().consultation_id(), "cancel { reason: '改期' }");
  EXPECT_EQ(replica_->Count("consultations"), 1);
  EXPECT_EQ(replica_->CaseNow(cases_[0]).facts.consulted_on_size(), 1);
  v1::ConveneConsultationRequest other = request;
  other.set_why("another");
  EXPECT_EQ(rpc::ReasonOf(replica_->Convene(other).status()), "REQUEST_ID_REUSED");
}

TEST_F(ConsultationTest, FailedWriteLeavesNothingAndTheRepetitionCountsOnce) {
  const v1::ConveneConsultationRequest request = Request({0, 1});
  // The feed, written after the consultation and its cases …
  ASSERT_EQ(database_.Run({"RENAME TABLE feed_events TO feed_events_away"}), absl::OkStatus());
  EXPECT_FALSE(replica_->Convene(request).ok());
  ASSERT_EQ(database_.Run({"RENAME TABLE feed_events_away TO feed_events"}), absl::OkStatus());
  ExpectNothing();
  // … and the answer, written last of all.
  ASSERT_EQ(database_.Run({"ALTER TABLE idempotency_keys ADD CONSTRAINT no_answers CHECK (method = '')"}),
            absl::OkStatus());
  EXPECT_FALSE(replica_->Convene(request).ok());
  ASSERT_EQ(database_.Run({"ALTER TABLE idempotency_keys DROP CONSTRAINT no_answers"}), absl::OkStatus());
  ExpectNothing();
  const auto answer = replica_->Convene(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(replica_->Count("consultations"), 1);
  EXPECT_EQ(replica_->Events().size(), cases_.size() + 2);
  EXPECT_EQ(replica_->CaseNow(cases_[0]).body.consultation_count(), 1);
  EXPECT_EQ(replica_->CaseNow(cases_[1]).facts.consulted_on_size(), 1);
}

TEST_F(ConsultationTest, OneCaseThatRefusesRefusesAll) {
  replica_->ActOnCase(cases_[1], "accept {}");
  replica_->ActOnCase(cases_[1], "explain { text: '已答复' }");
  const size_t events = replica_->Events().size();
  const auto refused = replica_->Convene(Request({0, 1}));
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "ILLEGAL_TRANSITION");
  EXPECT_EQ(rpc::ErrorInfoOf(refused.status())->metadata().at("case_id"), cases_[1]);
  EXPECT_EQ(replica_->Count("consultations"), 0);
  EXPECT_EQ(replica_->Events().size(), events);
  EXPECT_EQ(replica_->CaseNow(cases_[0]).body.consultation_count(), 0);
}

TEST_F(ConsultationTest, CasesAreNamedByIssueToo) {
  v1::ConveneConsultationRequest request = Request({0});
  auto& key = *request.add_cases()->mutable_issue_key();
  key.set_source_system("js-system");
  key.set_external_id("issue-1");
  const auto answer = replica_->Convene(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->consultation().case_ids(), ElementsAre(cases_[0], cases_[1]));
  // Both names of one case.
  request.set_request_id(NewRequest());
  request.mutable_cases(0)->set_case_id(cases_[1]);
  EXPECT_EQ(rpc::ReasonOf(replica_->Convene(request).status()), "CASE_REPEATED");
  request.mutable_cases(0)->set_case_id("018f4a10-0000-7000-8000-000000000099");
  EXPECT_EQ(rpc::ReasonOf(replica_->Convene(request).status()), "CASE_UNKNOWN");
  request.mutable_cases(1)->mutable_issue_key()->set_external_id("none");
  EXPECT_EQ(rpc::ReasonOf(replica_->Convene(request).status()), "CASE_UNKNOWN");
}

TEST_F(ConsultationTest, MeetingThatIsPastCountsOnItsDayAndNotBeforeTheCaseWasReceived) {
  v1::ConveneConsultationRequest request = Request({0});
  *request.mutable_scheduled_at() = TimestampMessage(At("2024-05-06 15:00"));
  ASSERT_TRUE(replica_->Convene(request).ok());
  EXPECT_EQ(CivilDayFrom(replica_->CaseNow(cases_[0]).facts.consulted_on(0)), absl::CivilDay(2024, 5, 6));
  request.set_request_id(NewRequest());
  *request.mutable_scheduled_at() = TimestampMessage(At("2024-05-05 15:00"));
  EXPECT_EQ(rpc::ReasonOf(replica_->Convene(request).status()), "CASE_RECEIVED_LATER");
}

// ---- Rounds ----

TEST_F(ConsultationTest, SecondRoundRefersToTheFirstAndIsAConsultationOfItsOwn) {
  const std::string first = Convened({0, 1});
  v1::ConveneConsultationRequest request = Request({1});
  request.set_previous_consultation_id(first);
  const auto second = replica_->Convene(request);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->consultation().round(), 2);
  EXPECT_EQ(second->consultation().previous_consultation_id(), first);
  const auto before = replica_->Get(first);
  EXPECT_EQ(before->consultation().next_consultation_id(), second->consultation().consultation_id());
  EXPECT_TRUE(before->history(1).has_next_round());
  EXPECT_EQ(replica_->CaseNow(cases_[0]).body.consultation_count(), 1);
  EXPECT_EQ(replica_->CaseNow(cases_[1]).body.consultation_count(), 2);
  request.set_request_id(NewRequest());
  EXPECT_EQ(rpc::ReasonOf(replica_->Convene(request).status()), "ROUND_EXISTS");
  request.set_previous_consultation_id(NewRequest());
  EXPECT_EQ(rpc::ReasonOf(replica_->Convene(request).status()), "CONSULTATION_UNKNOWN");
  EXPECT_EQ(replica_->Count("consultations"), 2);
}

// ---- Acting ----

TEST_F(ConsultationTest, HistoryTellsTheWholeStory) {
  const std::string id = Convened({0});
  Do(id, "answer { department_id: 'js.planning' accept {} }");
  Do(id, absl::StrCat("record_position { department_id: 'js.planning' case_id: '", cases_[0],
                      "' text: '可调整' }"));
  Do(id, kDecide);
  Do(id, "record_minutes { text: '议定两项' }");
  const std::string digest = replica_->Get(id)->consultation().minutes().digest();
  Do(id, absl::StrCat("sign_minutes { department_id: 'js.planning' revision: 1 digest: '", digest, "' }"));
  Do(id, "report_task { number: 2 text: '已约现场' }");
  Do(id, "record_minutes { text: '议定两项，补充一句' }");
  const auto found = replica_->Get(id);
  ASSERT_TRUE(found.ok()) << found.status();
  const v1::Consultation& body = found->consultation();
  ASSERT_EQ(found->history_size(), 8);
  EXPECT_TRUE(found->history(0).has_convened());
  EXPECT_THAT(found->history(7).voided_sign_offs(), ElementsAre("js.planning"));
  EXPECT_FALSE(found->history_cut());
  EXPECT_EQ(body.etag(), "v8");
  EXPECT_EQ(body.minutes().revision(), 2);
  EXPECT_TRUE(body.minutes().sign_offs(0).has_voided_at());
  EXPECT_EQ(body.tasks(1).progress(0).text(), "已约现场");
  EXPECT_EQ(CivilDayFrom(body.tasks(1).due_on()), absl::CivilDay(2024, 5, 10));
  EXPECT_EQ(body.positions(0).text(), "可调整");
}

TEST_F(ConsultationTest, StaleEtagIsRefusedOnceAndForAll) {
  const std::string id = Convened();
  v1::ActOnConsultationRequest request;
  request.set_request_id(NewRequest());
  request.set_consultation_id(id);
  request.set_etag("v1");
  request.mutable_action()->mutable_record_minutes()->set_text("a");
  ASSERT_TRUE(replica_->Act(request).ok());
  ASSERT_TRUE(replica_->Act(request).ok());  // the first answer
  request.set_request_id(NewRequest());
  const auto refused = replica_->Act(request);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(rpc::ReasonOf(refused.status()), "ETAG_MISMATCH");
  request.set_consultation_id(NewRequest());
  EXPECT_EQ(rpc::ReasonOf(replica_->Act(request).status()), "CONSULTATION_UNKNOWN");
  EXPECT_EQ(rpc::ReasonOf(replica_->Get(NewRequest()).status()), "CONSULTATION_UNKNOWN");
  EXPECT_EQ(rpc::ReasonOf(replica_->Get("x").status()), "UUID_INVALID");
}

TEST_F(ConsultationTest, TwoReplicasActingOnOneLoseNothing) {
  constexpr int kReports = 10;
  const std::string id = Convened();
  Do(id, kDecide);
  ConsultationReplica other(database_);
  std::vector<std::thread> threads;
  std::atomic<int> refused{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      ConsultationReplica& replica = t % 2 == 0 ? *replica_ : other;
      for (int i = 0; i < kReports; ++i) {
        if (!replica.Act(id, absl::StrCat("report_task { number: 1 text: '", t, "-", i, "' }")).ok())
          ++refused;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused.load(), 0);
  const auto found = replica_->Get(id);
  std::set<std::string> texts;
  for (const auto& report : found->consultation().tasks(0).progress()) texts.insert(report.text());
  EXPECT_EQ(texts.size(), static_cast<size_t>(4 * kReports));
  EXPECT_EQ(found->consultation().sequence(), 2 + 4 * kReports);
  EXPECT_EQ(found->history_size(), 2 + 4 * kReports);
}

TEST_F(ConsultationTest, LongHistoryShowsItsLastTwoHundredEntries) {
  const std::string id = Convened();
  for (int i = 0; i < 199; ++i) Do(id, absl::StrCat("record_minutes { text: 'm", i, "' }"));
  EXPECT_FALSE(replica_->Get(id)->history_cut());
  EXPECT_EQ(replica_->Get(id)->history_size(), 200);
  Do(id, "record_minutes { text: 'last' }");
  const auto found = replica_->Get(id);
  EXPECT_TRUE(found->history_cut());
  EXPECT_EQ(found->history_size(), 200);
  EXPECT_EQ(found->history(199).sequence(), 201);
}

// ---- Lists ----

class ConsultationListTest : public ConsultationTest {
 protected:
  // 0: js, on cases 0 and 1, two open tasks. 1: zz, on case 1, later, without decisions. 2: js, on case 2,
  // cancelled.
  ConsultationListTest() {
    ids_.push_back(Convened({0, 1}));
    v1::ConveneConsultationRequest city = Request({1});
    city.set_chair_department_id("zz.office");
    city.clear_department_ids();
    city.add_department_ids("zz.planning");
    *city.mutable_scheduled_at() = TimestampMessage(At("2024-05-20 09:00"));
    ids_.push_back(replica_->Convene(city)->consultation().consultation_id());
    ids_.push_back(Convened({2}));
    Do(ids_[2], "cancel { reason: '改期' }");
    Do(ids_[0], kDecide);
  }

  // Numbers of the consultations found, in the order of the list.
  std::vector<int> Find(const std::function<void(v1::ListConsultationsRequest&)>& fill) {
    v1::ListConsultationsRequest request;
    fill(request);
    const auto page = replica_->List(request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<int> found;
    if (!page.ok()) return found;
    for (const auto& each : page->consultations()) {
      found.push_back(
          static_cast<int>(std::find(ids_.begin(), ids_.end(), each.consultation_id()) - ids_.begin()));
    }
    return found;
  }
  std::vector<std::string> FindTasks(const std::function<void(v1::ListConsultationTasksRequest&)>& fill) {
    v1::ListConsultationTasksRequest request;
    fill(request);
    const auto page = replica_->ListTasks(request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> found;
    if (!page.ok()) return found;
    for (const auto& each : page->tasks()) found.push_back(each.task().text());
    return found;
  }

  std::vector<std::string> ids_;
};

TEST_F(ConsultationListTest, EveryFilterFindsWhatItNames) {
  using R = v1::ListConsultationsRequest;
  EXPECT_THAT(Find([](R&) {}), ElementsAre(1, 0, 2));
  EXPECT_THAT(Find([](R& r) { r.set_org_unit_id("zz"); }), ElementsAre(1, 0, 2));
  EXPECT_THAT(Find([](R& r) { r.set_org_unit_id("js"); }), ElementsAre(0, 2));
  EXPECT_THAT(Find([](R& r) { r.set_department_id("zz.planning"); }), ElementsAre(1));
  EXPECT_THAT(Find([](R& r) { r.set_department_id("js.office"); }), ElementsAre(0, 2));
  EXPECT_THAT(Find([&](R& r) { r.set_case_id(cases_[1]); }), ElementsAre(1, 0));
  EXPECT_THAT(Find([](R& r) { r.set_state(v1::CONSULTATION_STATE_CANCELLED); }), ElementsAre(2));
  EXPECT_THAT(Find([](R& r) { r.set_state(v1::CONSULTATION_STATE_IN_FOLLOW_UP); }), ElementsAre(0));
  EXPECT_THAT(Find([](R& r) {
                *r.mutable_scheduled()->mutable_first() = DateMessage(absl::CivilDay(2024, 5, 9));
                *r.mutable_scheduled()->mutable_last() = DateMessage(absl::CivilDay(2024, 5, 20));
              }),
              ElementsAre(1));
  EXPECT_THAT(Find([](R& r) { r.set_overdue_tasks(true); }), IsEmpty());
  replica_->clock().Set(At("2024-05-11 09:00"));  // the day after task 2 was due
  EXPECT_THAT(Find([](R& r) { r.set_overdue_tasks(true); }), ElementsAre(0));
  const auto page = replica_->List({});
  EXPECT_EQ(page->consultations(1).task_count(), 2);
  EXPECT_EQ(page->consultations(1).open_task_count(), 2);
  EXPECT_EQ(page->consultations(1).overdue_task_count(), 1);
  EXPECT_EQ(page->consultations(1).unanswered_count(), 2);
  EXPECT_EQ(page->consultations(0).open_task_count(), 0);
}

TEST_F(ConsultationListTest, PagesHoldEveryOneOnce) {
  v1::ListConsultationsRequest request;
  request.set_page_size(1);
  std::vector<std::string> seen;
  do {
    const auto page = replica_->List(request);
    ASSERT_TRUE(page.ok()) << page.status();
    ASSERT_EQ(page->consultations_size(), 1);
    seen.push_back(page->consultations(0).consultation_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(seen, ElementsAre(ids_[1], ids_[0], ids_[2]));
  request.set_page_token(replica_->List(request)->next_page_token());
  request.set_org_unit_id("js");
  EXPECT_EQ(rpc::ReasonOf(replica_->List(request).status()), "PAGE_TOKEN_INVALID");
  request.clear_page_token();
  request.set_page_size(-1);
  EXPECT_EQ(rpc::ReasonOf(replica_->List(request).status()), "PAGE_SIZE_NEGATIVE");
}

TEST_F(ConsultationListTest, WhatAFilterCanNotMeanIsRefused) {
  const auto reason = [this](const std::function<void(v1::ListConsultationsRequest&)>& fill) {
    v1::ListConsultationsRequest request;
    fill(request);
    return rpc::ReasonOf(replica_->List(request).status());
  };
  using R = v1::ListConsultationsRequest;
  EXPECT_EQ(reason([](R& r) { r.set_org_unit_id("nowhere"); }), "ORG_UNIT_UNKNOWN");
  EXPECT_EQ(reason([](R& r) { r.set_department_id("none"); }), "DEPARTMENT_UNKNOWN");
  EXPECT_EQ(reason([](R& r) { r.set_case_id("x"); }), "UUID_INVALID");
  EXPECT_EQ(reason([](R& r) {
              *r.mutable_scheduled()->mutable_first() = DateMessage(absl::CivilDay(2024, 5, 2));
              *r.mutable_scheduled()->mutable_last() = DateMessage(absl::CivilDay(2024, 5, 1));
            }),
            "SPAN_REVERSED");
}

TEST_F(ConsultationListTest, TasksAreListedMineAndOverdueTheFirstDueFirst) {
  using R = v1::ListConsultationTasksRequest;
  EXPECT_THAT(FindTasks([](R&) {}), ElementsAre("消防复核", "出具规划意见"));
  EXPECT_THAT(FindTasks([](R& r) { r.set_owner_department_id("js.planning"); }), ElementsAre("出具规划意见"));
  EXPECT_THAT(FindTasks([&](R& r) { r.set_consultation_id(ids_[1]); }), IsEmpty());
  EXPECT_THAT(
      FindTasks([](R& r) { *r.mutable_due()->mutable_first() = DateMessage(absl::CivilDay(2024, 5, 11)); }),
      ElementsAre("出具规划意见"));
  EXPECT_THAT(FindTasks([](R& r) { r.set_overdue(true); }), IsEmpty());
  replica_->clock().Set(At("2024-05-11 09:00"));
  EXPECT_THAT(FindTasks([](R& r) { r.set_overdue(true); }), ElementsAre("消防复核"));
  Do(ids_[0], "complete_task { number: 2 outcome: '已复核' }");
  EXPECT_THAT(FindTasks([](R& r) { r.set_overdue(true); }), IsEmpty());
  EXPECT_THAT(FindTasks([](R& r) { r.set_include_completed(true); }),
              ElementsAre("消防复核", "出具规划意见"));
  R both;
  both.set_overdue(true);
  both.set_include_completed(true);
  EXPECT_EQ(rpc::ReasonOf(replica_->ListTasks(both).status()), "FILTER_CONTRADICTORY");
  R pages;
  pages.set_include_completed(true);
  pages.set_page_size(1);
  pages.set_page_token(replica_->ListTasks(pages)->next_page_token());
  const auto last = replica_->ListTasks(pages);
  ASSERT_EQ(last->tasks_size(), 1);
  EXPECT_EQ(last->tasks(0).task().text(), "出具规划意见");
  EXPECT_EQ(last->next_page_token(), "");
}

TEST_F(ConsultationListTest, NewCalendarMovesDueDaysAndListsFollowIt) {
  // "出具规划意见" was due on Tuesday the 14th, which becomes a day off.
  using R = v1::ListConsultationTasksRequest;
  const auto due_by_14th = [](R& r) {
    *r.mutable_due()->mutable_last() = DateMessage(absl::CivilDay(2024, 5, 14));
  };
  EXPECT_THAT(FindTasks(due_by_14th), ElementsAre("消防复核", "出具规划意见"));
  replica_->Apply(testing::CalendarChange(), 2);
  EXPECT_THAT(FindTasks(due_by_14th), ElementsAre("消防复核"));
  R request;
  request.set_owner_department_id("js.planning");
  EXPECT_EQ(CivilDayFrom(replica_->ListTasks(request)->tasks(0).task().due_on()),
            absl::CivilDay(2024, 5, 15));
  EXPECT_EQ(CivilDayFrom(replica_->Get(ids_[0])->consultation().tasks(0).due_on()),
            absl::CivilDay(2024, 5, 15));
  replica_->clock().Set(At("2024-05-15 09:00"));
  EXPECT_THAT(FindTasks([](R& r) { r.set_overdue(true); }), ElementsAre("消防复核"));
}

}  // namespace
}  // namespace zhuqi::routing
