// Themes on a real database and a real index: proposed, judged, fixed, measured.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
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
#include "services/routing/cases/case_service.h"
#include "services/routing/knowledge/case_indexer.h"
#include "services/routing/knowledge/knowledge_service.h"
#include "services/routing/knowledge/same_cause_store.h"
#include "services/routing/knowledge/theme_proposer.h"
#include "services/routing/knowledge/theme_service.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;

constexpr int32_t kPartitions = 2;
constexpr ThemeNumbers kNumbers = {.window_days = 30,
                                   .least_cases = 3,
                                   .least_districts = 2,
                                   .least_enterprises = 3,
                                   .least_similarity_percent = 40,
                                   .least_new_cases = 2};
constexpr char kUnderground[] = "地下车库规划条件调整手续无法办理";
constexpr char kStairs[] = "消防验收疏散通道宽度不合格";

std::string NewId() { return Uuid::NewV7(absl::Now()).ToString(); }
std::string RecordId(int number) { return absl::StrCat("018f4a10-0000-7000-8000-", 100000000000 + number); }

// One process, as far as themes go.
class Replica {
 public:
  Replica(const ::zhuqi::testing::TestDatabase& database, const Clock& clock, int seeds = 20)
      : pool_(*db::Pool::Create(database.options(8))) {
    {
      db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
      EXPECT_EQ(feed::SetUpPartitions(*lease, kPartitions), absl::OkStatus());
    }
    std::string pattern = ::testing::TempDir() + "zhuqi-themes-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    directory_.Advance(testing::City());
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
    themes_ = std::make_unique<ThemeServer>(
        ThemeServiceParts{&calls_.adaptor(), sql_.get(), &directory_, &positions_, &clock, 30});
    knowledge_ = std::make_unique<KnowledgeServer>(KnowledgeServiceParts{
        &calls_.adaptor(), sql_.get(), &directory_, &positions_, &clock, index_.get(), &index_positions_});
    cases_ = std::make_unique<CaseServer>(CaseServiceParts{
        &calls_.adaptor(), sql_.get(), nullptr, &directory_, &positions_, &clock, &calls_.metrics()});
    server_ = std::make_unique<::zhuqi::testing::TestServer>(
        std::vector<grpc::Service*>{themes_.get(), knowledge_.get(), cases_.get()});
  }
  ~Replica() {
    tail_->Stop();
    server_.reset();
    sql_->Stop();
    std::filesystem::remove_all(folder_);
  }

  db::Pool& pool() { return *pool_; }
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
    replica_ = std::make_unique<Replica>(database_, clock_, seeds);
    stub_ = v1::ThemeService::NewStub(replica_->channel());
  }

  // Writes changes as the service does.
  void Write(const std::function<void(CaseBatch&)>& change, const std::vector<std::string>& case_ids = {}) {
    const absl::Status status =
        db::RunTransaction(replica_->pool(), {}, [&](db::Transaction& transaction) -> absl::Status {
          std::vector<Uuid> ids;
          for (const std::string& id : case_ids) ids.push_back(*Uuid::Parse(id));
          ZHUQI_ASSIGN_OR_RETURN(CaseMap known, ReadCases(transaction.connection(), ids));
          CaseBatch batch(std::move(known), testing::City(), nullptr, clock_.Now(), Outbox::kOff);
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
    feed::v1::RecordChanged issue = testing::Issue(RecordId(number), absl::StrCat("issue-", number));
    issue.mutable_issue()->set_title(title);
    issue.mutable_issue()->set_text("");
    *issue.mutable_issue()->mutable_raised_at() = TimestampMessage(At(at));
    issue.mutable_after()->set_org_unit_id(unit);
    issue.mutable_after()->set_category_id(category);
    issue.mutable_after()->clear_enterprise_usccs();
    if (!uscc.empty()) issue.mutable_after()->add_enterprise_usccs(uscc);
    std::string case_id;
    Write([&](CaseBatch& batch) {
      CaseChange received =
          *ReceiveCase(issue, At(at), *testing::City(), testing::CityCatalogue(), 1 + number % kPartitions);
      case_id = received.record.body.case_id();
      batch.Take(std::move(received));
    });
    return case_id;
  }
  void Withdraw(const std::string& case_id) {
    Write(
        [&](CaseBatch& batch) {
          ActionInput input;
          input.action.mutable_withdraw()->set_reason("企业撤回");
          input.occurred_at = clock_.Now();
          input.recorded_at = clock_.Now();
          input.actor = "tester";
          auto changed =
              Act(*batch.Find(*Uuid::Parse(case_id)), input, *testing::City(), testing::CityCatalogue());
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
    request.set_request_id(NewId());
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
    request.set_request_id(NewId());
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
  std::unique_ptr<Replica> replica_;
  std::unique_ptr<v1::ThemeService::Stub> stub_;
  std::string token_;
  int number_ = 0;
  std::vector<std::string> members_;
};

// ---- Proposals ----

TEST_F(ThemeTest, SimilarCasesOfTwoDistrictsAreProposedOnce) {
  const std::string other = AddCase(90, kStairs, "zm");
  const std::string theme_id = Proposed();
  replica_->LookAtAll();
  const auto themes = List({});
  ASSERT_EQ(themes.size(), 1u);
  const v1::Theme& theme = themes[0];
  EXPECT_EQ(theme.state(), v1::THEME_STATE_PROPOSED);
  EXPECT_EQ(theme.content().title(), kUnderground);
  EXPECT_EQ(theme.content().category_id(), "land.change-of-use");
  EXPECT_EQ(theme.proposed_by(), "zhuqi");
  EXPECT_EQ(theme.case_count(), 3);
  EXPECT_EQ(theme.district_count(), 2);
  EXPECT_EQ(theme.growth().cases(), 3);
  EXPECT_EQ(theme.growth().districts(), 2);
  EXPECT_EQ(theme.growth().enterprises(), 0);
  EXPECT_EQ(theme.growth().least_cases(), 3);
  const v1::GetThemeResponse got = Get(theme_id);
  EXPECT_THAT(CasesOf(got, v1::THEME_CASE_STANDING_MEMBER), UnorderedElementsAreArray(members_));
  ASSERT_EQ(got.history_size(), 1);
  EXPECT_EQ(got.history(0).proposed().case_ids_size(), 3);
}

TEST_F(ThemeTest, CasesOfOneDistrictOrAnotherCategoryOrLongAgoAreNoTheme) {
  for (int i = 1; i <= 3; ++i) AddCase(i, kUnderground, "js");
  for (int i = 4; i <= 6; ++i)
    AddCase(i, kStairs, i == 4 ? "js" : "zm", "2024-06-01 10:00", "", i == 6 ? "tax" : "fire");
  for (int i = 7; i <= 9; ++i) AddCase(i, "园区道路货车限行", i == 7 ? "js" : "zm", "2024-04-01 10:00");
  LookAtAll();
  EXPECT_THAT(List({}), IsEmpty());
}

TEST_F(ThemeTest, FurtherCasesJoinAProposalAndAreOnlySuggestedForAConfirmedTheme) {
  const std::string theme_id = Proposed();
  const std::string joined = AddCase(50, kUnderground, "zm");
  LookAtAll();
  EXPECT_EQ(Get(theme_id).theme().case_count(), 4);
  EXPECT_EQ(Get(theme_id).history(1).joined().case_ids(0), joined);
  Confirm(theme_id);
  const std::string suggested = AddCase(51, kUnderground, "js");
  LookAtAll();
  const v1::GetThemeResponse got = Get(theme_id);
  EXPECT_EQ(got.theme().case_count(), 4);
  EXPECT_EQ(got.theme().suggested_count(), 1);
  EXPECT_THAT(CasesOf(got, v1::THEME_CASE_STANDING_SUGGESTED), ElementsAre(suggested));
  EXPECT_EQ(List({}).size(), 1u);
}

TEST_F(ThemeTest, ARejectedProposalComesBackOnlyWhenItHasGrown) {
  const std::string theme_id = Proposed();
  ASSERT_TRUE(Do(theme_id, "reject { reason: '成因各异' }").ok());
  AddCase(50, kUnderground, "zm");
  LookAtAll();
  EXPECT_EQ(List({}).size(), 1u);
  clock_.Advance(absl::Seconds(1));
  AddCase(51, kUnderground, "js");
  LookAtAll();
  const auto themes = List({});
  ASSERT_EQ(themes.size(), 2u);
  EXPECT_EQ(themes[0].state(), v1::THEME_STATE_PROPOSED);
  EXPECT_EQ(themes[0].case_count(), 5);
}

TEST_F(ThemeTest, ARestartGoesOnWhereItWas) {
  for (const char* unit : {"js", "js-t", "zm"}) AddCase(++number_, kUnderground, unit);
  Restart(/*seeds=*/1);
  replica_->Index(token_);
  ASSERT_TRUE(*replica_->proposer().RunBatch());
  Restart();
  LookAtAll();
  ASSERT_EQ(List({}).size(), 1u);
  EXPECT_EQ(List({})[0].case_count(), 3);
  Restart();
  LookAtAll();
  EXPECT_EQ(List({}).size(), 1u);
}

TEST_F(ThemeTest, TwoReplicasLookAtEachCaseOnce) {
  Replica second(database_, clock_, 2);
  Restart(/*seeds=*/2);
  const std::vector<std::string> titles = {kUnderground, kStairs, "园区道路白天货车限行"};
  for (int i = 0; i < 30; ++i) AddCase(i, titles[static_cast<size_t>(i % 3)], i % 2 == 0 ? "js" : "zm");
  // The last event of both partitions.
  for (int i = 0; i < 2; ++i) {
    replica_->Index(token_);
    second.Index(token_);
    AddCase(100 + i, "无关事项", "js");
  }
  replica_->Index(token_);
  second.Index(token_);
  std::thread other([&second] { second.LookAtAll(); });
  replica_->LookAtAll();
  other.join();
  second.LookAtAll();
  const auto themes = List({});
  EXPECT_EQ(themes.size(), 3u);
  for (const v1::Theme& theme : themes) {
    EXPECT_EQ(theme.case_count(), 10) << theme.content().title();
    // The proposal, and an entry for each case that joined: none twice.
    const v1::GetThemeResponse got = Get(theme.theme_id());
    int mentioned = 0;
    for (const v1::ThemeEvent& event : got.history())
      mentioned += event.proposed().case_ids_size() + event.joined().case_ids_size();
    EXPECT_EQ(mentioned, 10);
  }
}

TEST_F(ThemeTest, AReplicaWhoseIndexIsBehindAnothersWaits) {
  Replica second(database_, clock_);
  AddCase(1, kUnderground, "js");
  AddCase(2, kUnderground, "js-t");
  second.Index(token_);
  replica_->Index(token_);
  AddCase(3, kUnderground, "zm");
  LookAtAll();
  ASSERT_EQ(List({}).size(), 1u);
  AddCase(5, kUnderground, "zm");
  // It has not seen what the first one looked at.
  EXPECT_FALSE(*second.proposer().RunBatch());
  second.Index(token_);
  EXPECT_TRUE(*second.proposer().RunBatch());
  EXPECT_EQ(List({})[0].case_count(), 4);
}

TEST_F(ThemeTest, WhatIntakeLinksAsOneCauseIsProposedWhateverItsWords) {
  const std::string one = AddCase(1, "地下室证办不下来", "js");
  const std::string two = AddCase(2, "车位无法确权", "zm", "2024-06-02 10:00", "", "tax");
  const std::string three = AddCase(3, "规划核实不予受理", "zm", "2024-06-02 10:00", "", "fire");
  LookAtAll();
  EXPECT_THAT(List({}), IsEmpty());
  feed::v1::FollowResponse message;
  for (const int other : {2, 3}) {
    intake::v1::RecordLink& link = *message.add_events()->mutable_record_link()->mutable_link();
    link.set_from_record_id(RecordId(1));
    link.set_to_record_id(RecordId(other));
    link.set_kind(intake::v1::RECORD_LINK_KIND_SAME_CAUSE_AS);
  }
  db::Lease lease = *replica_->pool().Acquire(absl::InfiniteFuture());
  ASSERT_EQ(StoreSameCauseLinks(*lease, message), absl::OkStatus());
  replica_->LookAtAll();
  const auto themes = List({});
  ASSERT_EQ(themes.size(), 1u);
  EXPECT_THAT(CasesOf(Get(themes[0].theme_id()), v1::THEME_CASE_STANDING_MEMBER),
              UnorderedElementsAre(one, two, three));
  for (feed::v1::Event& event : *message.mutable_events()) event.mutable_record_link()->set_removed(true);
  ASSERT_EQ(StoreSameCauseLinks(*lease, message), absl::OkStatus());
  EXPECT_THAT(*ReadSameCause(*lease, *Uuid::Parse(RecordId(1)), 10), IsEmpty());
}

// ---- By hand ----

TEST_F(ThemeTest, AThemeMadeByHandIsConfirmedFixedAndItsRecurrenceCounted) {
  const std::string first = AddCase(1, kUnderground, "js", "2024-05-06 10:00");
  v1::ProposeThemeRequest request;
  request.set_request_id(NewId());
  request.mutable_content()->set_title("地下空间变更用途");
  request.mutable_content()->set_category_id("land");
  request.add_cases()->mutable_issue_key()->set_source_system("js-system");
  request.mutable_cases(0)->mutable_issue_key()->set_external_id("issue-1");
  const auto proposed = Call(&v1::ThemeService::Stub::ProposeTheme, request);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(proposed->theme().proposed_by(), "li");
  EXPECT_FALSE(proposed->theme().has_growth());
  const std::string id = proposed->theme().theme_id();
  Confirm(id);
  ASSERT_TRUE(Do(id, "begin_fix { fix: '历史项目容缺受理' }").ok());
  ASSERT_TRUE(Do(id, "complete_fix { fixed_on { year: 2024 month: 5 day: 20 } }").ok());
  const std::string same_day = AddCase(2, kUnderground, "zm", "2024-05-20 23:00");
  const std::string day_after = AddCase(3, kUnderground, "zm", "2024-05-21 00:30");
  const std::string within = AddCase(4, kUnderground, "js-t", "2024-06-02 10:00");
  const std::string withdrawn = AddCase(5, kUnderground, "js", "2024-06-02 11:00");
  ASSERT_TRUE(Do(id, AddCases({same_day, day_after, within, withdrawn})).ok());
  EXPECT_EQ(Get(id).theme().recurrence_count(), 3);
  Withdraw(withdrawn);
  const std::string suggested = AddCase(6, kUnderground, "zm", "2024-06-02 12:00");
  LookAtAll();
  const v1::GetThemeResponse got = Get(id);
  EXPECT_EQ(got.theme().state(), v1::THEME_STATE_FIXED);
  EXPECT_EQ(got.theme().suggested_count(), 1);
  EXPECT_EQ(got.theme().case_count(), 4);
  EXPECT_EQ(got.theme().recurrence_count(), 2);
  EXPECT_EQ(got.recurrence().cases(), 2);
  EXPECT_THAT(got.recurrence().case_ids(), ElementsAre(within, day_after));
  EXPECT_THAT(got.recurrence().district_ids(), ElementsAre("js", "zm"));
  EXPECT_EQ(CivilDayFrom(got.recurrence().counted().first()), absl::CivilDay(2024, 5, 21));
  EXPECT_EQ(CivilDayFrom(got.recurrence().counted().last()), absl::CivilDay(2024, 6, 19));
  EXPECT_FALSE(got.recurrence().span_over());
  // Judged, it counts.
  ASSERT_TRUE(Do(id, AddCases({suggested})).ok());
  EXPECT_EQ(Get(id).theme().recurrence_count(), 3);
  EXPECT_EQ(Get(id).theme().suggested_count(), 0);
  // What was given to it comes in the history, oldest first.
  std::vector<std::string> actions;
  const v1::GetThemeResponse judged = Get(id);
  for (const v1::ThemeEvent& event : judged.history()) {
    const auto* field = v1::ThemeAction::descriptor()->FindFieldByNumber(event.action().action_case());
    actions.push_back(field == nullptr ? (event.has_suggested() ? "suggested" : "proposed") : field->name());
  }
  EXPECT_THAT(actions, ElementsAre("proposed", "confirm", "begin_fix", "complete_fix", "add_cases",
                                   "suggested", "add_cases"));
  ASSERT_TRUE(Do(id, "reopen { reason: '又发生' due_on { year: 2024 month: 7 day: 31 } }").ok());
  EXPECT_FALSE(Get(id).has_recurrence());
  EXPECT_EQ(Get(id).theme().recurrence_count(), 0);
}

TEST_F(ThemeTest, CaseAndSimilarCasesNameTheirThemes) {
  const std::string theme_id = Proposed();
  auto cases = v1::CaseService::NewStub(replica_->channel());
  v1::GetCaseRequest by;
  by.set_case_id(members_[0]);
  grpc::ClientContext context;
  v1::GetCaseResponse got;
  ASSERT_TRUE(cases->GetCase(&context, by, &got).ok());
  ASSERT_EQ(got.themes_size(), 1);
  EXPECT_EQ(got.themes(0).theme_id(), theme_id);
  EXPECT_EQ(got.themes(0).standing(), v1::THEME_CASE_STANDING_MEMBER);
  EXPECT_EQ(got.themes(0).title(), kUnderground);
  auto knowledge = v1::KnowledgeService::NewStub(replica_->channel());
  const auto themes_of_similar = [&] {
    v1::FindSimilarCasesRequest request;
    request.mutable_text()->set_title(kUnderground);
    grpc::ClientContext call;
    v1::FindSimilarCasesResponse found;
    EXPECT_TRUE(knowledge->FindSimilarCases(&call, request, &found).ok());
    int named = 0;
    for (const v1::SimilarCase& one : found.cases()) named += one.themes_size();
    return named;
  };
  EXPECT_EQ(themes_of_similar(), 3);
  ASSERT_TRUE(Do(theme_id, "reject { reason: '成因各异' }").ok());
  EXPECT_EQ(themes_of_similar(), 0);
}

TEST_F(ThemeTest, ThemesAreFoundByStateCategoryUnitOwnerAndOverdue) {
  const std::string stairs = Proposed(kStairs);
  clock_.Advance(absl::Seconds(1));
  const std::string underground = Proposed(kUnderground);
  Confirm(underground);
  EXPECT_THAT(ListIds(""), ElementsAre(underground, stairs));
  EXPECT_THAT(ListIds("state: THEME_STATE_PROPOSED"), ElementsAre(stairs));
  EXPECT_THAT(ListIds("category_id: 'land'"), ElementsAre(underground, stairs));
  EXPECT_THAT(ListIds("category_id: 'fire'"), IsEmpty());
  EXPECT_THAT(ListIds("owner_department_id: 'zz.planning'"), ElementsAre(underground));
  EXPECT_THAT(ListIds("org_unit_id: 'js-t'"), ElementsAre(underground, stairs));
  EXPECT_THAT(ListIds("overdue: true"), IsEmpty());
  clock_.Advance(absl::Hours(24 * 28));
  EXPECT_THAT(ListIds("overdue: true"), ElementsAre(underground));
  EXPECT_TRUE(Get(underground).theme().overdue());
  v1::ListThemesRequest request;
  request.set_page_size(1);
  std::vector<std::string> pages;
  while (true) {
    const auto page = Call(&v1::ThemeService::Stub::ListThemes, request);
    ASSERT_TRUE(page.ok()) << page.status();
    ASSERT_EQ(page->themes_size(), 1);
    pages.push_back(page->themes(0).theme_id());
    if (page->next_page_token().empty()) break;
    request.set_page_token(page->next_page_token());
  }
  EXPECT_THAT(pages, ElementsAre(underground, stairs));
  request.set_category_id("land");
  EXPECT_EQ(rpc::ReasonOf(Call(&v1::ThemeService::Stub::ListThemes, request).status()), "PAGE_TOKEN_INVALID");
}

TEST_F(ThemeTest, AMergedThemeHandsItsCasesOver) {
  const std::string stairs = Proposed(kStairs);
  clock_.Advance(absl::Seconds(1));
  const std::string underground = Proposed(kUnderground);
  ASSERT_TRUE(
      Do(stairs, absl::StrCat("merge { into_theme_id: '", underground, "' reason: '同一成因' }")).ok());
  const v1::GetThemeResponse target = Get(underground);
  EXPECT_EQ(target.theme().case_count(), 6);
  EXPECT_EQ(target.history(1).merged_in().theme_id(), stairs);
  EXPECT_EQ(target.history(1).merged_in().case_ids_size(), 3);
  EXPECT_EQ(Get(stairs).theme().merged_into_theme_id(), underground);
  EXPECT_EQ(Get(stairs).theme().allowed_actions_size(), 0);
  // What resembles the merged one's cases is of the other one now.
  AddCase(50, kStairs, "zm");
  LookAtAll();
  EXPECT_EQ(List({}).size(), 2u);
  EXPECT_EQ(Get(underground).theme().case_count(), 7);
}

// ---- Prevention ----

TEST_F(ThemeTest, DistrictsThatHaveTheCategoryAndHaveNotComplainedAreAsked) {
  for (int i = 1; i <= 3; ++i) {
    members_.push_back(AddCase(i, kUnderground, "js", "2024-06-01 10:00", absl::StrCat("E", i)));
  }
  AddCase(4, "其他土地事项", "zm", "2024-01-10 10:00");
  LookAtAll();
  ASSERT_EQ(List({}).size(), 1u);
  const std::string id = List({})[0].theme_id();
  Confirm(id, "prevent { due_on { year: 2024 month: 6 day: 20 } note: '走访地下空间项目' }");
  const v1::GetThemeResponse got = Get(id);
  ASSERT_EQ(got.preventive_items_size(), 1);
  const v1::PreventiveItem& item = got.preventive_items(0);
  EXPECT_EQ(item.org_unit_id(), "zm");
  EXPECT_EQ(item.theme_title(), kUnderground);
  EXPECT_THAT(item.reasons(), ElementsAre(v1::PREVENTION_REASON_SAME_CATEGORY));
  EXPECT_EQ(item.note(), "走访地下空间项目");
  EXPECT_THAT(got.history(1).prevented_org_unit_ids(), ElementsAre("zm"));
  EXPECT_EQ(got.theme().open_preventive_item_count(), 1);
  // Again: nobody is asked twice.
  const auto again = Do(id, "prevent { due_on { year: 2024 month: 6 day: 20 } }");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->prevented_org_unit_ids_size(), 0);
  EXPECT_THAT(ListIds("org_unit_id: 'zm'"), ElementsAre(id));
  // Work on it.
  EXPECT_THAT(ListItems("org_unit_id: 'zm' state: PREVENTIVE_ITEM_STATE_OPEN"), ElementsAre("zm"));
  EXPECT_THAT(ListItems("overdue: true"), IsEmpty());
  clock_.Advance(absl::Hours(24 * 18));
  EXPECT_THAT(ListItems("overdue: true"), ElementsAre("zm"));
  // It was raised there all the same, the day after the item was made.
  const std::string all_the_same = AddCase(5, kUnderground, "zm", "2024-06-04 09:00");
  ASSERT_TRUE(Do(id, AddCases({all_the_same})).ok());
  const auto done = OnItem(id, "zm", "complete { note: '已走访，一家受影响' }");
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->item().state(), v1::PREVENTIVE_ITEM_STATE_DONE);
  EXPECT_EQ(done->item().cases_since(), 1);
  EXPECT_THAT(ListItems("overdue: true"), IsEmpty());
  EXPECT_THAT(ListItems(absl::StrCat("theme_id: '", id, "'")), ElementsAre("zm"));
  const v1::GetThemeResponse after = Get(id);
  const v1::ThemeEvent& last = after.history(after.history_size() - 1);
  EXPECT_EQ(last.preventive_item().org_unit_id(), "zm");
  EXPECT_EQ(last.preventive_item().action().complete().note(), "已走访，一家受影响");
  EXPECT_EQ(rpc::ReasonOf(OnItem(id, "zm", "report { note: 'x' }").status()), "ILLEGAL_TRANSITION");
  EXPECT_EQ(rpc::ReasonOf(OnItem(id, "js", "report { note: 'x' }").status()), "PREVENTIVE_ITEM_UNKNOWN");
}

TEST_F(ThemeTest, ARejectedThemeAsksNothingMoreOfAnybody) {
  for (int i = 1; i <= 3; ++i) AddCase(i, kUnderground, "js", "2024-06-01 10:00", absl::StrCat("E", i));
  LookAtAll();
  const std::string id = List({})[0].theme_id();
  Confirm(id, "prevent { due_on { year: 2024 month: 6 day: 20 } org_unit_ids: 'zm' }");
  ASSERT_TRUE(Do(id, "reject { reason: '成因各异' }").ok());
  const v1::GetThemeResponse got = Get(id);
  EXPECT_EQ(got.preventive_items(0).state(), v1::PREVENTIVE_ITEM_STATE_NOT_NEEDED);
  EXPECT_EQ(got.preventive_items(0).note(), "成因各异");
  EXPECT_EQ(
      rpc::ReasonOf(OnItem(id, "zm", "reopen { note: 'x' due_on { year: 2024 month: 7 day: 1 } }").status()),
      "THEME_ENDED");
}

// ---- What is wrong ----

TEST_F(ThemeTest, ARepeatedRequestGetsItsFirstAnswerAndAStaleEtagChangesNothing) {
  const std::string id = Proposed();
  v1::ActOnThemeRequest request = Request(id, "reject { reason: '成因各异' }");
  request.set_etag("0");
  EXPECT_EQ(rpc::ReasonOf(Call(&v1::ThemeService::Stub::ActOnTheme, request).status()), "ETAG_MISMATCH");
  request.set_etag("1");
  const auto first = Call(&v1::ThemeService::Stub::ActOnTheme, request);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto again = Call(&v1::ThemeService::Stub::ActOnTheme, request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  request.mutable_action()->mutable_reject()->set_reason("另一理由");
  EXPECT_EQ(rpc::ReasonOf(Call(&v1::ThemeService::Stub::ActOnTheme, request).status()), "REQUEST_ID_REUSED");
  EXPECT_EQ(Get(id).history_size(), 2);
}

TEST_F(ThemeTest, WhatIsWrongIsSaidByFieldInBothLanguages) {
  v1::ActOnThemeRequest request = Request("x", "confirm { cause: '' owner_department_id: 'nobody' }");
  request.set_request_id("y");
  const auto refused = Call(&v1::ThemeService::Stub::ActOnTheme, request);
  const auto bad = rpc::BadRequestOf(refused.status());
  ASSERT_TRUE(bad.has_value());
  std::vector<std::string> fields;
  for (const auto& violation : bad->field_violations()) fields.push_back(violation.field());
  EXPECT_THAT(fields, ElementsAre("request_id", "theme_id", "action.confirm.cause",
                                  "action.confirm.owner_department_id", "action.confirm.due_on"));
  v1::ProposeThemeRequest propose;
  propose.set_request_id(NewId());
  propose.mutable_content()->set_title("x");
  propose.mutable_content()->set_category_id("land");
  propose.add_cases()->set_case_id(NewId());
  const auto unknown = Call(&v1::ThemeService::Stub::ProposeTheme, propose);
  EXPECT_EQ(rpc::ReasonOf(unknown.status()), "CASE_UNKNOWN");
  EXPECT_EQ(rpc::ErrorInfoOf(unknown.status())->metadata().at("field"), "cases[0]");
  EXPECT_EQ(rpc::ReasonOf(Do(NewId(), "reject { reason: 'x' }").status()), "THEME_UNKNOWN");
  v1::ListThemesRequest list;
  list.set_org_unit_id("nowhere");
  list.set_page_size(-1);
  EXPECT_EQ(
      rpc::BadRequestOf(Call(&v1::ThemeService::Stub::ListThemes, list).status())->field_violations_size(),
      2);
}

TEST_F(ThemeTest, AWithdrawnCaseIsNoPartOfATheme) {
  const std::string one = AddCase(1, kUnderground, "js");
  Withdraw(one);
  AddCase(2, kUnderground, "zm");
  AddCase(3, kUnderground, "zm");
  LookAtAll();
  EXPECT_THAT(List({}), IsEmpty());
  v1::ProposeThemeRequest propose;
  propose.set_request_id(NewId());
  propose.mutable_content()->set_title("x");
  propose.mutable_content()->set_category_id("land");
  propose.add_cases()->set_case_id(one);
  EXPECT_EQ(rpc::ReasonOf(Call(&v1::ThemeService::Stub::ProposeTheme, propose).status()), "CASE_WITHDRAWN");
}

}  // namespace
}  // namespace zhuqi::routing
