// Records that are withdrawn, and come back.
#include <algorithm>
#include <functional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "services/intake/records/test_lifecycle.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RecordWithdrawalTest : public RecordLifecycleTest {};

TEST_F(RecordWithdrawalTest, WithdrawnRecordIsKeptWithTheReasonAndCountedOut) {
  const auto replica = StartReplica();
  const std::string id = Send(*replica, Visit("v", 1, {kGoodCode, kOtherCode}));
  Send(*replica, Visit("w", 2, {kGoodCode}));
  const auto answer = replica->Call(&Stub::WithdrawRecord, Withdrawal(id));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->record().state(), v1::RECORD_STATE_WITHDRAWN);
  EXPECT_EQ(answer->record().withdrawal_reason(), "重复登记");
  EXPECT_EQ(answer->record().revision(), 2);
  EXPECT_EQ(answer->record().etag(), "r2");
  EXPECT_NE(answer->consistency_token(), "");
  EXPECT_EQ(Get(*replica, id, false)->record().state(), v1::RECORD_STATE_WITHDRAWN);
  // Enterprises are found by what counts alone.
  EXPECT_EQ(Count("record_enterprises"), 1);
  EXPECT_EQ(Count("visited_enterprises"), 1);
  EXPECT_THAT(Find(*replica, [](auto&) {}), ElementsAre("w"));
  EXPECT_THAT(Find(*replica, [](auto& r) { r.set_with_withdrawn(true); }), ElementsAre("w", "v"));
  EXPECT_THAT(Find(*replica, [](auto& r) { r.set_state(v1::RECORD_STATE_WITHDRAWN); }), ElementsAre("v"));
  EXPECT_THAT(Find(*replica, [](auto& r) { r.set_state(v1::RECORD_STATE_ACTIVE); }), ElementsAre("w"));
  const auto of_enterprise = [](auto& r) { r.set_enterprise_uscc(kGoodCode); };
  EXPECT_THAT(Find(*replica, of_enterprise), ElementsAre("w"));
  EXPECT_THAT(Find(*replica,
                   [&](auto& r) {
                     of_enterprise(r);
                     r.set_with_withdrawn(true);
                   }),
              ElementsAre("w", "v"));
  EXPECT_THAT(Find(*replica,
                   [&](auto& r) {
                     r.set_enterprise_uscc(kOtherCode);
                     r.set_state(v1::RECORD_STATE_WITHDRAWN);
                   }),
              ElementsAre("v"));
  const std::vector<feed::v1::Event> events = Events();
  const auto withdrawn = std::find_if(events.begin(), events.end(),
                                      [](const auto& event) { return event.record().after().withdrawn(); });
  ASSERT_NE(withdrawn, events.end());
  EXPECT_FALSE(withdrawn->record().before().withdrawn());
  EXPECT_EQ(withdrawn->record().before().revision(), 1);
  EXPECT_EQ(withdrawn->record().after().revision(), 2);
}

TEST_F(RecordWithdrawalTest, SendingItsKeyAgainBringsItBackAsANewRevision) {
  const auto replica = StartReplica();
  const std::string id = Send(*replica, Visit("v", 1, {kGoodCode}));
  ASSERT_TRUE(replica->Call(&Stub::WithdrawRecord, Withdrawal(id)).ok());
  EXPECT_EQ(Disposition(*replica, Visit("v", 1, {kGoodCode})), "UPDATED");
  EXPECT_EQ(Disposition(*replica, Visit("v", 1, {kGoodCode})), "UNCHANGED");
  const auto record = Get(*replica, id, false)->record();
  EXPECT_EQ(record.state(), v1::RECORD_STATE_ACTIVE);
  EXPECT_EQ(record.withdrawal_reason(), "");
  EXPECT_EQ(record.revision(), 3);
  EXPECT_EQ(Count("record_enterprises"), 1);
  EXPECT_EQ(Count("visited_enterprises"), 1);
  EXPECT_EQ(Count("withdrawn_records"), 0);
  const auto revisions = Revisions(*replica, id);
  ASSERT_EQ(revisions.revisions_size(), 3);
  EXPECT_EQ(revisions.revisions(1).state(), v1::RECORD_STATE_WITHDRAWN);
  EXPECT_EQ(revisions.revisions(1).withdrawal_reason(), "重复登记");
  EXPECT_THAT(DifferencesOf(revisions.revisions(1)), IsEmpty());
  EXPECT_EQ(revisions.revisions(0).state(), v1::RECORD_STATE_ACTIVE);
  const std::vector<feed::v1::Event> events = Events();
  EXPECT_TRUE(events.back().record().before().withdrawn());
  EXPECT_FALSE(events.back().record().after().withdrawn());
}

TEST_F(RecordWithdrawalTest, WithdrawalIsRefusedByName) {
  const auto replica = StartReplica();
  const std::string id = Send(*replica, Issue("1"));
  const auto reason = [&](const std::function<void(v1::WithdrawRecordRequest&)>& spoil) {
    v1::WithdrawRecordRequest request = Withdrawal(id);
    spoil(request);
    return Reason(replica->Call(&Stub::WithdrawRecord, request).status());
  };
  std::string longest;
  for (int i = 0; i < 500; ++i) longest += "因";
  EXPECT_EQ(reason([](auto& r) { r.clear_request_id(); }), "UUID_INVALID");
  EXPECT_EQ(reason([](auto& r) { r.set_record_id("1"); }), "UUID_INVALID");
  EXPECT_EQ(reason([](auto& r) { r.set_reason("  "); }), "REQUIRED");
  EXPECT_EQ(reason([&](auto& r) { r.set_reason(longest + "因"); }), "TEXT_TOO_LONG");
  EXPECT_EQ(reason([](auto& r) { r.set_record_id(Uuid::NewV7(absl::Now()).ToString()); }), "RECORD_UNKNOWN");
  EXPECT_EQ(reason([](auto& r) { r.set_etag("r7"); }), "ETAG_MISMATCH");
  EXPECT_EQ(Count("record_revisions"), 0);
  EXPECT_EQ(reason([&](auto& r) {
              r.set_reason(longest);
              r.set_etag("r1");
            }),
            "");
  EXPECT_EQ(reason([](auto&) {}), "ALREADY_WITHDRAWN");
}

TEST_F(RecordWithdrawalTest, RepeatedWithdrawalGetsTheFirstAnswerAlsoAfterTheRecordCameBack) {
  const auto replica = StartReplica();
  const std::string id = Send(*replica, Issue("1"));
  v1::WithdrawRecordRequest request = Withdrawal(id);
  const auto first = replica->Call(&Stub::WithdrawRecord, request);
  Send(*replica, Issue("1"));
  const auto again = replica->Call(&Stub::WithdrawRecord, request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(Get(*replica, id, false)->record().state(), v1::RECORD_STATE_ACTIVE);
  request.set_reason("另一个理由");
  EXPECT_EQ(Reason(replica->Call(&Stub::WithdrawRecord, request).status()), "REQUEST_ID_REUSED");
}

TEST_F(RecordWithdrawalTest, WithdrawalsAndRevisionsAtOnceLoseNothing) {
  const auto first = StartReplica();
  const auto second = StartReplica();
  const std::string id = Send(*first, Issue("1"));
  constexpr int kRounds = 30;
  int withdrawn = 0;
  std::thread other([&] {
    for (int i = 0; i < kRounds; ++i) {
      EXPECT_TRUE(second->Submit(Request({Issue("1", absl::StrCat("第", i, "版"))})).ok());
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    const auto answer = first->Call(&Stub::WithdrawRecord, Withdrawal(id));
    if (answer.ok()) ++withdrawn;
    EXPECT_TRUE(answer.ok() || Reason(answer.status()) == "ALREADY_WITHDRAWN") << answer.status();
  }
  other.join();
  // Every revision is one event and has one number.
  EXPECT_EQ(Get(*first, id, false)->record().revision(), 1 + kRounds + withdrawn);
  EXPECT_EQ(Count("record_revisions"), kRounds + withdrawn);
  EXPECT_EQ(Events().size(), static_cast<size_t>(1 + kRounds + withdrawn));
}

}  // namespace
}  // namespace zhuqi::intake
