// Records through a real server and a real database.
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/feed/token.h"
#include "gmock/gmock.h"
#include "services/intake/records/test_replica.h"
#include "zhuqi/intake/v1/enterprise.pb.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;

TEST_F(RecordServiceTest, RepeatedRequestGetsTheFirstAnswerAndStoresNothing) {
  const auto replica = StartReplica();
  const v1::SubmitRecordsRequest request = Request({Issue("1"), Issue("2")});
  const auto first = replica->Submit(request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(Dispositions(*first), ElementsAre("CREATED", "CREATED"));
  const auto again = replica->Submit(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(Count("records"), 2);
  EXPECT_EQ(Count("feed_events"), 2);
}

TEST_F(RecordServiceTest, RequestIdWithAnotherBodyIsRefused) {
  const auto replica = StartReplica();
  v1::SubmitRecordsRequest request = Request({Issue("1")});
  ASSERT_TRUE(replica->Submit(request).ok());
  request.mutable_records(0)->mutable_issue()->set_title("另一件事");
  const auto reused = replica->Submit(request);
  EXPECT_TRUE(absl::IsInvalidArgument(reused.status()));
  EXPECT_EQ(rpc::ReasonOf(reused.status()), "REQUEST_ID_REUSED");
  EXPECT_EQ(Count("record_revisions"), 0);
}

TEST_F(RecordServiceTest, ChangedRecordIsANewRevisionAndNeverASecondRecord) {
  const auto replica = StartReplica();
  ASSERT_TRUE(replica->Submit(Request({Issue("1")})).ok());
  const auto second = replica->Submit(Request({Issue("1"), Issue("1", "改了标题"), Issue("1", "改了标题")}));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_THAT(Dispositions(*second), ElementsAre("UNCHANGED", "UPDATED", "UNCHANGED"));
  EXPECT_EQ(second->results(1).revision(), 2);
  EXPECT_EQ(Count("records"), 1);
  EXPECT_EQ(Count("record_revisions"), 1);
  EXPECT_EQ(Count("feed_events"), 2);
}

TEST_F(RecordServiceTest, NewRecordRevisedInItsOwnBatchIsOneRecordAtRevisionTwo) {
  const auto replica = StartReplica();
  const auto response = replica->Submit(Request({Issue("1"), Issue("1", "改了标题")}));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Dispositions(*response), ElementsAre("CREATED", "UPDATED"));
  EXPECT_EQ(response->results(0).record_id(), response->results(1).record_id());
  EXPECT_EQ(Count("records"), 1);
  EXPECT_EQ(Count("record_revisions"), 1);
}

TEST_F(RecordServiceTest, IssueIsToldWithWhatItsEnterpriseIsMarkedWith) {
  const auto replica = StartReplica();
  v1::Enterprise enterprise;
  enterprise.set_uscc(kGoodCode);
  enterprise.add_tags("key");
  enterprise.add_tags("listed");
  {
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    ASSERT_TRUE(
        lease
            ->Execute("INSERT INTO enterprises VALUES (?, 'jinshui', '', 0, NULL, NULL, '', 1, 1, ?, ?)",
                      {kGoodCode, clock_.Now(), enterprise.SerializeAsString()})
            .ok());
  }
  v1::RecordSubmission unknown = Issue("2");
  unknown.mutable_issue()->mutable_enterprise()->set_uscc("9144030071526726XG");
  ASSERT_TRUE(replica->Submit(Request({Issue("1"), unknown, Visit("3", 1, {kGoodCode})})).ok());
  const std::vector<feed::v1::Event> events = Events();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_THAT(events[0].record().issue().enterprise_tags(), ElementsAre("key", "listed"));
  EXPECT_THAT(events[1].record().issue().enterprise_tags(), ElementsAre());
  EXPECT_FALSE(events[2].record().has_issue());
  // A revision tells the marks of its own day.
  ASSERT_TRUE(replica->Submit(Request({Issue("1", "改了")})).ok());
  EXPECT_THAT(Events().back().record().issue().enterprise_tags(), ElementsAre("key", "listed"));
}

TEST_F(RecordServiceTest, BadRecordDoesNotTakeTheGoodOnesDown) {
  const auto replica = StartReplica();
  v1::RecordSubmission bad = Issue("2");
  bad.mutable_issue()->mutable_enterprise()->set_uscc("914403001922038217");
  const auto response = replica->Submit(Request({Issue("1"), bad, Issue("3")}));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Dispositions(*response), ElementsAre("CREATED", "REJECTED", "CREATED"));
  EXPECT_EQ(response->results(1).violations(0).field(), "records[1].issue.enterprise.uscc");
  EXPECT_EQ(response->results(1).violations(0).reason(), "USCC_WRONG_CHECK_CHARACTER");
  EXPECT_EQ(Count("records"), 2);
}

TEST_F(RecordServiceTest, AllOrNothingStoresNothingWhenOneIsRejected) {
  const auto replica = StartReplica();
  v1::RecordSubmission bad = Issue("2");
  bad.set_org_unit_id("nowhere");
  v1::SubmitRecordsRequest request = Request({Issue("1"), bad});
  request.set_all_or_nothing(true);
  const auto response = replica->Submit(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Dispositions(*response), ElementsAre("NOT_ATTEMPTED", "REJECTED"));
  EXPECT_EQ(Count("records"), 0);
  EXPECT_EQ(response->consistency_token(), "");
}

TEST_F(RecordServiceTest, AllOrNothingStoresNothingWhenTwoOfItsRecordsContradictEachOther) {
  const auto replica = StartReplica();
  v1::RecordSubmission visit = Issue("1");
  visit.clear_issue();
  *visit.mutable_visit()->mutable_visited_on() = DateMessage(absl::CivilDay(2024, 3, 1));
  visit.mutable_visit()->add_enterprises()->set_uscc(kGoodCode);
  v1::SubmitRecordsRequest request = Request({visit, Issue("1")});
  request.set_all_or_nothing(true);
  const auto response = replica->Submit(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->results(0).disposition(), v1::RecordResult::DISPOSITION_NOT_ATTEMPTED);
  EXPECT_EQ(response->results(1).disposition(), v1::RecordResult::DISPOSITION_REJECTED);
  EXPECT_EQ(response->results(1).violations(0).reason(), "RECORD_KIND_CHANGED");
  EXPECT_EQ(Count("records"), 0);
}

TEST_F(RecordServiceTest, AThousandRecordsAreTakenAndOneMoreIsNot) {
  const auto replica = StartReplica();
  std::vector<v1::RecordSubmission> records;
  for (int i = 0; i < 1000; ++i) records.push_back(Visit(absl::StrCat(i), 1, {kGoodCode}));
  ASSERT_TRUE(replica->Submit(Request(records)).ok());
  EXPECT_EQ(Count("records"), 1000);
  records.push_back(Visit("1000", 1, {kGoodCode}));
  EXPECT_EQ(rpc::ReasonOf(replica->Submit(Request(records)).status()), "OUT_OF_RANGE");
  EXPECT_EQ(rpc::ReasonOf(replica->Submit(Request({})).status()), "OUT_OF_RANGE");
  EXPECT_EQ(Count("records"), 1000);
}

TEST_F(RecordServiceTest, ValidateOnlyForetellsAndStoresNothing) {
  const auto replica = StartReplica();
  v1::SubmitRecordsRequest request = Request({Issue("1")});
  request.set_validate_only(true);
  const auto response = replica->Submit(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Dispositions(*response), ElementsAre("CREATED"));
  EXPECT_EQ(response->results(0).record_id(), "");
  EXPECT_EQ(Count("records"), 0);
  EXPECT_EQ(Count("idempotency_keys"), 0);
}

TEST_F(RecordServiceTest, KeyOfAnotherKindIsRefused) {
  const auto replica = StartReplica();
  ASSERT_TRUE(replica->Submit(Request({Issue("1")})).ok());
  v1::RecordSubmission visit = Issue("1");
  *visit.mutable_visit()->mutable_visited_on() = DateMessage(absl::CivilDay(2024, 3, 1));
  visit.mutable_visit()->add_enterprises()->set_uscc(kGoodCode);
  const auto response = replica->Submit(Request({visit}));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->results(0).violations(0).reason(), "RECORD_KIND_CHANGED");
}

TEST_F(RecordServiceTest, TwoReplicasThatGetTheSameRecordsAtOnceStoreEachOnce) {
  const auto first = StartReplica();
  const auto second = StartReplica();
  constexpr int kRounds = 40;
  std::vector<v1::SubmitRecordsRequest> requests;
  for (int i = 0; i < kRounds; ++i)
    requests.push_back(Request({Issue(absl::StrCat(i)), Issue("shared", absl::StrCat("第", i, "版"))}));
  const auto send = [&](Replica& replica) {
    for (const auto& request : requests) {
      const auto response = replica.Submit(request);
      EXPECT_TRUE(response.ok()) << response.status();
    }
  };
  std::thread other([&] { send(*second); });
  send(*first);
  other.join();
  EXPECT_EQ(Count("records"), kRounds + 1);
  EXPECT_EQ(Count("idempotency_keys"), kRounds);
  // Every version of the shared record is one event: the first creates it, each later one revises it.
  EXPECT_EQ(Count("record_revisions"), kRounds - 1);
  EXPECT_EQ(Count("feed_events"), 2 * kRounds);
}

TEST_F(RecordServiceTest, PagesHoldEachRecordOnceAndCountsAgree) {
  const auto replica = StartReplica();
  std::vector<v1::RecordSubmission> records;
  for (int i = 0; i < 23; ++i)
    records.push_back(Issue(absl::StrCat(i), "标题", i % 2 == 0 ? "jinshui" : "erqi"));
  ASSERT_TRUE(replica->Submit(Request(records)).ok());
  v1::ListRecordsRequest list;
  list.set_org_unit_id("jinshui");
  list.set_page_size(5);
  list.set_include_total(true);
  std::set<std::string> seen;
  int pages = 0;
  do {
    const auto page = replica->List(list);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->total(), 12);
    for (const auto& record : page->records()) EXPECT_TRUE(seen.insert(record.record_id()).second);
    list.set_page_token(page->next_page_token());
    ++pages;
  } while (!list.page_token().empty());
  EXPECT_EQ(seen.size(), 12u);
  EXPECT_EQ(pages, 3);
}

TEST_F(RecordServiceTest, ListRefusesBadPagesByName) {
  const auto replica = StartReplica();
  ASSERT_TRUE(replica->Submit(Request({Issue("1"), Issue("2")})).ok());
  v1::ListRecordsRequest list;
  list.set_page_size(-1);
  EXPECT_EQ(rpc::ReasonOf(replica->List(list).status()), "PAGE_SIZE_NEGATIVE");
  list.set_page_size(1);
  list.set_page_token(replica->List(list)->next_page_token());
  list.set_category_id("land");
  EXPECT_EQ(rpc::ReasonOf(replica->List(list).status()), "PAGE_TOKEN_INVALID");
}

TEST_F(RecordServiceTest, DamagedTokenIsRefusedByName) {
  const auto replica = StartReplica();
  v1::ListRecordsRequest list;
  list.set_at_least_token("%%%");
  EXPECT_EQ(rpc::ReasonOf(replica->List(list).status()), "TOKEN_INVALID");
}

TEST_F(RecordServiceTest, ListFindsByCategoryKindAndEnterprise) {
  const auto replica = StartReplica();
  v1::RecordSubmission other = Issue("2");
  other.mutable_issue()->set_category_id("tax");
  other.mutable_issue()->mutable_enterprise()->set_uscc("9144030071526726XG");
  ASSERT_TRUE(replica->Submit(Request({Issue("1"), other})).ok());
  v1::ListRecordsRequest list;
  list.set_category_id("tax");
  EXPECT_EQ(replica->List(list)->records_size(), 1);
  list.Clear();
  list.set_enterprise_uscc("9144030071526726xg");
  ASSERT_EQ(replica->List(list)->records_size(), 1);
  EXPECT_EQ(replica->List(list)->records(0).submission().key().external_id(), "2");
  list.Clear();
  list.set_kind(v1::RECORD_KIND_VISIT);
  EXPECT_EQ(replica->List(list)->records_size(), 0);
}

TEST_F(RecordServiceTest, CorrectedVisitIsFoundFromTheEnterprisesThatItNamesNowAndFromNoOthers) {
  const auto replica = StartReplica();
  const auto visit = [](int day, std::vector<std::string> usccs, const std::string& notes) {
    v1::RecordSubmission record = Issue("v");
    *record.mutable_visit()->mutable_visited_on() = DateMessage(absl::CivilDay(2024, 3, day));
    for (const std::string& uscc : usccs) record.mutable_visit()->add_enterprises()->set_uscc(uscc);
    record.mutable_visit()->set_notes(notes);
    return record;
  };
  ASSERT_TRUE(replica->Submit(Request({visit(1, {kGoodCode, "9144030071526726XG"}, "")})).ok());
  EXPECT_EQ(Count("record_enterprises"), 2);
  EXPECT_EQ(Count("visited_enterprises"), 2);
  // Twice in one batch, and then only other words.
  ASSERT_TRUE(
      replica->Submit(Request({visit(2, {kGoodCode, "9144030071526726XG"}, ""), visit(3, {kGoodCode}, "")}))
          .ok());
  EXPECT_EQ(Count("record_enterprises WHERE on_date = '2024-03-03' AND kind = 1"), 1);
  EXPECT_EQ(Count("record_enterprises"), 1);
  EXPECT_EQ(Count("visited_enterprises WHERE on_date = '2024-03-03'"), 1);
  EXPECT_EQ(Count("visited_enterprises"), 1);
  ASSERT_TRUE(replica->Submit(Request({visit(3, {kGoodCode}, "改了备注")})).ok());
  EXPECT_EQ(Count("record_enterprises"), 1);
  EXPECT_EQ(Count("visited_enterprises"), 1);
}

TEST_F(RecordServiceTest, EveryResultLinesUpWithItsRowByTheCallersKeyAndNoneIsStored) {
  const auto replica = StartReplica();
  v1::RecordSubmission good = Issue("1");
  good.set_row_key("Sheet1!A17");
  v1::RecordSubmission bad = Issue("2");
  bad.set_row_key("Sheet1!A18");
  bad.mutable_issue()->set_category_id("sea");
  const v1::SubmitRecordsRequest request = Request({good, bad, Issue("3")});
  for (int i = 0; i < 2; ++i) {  // the second time it is the first answer
    const auto response = replica->Submit(request);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->results(0).row_key(), "Sheet1!A17");
    EXPECT_EQ(response->results(1).row_key(), "Sheet1!A18");
    EXPECT_EQ(response->results(2).row_key(), "");
  }
  for (const char* where :
       {"records WHERE LOCATE('Sheet1', body) > 0", "feed_events WHERE LOCATE('Sheet1', payload) > 0",
        "idempotency_keys WHERE LOCATE('Sheet1', response) > 0"}) {
    EXPECT_EQ(Count(where), 0) << where;
  }
  // Another name for the row is no other content.
  good.set_row_key("Sheet2!B1");
  EXPECT_THAT(Dispositions(*replica->Submit(Request({good}))), ElementsAre("UNCHANGED"));
  v1::SubmitRecordsRequest preview = Request({bad});
  preview.set_validate_only(true);
  EXPECT_EQ(replica->Submit(preview)->results(0).row_key(), "Sheet1!A18");
}

// Sends an import's chunks and collects what is acknowledged.
class ImportClient {
 public:
  ImportClient(Replica& replica, const std::string& import_id)
      : stream_(replica.stub().ImportRecords(&context_)) {
    v1::ImportRecordsRequest open;
    open.mutable_open()->set_import_id(import_id);
    stream_->Write(open);
    v1::ImportRecordsResponse answer;
    if (!stream_->Read(&answer)) return;
    next_chunk = answer.opened().next_chunk();
    token = answer.opened().consistency_token();
  }
  void Send(int64_t number, const std::vector<v1::RecordSubmission>& records) {
    v1::ImportRecordsRequest request;
    request.mutable_chunk()->set_number(number);
    for (const auto& record : records) *request.mutable_chunk()->add_records() = record;
    stream_->Write(request);
  }
  std::optional<v1::ImportAcknowledgement> Read() {
    v1::ImportRecordsResponse answer;
    if (!stream_->Read(&answer)) return std::nullopt;
    return answer.acknowledgement();
  }
  absl::Status Finish() {
    stream_->WritesDone();
    return rpc::FromGrpcStatus(stream_->Finish());
  }

  int64_t next_chunk = -1;
  std::string token;

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::ImportRecordsRequest, v1::ImportRecordsResponse>> stream_;
};

TEST_F(RecordServiceTest, ImportAcknowledgesInOrderAndResumesWhereItWasCut) {
  const auto replica = StartReplica();
  const std::string import_id = Uuid::NewV7(absl::Now()).ToString();
  {
    ImportClient import(*replica, import_id);
    EXPECT_EQ(import.next_chunk, 0);
    EXPECT_EQ(import.token, "");
    // More than are read ahead, before any acknowledgement is read.
    for (int i = 0; i < 20; ++i) import.Send(i, {Issue(absl::StrCat(2 * i)), Issue(absl::StrCat(2 * i + 1))});
    for (int i = 0; i < 20; ++i) {
      const auto acknowledged = import.Read();
      ASSERT_TRUE(acknowledged.has_value());
      EXPECT_EQ(acknowledged->chunk(), i);
      EXPECT_EQ(acknowledged->created(), 2);
    }
    EXPECT_EQ(import.Finish(), absl::OkStatus());
  }
  ImportClient resumed(*replica, import_id);
  EXPECT_EQ(resumed.next_chunk, 20);
  // Whoever lost the acknowledgements reads what they stood for all the same.
  const auto covered = feed::ParseToken(resumed.token);
  ASSERT_TRUE(covered.ok()) << covered.status();
  int64_t events = 0;
  for (const auto& position : covered->positions()) events += position.sequence();
  EXPECT_EQ(events, 40);
  // A chunk that was on disk already is answered as it was the first time.
  resumed.Send(19, {Issue("38"), Issue("39")});
  EXPECT_EQ(resumed.Read()->created(), 2);
  EXPECT_EQ(resumed.Finish(), absl::OkStatus());
  EXPECT_EQ(Count("records"), 40);
}

TEST_F(RecordServiceTest, ImportRowErrorsAreMatchedToTheirRows) {
  const auto replica = StartReplica();
  ImportClient import(*replica, Uuid::NewV7(absl::Now()).ToString());
  v1::RecordSubmission bad = Issue("2");
  bad.mutable_issue()->set_category_id("sea");
  import.Send(0, {Issue("1"), bad});
  const auto acknowledged = import.Read();
  ASSERT_TRUE(acknowledged.has_value());
  EXPECT_EQ(acknowledged->rejected(), 1);
  ASSERT_EQ(acknowledged->notable_results_size(), 1);
  EXPECT_EQ(acknowledged->notable_results(0).index(), 1);
  EXPECT_EQ(import.Finish(), absl::OkStatus());
}

TEST_F(RecordServiceTest, ImportChunkHasAThousandRecordsAndNotOneMore) {
  const auto replica = StartReplica();
  ImportClient import(*replica, Uuid::NewV7(absl::Now()).ToString());
  std::vector<v1::RecordSubmission> records;
  for (int i = 0; i < 1000; ++i) records.push_back(Visit(absl::StrCat(i), 1, {kGoodCode}));
  import.Send(0, records);
  EXPECT_EQ(import.Read()->created(), 1000);
  records.push_back(Visit("1000", 1, {kGoodCode}));
  import.Send(1, records);
  EXPECT_FALSE(import.Read().has_value());
  EXPECT_EQ(rpc::ReasonOf(import.Finish()), "OUT_OF_RANGE");
  EXPECT_EQ(Count("records"), 1000);
}

TEST_F(RecordServiceTest, ImportChunkSentAgainWithOtherRecordsEndsTheStream) {
  const auto replica = StartReplica();
  ImportClient import(*replica, Uuid::NewV7(absl::Now()).ToString());
  import.Send(0, {Issue("1")});
  import.Send(0, {Issue("2")});
  EXPECT_TRUE(import.Read().has_value());
  EXPECT_FALSE(import.Read().has_value());
  const absl::Status status = import.Finish();
  EXPECT_EQ(rpc::ReasonOf(status), "REQUEST_ID_REUSED") << status;
  EXPECT_EQ(Count("records"), 1);
}

TEST_F(RecordServiceTest, ImportChunkWhoseFirstAnswerWasForgottenIsTakenAgain) {
  const auto replica = StartReplica();
  const std::string import_id = Uuid::NewV7(absl::Now()).ToString();
  {
    ImportClient import(*replica, import_id);
    import.Send(0, {Issue("1")});
    EXPECT_EQ(import.Read()->created(), 1);
    EXPECT_EQ(import.Finish(), absl::OkStatus());
  }
  Execute("DELETE FROM idempotency_keys");
  ImportClient again(*replica, import_id);
  again.Send(0, {Issue("1")});
  const auto acknowledged = again.Read();
  ASSERT_TRUE(acknowledged.has_value());
  EXPECT_EQ(acknowledged->unchanged(), 1);
  EXPECT_EQ(again.Finish(), absl::OkStatus());
  EXPECT_EQ(Count("records"), 1);
}

TEST_F(RecordServiceTest, ImportChunkIsNotWrittenBeforeTheOneBeforeIt) {
  const auto replica = StartReplica();
  ImportClient import(*replica, Uuid::NewV7(absl::Now()).ToString());
  import.Send(0, {Issue("1")});
  import.Send(2, {Issue("2")});
  EXPECT_TRUE(import.Read().has_value());
  EXPECT_FALSE(import.Read().has_value());
  const absl::Status status = import.Finish();
  EXPECT_EQ(rpc::ReasonOf(status), "IMPORT_CHUNK_MISSING") << status;
  EXPECT_EQ(Count("records"), 1);
}

TEST_F(RecordServiceTest, SecondOpenEndsAnImportAfterWhatWasSentBeforeIt) {
  const auto replica = StartReplica();
  grpc::ClientContext context;
  const auto stream = replica->stub().ImportRecords(&context);
  v1::ImportRecordsRequest open;
  open.mutable_open()->set_import_id(Uuid::NewV7(absl::Now()).ToString());
  v1::ImportRecordsRequest chunk;
  *chunk.mutable_chunk()->add_records() = Issue("1");
  v1::ImportRecordsResponse answer;
  stream->Write(open);
  ASSERT_TRUE(stream->Read(&answer));
  stream->Write(chunk);
  stream->Write(open);
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_EQ(answer.acknowledgement().created(), 1);
  EXPECT_FALSE(stream->Read(&answer));
  EXPECT_EQ(rpc::ReasonOf(rpc::FromGrpcStatus(stream->Finish())), "IMPORT_OUT_OF_ORDER");
  EXPECT_EQ(Count("records"), 1);
}

TEST_F(RecordServiceTest, ImportThatOpensWithAChunkIsRefused) {
  const auto replica = StartReplica();
  grpc::ClientContext context;
  const auto stream = replica->stub().ImportRecords(&context);
  v1::ImportRecordsRequest request;
  request.mutable_chunk()->set_number(0);
  stream->Write(request);
  v1::ImportRecordsResponse answer;
  EXPECT_FALSE(stream->Read(&answer));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(RecordServiceTest, ImportThatIsCancelledKeepsWhatWasAcknowledgedAndGoesOn) {
  const auto replica = StartReplica();
  const std::string import_id = Uuid::NewV7(absl::Now()).ToString();
  v1::ImportRecordsRequest open;
  open.mutable_open()->set_import_id(import_id);
  v1::ImportRecordsRequest chunk;
  *chunk.mutable_chunk()->add_records() = Issue("1");
  v1::ImportRecordsResponse answer;
  {
    grpc::ClientContext context;
    const auto stream = replica->stub().ImportRecords(&context);
    ASSERT_TRUE(stream->Write(open) && stream->Read(&answer) && stream->Write(chunk) &&
                stream->Read(&answer));
    EXPECT_EQ(answer.acknowledgement().created(), 1);
    context.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  grpc::ClientContext context;
  const auto stream = replica->stub().ImportRecords(&context);
  ASSERT_TRUE(stream->Write(open) && stream->Read(&answer));
  EXPECT_EQ(answer.opened().next_chunk(), 1);
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace zhuqi::intake
