// What is learned from cases, on a real database and a real index.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/feed/append.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/test_database.h"
#include "common/testing/test_server.h"
#include "routing_schema.h"
#include "services/routing/cases/case_batch.h"
#include "services/routing/knowledge/case_indexer.h"
#include "services/routing/knowledge/knowledge_service.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int32_t kPartitions = 2;
const absl::Time kNow = At("2024-12-31 12:00");

std::string NewId() { return Uuid::NewV7(absl::Now()).ToString(); }
std::string RecordId(int number) { return absl::StrCat("018f4a10-0000-7000-8000-", 100000000000 + number); }

class KnowledgeTest : public ::testing::Test {
 protected:
  KnowledgeTest() {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    pool_ = *db::Pool::Create(database_.options(8));
    {
      db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
      EXPECT_EQ(feed::SetUpPartitions(*lease, kPartitions), absl::OkStatus());
    }
    std::string pattern = ::testing::TempDir() + "zhuqi-knowledge-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    directory_.Advance(testing::City());
    index_positions_.Follows("routing");
    tail_positions_.Follows("routing");
    sql_ = std::make_unique<db::SqlExecutor>(pool_.get(), 2, 1000);
    Open();
  }
  ~KnowledgeTest() override {
    Close();
    sql_->Stop();
    std::filesystem::remove_all(folder_);
  }

  // A process begins, with what lies in database and folder.
  void Open() {
    tail_ = std::make_unique<feed::FeedTail>(*pool_, true, absl::Milliseconds(5));
    tail_->OnChange([this](const feed::TailSnapshot& snapshot) {
      for (const auto& [partition, head] : snapshot.heads)
        tail_positions_.Advance("routing", partition, head);
    });
    EXPECT_EQ(tail_->Start(), absl::OkStatus());
    index_ = std::make_unique<SearchIndex>(folder_);
    indexer_ = std::make_unique<CaseIndexer>(CaseIndexerOptions{.pool = pool_.get(),
                                                                .index = index_.get(),
                                                                .positions = &index_positions_,
                                                                .tail = tail_.get(),
                                                                .logger = &telemetry::Logger::Null(),
                                                                .metrics = &calls_.metrics(),
                                                                .page_size = 2,
                                                                .pause = absl::Milliseconds(1)});
    server_ = std::make_unique<KnowledgeServer>(KnowledgeServiceParts{
        &calls_.adaptor(), sql_.get(), &directory_, &positions_, &clock_, index_.get(), &index_positions_});
    test_server_ = std::make_unique<::zhuqi::testing::TestServer>(std::vector<grpc::Service*>{server_.get()});
    stub_ = v1::KnowledgeService::NewStub(test_server_->channel());
  }
  void Close() {
    if (indexer_ != nullptr) indexer_->Stop();
    tail_->Stop();
    test_server_.reset();
    indexer_.reset();
    index_.reset();
  }

  // Writes changes as the service does; the token of the last one.
  std::string Write(const std::function<void(CaseBatch&)>& change,
                    const std::vector<std::string>& case_ids = {}) {
    std::string token;
    const absl::Status status =
        db::RunTransaction(*pool_, {}, [&](db::Transaction& transaction) -> absl::Status {
          std::vector<Uuid> ids;
          for (const std::string& id : case_ids) ids.push_back(*Uuid::Parse(id));
          ZHUQI_ASSIGN_OR_RETURN(CaseMap known, ReadCases(transaction.connection(), ids));
          CaseBatch batch(nullptr, std::move(known), testing::City(), nullptr, kNow, Outbox::kOff);
          change(batch);
          ZHUQI_RETURN_IF_ERROR(batch.Write(transaction));
          const feed::OutgoingEvent& last = batch.events().back();
          token = feed::MakeToken({feed::Position("routing", last.partition, last.event.sequence())});
          return absl::OkStatus();
        });
    EXPECT_EQ(status, absl::OkStatus());
    tail_->NotifyCommitted();
    return token;
  }

  // A new case of `unit`; its identity.
  std::string AddCase(int number, const std::string& title, const std::string& text = "",
                      const std::string& unit = "js", const std::string& category = "land.change-of-use") {
    feed::v1::RecordChanged issue = testing::Issue(RecordId(number), absl::StrCat("issue-", number));
    issue.mutable_issue()->set_title(title);
    issue.mutable_issue()->set_text(text);
    issue.mutable_after()->set_org_unit_id(unit);
    issue.mutable_after()->set_category_id(category);
    std::string case_id;
    token_ = Write([&](CaseBatch& batch) {
      CaseChange received =
          *ReceiveCase(issue, At("2024-05-06 10:00"), *testing::City(), testing::CityCatalogue(), 1);
      case_id = received.record.body.case_id();
      batch.Take(std::move(received));
    });
    return case_id;
  }

  void Act(const std::string& case_id, const std::string& at,
           const std::function<void(v1::CaseAction&)>& fill) {
    token_ = Write(
        [&](CaseBatch& batch) {
          ActionInput input;
          fill(input.action);
          input.occurred_at = At(at);
          input.recorded_at = kNow;
          input.actor = "tester";
          auto changed = zhuqi::routing::Act(*batch.Find(*Uuid::Parse(case_id)), input, *testing::City(),
                                             testing::CityCatalogue());
          ASSERT_TRUE(changed.ok()) << changed.status();
          batch.Take(*std::move(changed));
        },
        {case_id});
  }

  // Until the enterprise says that it is resolved.
  void Solve(const std::string& case_id, const std::string& text) {
    Act(case_id, "2024-05-07 09:00", [](v1::CaseAction& action) { action.mutable_accept(); });
    Act(case_id, "2024-05-08 09:00",
        [&](v1::CaseAction& action) { action.mutable_resolve()->set_text(text); });
    Act(case_id, "2024-05-09 09:00", [](v1::CaseAction& action) {
      action.mutable_call_back()->set_contacted(true);
      action.mutable_call_back()->set_resolved(true);
    });
  }

  absl::StatusOr<v1::FindSimilarCasesResponse> Find(const v1::FindSimilarCasesRequest& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    v1::FindSimilarCasesResponse response;
    const grpc::Status status = stub_->FindSimilarCases(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  // Identities of what is found like a title, at least up to what was written here.
  std::vector<std::string> Like(const std::string& title) {
    v1::FindSimilarCasesRequest request;
    request.mutable_text()->set_title(title);
    request.set_at_least_token(token_);
    return Ids(Find(request));
  }
  static std::vector<std::string> Ids(const absl::StatusOr<v1::FindSimilarCasesResponse>& response) {
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> ids;
    if (!response.ok()) return ids;
    for (const v1::SimilarCase& found : response->cases()) ids.push_back(found.case_id());
    return ids;
  }
  template <class Request, class Response>
  absl::StatusOr<Response> Call(grpc::Status (v1::KnowledgeService::Stub::*method)(grpc::ClientContext*,
                                                                                   const Request&, Response*),
                                const Request& request, const std::string& caller = "tester") {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    context.AddMetadata("authorization", "Bearer " + caller);
    Response response;
    const grpc::Status status = ((*stub_).*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  absl::StatusOr<v1::WritePracticeResponse> WriteUp(const std::string& case_id) {
    v1::WritePracticeRequest request;
    request.set_request_id(NewId());
    request.set_case_id(case_id);
    return Call(&v1::KnowledgeService::Stub::WritePractice, request);
  }
  absl::StatusOr<v1::ActOnPracticeResponse> OnPractice(const std::string& practice_id,
                                                       const std::function<void(v1::PracticeAction&)>& fill,
                                                       const std::string& caller = "tester") {
    v1::ActOnPracticeRequest request;
    request.set_request_id(NewId());
    request.set_practice_id(practice_id);
    fill(*request.mutable_action());
    return Call(&v1::KnowledgeService::Stub::ActOnPractice, request, caller);
  }
  // A practice of a case that was solved in js, published.
  std::string Practised(int number) {
    const std::string solved = AddCase(number, "地下空间变更用途", "手续无法办理。", "js-t");
    Solve(solved, "容缺受理。");
    const auto written = WriteUp(solved);
    EXPECT_TRUE(written.ok()) << written.status();
    const std::string id = written->practice().practice_id();
    EXPECT_TRUE(OnPractice(id, [](v1::PracticeAction& action) { action.mutable_publish(); }).ok());
    return id;
  }

  // Brings the index to what was written here; not while its thread runs.
  void CatchUp() {
    const auto token = feed::ParseToken(token_);
    for (const auto& position : token->positions()) {
      EXPECT_EQ(tail_positions_.BlockUntil(position, absl::Now() + absl::Seconds(30)), absl::OkStatus());
    }
    EXPECT_EQ(indexer_->CatchUp(), absl::OkStatus());
  }

  ::zhuqi::testing::TestDatabase database_;
  std::unique_ptr<db::Pool> pool_;
  ::zhuqi::testing::TestCalls calls_;
  rpc::Timer timer_;
  DirectoryHolder directory_;
  FakeClock clock_{kNow};
  feed::Positions positions_{timer_};
  feed::Positions index_positions_{timer_};
  // Where the log ends, as the tail has seen it.
  feed::Positions tail_positions_{timer_};
  std::string folder_;
  std::string token_;
  std::unique_ptr<feed::FeedTail> tail_;
  std::unique_ptr<db::SqlExecutor> sql_;
  std::unique_ptr<SearchIndex> index_;
  std::unique_ptr<CaseIndexer> indexer_;
  std::unique_ptr<KnowledgeServer> server_;
  std::unique_ptr<::zhuqi::testing::TestServer> test_server_;
  std::unique_ptr<v1::KnowledgeService::Stub> stub_;
};

// ---- Similar cases ----

TEST_F(KnowledgeTest, ATextAtIntakeFindsWhatSolvedTheSameBefore) {
  const std::string solved = AddCase(1, "地下车库规划条件调整", "规划条件变了，手续无法办理。");
  const std::string other = AddCase(2, "货车进厂限行", "道路白天禁止货车。", "zm", "tax");
  Solve(solved, "按历史项目容缺补办规划核实。");
  CatchUp();
  v1::FindSimilarCasesRequest request;
  request.mutable_text()->set_title("规划条件调整后地下空间手续无法办理");
  request.mutable_text()->set_category_id("land.change-of-use");
  request.set_at_least_token(token_);
  const auto found = Find(request);
  ASSERT_THAT(Ids(found), ElementsAre(solved));
  const v1::SimilarCase& first = found->cases(0);
  EXPECT_EQ(first.issue_key().external_id(), "issue-1");
  EXPECT_EQ(first.org_unit_id(), "js");
  EXPECT_EQ(first.outcome(), v1::OUTCOME_RESOLVED);
  EXPECT_EQ(first.solution(), "按历史项目容缺补办规划核实。");
  EXPECT_GT(first.score(), 0);
  EXPECT_LE(first.score(), 1);
  ASSERT_EQ(first.matched_size(), 3);
  EXPECT_EQ(first.matched(0).in(), v1::CASE_TEXT_TITLE);
  EXPECT_THAT(first.matched(0).words(), ElementsAre("规划条件调整", "地下"));
  EXPECT_EQ(first.matched(1).in(), v1::CASE_TEXT_ISSUE);
  EXPECT_THAT(first.matched(1).words(), ElementsAre("手续无法办理", "规划条件"));
  EXPECT_EQ(first.matched(2).in(), v1::CASE_TEXT_SOLUTION);
  EXPECT_EQ(found->indexed_up_to_size(), kPartitions + 1);
}

TEST_F(KnowledgeTest, ACaseFindsOthersAndNotItself) {
  const std::string one = AddCase(1, "消防验收不合格", "", "js", "fire");
  const std::string two = AddCase(2, "消防验收未通过", "", "js-t", "fire");
  const std::string three = AddCase(3, "消防验收排队", "", "zm", "fire");
  CatchUp();
  v1::FindSimilarCasesRequest request;
  request.set_case_id(one);
  request.set_at_least_token(token_);
  EXPECT_THAT(Ids(Find(request)), ::testing::UnorderedElementsAre(two, three));
  request.set_org_unit_id("js");
  EXPECT_THAT(Ids(Find(request)), ElementsAre(two));
  request.mutable_issue_key()->set_source_system("js-system");
  request.mutable_issue_key()->set_external_id("issue-2");
  EXPECT_THAT(Ids(Find(request)), ElementsAre(one));
  request.mutable_issue_key()->set_external_id("issue-9");
  EXPECT_EQ(rpc::ReasonOf(Find(request).status()), "CASE_UNKNOWN");
}

TEST_F(KnowledgeTest, WhatWasWrittenIsFoundWithItsToken) {
  CatchUp();
  indexer_->Start();
  for (int i = 1; i <= 5; ++i) {
    const std::string added = AddCase(i, absl::StrCat("消防验收", std::string(static_cast<size_t>(i), 'a')));
    EXPECT_THAT(Like("消防验收"), ::testing::Contains(added));
  }
}

TEST(CaseIndexer, PausesGrowAfterBuildsThatFailed) {
  EXPECT_EQ(PauseAfterFailures(1), absl::Seconds(2));
  EXPECT_EQ(PauseAfterFailures(2), absl::Seconds(4));
  EXPECT_EQ(PauseAfterFailures(8), absl::Seconds(256));
  EXPECT_EQ(PauseAfterFailures(9), absl::Minutes(5));
  EXPECT_EQ(PauseAfterFailures(1'000'000), absl::Minutes(5));
}

TEST_F(KnowledgeTest, AnIndexThatIsMissingIsBuiltFromTheCases) {
  std::vector<std::string> all;
  for (int i = 1; i <= 5; ++i) all.push_back(AddCase(i, "消防验收"));
  v1::FindSimilarCasesRequest request;
  request.mutable_text()->set_title("消防验收");
  EXPECT_EQ(rpc::ReasonOf(Find(request).status()), "SEARCH_INDEX_BUILDING");
  CatchUp();
  EXPECT_THAT(Like("消防验收"), ::testing::UnorderedElementsAreArray(all));
}

TEST_F(KnowledgeTest, AnIndexThatWasDeletedOrDamagedIsBuiltAgain) {
  const std::string one = AddCase(1, "消防验收");
  CatchUp();
  EXPECT_THAT(Like("消防验收"), ElementsAre(one));
  std::filesystem::remove_all(folder_ + "/cases");
  v1::FindSimilarCasesRequest request;
  request.mutable_text()->set_title("消防验收");
  EXPECT_EQ(rpc::ReasonOf(Find(request).status()), "SEARCH_INDEX_BUILDING");
  CatchUp();
  EXPECT_THAT(Like("消防验收"), ElementsAre(one));
}

TEST_F(KnowledgeTest, ARestartGoesOnWhereTheIndexWas) {
  const std::string one = AddCase(1, "消防验收");
  CatchUp();
  Close();
  Open();
  const std::string two = AddCase(2, "消防验收");
  CatchUp();
  EXPECT_THAT(Like("消防验收"), ::testing::UnorderedElementsAre(one, two));
}

TEST_F(KnowledgeTest, ALogThatWasReplacedByABackupIsNoticed) {
  AddCase(1, "消防验收");
  const std::string two = AddCase(2, "消防验收");
  CatchUp();
  {
    // The database of before the second case, which went on otherwise.
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    for (const char* table : {"cases", "case_bodies", "case_events"}) {
      ASSERT_TRUE(
          lease->Execute(absl::StrCat("DELETE FROM ", table, " WHERE case_id = ?"), {*Uuid::Parse(two)})
              .ok());
    }
    ASSERT_TRUE(lease->Execute("DELETE FROM feed_events WHERE sequence = 2", {}).ok());
    ASSERT_TRUE(lease->Execute("UPDATE feed_heads SET sequence = 1 WHERE partition_number = 1", {}).ok());
  }
  const std::string three = AddCase(3, "道路限行");
  const std::string four = AddCase(4, "道路限行");
  CatchUp();
  EXPECT_THAT(Like("道路限行"), ::testing::UnorderedElementsAre(three, four));
  EXPECT_THAT(Like("消防验收"), ::testing::Not(::testing::Contains(two)));
}

TEST_F(KnowledgeTest, TheIndexHoldsNoPersonalDataOfFreeText) {
  AddCase(1, "请回电13800138000", "联系人邮箱zhang.san@example.com，身份证410102199001011234。");
  CatchUp();
  std::string everything;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder_)) {
    if (!file.is_regular_file()) continue;
    std::ifstream input(file.path(), std::ios::binary);
    everything.append(std::istreambuf_iterator<char>(input), {});
  }
  EXPECT_NE(everything.find("回电"), std::string::npos);
  for (const char* personal : {"13800138000", "zhang", "example", "410102"}) {
    EXPECT_EQ(everything.find(personal), std::string::npos) << personal;
  }
}

TEST_F(KnowledgeTest, ARequestThatIsWrongIsToldAllOfIt) {
  v1::FindSimilarCasesRequest request;
  request.set_org_unit_id("nowhere");
  request.set_category_id("nothing");
  request.set_limit(-1);
  request.mutable_received()->mutable_first()->set_year(2024);
  const auto refused = rpc::BadRequestOf(Find(request).status());
  ASSERT_TRUE(refused.has_value());
  std::vector<std::string> fields;
  for (const auto& violation : refused->field_violations()) fields.push_back(violation.field());
  EXPECT_THAT(fields, ElementsAre("text", "org_unit_id", "category_id", "received.first", "limit"));
  request.Clear();
  request.mutable_text()->set_title(" ");
  EXPECT_EQ(rpc::ReasonOf(Find(request).status()), "TEXT_REQUIRED");
}

// ---- Practices ----

TEST_F(KnowledgeTest, APracticeIsWrittenUpPublishedAdoptedAndRated) {
  const std::string id = Practised(1);
  const std::string second = AddCase(2, "地下空间", "", "zm");
  Solve(second, "同法办理。");
  const auto adopted = OnPractice(id, [&](v1::PracticeAction& action) {
    action.mutable_adopt()->set_org_unit_id("zm");
    action.mutable_adopt()->set_case_id(second);
    action.mutable_adopt()->set_note("加做联合踏勘");
  });
  ASSERT_TRUE(adopted.ok()) << adopted.status();
  for (const char* caller : {"li", "zhao"}) {
    ASSERT_TRUE(OnPractice(
                    id, [](v1::PracticeAction& action) { action.mutable_rate()->set_stars(4); }, caller)
                    .ok());
  }
  ASSERT_TRUE(OnPractice(
                  id, [](v1::PracticeAction& action) { action.mutable_rate()->set_stars(5); }, "li")
                  .ok());
  v1::GetPracticeRequest get;
  get.set_practice_id(id);
  get.set_at_least_token(adopted->consistency_token());
  const auto got = Call(&v1::KnowledgeService::Stub::GetPractice, get);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_THAT(got->practice().solved_in_district_ids(), ElementsAre("js", "zm"));
  EXPECT_EQ(got->practice().adoption_count(), 1);
  EXPECT_EQ(got->practice().rating_count(), 2);
  EXPECT_EQ(got->practice().rating_stars(), 9);
  ASSERT_EQ(got->adoptions_size(), 1);
  EXPECT_EQ(got->adoptions(0).org_unit_id(), "zm");
  EXPECT_EQ(got->adoptions(0).case_id(), second);
  // What is similar leads to it.
  CatchUp();
  v1::FindSimilarCasesRequest similar;
  similar.set_case_id(second);
  const auto found = Find(similar);
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->cases_size(), 1);
  EXPECT_EQ(found->cases(0).practice_id(), id);
}

TEST_F(KnowledgeTest, ARepeatedRequestOnPracticesGetsItsFirstAnswer) {
  const std::string solved = AddCase(1, "地下空间");
  v1::WritePracticeRequest request;
  request.set_request_id(NewId());
  request.set_case_id(solved);
  EXPECT_EQ(rpc::ReasonOf(Call(&v1::KnowledgeService::Stub::WritePractice, request).status()),
            "CASE_NOT_SOLVED");
  Solve(solved, "容缺受理。");
  const auto first = Call(&v1::KnowledgeService::Stub::WritePractice, request);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto again = Call(&v1::KnowledgeService::Stub::WritePractice, request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  request.mutable_content()->set_title("另一个");
  EXPECT_EQ(rpc::ReasonOf(Call(&v1::KnowledgeService::Stub::WritePractice, request).status()),
            "REQUEST_ID_REUSED");
  const auto other = WriteUp(solved);
  EXPECT_EQ(rpc::ReasonOf(other.status()), "PRACTICE_EXISTS");
  EXPECT_EQ(rpc::ErrorInfoOf(other.status())->metadata().at("practice_id"), first->practice().practice_id());
}

TEST_F(KnowledgeTest, AStaleEtagChangesNothingOfAPractice) {
  const std::string id = Practised(1);
  v1::ActOnPracticeRequest request;
  request.set_request_id(NewId());
  request.set_practice_id(id);
  request.set_etag("1");
  request.mutable_action()->mutable_retire()->set_reason("旧");
  EXPECT_EQ(rpc::ReasonOf(Call(&v1::KnowledgeService::Stub::ActOnPractice, request).status()),
            "ETAG_MISMATCH");
  request.set_etag("2");
  EXPECT_TRUE(Call(&v1::KnowledgeService::Stub::ActOnPractice, request).ok());
}

TEST_F(KnowledgeTest, PracticesAreListedPageByPageTheLastWrittenFirst) {
  std::vector<std::string> written;
  for (int i = 1; i <= 5; ++i) written.insert(written.begin(), Practised(i));
  v1::ListPracticesRequest request;
  request.set_org_unit_id("js");
  request.set_category_id("land");
  request.set_page_size(2);
  std::vector<std::string> listed;
  while (true) {
    const auto page = Call(&v1::KnowledgeService::Stub::ListPractices, request);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->practices_size(), 2);
    for (const v1::Practice& practice : page->practices()) listed.push_back(practice.practice_id());
    if (page->next_page_token().empty()) break;
    request.set_page_token(page->next_page_token());
  }
  EXPECT_EQ(listed, written);
  request.set_category_id("fire");
  EXPECT_EQ(rpc::ReasonOf(Call(&v1::KnowledgeService::Stub::ListPractices, request).status()),
            "PAGE_TOKEN_INVALID");
  request.clear_page_token();
  EXPECT_EQ(Call(&v1::KnowledgeService::Stub::ListPractices, request)->practices_size(), 0);
  request.Clear();
  request.set_adopted_by_org_unit_id("zm");
  EXPECT_EQ(Call(&v1::KnowledgeService::Stub::ListPractices, request)->practices_size(), 0);
  ASSERT_TRUE(OnPractice(written[1], [](v1::PracticeAction& action) {
                action.mutable_adopt()->set_org_unit_id("zm");
              }).ok());
  const auto adopted = Call(&v1::KnowledgeService::Stub::ListPractices, request);
  ASSERT_EQ(adopted->practices_size(), 1);
  EXPECT_EQ(adopted->practices(0).practice_id(), written[1]);
  request.set_state(v1::PRACTICE_STATE_DRAFT);
  EXPECT_EQ(Call(&v1::KnowledgeService::Stub::ListPractices, request)->practices_size(), 0);
}

}  // namespace
}  // namespace zhuqi::routing
