// A process of routing as far as themes go, and what tests of them begin with.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_FIXTURE_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_FIXTURE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/directory/date_message.h"
#include "common/feed/append.h"
#include "common/feed/token.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/test_database.h"
#include "common/testing/test_server.h"
#include "google/protobuf/text_format.h"
#include "routing_schema.h"
#include "services/routing/cases/case_batch.h"
#include "services/routing/cases/case_service.h"
#include "services/routing/knowledge/case_indexer.h"
#include "services/routing/knowledge/knowledge_service.h"
#include "services/routing/knowledge/theme_proposer.h"
#include "services/routing/knowledge/theme_service.h"
#include "services/routing/testing.h"
#include "services/routing/testing/replica.h"

namespace zhuqi::routing::testing {

inline constexpr ThemeNumbers kNumbers = {.window_days = 30,
                                          .least_cases = 3,
                                          .least_districts = 2,
                                          .least_enterprises = 3,
                                          .least_similarity_percent = 40,
                                          .least_new_cases = 2};
inline constexpr char kUnderground[] = "地下车库规划条件调整手续无法办理";
inline constexpr char kStairs[] = "消防验收疏散通道宽度不合格";

// One process, as far as themes go.
class ThemeReplica {
 public:
  ThemeReplica(const ::zhuqi::testing::TestDatabase& database, const Clock& clock, int seeds = 20)
      : pool_(*db::Pool::Create(database.options(8))) {
    {
      db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
      EXPECT_EQ(feed::SetUpPartitions(*lease, kPartitions), absl::OkStatus());
    }
    std::string pattern = ::testing::TempDir() + "zhuqi-themes-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    directory_.Advance(City());
    index_positions_.Follows("routing");
    tail_positions_.Follows("routing");
    tail_ = std::make_unique<feed::FeedTail>(*pool_, true, absl::Milliseconds(5));
    tail_->OnChange([this](const feed::TailSnapshot& snapshot) {
      for (const auto& [partition, head] : snapshot.heads)
        tail_positions_.Advance("routing", partition, head);
    });
    EXPECT_EQ(tail_->Start(), absl::OkStatus());
    // What was committed before this process began is no change.
    for (const auto& [partition, head] : tail_->Get().heads)
      tail_positions_.Advance("routing", partition, head);
    sql_ = std::make_unique<db::SqlExecutor>(pool_.get(), 2, 1000);
    index_ = std::make_unique<SearchIndex>(folder_);
    indexer_ = std::make_unique<CaseIndexer>(CaseIndexerOptions{.pool = pool_.get(),
                                                                .index = index_.get(),
                                                                .positions = &index_positions_,
                                                                .tail = tail_.get(),
                                                                .logger = &telemetry::Logger::Null(),
                                                                .metrics = &calls_.metrics()});
    proposer_ = std::make_unique<ThemeProposer>(ThemeProposerOptions{.pool = pool_.get(),
                                                                     .index = index_.get(),
                                                                     .directory = &directory_,
                                                                     .clock = &clock,
                                                                     .logger = &telemetry::Logger::Null(),
                                                                     .metrics = &calls_.metrics(),
                                                                     .numbers = kNumbers,
                                                                     .seeds = seeds});
    themes_ = std::make_unique<ThemeServer>(ThemeServiceParts{.adaptor = &calls_.adaptor(),
                                                              .sql = sql_.get(),
                                                              .directory = &directory_,
                                                              .catalogue = &catalogue_,
                                                              .positions = &positions_,
                                                              .tail = tail_.get(),
                                                              .clock = &clock,
                                                              .recurrence_days = 30});
    knowledge_ = std::make_unique<KnowledgeServer>(KnowledgeServiceParts{
        &calls_.adaptor(), sql_.get(), &directory_, &positions_, &clock, index_.get(), &index_positions_});
    cases_ = std::make_unique<CaseServer>(CaseServiceParts{
        &calls_.adaptor(), sql_.get(), nullptr, &directory_, &positions_, &clock, &calls_.metrics()});
    server_ = std::make_unique<::zhuqi::testing::TestServer>(
        std::vector<grpc::Service*>{themes_.get(), knowledge_.get(), cases_.get()});
  }
  ~ThemeReplica() {
    tail_->Stop();
    server_.reset();
    sql_->Stop();
    std::filesystem::remove_all(folder_);
  }

  db::Pool& pool() { return *pool_; }
  // All that routing's feed was told.
  std::vector<feed::v1::Event> Events() {
    std::vector<feed::v1::Event> all;
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    const auto heads = *feed::ReadHeads(*lease);
    for (const common::v1::FeedPosition& head : heads) {
      auto events = *feed::ReadEvents(*lease, head.partition(), 0, head.sequence(), 10000);
      for (feed::v1::Event& event : events) all.push_back(std::move(event));
    }
    return all;
  }
  ThemeProposer& proposer() { return *proposer_; }
  std::shared_ptr<grpc::Channel> channel() { return server_->channel(); }
  feed::FeedTail& tail() { return *tail_; }

  // Brings the index to what `token` stands for.
  void Index(const std::string& token) {
    const auto parsed = feed::ParseToken(token);
    for (const auto& position : parsed->positions()) {
      EXPECT_EQ(tail_positions_.BlockUntil(position, absl::Now() + absl::Seconds(30)), absl::OkStatus());
    }
    EXPECT_EQ(indexer_->CatchUp(), absl::OkStatus());
  }
  // Until nothing is left to look at.
  void LookAtAll() {
    while (true) {
      const absl::StatusOr<bool> more = proposer_->RunBatch();
      ASSERT_TRUE(more.ok()) << more.status();
      if (!*more) return;
    }
  }

 private:
  std::unique_ptr<db::Pool> pool_;
  ::zhuqi::testing::TestCalls calls_;
  rpc::Timer timer_;
  DirectoryHolder directory_;
  feed::Positions positions_{timer_};
  CatalogueHolder catalogue_{positions_};
  feed::Positions index_positions_{timer_};
  feed::Positions tail_positions_{timer_};
  std::string folder_;
  std::unique_ptr<feed::FeedTail> tail_;
  std::unique_ptr<db::SqlExecutor> sql_;
  std::unique_ptr<SearchIndex> index_;
  std::unique_ptr<CaseIndexer> indexer_;
  std::unique_ptr<ThemeProposer> proposer_;
  std::unique_ptr<ThemeServer> themes_;
  std::unique_ptr<KnowledgeServer> knowledge_;
  std::unique_ptr<CaseServer> cases_;
  std::unique_ptr<::zhuqi::testing::TestServer> server_;
};

class ThemeTest : public ::testing::Test {
 protected:
  ThemeTest() : clock_(At("2024-06-03 10:00")) {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    Restart();
  }
  void Restart(int seeds = 20) {
    replica_.reset();
    replica_ = std::make_unique<ThemeReplica>(database_, clock_, seeds);
    stub_ = v1::ThemeService::NewStub(replica_->channel());
  }

  // Writes changes as the service does.
  void Write(const std::function<void(CaseBatch&)>& change, const std::vector<std::string>& case_ids = {}) {
    const absl::Status status =
        db::RunTransaction(replica_->pool(), {}, [&](db::Transaction& transaction) -> absl::Status {
          std::vector<Uuid> ids;
          for (const std::string& id : case_ids) ids.push_back(*Uuid::Parse(id));
          ZHUQI_ASSIGN_OR_RETURN(CaseMap known, ReadCases(transaction.connection(), ids));
          CaseBatch batch(nullptr, std::move(known), City(), nullptr, clock_.Now(), Outbox::kOff);
          change(batch);
          ZHUQI_RETURN_IF_ERROR(batch.Write(transaction));
          const feed::OutgoingEvent& last = batch.events().back();
          token_ = feed::MakeToken({feed::Position("routing", last.partition, last.event.sequence())});
          return absl::OkStatus();
        });
    ASSERT_EQ(status, absl::OkStatus());
    replica_->tail().NotifyCommitted();
  }

  // A new case; its identity.
  std::string AddCase(int number, const std::string& title, const std::string& unit,
                      const std::string& at = "2024-06-01 10:00", const std::string& uscc = "",
                      const std::string& category = "land.change-of-use") {
    feed::v1::RecordChanged issue = Issue(NumberedRecordId(number), absl::StrCat("issue-", number));
    issue.mutable_issue()->set_title(title);
    issue.mutable_issue()->set_text("");
    *issue.mutable_issue()->mutable_raised_at() = TimestampMessage(At(at));
    issue.mutable_after()->set_org_unit_id(unit);
    issue.mutable_after()->set_category_id(category);
    issue.mutable_after()->clear_enterprise_usccs();
    if (!uscc.empty()) issue.mutable_after()->add_enterprise_usccs(uscc);
    std::string case_id;
    Write([&](CaseBatch& batch) {
      CaseChange received = *ReceiveCase(issue, At(at), *City(), CityCatalogue(), 1 + number % kPartitions);
      case_id = received.record.body.case_id();
      batch.Take(std::move(received));
    });
    return case_id;
  }
  void Withdraw(const std::string& case_id) {
    v1::CaseAction action;
    action.mutable_withdraw()->set_reason("企业撤回");
    OnCase(case_id, action);
  }
  void OnCase(const std::string& case_id, const v1::CaseAction& action) {
    Write(
        [&](CaseBatch& batch) {
          ActionInput input;
          input.action = action;
          input.occurred_at = clock_.Now();
          input.recorded_at = clock_.Now();
          input.actor = "tester";
          auto changed = Act(*batch.Find(*Uuid::Parse(case_id)), input, *City(), CityCatalogue());
          ASSERT_TRUE(changed.ok()) << changed.status();
          batch.Take(*std::move(changed));
        },
        {case_id});
  }
  void LookAtAll() {
    replica_->Index(token_);
    replica_->LookAtAll();
  }
  // Three like cases of two districts, looked at: the proposal, and its cases.
  std::string Proposed(const std::string& title = kUnderground) {
    for (const char* unit : {"js", "js-t", "zm"}) members_.push_back(AddCase(++number_, title, unit));
    LookAtAll();
    const auto themes = List({});
    EXPECT_FALSE(themes.empty());
    return themes.empty() ? "" : themes[0].theme_id();
  }

  template <class Request, class Response>
  absl::StatusOr<Response> Call(grpc::Status (v1::ThemeService::Stub::*method)(grpc::ClientContext*,
                                                                               const Request&, Response*),
                                const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    context.AddMetadata("authorization", "Bearer li");
    Response response;
    const grpc::Status status = ((*stub_).*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  std::vector<v1::Theme> List(const v1::ListThemesRequest& request) {
    const auto listed = Call(&v1::ThemeService::Stub::ListThemes, request);
    EXPECT_TRUE(listed.ok()) << listed.status();
    if (!listed.ok()) return {};
    return {listed->themes().begin(), listed->themes().end()};
  }
  std::vector<std::string> ListIds(const std::string& text) {
    v1::ListThemesRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
    std::vector<std::string> ids;
    for (const v1::Theme& theme : List(request)) ids.push_back(theme.theme_id());
    return ids;
  }
  v1::GetThemeResponse Get(const std::string& theme_id) {
    v1::GetThemeRequest request;
    request.set_theme_id(theme_id);
    const auto got = Call(&v1::ThemeService::Stub::GetTheme, request);
    EXPECT_TRUE(got.ok()) << got.status();
    return got.ok() ? *got : v1::GetThemeResponse();
  }
  v1::ActOnThemeRequest Request(const std::string& theme_id, const std::string& action) {
    v1::ActOnThemeRequest request;
    request.set_request_id(NewRequestId());
    request.set_theme_id(theme_id);
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(action, request.mutable_action())) << action;
    return request;
  }
  absl::StatusOr<v1::ActOnThemeResponse> Do(const std::string& theme_id, const std::string& action) {
    return Call(&v1::ThemeService::Stub::ActOnTheme, Request(theme_id, action));
  }
  void Confirm(const std::string& theme_id, const std::string& more = "") {
    const auto confirmed = Do(theme_id, absl::StrCat("confirm { cause: '规划条件调整' owner_department_id: "
                                                     "'zz.planning' due_on { year: 2024 month: 6 day: 30 } ",
                                                     more, " }"));
    ASSERT_TRUE(confirmed.ok()) << confirmed.status();
  }
  absl::StatusOr<v1::ActOnPreventiveItemResponse> OnItem(const std::string& theme_id, const std::string& unit,
                                                         const std::string& action) {
    v1::ActOnPreventiveItemRequest request;
    request.set_request_id(NewRequestId());
    request.set_theme_id(theme_id);
    request.set_org_unit_id(unit);
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(action, request.mutable_action())) << action;
    return Call(&v1::ThemeService::Stub::ActOnPreventiveItem, request);
  }
  std::vector<std::string> ListItems(const std::string& text) {
    v1::ListPreventiveItemsRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
    const auto listed = Call(&v1::ThemeService::Stub::ListPreventiveItems, request);
    EXPECT_TRUE(listed.ok()) << listed.status();
    std::vector<std::string> districts;
    if (!listed.ok()) return districts;
    for (const v1::PreventiveItem& item : listed->items()) districts.push_back(item.org_unit_id());
    return districts;
  }
  static std::vector<std::string> CasesOf(const v1::GetThemeResponse& got, v1::ThemeCaseStanding standing) {
    std::vector<std::string> ids;
    for (const v1::ThemeCase& item : got.cases()) {
      if (item.standing() == standing) ids.push_back(item.case_id());
    }
    return ids;
  }
  std::string AddCases(const std::vector<std::string>& case_ids) {
    std::string text = "add_cases {";
    for (const std::string& id : case_ids) absl::StrAppend(&text, " cases { case_id: '", id, "' }");
    return text + " }";
  }

  ::zhuqi::testing::TestDatabase database_;
  FakeClock clock_;
  std::unique_ptr<ThemeReplica> replica_;
  std::unique_ptr<v1::ThemeService::Stub> stub_;
  std::string token_;
  int number_ = 0;
  std::vector<std::string> members_;
};

}  // namespace zhuqi::routing::testing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_FIXTURE_H_
