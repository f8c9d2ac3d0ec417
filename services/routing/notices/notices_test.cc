// The outbox on a real database, with a real HTTP server to send to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/config/validation.h"
#include "common/db/transaction.h"
#include "common/rpc/errors.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/timer.h"
#include "common/testing/test_database.h"
#include "common/testing/test_server.h"
#include "google/protobuf/util/json_util.h"
#include "routing_schema.h"
#include "services/routing/cases/case_batch.h"
#include "services/routing/notices/notice_rules.h"
#include "services/routing/notices/notice_sender.h"
#include "services/routing/notices/notice_service.h"
#include "services/routing/notices/test_receiver.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using ::testing::ElementsAre;
using testing::TestReceiver;

constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";
const absl::Duration kPatience = absl::Seconds(30);

int Takes(const TestReceiver::Request& /*request*/) { return 204; }

std::string CaseId(int number) { return absl::StrCat("018f4a10-0000-7000-8000-", 200000000000 + number); }

// An event of a case: MakeNotice's, of a case with nothing else in it.
v1::NoticeEvent EventOf(int case_number, int sequence) {
  v1::Case body;
  body.set_case_id(CaseId(case_number));
  body.set_sequence(sequence);
  return MakeNotice(kCaseEscalated, nullptr, body, absl::Now(), absl::Now());
}

v1::NoticeEvent EventIn(const std::string& body) {
  v1::NoticeEvent event;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(body, &event).ok()) << body;
  return event;
}

class NoticesTest : public ::testing::Test {
 protected:
  NoticesTest() {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    pool_ = *db::Pool::Create(database_.options(8));
  }

  db::Lease Lease() { return *pool_->Acquire(absl::InfiniteFuture()); }

  void Append(const std::vector<v1::NoticeEvent>& events) {
    const db::Lease lease = Lease();
    ASSERT_EQ(AppendNotices(*lease, absl::Now(), events), absl::OkStatus());
  }

  config::v1::WebhookConfig Webhook(const std::string& url) const {
    config::v1::RoutingConfig config;
    config::v1::WebhookConfig& webhook = *config.mutable_webhook();
    webhook.set_url(url);
    webhook.set_key_id("k1");
    webhook.set_key_file("unused");
    webhook.mutable_first_backoff()->set_nanos(1'000'000);
    webhook.mutable_max_backoff()->set_nanos(5'000'000);
    config::ApplyDefaults(&config);
    return config.webhook();
  }

  std::unique_ptr<NoticeSender> MakeSender(const config::v1::WebhookConfig& webhook) {
    NoticeSenderOptions options;
    options.pool = pool_.get();
    options.clock = &Clock::System();
    options.logger = &telemetry::Logger::Null();
    options.metrics = &calls_.metrics();
    options.webhook = webhook;
    options.key = kSecret;
    options.interval = absl::Milliseconds(5);
    return std::make_unique<NoticeSender>(std::move(options));
  }

  std::vector<v1::Notice> All(v1::NoticeState state = v1::NOTICE_STATE_UNSPECIFIED) {
    const db::Lease lease = Lease();
    NoticeFilter filter;
    filter.state = state;
    return *SelectNotices(*lease, filter, 10'000);
  }

  // Whether `condition` comes true within half a minute.
  template <typename Condition>
  bool Eventually(Condition condition) {
    const absl::Time deadline = absl::Now() + kPatience;
    while (absl::Now() < deadline) {
      if (condition()) return true;
    }
    return condition();
  }
  bool AllAre(v1::NoticeState state) {
    const std::vector<v1::Notice> all = All();
    return std::all_of(all.begin(), all.end(),
                       [&](const v1::Notice& notice) { return notice.state() == state; });
  }

  ::zhuqi::testing::TestDatabase database_;
  ::zhuqi::testing::TestCalls calls_;
  std::unique_ptr<db::Pool> pool_;
};

TEST_F(NoticesTest, ANoticeIsSentSignedAndOnce) {
  TestReceiver receiver(&Takes);
  const v1::NoticeEvent event = EventOf(1, 1);
  Append({event});
  const auto sender = MakeSender(Webhook(receiver.url()));
  sender->Start();
  ASSERT_TRUE(Eventually([&] { return AllAre(v1::NOTICE_STATE_SENT); }));
  const std::vector<TestReceiver::Request> requests = receiver.requests();
  ASSERT_EQ(requests.size(), 1U);
  const auto& headers = requests[0].headers;
  EXPECT_EQ(headers.at("content-type"), "application/cloudevents+json; charset=UTF-8");
  EXPECT_EQ(EventIn(requests[0].body).id(), event.id());
  int64_t seconds = 0;
  ASSERT_TRUE(absl::SimpleAtoi(headers.at("zhuqi-timestamp"), &seconds));
  EXPECT_EQ(NoticeHeaders("k1", kSecret, requests[0].body, absl::FromUnixSeconds(seconds))[3].second,
            headers.at("zhuqi-signature"));
  EXPECT_EQ(headers.at("zhuqi-key-id"), "k1");
  const v1::Notice notice = All()[0];
  EXPECT_EQ(notice.attempts(), 1);
  EXPECT_TRUE(notice.has_sent_at());
  EXPECT_FALSE(notice.has_due_at());
}

TEST_F(NoticesTest, AReceiverThatWasDownGetsEverythingWhenItIsBack) {
  int port = 0;
  {
    const TestReceiver gone(&Takes);
    port = gone.port();
  }
  Append({EventOf(1, 1), EventOf(1, 2), EventOf(2, 1)});
  config::v1::WebhookConfig webhook = Webhook(absl::StrCat("http://127.0.0.1:", port, "/"));
  webhook.set_max_attempts(100'000);
  const auto sender = MakeSender(webhook);
  sender->Start();
  ASSERT_TRUE(Eventually([&] {
    const std::vector<v1::Notice> all = All();
    return std::any_of(all.begin(), all.end(), [](const v1::Notice& notice) {
      return notice.attempts() >= 2 && !notice.last_error().empty();
    });
  }));
  const TestReceiver back(&Takes, port);
  ASSERT_TRUE(Eventually([&] { return AllAre(v1::NOTICE_STATE_SENT); }));
  std::vector<std::string> of_first_case;
  for (const TestReceiver::Request& request : back.requests()) {
    if (EventIn(request.body).subject() == CaseId(1))
      of_first_case.push_back(EventIn(request.body).sequence());
  }
  EXPECT_THAT(of_first_case, ElementsAre("1", "2"));
  EXPECT_EQ(All()[0].last_error(), "");
}

TEST_F(NoticesTest, ErrorsEndInADeadLetterThatIsReplayedWithTheSameId) {
  std::atomic<int> status{500};
  TestReceiver receiver([&](const TestReceiver::Request&) { return status.load(); });
  Append({EventOf(1, 1)});
  config::v1::WebhookConfig webhook = Webhook(receiver.url());
  webhook.set_max_attempts(3);
  const auto sender = MakeSender(webhook);
  sender->Start();
  ASSERT_TRUE(Eventually([&] { return AllAre(v1::NOTICE_STATE_DEAD); }));
  EXPECT_EQ(receiver.requests().size(), 3U);
  EXPECT_EQ(All()[0].attempts(), 3);
  EXPECT_EQ(All()[0].last_error(), "HTTP 500");
  status = 200;
  {
    const db::Lease lease = Lease();
    EXPECT_EQ(*ReplayDead(*lease, absl::Now(), 10), 1);
  }
  ASSERT_TRUE(Eventually([&] { return AllAre(v1::NOTICE_STATE_SENT); }));
  std::set<std::string> ids;
  for (const TestReceiver::Request& request : receiver.requests()) ids.insert(EventIn(request.body).id());
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_EQ(receiver.requests().size(), 4U);
}

TEST_F(NoticesTest, WhatIsGivenUpLetsTheNextOfItsCaseGo) {
  TestReceiver receiver([](const TestReceiver::Request& request) {
    return EventIn(request.body).sequence() == "1" ? 503 : 200;
  });
  Append({EventOf(1, 1), EventOf(1, 2)});
  config::v1::WebhookConfig webhook = Webhook(receiver.url());
  webhook.set_max_attempts(2);
  const auto sender = MakeSender(webhook);
  sender->Start();
  ASSERT_TRUE(Eventually([&] { return All(v1::NOTICE_STATE_SENT).size() == 1; }));
  std::vector<std::string> order;
  for (const TestReceiver::Request& request : receiver.requests()) {
    order.push_back(EventIn(request.body).sequence());
  }
  EXPECT_THAT(order, ElementsAre("1", "1", "2"));
}

TEST_F(NoticesTest, RedirectsAreNotFollowed) {
  TestReceiver receiver([](const TestReceiver::Request&) { return 302; });
  Append({EventOf(1, 1)});
  config::v1::WebhookConfig webhook = Webhook(receiver.url());
  webhook.set_max_attempts(1);
  const auto sender = MakeSender(webhook);
  sender->Start();
  ASSERT_TRUE(Eventually([&] { return AllAre(v1::NOTICE_STATE_DEAD); }));
  EXPECT_EQ(All()[0].last_error(), "HTTP 302");
}

TEST_F(NoticesTest, TwoSendersSendEachNoticeOnceAndKeepTheOrderOfACase) {
  constexpr int kCases = 25;
  constexpr int kEach = 6;
  std::vector<v1::NoticeEvent> events;
  for (int sequence = 1; sequence <= kEach; ++sequence) {
    for (int number = 0; number < kCases; ++number) events.push_back(EventOf(number, sequence));
  }
  Append(events);
  absl::Mutex mutex;
  std::multiset<std::string> under_way;
  std::atomic<int> most_of_a_case{0};
  TestReceiver receiver([&](const TestReceiver::Request& request) {
    const std::string id = EventIn(request.body).subject();
    {
      absl::MutexLock lock(&mutex);
      under_way.insert(id);
      most_of_a_case = std::max(most_of_a_case.load(), static_cast<int>(under_way.count(id)));
    }
    absl::MutexLock lock(&mutex);
    under_way.erase(under_way.find(id));
    return 200;
  });
  const auto first = MakeSender(Webhook(receiver.url()));
  const auto second = MakeSender(Webhook(receiver.url()));
  first->Start();
  second->Start();
  ASSERT_TRUE(Eventually([&] { return AllAre(v1::NOTICE_STATE_SENT); }));
  std::map<std::string, std::vector<std::string>> sequences;
  for (const TestReceiver::Request& request : receiver.requests()) {
    const v1::NoticeEvent event = EventIn(request.body);
    sequences[event.subject()].push_back(event.sequence());
  }
  EXPECT_EQ(receiver.requests().size(), static_cast<size_t>(kCases * kEach));
  ASSERT_EQ(sequences.size(), static_cast<size_t>(kCases));
  for (const auto& [id, order] : sequences)
    EXPECT_THAT(order, ElementsAre("1", "2", "3", "4", "5", "6")) << id;
  EXPECT_EQ(most_of_a_case, 1);
}

TEST_F(NoticesTest, OfTwoThatSawADueNoticeOneGetsIt) {
  Append({EventOf(1, 1)});
  const db::Lease lease = Lease();
  const absl::Time now = absl::Now() + absl::Seconds(1);
  std::vector<DueNotice> seen_by_first = *FindDueNotices(*lease, now, 10);
  std::vector<DueNotice> seen_by_second = *FindDueNotices(*lease, now, 10);
  ASSERT_EQ(seen_by_first.size(), 1U);
  ASSERT_EQ(seen_by_second.size(), 1U);
  EXPECT_TRUE(*ClaimNotice(*lease, seen_by_first[0], now + absl::Minutes(1)));
  EXPECT_FALSE(*ClaimNotice(*lease, seen_by_second[0], now + absl::Minutes(1)));
}

TEST_F(NoticesTest, WhatASenderHadThatDiedIsDueWhenItsClaimIsOver) {
  Append({EventOf(1, 1), EventOf(1, 2)});
  const db::Lease lease = Lease();
  const absl::Time now = absl::Now() + absl::Seconds(1);
  DueNotice died = FindDueNotices(*lease, now, 10)->at(0);
  ASSERT_TRUE(*ClaimNotice(*lease, died, now + absl::Minutes(1)));
  // Neither it nor what follows it in its case.
  EXPECT_TRUE(FindDueNotices(*lease, now + absl::Seconds(59), 10)->empty());
  std::vector<DueNotice> again = *FindDueNotices(*lease, now + absl::Seconds(61), 10);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].notice_id, died.notice_id);
  ASSERT_TRUE(*ClaimNotice(*lease, again[0], now + absl::Minutes(3)));
  // Whoever lost the claim settles nothing.
  EXPECT_FALSE(*SettleSent(*lease, died, now));
  EXPECT_FALSE(*SettleFailed(*lease, died, now, "late"));
  EXPECT_FALSE(*SettleDead(*lease, died, "late"));
  EXPECT_TRUE(*SettleSent(*lease, again[0], now));
}

TEST_F(NoticesTest, WhatIsUnderWayWhenTheSenderStopsIsDueAtOnce) {
  absl::Notification go_on;
  TestReceiver receiver([&](const TestReceiver::Request&) {
    go_on.WaitForNotification();
    return 200;
  });
  Append({EventOf(1, 1)});
  const auto sender = MakeSender(Webhook(receiver.url()));
  sender->Start();
  ASSERT_TRUE(receiver.WaitForRequests(1));
  sender->Stop();
  const v1::Notice notice = All()[0];
  EXPECT_EQ(notice.state(), v1::NOTICE_STATE_PENDING);
  EXPECT_THAT(notice.last_error(), ::testing::HasSubstr("stopped"));
  const db::Lease lease = Lease();
  EXPECT_EQ(FindDueNotices(*lease, absl::Now() + absl::Seconds(1), 10)->size(), 1U);
  go_on.Notify();
}

TEST_F(NoticesTest, OldOnesGoAndPendingOnesStay) {
  Append({EventOf(1, 1), EventOf(2, 1), EventOf(3, 1)});
  const db::Lease lease = Lease();
  const absl::Time now = absl::Now() + absl::Seconds(1);
  std::vector<DueNotice> due = *FindDueNotices(*lease, now, 10);
  ASSERT_EQ(due.size(), 3U);
  ASSERT_TRUE(*SettleSent(*lease, due[0], now));
  ASSERT_TRUE(*SettleDead(*lease, due[1], "HTTP 500"));
  EXPECT_EQ(*PurgeNotices(*lease, now - absl::Hours(1), 10), 0);
  EXPECT_EQ(*PurgeNotices(*lease, now, 10), 2);
  ASSERT_EQ(All().size(), 1U);
  EXPECT_EQ(All()[0].state(), v1::NOTICE_STATE_PENDING);
}

TEST_F(NoticesTest, LookingForDueOnesReadsTheDueOnesAlone) {
  Append({EventOf(1, 1), EventOf(2, 1)});
  const db::Lease lease = Lease();
  std::string keys;
  ASSERT_EQ(lease->Query(
                "EXPLAIN SELECT n.notice_id FROM notices n FORCE INDEX (by_due) WHERE n.due_at <= ? AND NOT "
                "EXISTS (SELECT 1 FROM notices e WHERE e.case_id = n.case_id AND e.state = 1 AND "
                "(e.sequence < n.sequence OR (e.sequence = n.sequence AND e.notice_id < n.notice_id))) "
                "ORDER BY n.due_at, n.notice_id LIMIT ?",
                {absl::Now(), 4},
                [&](db::Row& row) {
                  absl::StrAppend(&keys, row.OptionalText(5).value_or("none"), ";",
                                  row.OptionalText(9).value_or(""), "\n");
                  return absl::OkStatus();
                }),
            absl::OkStatus());
  EXPECT_THAT(keys, ::testing::HasSubstr("by_due;"));
  EXPECT_THAT(keys, ::testing::HasSubstr("by_case;"));
  EXPECT_THAT(keys, ::testing::Not(::testing::HasSubstr("filesort")));
}

// ---- What happens to a case ----

class CaseNoticesTest : public NoticesTest {
 protected:
  absl::Status Receive(Outbox outbox, absl::Status outcome = absl::OkStatus()) {
    {
      const db::Lease lease = Lease();
      ZHUQI_RETURN_IF_ERROR(feed::SetUpPartitions(*lease, 2));
    }
    const auto catalogue = std::make_shared<const v1::Catalogue>(testing::CityCatalogue());
    CaseBatch batch(nullptr, {}, testing::City(), catalogue, At("2024-05-06 10:00"), outbox);
    batch.Take(
        ReceiveCase(testing::Issue(), At("2024-05-06 10:00"), *testing::City(), *catalogue, 1).value());
    return db::RunTransaction(*pool_, {}, [&](db::Transaction& transaction) -> absl::Status {
      ZHUQI_RETURN_IF_ERROR(batch.Write(transaction));
      return outcome;
    });
  }
};

TEST_F(CaseNoticesTest, ARoutedCaseStandsInTheOutboxWithItsTransaction) {
  ASSERT_EQ(Receive(Outbox::kOn), absl::OkStatus());
  ASSERT_EQ(All().size(), 1U);
  const v1::Notice notice = All()[0];
  EXPECT_EQ(notice.type(), kCaseRouted);
  EXPECT_EQ(notice.sequence(), 1);
  EXPECT_EQ(notice.state(), v1::NOTICE_STATE_PENDING);
  const v1::NoticeEvent event = EventIn(notice.body());
  EXPECT_EQ(event.id(), notice.notice_id());
  EXPECT_EQ(event.subject(), notice.case_id());
  EXPECT_EQ(event.data().lead_department_id(), "js.planning");
}

TEST_F(CaseNoticesTest, WhatIsRolledBackIsToldToNobody) {
  ASSERT_FALSE(Receive(Outbox::kOn, absl::InternalError("no")).ok());
  EXPECT_TRUE(All().empty());
}

TEST_F(CaseNoticesTest, WithoutAWebhookNothingIsKept) {
  ASSERT_EQ(Receive(Outbox::kOff), absl::OkStatus());
  EXPECT_TRUE(All().empty());
}

// ---- The RPCs ----

class NoticeServiceTest : public NoticesTest {
 protected:
  NoticeServiceTest() : positions_(timer_), sql_(pool_.get(), 2, 100) {}
  ~NoticeServiceTest() override {
    server_.reset();
    sql_.Stop();
  }

  void Serve(Outbox outbox) {
    service_ = std::make_unique<NoticeServer>(
        NoticeServiceParts{&calls_.adaptor(), &sql_, &positions_, &Clock::System(), outbox});
    server_ = std::make_unique<::zhuqi::testing::TestServer>(std::vector<grpc::Service*>{service_.get()});
    stub_ = v1::NoticeService::NewStub(server_->channel());
  }
  absl::StatusOr<v1::ListNoticesResponse> List(const v1::ListNoticesRequest& request) {
    grpc::ClientContext context;
    v1::ListNoticesResponse response;
    const grpc::Status status = stub_->ListNotices(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  absl::StatusOr<v1::ReplayNoticesResponse> Replay(const v1::ReplayNoticesRequest& request) {
    grpc::ClientContext context;
    v1::ReplayNoticesResponse response;
    const grpc::Status status = stub_->ReplayNotices(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  // Makes the first `count` of what is due dead letters.
  void Kill(int count) {
    const db::Lease lease = Lease();
    const std::vector<DueNotice> due = *FindDueNotices(*lease, absl::Now() + absl::Seconds(1), count);
    for (const DueNotice& notice : due) {
      ASSERT_TRUE(*SettleDead(*lease, notice, "HTTP 500"));
    }
  }

  rpc::Timer timer_;
  feed::Positions positions_;
  db::SqlExecutor sql_;
  std::unique_ptr<NoticeServer> service_;
  std::unique_ptr<::zhuqi::testing::TestServer> server_;
  std::unique_ptr<v1::NoticeService::Stub> stub_;
};

TEST_F(NoticeServiceTest, PagesHoldEveryNoticeOnceNewestFirst) {
  Serve(Outbox::kOn);
  std::vector<v1::NoticeEvent> events;
  for (int number = 0; number < 7; ++number) events.push_back(EventOf(number, 1));
  Append(events);
  Kill(2);
  v1::ListNoticesRequest request;
  request.set_page_size(3);
  std::vector<std::string> ids;
  do {
    const auto page = List(request);
    ASSERT_EQ(page.status(), absl::OkStatus());
    for (const v1::Notice& notice : page->notices()) ids.push_back(notice.notice_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(ids.size(), 7U);
  EXPECT_TRUE(std::is_sorted(ids.rbegin(), ids.rend()));
  v1::ListNoticesRequest dead;
  dead.set_state(v1::NOTICE_STATE_DEAD);
  EXPECT_EQ(List(dead)->notices_size(), 2);
  v1::ListNoticesRequest of_case;
  of_case.set_case_id(CaseId(3));
  ASSERT_EQ(List(of_case)->notices_size(), 1);
  EXPECT_EQ(List(of_case)->notices(0).case_id(), CaseId(3));
}

TEST_F(NoticeServiceTest, WhatAListCanNotMeanIsRefused) {
  Serve(Outbox::kOn);
  v1::ListNoticesRequest request;
  request.set_page_size(-1);
  request.set_case_id("x");
  request.set_page_token("AAAA");
  const auto violations = rpc::BadRequestOf(List(request).status());
  ASSERT_TRUE(violations.has_value());
  EXPECT_EQ(violations->field_violations_size(), 3);
}

TEST_F(NoticeServiceTest, ReplayingTwiceWithOneRequestIdReplaysOnce) {
  Serve(Outbox::kOn);
  Append({EventOf(1, 1), EventOf(2, 1)});
  Kill(2);
  v1::ReplayNoticesRequest request;
  request.set_request_id(Uuid::NewV7(absl::Now()).ToString());
  request.set_all_dead(true);
  EXPECT_EQ(Replay(request)->replayed(), 2);
  Kill(1);
  EXPECT_EQ(Replay(request)->replayed(), 2);
  EXPECT_EQ(All(v1::NOTICE_STATE_DEAD).size(), 1U);
  request.set_all_dead(false);
  request.add_notice_ids(All(v1::NOTICE_STATE_DEAD)[0].notice_id());
  EXPECT_EQ(rpc::ReasonOf(Replay(request).status()), "REQUEST_ID_REUSED");
  request.set_request_id(Uuid::NewV7(absl::Now()).ToString());
  request.add_notice_ids(All(v1::NOTICE_STATE_PENDING)[0].notice_id());
  EXPECT_EQ(Replay(request)->replayed(), 1);
  EXPECT_TRUE(AllAre(v1::NOTICE_STATE_PENDING));
}

TEST_F(NoticeServiceTest, NoticesThatAreNotKnownAreNamedAndPendingOnesAreNot) {
  Serve(Outbox::kOn);
  Append({EventOf(1, 1), EventOf(2, 1)});
  Kill(1);
  const std::string unknown = Uuid::NewV7(absl::Now()).ToString();
  v1::ReplayNoticesRequest request;
  request.set_request_id(Uuid::NewV7(absl::Now()).ToString());
  request.add_notice_ids(unknown);
  request.add_notice_ids(All(v1::NOTICE_STATE_PENDING)[0].notice_id());
  request.add_notice_ids(All(v1::NOTICE_STATE_DEAD)[0].notice_id());
  for (int i = 0; i < 2; ++i) {  // repeated, the first answer
    const auto answer = Replay(request);
    ASSERT_EQ(answer.status(), absl::OkStatus());
    EXPECT_EQ(answer->replayed(), 1);
    ASSERT_EQ(answer->unknown_notice_ids_size(), 1);
    EXPECT_EQ(answer->unknown_notice_ids(0), unknown);
  }
}

TEST_F(NoticeServiceTest, ReplayNeedsNoticesAndAWebhook) {
  Serve(Outbox::kOff);
  v1::ReplayNoticesRequest request;
  EXPECT_EQ(Replay(request).status().code(), absl::StatusCode::kInvalidArgument);
  request.set_request_id(Uuid::NewV7(absl::Now()).ToString());
  EXPECT_EQ(rpc::ReasonOf(Replay(request).status()), "NOTICES_REQUIRED");
  request.set_all_dead(true);
  EXPECT_EQ(rpc::ReasonOf(Replay(request).status()), "NOTICES_OFF");
}

}  // namespace
}  // namespace zhuqi::routing
