// What becomes of records after they were sent: contacts, revisions, withdrawals, links, and how all are
// found again.
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <thread>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/base/sha256.h"
#include "gmock/gmock.h"
#include "services/intake/records/contact_rotation.h"
#include "services/intake/records/contact_store.h"
#include "services/intake/records/test_replica.h"
#include "zhuqi/common/v1/personal_data.pb.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;

constexpr char kName[] = "陈联系";
constexpr char kPhone[] = "13800138765";

encryption::KeyRing Ring(const std::vector<std::string>& ids) {
  std::vector<encryption::SecretKey> keys;
  for (const std::string& id : ids) keys.push_back({id, Sha256(id)});
  return *encryption::KeyRing::Create(keys);
}

// True when any field that is marked as personal data is set, at any depth.
bool HoldsPersonalData(const google::protobuf::Message& message) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  reflection.ListFields(message, &fields);
  return std::any_of(fields.begin(), fields.end(), [&](const google::protobuf::FieldDescriptor* field) {
    if (field->options().GetExtension(common::v1::personal_data)) return true;
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) return false;
    if (!field->is_repeated()) return HoldsPersonalData(reflection.GetMessage(message, field));
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      if (HoldsPersonalData(reflection.GetRepeatedMessage(message, field, i))) return true;
    }
    return false;
  });
}

class RecordLifecycleTest : public RecordServiceTest {
 protected:
  using Stub = v1::RecordService::Stub;

  static v1::RecordSubmission WithContact(v1::RecordSubmission record, const std::string& phone = kPhone) {
    record.mutable_issue()->mutable_contact()->set_name(kName);
    record.mutable_issue()->mutable_contact()->set_phone(phone);
    return record;
  }

  std::string Send(Replica& replica, const v1::RecordSubmission& record) {
    const auto response = replica.Submit(Request({record}));
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->results(0).record_id() : "";
  }
  std::string Disposition(Replica& replica, const v1::RecordSubmission& record) {
    const auto response = replica.Submit(Request({record}));
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? Dispositions(*response).front() : "";
  }

  static v1::WithdrawRecordRequest Withdrawal(const std::string& record_id,
                                              const std::string& reason = "重复登记") {
    v1::WithdrawRecordRequest request;
    request.set_request_id(Uuid::NewV7(absl::Now()).ToString());
    request.set_record_id(record_id);
    request.set_reason(reason);
    return request;
  }
  static v1::LinkRecordsRequest LinkOf(const std::string& from, v1::RecordLinkKind kind,
                                       const std::string& to) {
    v1::LinkRecordsRequest request;
    request.set_request_id(Uuid::NewV7(absl::Now()).ToString());
    request.set_from_record_id(from);
    request.set_kind(kind);
    request.set_to_record_id(to);
    return request;
  }

  absl::StatusOr<v1::GetRecordResponse> Get(Replica& replica, const std::string& record_id,
                                            bool with_contact) {
    v1::GetRecordRequest request;
    request.set_record_id(record_id);
    request.set_with_contact(with_contact);
    return replica.Call(&Stub::GetRecord, request);
  }
  v1::ListRecordRevisionsResponse Revisions(Replica& replica, const std::string& record_id) {
    v1::ListRecordRevisionsRequest request;
    request.set_record_id(record_id);
    const auto response = replica.Call(&Stub::ListRecordRevisions, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::ListRecordRevisionsResponse());
  }
  static std::vector<std::string> DifferencesOf(const v1::RecordRevision& revision) {
    std::vector<std::string> texts;
    for (const auto& difference : revision.differences()) {
      texts.push_back(absl::StrCat(difference.field(), ": ", difference.before(), " > ", difference.after()));
    }
    return texts;
  }

  // Contacts that do not open are not expected.
  static RotationObserver Watch(std::function<void(int64_t done)> progress) {
    RotationObserver observer;
    observer.progress = std::move(progress);
    observer.unreadable = [](const Uuid& record_id) { ADD_FAILURE() << record_id.ToString(); };
    return observer;
  }

  // External identifiers of what a list gives, in its order; the total is held against them.
  std::vector<std::string> Find(Replica& replica, const std::function<void(v1::ListRecordsRequest&)>& fill) {
    v1::ListRecordsRequest request;
    fill(request);
    request.set_include_total(true);
    std::vector<std::string> found;
    while (true) {
      const auto page = replica.List(request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return found;
      for (const auto& record : page->records()) found.push_back(record.submission().key().external_id());
      if (page->next_page_token().empty()) {
        EXPECT_EQ(page->total(), static_cast<int64_t>(found.size()));
        return found;
      }
      request.set_page_token(page->next_page_token());
    }
  }

  std::vector<v1::ExportRecordsResponse> Export(Replica& replica, const v1::ExportRecordsRequest& request) {
    grpc::ClientContext context;
    const auto stream = replica.stub().ExportRecords(&context, request);
    std::vector<v1::ExportRecordsResponse> messages;
    for (v1::ExportRecordsResponse message; stream->Read(&message);) messages.push_back(message);
    const grpc::Status status = stream->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return messages;
  }

  std::string Reason(const absl::Status& status) { return rpc::ReasonOf(status); }
};

// ---- Contacts ----

TEST_F(RecordLifecycleTest, ContactIsGivenToWhoAsksForItAndToNobodyElse) {
  const encryption::KeyRing keys = Ring({"k1"});
  const auto replica = StartReplica(&keys);
  const std::string id = Send(*replica, WithContact(Issue("1")));
  const auto asked = Get(*replica, id, true);
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_EQ(asked->record().submission().issue().contact().name(), kName);
  EXPECT_EQ(asked->record().submission().issue().contact().phone(), kPhone);
  const auto plain = Get(*replica, id, false);
  EXPECT_TRUE(plain->record().has_contact());
  EXPECT_FALSE(HoldsPersonalData(*plain));
  // Where there is none, asking gives none.
  const auto without = Get(*replica, Send(*replica, Issue("2")), true);
  EXPECT_FALSE(without->record().has_contact());
  EXPECT_FALSE(HoldsPersonalData(*without));
}

TEST_F(RecordLifecycleTest, ContactIsInNoListNoExportNoRevisionNoAnswerAndNoEvent) {
  const encryption::KeyRing keys = Ring({"k1"});
  const auto replica = StartReplica(&keys);
  const auto submitted = replica->Submit(Request({WithContact(Issue("1"))}));
  EXPECT_FALSE(HoldsPersonalData(*submitted));
  const std::string id = submitted->results(0).record_id();
  Send(*replica, WithContact(Issue("1"), "13900000000"));
  v1::ListRecordsRequest list;
  EXPECT_FALSE(HoldsPersonalData(*replica->List(list)));
  EXPECT_TRUE(replica->List(list)->records(0).has_contact());
  for (const auto& message : Export(*replica, {})) EXPECT_FALSE(HoldsPersonalData(message));
  EXPECT_FALSE(HoldsPersonalData(Revisions(*replica, id)));
  EXPECT_FALSE(HoldsPersonalData(*replica->Call(&Stub::WithdrawRecord, Withdrawal(id))));
  for (const feed::v1::Event& event : Events()) {
    EXPECT_FALSE(absl::StrContains(event.SerializeAsString(), kPhone));
    EXPECT_FALSE(absl::StrContains(event.SerializeAsString(), kName));
  }
}

TEST_F(RecordLifecycleTest, ContactLiesNowhereInClearTextNorAsADigestThatCouldBeTried) {
  const encryption::KeyRing keys = Ring({"k1"});
  const auto replica = StartReplica(&keys);
  const v1::RecordSubmission record = WithContact(Issue("1"));
  const v1::SubmitRecordsRequest request = Request({record});
  ASSERT_TRUE(replica->Submit(request).ok());
  Send(*replica, WithContact(Issue("1"), "13900000000"));
  const std::map<std::string, std::vector<std::string>> columns = {
      {"records", {"body", "digest"}},
      {"record_revisions", {"body"}},
      {"record_contacts", {"sealed"}},
      {"feed_events", {"payload"}},
      {"idempotency_keys", {"response", "body_digest"}}};
  for (const auto& [table, names] : columns) {
    for (const std::string& column : names) {
      for (const std::string& text : {std::string(kPhone), std::string(kName), std::string("13900000000")}) {
        EXPECT_EQ(Count(absl::StrCat(table, " WHERE LOCATE('", text, "', ", column, ") > 0")), 0)
            << table << "." << column;
      }
    }
  }
  // Whoever knows all but the telephone number can not find it by trying.
  db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
  const std::string content = absl::StrCat("00:", record.ByteSizeLong(), ":", record.SerializeAsString());
  int64_t matches = -1;
  ASSERT_TRUE(lease
                  ->Query("SELECT COUNT(*) FROM idempotency_keys WHERE body_digest = ?", {Sha256(content)},
                          [&](db::Row& row) {
                            matches = row.Int64(0);
                            return absl::OkStatus();
                          })
                  .ok());
  EXPECT_EQ(matches, 0);
}

TEST_F(RecordLifecycleTest, WithoutAKeyAContactIsRefusedAndTheOtherRecordsAreTaken) {
  const auto replica = StartReplica();
  const auto response = replica->Submit(Request({WithContact(Issue("1")), Issue("2")}));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Dispositions(*response), ElementsAre("REJECTED", "CREATED"));
  EXPECT_EQ(response->results(0).violations(0).field(), "records[0].issue.contact");
  EXPECT_EQ(response->results(0).violations(0).reason(), "CONTACT_KEY_MISSING");
  EXPECT_EQ(Count("record_contacts"), 0);
}

TEST_F(RecordLifecycleTest, KeyThatIsGoneIsSaidAndEverythingElseIsServed) {
  const encryption::KeyRing keys = Ring({"k1"});
  const std::string id = Send(*StartReplica(&keys), WithContact(Issue("1")));
  const encryption::KeyRing others = Ring({"k2"});
  for (const encryption::KeyRing* ring : {static_cast<const encryption::KeyRing*>(nullptr), &others}) {
    const auto replica = StartReplica(ring);
    EXPECT_EQ(Reason(Get(*replica, id, true).status()), "CONTACT_KEY_MISSING");
    EXPECT_TRUE(Get(*replica, id, false).ok());
  }
}

// Everybody may call, and nobody is a developer.
class ClerkAuthenticator final : public identity::Authenticator {
 public:
  absl::StatusOr<identity::Principal> Authenticate(const identity::CallerCredentials&) override {
    return identity::Principal{"clerk", "clerk", {"clerk"}};
  }
  bool OnlyOnLoopback() const override { return true; }
};
class PermissiveAuthorizer final : public identity::Authorizer {
 public:
  absl::Status Authorize(const identity::Principal&, absl::string_view,
                         const google::protobuf::Message*) override {
    return absl::OkStatus();
  }
};

TEST_F(RecordLifecycleTest, ContactIsDeniedToCallersWithoutTheRole) {
  const encryption::KeyRing keys = Ring({"k1"});
  ClerkAuthenticator authenticator;
  PermissiveAuthorizer authorizer;
  rpc::CallAdaptorOptions calls;
  calls.authenticator = &authenticator;
  calls.authorizer = &authorizer;
  Replica replica(database_.options(4), directory_, clock_, &keys, calls);
  const std::string id = Send(replica, WithContact(Issue("1")));
  const auto denied = Get(replica, id, true);
  EXPECT_TRUE(absl::IsPermissionDenied(denied.status())) << denied.status();
  EXPECT_EQ(Reason(denied.status()), "PERSONAL_DATA_DENIED");
  // Before existence: nobody learns by it what there is.
  EXPECT_TRUE(absl::IsPermissionDenied(Get(replica, Uuid::NewV7(absl::Now()).ToString(), true).status()));
  EXPECT_TRUE(Get(replica, id, false).ok());
}

TEST_F(RecordLifecycleTest, ChangedContactIsANewRevisionNamedWithoutItsWords) {
  const encryption::KeyRing keys = Ring({"k1"});
  const auto replica = StartReplica(&keys);
  const std::string id = Send(*replica, WithContact(Issue("1")));
  EXPECT_EQ(Disposition(*replica, WithContact(Issue("1"))), "UNCHANGED");
  EXPECT_EQ(Disposition(*replica, WithContact(Issue("1"), "13900000000")), "UPDATED");
  EXPECT_EQ(Disposition(*replica, WithContact(Issue("1", "另一标题"), "13900000000")), "UPDATED");
  EXPECT_EQ(Disposition(*replica, Issue("1", "另一标题")), "UPDATED");
  EXPECT_EQ(Disposition(*replica, Issue("1", "另一标题")), "UNCHANGED");
  EXPECT_EQ(Disposition(*replica, WithContact(Issue("1", "另一标题"))), "UPDATED");
  const auto revisions = Revisions(*replica, id);
  ASSERT_EQ(revisions.revisions_size(), 5);
  EXPECT_THAT(DifferencesOf(revisions.revisions(0)), ElementsAre("issue.contact:  > "));  // given
  EXPECT_THAT(DifferencesOf(revisions.revisions(1)), ElementsAre("issue.contact:  > "));  // taken away
  EXPECT_THAT(DifferencesOf(revisions.revisions(2)), ElementsAre("issue.title: 地下空间改变用途 > 另一标题"));
  EXPECT_THAT(DifferencesOf(revisions.revisions(3)), ElementsAre("issue.contact:  > "));  // another one
  EXPECT_THAT(DifferencesOf(revisions.revisions(4)), IsEmpty());
  EXPECT_EQ(Get(*replica, id, true)->record().submission().issue().contact().phone(), kPhone);
  EXPECT_EQ(Count("record_contacts"), 1);
}

TEST_F(RecordLifecycleTest, ContactsOfOneBatchEndAsItsLastRecordsSay) {
  const encryption::KeyRing keys = Ring({"k1"});
  const auto replica = StartReplica(&keys);
  const auto response =
      replica->Submit(Request({WithContact(Issue("1")), Issue("1"), WithContact(Issue("1"), "12345"),
                               WithContact(Issue("2")), Issue("2")}));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Dispositions(*response), ElementsAre("CREATED", "UPDATED", "UPDATED", "CREATED", "UPDATED"));
  EXPECT_EQ(
      Get(*replica, response->results(0).record_id(), true)->record().submission().issue().contact().phone(),
      "12345");
  EXPECT_FALSE(Get(*replica, response->results(3).record_id(), true)->record().has_contact());
  EXPECT_EQ(Count("record_contacts"), 1);
}

TEST_F(RecordLifecycleTest, ContactCopiedToAnotherRecordDoesNotOpen) {
  const encryption::KeyRing keys = Ring({"k1"});
  const auto replica = StartReplica(&keys);
  const std::string first = Send(*replica, WithContact(Issue("1")));
  const std::string second = Send(*replica, WithContact(Issue("2"), "13900000000"));
  Execute(
      "UPDATE record_contacts a, (SELECT sealed FROM record_contacts ORDER BY record_id LIMIT 1) b SET "
      "a.sealed = "
      "b.sealed");
  EXPECT_TRUE(Get(*replica, first, true).ok());
  const auto moved = Get(*replica, second, true);
  EXPECT_FALSE(moved.ok());
  EXPECT_FALSE(absl::StrContains(moved.status().message(), kPhone));
}

TEST_F(RecordLifecycleTest, KeysAreExchangedWhileRecordsAreSentAndRequestsRepeated) {
  const encryption::KeyRing before = Ring({"k1"});
  const encryption::KeyRing during = Ring({"k2", "k1"});
  const encryption::KeyRing after = Ring({"k2"});
  std::vector<v1::RecordSubmission> records;
  for (int i = 0; i < 450; ++i) records.push_back(WithContact(Issue(absl::StrCat(i))));
  const v1::SubmitRecordsRequest request = Request(records);
  const auto first = StartReplica(&before)->Submit(request);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto replica = StartReplica(&during);
  // The request that was answered under the old key is known again, and so are the records.
  EXPECT_EQ(replica->Submit(request)->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(Disposition(*replica, records[0]), "UNCHANGED");
  EXPECT_EQ(Disposition(*replica, WithContact(Issue("1"), "13900000000")), "UPDATED");
  // Stopped after its first transaction, it goes on where it was.
  std::vector<int64_t> steps;
  const RotationObserver note = Watch([&steps](int64_t done) { steps.push_back(done); });
  EXPECT_EQ(RotateContacts(*pool_, during, note)->rotated, 449);
  EXPECT_THAT(steps, ElementsAre(200, 400, 449));
  EXPECT_EQ(RotateContacts(*pool_, during, note)->rotated, 0);
  EXPECT_EQ(Count("record_contacts WHERE key_id = 'k2'"), 450);
  const auto last = StartReplica(&after);
  EXPECT_EQ(Get(*last, first->results(0).record_id(), true)->record().submission().issue().contact().phone(),
            kPhone);
  EXPECT_EQ(Disposition(*last, records[2]), "UNCHANGED");
  EXPECT_EQ(Disposition(*last, WithContact(Issue("2"), "13900000000")), "UPDATED");
}

TEST_F(RecordLifecycleTest, RotationNamesKeysThatItDoesNotHave) {
  const encryption::KeyRing old = Ring({"k1"});
  Send(*StartReplica(&old), WithContact(Issue("1")));
  const encryption::KeyRing others = Ring({"k2"});
  const auto result = RotateContacts(*pool_, others, Watch([](int64_t) {}));
  EXPECT_TRUE(absl::IsFailedPrecondition(result.status()));
  EXPECT_TRUE(absl::StrContains(result.status().message(), "k1"));
}

// Trap: a record that is revised behind the pass, by a service that still seals by the old key.
TEST_F(RecordLifecycleTest, RotationLooksAgainForWhatWasSealedBehindIt) {
  const encryption::KeyRing before = Ring({"k1", "k2"});
  const encryption::KeyRing after = Ring({"k2", "k1"});
  const auto late = StartReplica(&before);
  Send(*late, WithContact(Issue("1")));
  int revisions = 0;
  const RotationObserver once = Watch([&](int64_t) {
    if (++revisions == 1) Disposition(*late, WithContact(Issue("1"), "13900000000"));
  });
  const auto result = RotateContacts(*pool_, after, once);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->rotated, 2);
  EXPECT_EQ(Count("record_contacts WHERE key_id = 'k1'"), 0);
  // One that never ceases is named, and does not keep the command going for ever.
  Send(*late, WithContact(Issue("2")));
  const RotationObserver always = Watch([&](int64_t) {
    Disposition(*late, WithContact(Issue("1"), absl::StrCat("1390000", 1000 + ++revisions)));
  });
  const absl::Status endless = RotateContacts(*pool_, after, always).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(endless)) << endless;
  EXPECT_TRUE(absl::StrContains(endless.message(), "k1"));
}

TEST_F(RecordLifecycleTest, RotationPassesOverWhatDoesNotOpenAndFailsInTheEnd) {
  const encryption::KeyRing before = Ring({"k1"});
  const encryption::KeyRing after = Ring({"k2", "k1"});
  std::vector<v1::RecordSubmission> records;
  for (int i = 0; i < 250; ++i) records.push_back(WithContact(Issue(absl::StrCat(i))));
  const auto sent = StartReplica(&before)->Submit(Request(records));
  ASSERT_TRUE(sent.ok()) << sent.status();
  std::vector<std::string> damaged = {sent->results(3).record_id(), sent->results(240).record_id()};
  for (const std::string& id : damaged) {
    Execute(absl::StrCat("UPDATE record_contacts SET sealed = REVERSE(sealed) WHERE record_id = UNHEX('",
                         absl::StrReplaceAll(id, {{"-", ""}}), "')"));
  }
  std::vector<std::string> unreadable;
  RotationObserver observer = Watch([](int64_t) {});
  observer.unreadable = [&](const Uuid& id) { unreadable.push_back(id.ToString()); };
  const absl::Status status = RotateContacts(*pool_, after, observer).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "2 contacts"));
  EXPECT_THAT(unreadable, UnorderedElementsAreArray(damaged));
  EXPECT_EQ(Count("record_contacts WHERE key_id = 'k1'"), 2);
  EXPECT_EQ(Count("record_contacts WHERE key_id = 'k2'"), 248);
  // Sent without a contact, and then with it, they are mended, and nothing is left to do.
  const auto replica = StartReplica(&after);
  for (const char* key : {"3", "240"}) {
    EXPECT_EQ(Disposition(*replica, Issue(key)), "UPDATED");
    EXPECT_EQ(Disposition(*replica, WithContact(Issue(key))), "UPDATED");
  }
  EXPECT_TRUE(RotateContacts(*pool_, after, observer).ok());
}

// ---- Row keys ----

TEST_F(RecordLifecycleTest, EveryResultLinesUpWithItsRowByTheCallersKeyAndNoneIsStored) {
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
  EXPECT_EQ(Disposition(*replica, good), "UNCHANGED");
  v1::SubmitRecordsRequest preview = Request({bad});
  preview.set_validate_only(true);
  EXPECT_EQ(replica->Submit(preview)->results(0).row_key(), "Sheet1!A18");
}

// ---- Withdrawals ----

TEST_F(RecordLifecycleTest, WithdrawnRecordIsKeptWithTheReasonAndCountedOut) {
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

TEST_F(RecordLifecycleTest, SendingItsKeyAgainBringsItBackAsANewRevision) {
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

TEST_F(RecordLifecycleTest, WithdrawalIsRefusedByName) {
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

TEST_F(RecordLifecycleTest, RepeatedWithdrawalGetsTheFirstAnswerAlsoAfterTheRecordCameBack) {
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

TEST_F(RecordLifecycleTest, WithdrawalsAndRevisionsAtOnceLoseNothing) {
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

// ---- Revisions ----

TEST_F(RecordLifecycleTest, RevisionsSayWhoWhenAndFieldByFieldWhat) {
  const auto replica = StartReplica();
  v1::RecordSubmission issue = Issue("1");
  const std::string id = Send(*replica, issue);
  clock_.Advance(absl::Hours(1));
  issue.mutable_issue()->set_category_id("tax");
  issue.mutable_issue()->set_legacy(true);
  issue.mutable_issue()->mutable_amount()->set_fen(120000);
  *issue.mutable_issue()->mutable_wished_by() = DateMessage(absl::CivilDay(2024, 5, 9));
  *issue.mutable_issue()->mutable_raised_at() =
      TimestampMessage(CityTime(absl::CivilDay(2024, 3, 18), 9, 30));
  auto* attachment = issue.mutable_issue()->add_attachments();
  attachment->set_uri("https://files.example/1.jpg");
  attachment->set_sha256(std::string(64, 'a'));
  issue.set_org_unit_id("erqi");
  Send(*replica, issue);
  const auto revisions = Revisions(*replica, id);
  ASSERT_EQ(revisions.revisions_size(), 2);
  EXPECT_EQ(revisions.revisions(0).revision(), 2);
  EXPECT_EQ(revisions.revisions(0).actor(), "tester");
  EXPECT_EQ(TimeFrom(revisions.revisions(0).recorded_at()) - TimeFrom(revisions.revisions(1).recorded_at()),
            absl::Hours(1));
  EXPECT_EQ(revisions.revisions(1).submission().issue().category_id(), "land");
  EXPECT_THAT(DifferencesOf(revisions.revisions(0)),
              UnorderedElementsAre("org_unit_id: jinshui > erqi", "issue.category_id: land > tax",
                                   "issue.raised_at: 2024-03-19T09:00:00+08:00 > 2024-03-18T09:30:00+08:00",
                                   "issue.legacy:  > true", "issue.amount.fen:  > 120000",
                                   "issue.wished_by:  > 2024-05-09",
                                   "issue.attachments[0].uri:  > https://files.example/1.jpg",
                                   absl::StrCat("issue.attachments[0].sha256:  > ", std::string(64, 'a'))));
}

TEST_F(RecordLifecycleTest, RevisionsComePageByPageAndEachKnowsTheOneBefore) {
  const auto replica = StartReplica();
  const std::string id = Send(*replica, Issue("1", "第0版"));
  for (int i = 1; i < 7; ++i) Send(*replica, Issue("1", absl::StrCat("第", i, "版")));
  v1::ListRecordRevisionsRequest request;
  request.set_record_id(id);
  request.set_page_size(3);
  std::vector<std::string> seen;
  do {
    const auto page = replica->Call(&Stub::ListRecordRevisions, request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& revision : page->revisions()) {
      seen.push_back(absl::StrCat(revision.revision(), " ", absl::StrJoin(DifferencesOf(revision), ";")));
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(seen, ElementsAre("7 issue.title: 第5版 > 第6版", "6 issue.title: 第4版 > 第5版",
                                "5 issue.title: 第3版 > 第4版", "4 issue.title: 第2版 > 第3版",
                                "3 issue.title: 第1版 > 第2版", "2 issue.title: 第0版 > 第1版", "1 "));
  request.set_record_id(Uuid::NewV7(absl::Now()).ToString());
  EXPECT_EQ(Reason(replica->Call(&Stub::ListRecordRevisions, request).status()), "RECORD_UNKNOWN");
  request.set_page_size(-1);
  EXPECT_EQ(Reason(replica->Call(&Stub::ListRecordRevisions, request).status()), "PAGE_SIZE_NEGATIVE");
}

// ---- Links ----

class RecordLinkTest : public RecordLifecycleTest {
 protected:
  void SetUp() override {
    replica_ = StartReplica();
    for (int i = 0; i < 5; ++i) ids_.push_back(Send(*replica_, Issue(absl::StrCat(i))));
  }
  std::string Link(int from, v1::RecordLinkKind kind, int to) {
    return Reason(replica_->Call(&Stub::LinkRecords, LinkOf(ids_[from], kind, ids_[to])).status());
  }
  std::vector<std::string> Links(int of) {
    v1::ListRecordLinksRequest request;
    request.set_record_id(ids_[of]);
    const auto response = replica_->Call(&Stub::ListRecordLinks, request);
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> links;
    const auto place = [&](const std::string& id) {
      return std::find(ids_.begin(), ids_.end(), id) - ids_.begin();
    };
    for (const v1::RecordLink& link : response->links()) {
      links.push_back(absl::StrCat(place(link.from_record_id()), " ",
                                   v1::RecordLinkKind_Name(link.kind()).substr(17), " ",
                                   place(link.to_record_id())));
    }
    return links;
  }

  static constexpr v1::RecordLinkKind kDuplicate = v1::RECORD_LINK_KIND_DUPLICATE_OF;
  static constexpr v1::RecordLinkKind kFollowUp = v1::RECORD_LINK_KIND_FOLLOW_UP_OF;
  static constexpr v1::RecordLinkKind kSameCause = v1::RECORD_LINK_KIND_SAME_CAUSE_AS;
  std::unique_ptr<Replica> replica_;
  std::vector<std::string> ids_;
};

TEST_F(RecordLinkTest, DuplicatesAreLinkedAndBothStay) {
  v1::LinkRecordsRequest request = LinkOf(ids_[1], kDuplicate, ids_[0]);
  request.set_reason("同一事项");
  const auto answer = replica_->Call(&Stub::LinkRecords, request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->link().actor(), "tester");
  EXPECT_EQ(answer->link().reason(), "同一事项");
  EXPECT_NE(answer->consistency_token(), "");
  EXPECT_THAT(Links(0), ElementsAre("1 DUPLICATE_OF 0"));
  EXPECT_THAT(Links(1), ElementsAre("1 DUPLICATE_OF 0"));
  EXPECT_EQ(Count("records"), 5);
  // Made again it is the same one, and the feed hears of it once, without the words.
  EXPECT_EQ(Link(1, kDuplicate, 0), "");
  EXPECT_EQ(Count("record_links"), 1);
  int told = 0;
  for (const auto& event : Events()) {
    if (!event.has_record_link()) continue;
    ++told;
    EXPECT_EQ(event.record_link().link().from_record_id(), ids_[1]);
    EXPECT_EQ(event.record_link().link().reason(), "");
  }
  EXPECT_EQ(told, 1);
  EXPECT_EQ(replica_->Call(&Stub::LinkRecords, request)->SerializeAsString(), answer->SerializeAsString());
}

TEST_F(RecordLinkTest, ARecordRepeatsOneOtherAndNoneInACircle) {
  EXPECT_EQ(Link(0, kDuplicate, 1), "");
  EXPECT_EQ(Link(0, kDuplicate, 2), "DUPLICATE_ALREADY_LINKED");
  EXPECT_EQ(Link(1, kDuplicate, 0), "LINK_CIRCLE");
  EXPECT_EQ(Link(1, kDuplicate, 2), "");
  EXPECT_EQ(Link(2, kDuplicate, 0), "LINK_CIRCLE");
  EXPECT_EQ(Link(3, kDuplicate, 2), "");  // several may repeat one
  EXPECT_EQ(Link(0, kFollowUp, 1), "");
  EXPECT_EQ(Link(0, kFollowUp, 2), "");
  EXPECT_EQ(Link(2, kFollowUp, 3), "");
  EXPECT_EQ(Link(3, kFollowUp, 0), "LINK_CIRCLE");
  EXPECT_EQ(Link(4, kDuplicate, 4), "LINK_TO_ITSELF");
}

TEST_F(RecordLinkTest, OneCauseIsTheSameFromEitherSide) {
  EXPECT_EQ(Link(0, kSameCause, 1), "");
  EXPECT_EQ(Link(1, kSameCause, 0), "");
  EXPECT_EQ(Count("record_links"), 1);
  EXPECT_EQ(Link(1, kSameCause, 2), "");
  EXPECT_EQ(Link(2, kSameCause, 0), "");
  v1::LinkRecordsRequest remove = LinkOf(ids_[1], kSameCause, ids_[0]);
  remove.set_remove(true);
  remove.set_reason("核实后不同因");
  ASSERT_TRUE(replica_->Call(&Stub::LinkRecords, remove).ok());
  EXPECT_THAT(Links(0), ElementsAre("2 SAME_CAUSE_AS 0"));
}

TEST_F(RecordLinkTest, RemovedLinkIsKeptWithTheReasonAndCanBeMadeAgain) {
  EXPECT_EQ(Link(0, kDuplicate, 1), "");
  v1::LinkRecordsRequest remove = LinkOf(ids_[0], kDuplicate, ids_[1]);
  remove.set_remove(true);
  EXPECT_EQ(Reason(replica_->Call(&Stub::LinkRecords, remove).status()), "REQUIRED");
  remove.set_reason("并非重复");
  ASSERT_TRUE(replica_->Call(&Stub::LinkRecords, remove).ok());
  EXPECT_THAT(Links(0), IsEmpty());
  EXPECT_EQ(Count("record_links WHERE removed_by = 'tester' AND removal_reason = '并非重复'"), 1);
  remove.set_request_id(Uuid::NewV7(absl::Now()).ToString());
  EXPECT_EQ(Reason(replica_->Call(&Stub::LinkRecords, remove).status()), "LINK_UNKNOWN");
  EXPECT_EQ(Link(0, kDuplicate, 2), "");
  EXPECT_TRUE(Events().back().has_record_link());
}

TEST_F(RecordLinkTest, LinkIsRefusedByName) {
  const auto refused = [&](const std::function<void(v1::LinkRecordsRequest&)>& spoil) {
    v1::LinkRecordsRequest request = LinkOf(ids_[0], kDuplicate, ids_[1]);
    spoil(request);
    const auto answer = replica_->Call(&Stub::LinkRecords, request);
    const auto detail = rpc::BadRequestOf(answer.status());
    const std::string field =
        detail.has_value() && detail->field_violations_size() > 0 ? detail->field_violations(0).field() : "";
    return absl::StrCat(Reason(answer.status()), " ", field);
  };
  std::string longest;
  for (int i = 0; i < 500; ++i) longest += "因";
  const std::string nobody = Uuid::NewV7(absl::Now()).ToString();
  EXPECT_EQ(refused([](auto& r) { r.clear_kind(); }), "REQUIRED kind");
  EXPECT_EQ(refused([](auto& r) { r.set_from_record_id("x"); }), "UUID_INVALID from_record_id");
  EXPECT_EQ(refused([&](auto& r) { r.set_to_record_id(nobody); }), "RECORD_UNKNOWN to_record_id");
  EXPECT_EQ(refused([&](auto& r) { r.set_from_record_id(nobody); }), "RECORD_UNKNOWN from_record_id");
  EXPECT_EQ(refused([&](auto& r) { r.set_reason(longest + "因"); }), "TEXT_TOO_LONG reason");
  EXPECT_EQ(refused([&](auto& r) { r.set_reason(longest); }), " ");
}

TEST_F(RecordLinkTest, ARecordHasAtMostAThousandLinks) {
  db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
  for (int i = 0; i < 999; ++i) {
    ASSERT_TRUE(
        lease
            ->Execute(
                "INSERT INTO record_links VALUES (?, ?, 3, ?, '', 'tester', '2024-03-01', NULL, '', '')",
                {*Uuid::Parse(ids_[0]), Uuid::NewV7(absl::Now()), Uuid::NewV7(absl::Now())})
            .ok());
  }
  EXPECT_EQ(Link(0, kSameCause, 1), "");
  EXPECT_EQ(Link(0, kSameCause, 2), "TOO_MANY_LINKS");
  EXPECT_EQ(Link(2, kSameCause, 0), "TOO_MANY_LINKS");
  EXPECT_EQ(Links(0).size(), 1000u);
}

TEST_F(RecordLinkTest, NobodyClosesACircleAtTheSameMoment) {
  const auto other = StartReplica();
  for (int round = 0; round < 20; ++round) {
    Execute("DELETE FROM record_links");
    EXPECT_EQ(Link(0, kDuplicate, 1), "");
    EXPECT_EQ(Link(2, kDuplicate, 3), "");
    // Each of the two is good by itself; both would be a circle.
    std::string second;
    std::thread thread([&] {
      second = Reason(other->Call(&Stub::LinkRecords, LinkOf(ids_[3], kDuplicate, ids_[0])).status());
    });
    const std::string first = Link(1, kDuplicate, 2);
    thread.join();
    EXPECT_THAT((std::vector<std::string>{first, second}), UnorderedElementsAre("", "LINK_CIRCLE"));
  }
}

// ---- Lists ----

TEST_F(RecordLifecycleTest, TextIsFoundInTheWordsOfARecordAndNeverInItsContact) {
  const encryption::KeyRing keys = Ring({"k1"});
  const auto replica = StartReplica(&keys);
  Send(*replica, WithContact(Issue("1", "地下空间改变用途 ＡＢＣ")));
  v1::RecordSubmission visit = Visit("v", 1, {kGoodCode});
  visit.mutable_visit()->set_notes("企业反映用地问题");
  visit.mutable_visit()->set_place("金水路");
  visit.mutable_visit()->mutable_enterprises(0)->set_name("蓝湾公司");
  Send(*replica, visit);
  const auto text = [&](const std::string& words) {
    return Find(*replica, [&](auto& r) { r.set_text(words); });
  };
  EXPECT_THAT(text("改变用途 abc"), ElementsAre("1"));
  EXPECT_THAT(text("金水"), ElementsAre("v"));
  EXPECT_THAT(text("蓝湾"), ElementsAre("v"));
  EXPECT_THAT(text("用"), ElementsAre("1", "v"));
  EXPECT_THAT(text(kName), IsEmpty());
  EXPECT_THAT(text(kPhone), IsEmpty());
  EXPECT_THAT(text("jinshui"), IsEmpty());  // an identity is no word
  v1::ListRecordsRequest request;
  std::string longest;
  for (int i = 0; i < 100; ++i) longest += "用";
  request.set_text(longest);
  EXPECT_TRUE(replica->List(request).ok());
  request.set_text(longest + "用");
  EXPECT_EQ(Reason(replica->List(request).status()), "TEXT_TOO_LONG");
}

TEST_F(RecordLifecycleTest, FiltersAreCombinedAndRefusedByName) {
  const auto replica = StartReplica();
  v1::RecordSubmission other_system = Visit("v", 2, {kGoodCode}, "erqi");
  other_system.mutable_key()->set_source_system("oa");
  ASSERT_TRUE(replica->Submit(Request({Issue("1"), Visit("w", 5, {kOtherCode}), other_system})).ok());
  EXPECT_THAT(Find(*replica, [](auto& r) { r.set_source_system("oa"); }), ElementsAre("v"));
  EXPECT_THAT(Find(*replica, [](auto& r) { r.set_kind(v1::RECORD_KIND_VISIT); }), ElementsAre("w", "v"));
  EXPECT_THAT(Find(*replica,
                   [](auto& r) {
                     r.set_kind(v1::RECORD_KIND_VISIT);
                     r.set_org_unit_id("erqi");
                     r.set_enterprise_uscc(kGoodCode);
                     *r.mutable_dates()->mutable_last() = DateMessage(absl::CivilDay(2024, 3, 2));
                   }),
              ElementsAre("v"));
  EXPECT_THAT(Find(*replica, [](auto& r) { r.set_issue_kind(v1::ISSUE_KIND_PROBLEM); }), ElementsAre("1"));
  const auto reason = [&](const std::function<void(v1::ListRecordsRequest&)>& spoil) {
    v1::ListRecordsRequest request;
    spoil(request);
    return Reason(replica->List(request).status());
  };
  EXPECT_EQ(reason([](auto& r) { r.set_org_unit_id("nowhere"); }), "ORG_UNIT_UNKNOWN");
  EXPECT_EQ(reason([](auto& r) { r.set_state(static_cast<v1::RecordState>(9)); }), "OUT_OF_RANGE");
  EXPECT_EQ(reason([](auto& r) {
              *r.mutable_dates()->mutable_first() = DateMessage(absl::CivilDay(2024, 3, 2));
              *r.mutable_dates()->mutable_last() = DateMessage(absl::CivilDay(2024, 3, 1));
            }),
            "DATES_OUT_OF_ORDER");
}

// A part of the tree with more units than a statement may name.
TEST_F(RecordLifecycleTest, ManyUnitsAreFilteredWithoutAListOfThem) {
  feed::v1::DirectoryChanged change;
  const auto add = [&](const std::string& id, const std::string& parent, directory::v1::OrgUnitLevel level) {
    auto* unit = change.add_org_units();
    unit->set_org_unit_id(id);
    unit->set_parent_id(parent);
    unit->set_level(level);
  };
  add("nation", "", directory::v1::ORG_UNIT_LEVEL_NATION);
  for (const char* city : {"a", "b"}) {
    add(city, "nation", directory::v1::ORG_UNIT_LEVEL_CITY);
    for (int i = 0; i < 600; ++i) add(absl::StrCat(city, i), city, directory::v1::ORG_UNIT_LEVEL_DISTRICT);
  }
  change.add_categories()->set_category_id("land");
  directory_.Advance(*Directory().With(change, 2));
  const auto replica = StartReplica();
  std::vector<v1::RecordSubmission> records;
  for (int i = 0; i < 60; ++i) {
    records.push_back(Visit(absl::StrFormat("v%02d", i), 1 + i % 20, {kGoodCode},
                            absl::StrCat(i % 3 == 0 ? "a" : "b", i * 7 % 600)));
  }
  ASSERT_TRUE(replica->Submit(Request(records)).ok());
  const auto found = Find(*replica, [](auto& r) {
    r.set_org_unit_id("a");
    r.set_page_size(7);
  });
  EXPECT_EQ(found.size(), 20u);
  EXPECT_EQ(std::set<std::string>(found.begin(), found.end()).size(), 20u);
  EXPECT_EQ(Find(*replica, [](auto& r) { r.set_org_unit_id("b"); }).size(), 40u);
  EXPECT_EQ(Find(*replica, [](auto& r) { r.set_org_unit_id("nation"); }).size(), 60u);
  EXPECT_THAT(Find(*replica,
                   [](auto& r) {
                     r.set_org_unit_id("a");
                     *r.mutable_dates()->mutable_first() = DateMessage(absl::CivilDay(2024, 3, 20));
                   }),
              ElementsAre("v39"));
}

TEST_F(RecordLifecycleTest, ExportGivesEachRecordOnceAndGoesOnAfterACut) {
  const auto replica = StartReplica();
  std::vector<v1::RecordSubmission> records;
  for (int i = 0; i < 25; ++i) records.push_back(Issue(absl::StrCat(i)));
  ASSERT_TRUE(replica->Submit(Request(records)).ok());
  v1::ExportRecordsRequest request;
  request.mutable_filter()->set_page_size(10);
  const auto messages = Export(*replica, request);
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[2].records_size(), 5);
  EXPECT_EQ(messages[2].next_page_token(), "");
  request.mutable_filter()->set_page_token(messages[0].next_page_token());
  const auto rest = Export(*replica, request);
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(rest[0].SerializeAsString(), messages[1].SerializeAsString());
  // Nothing to give is one message that says so.
  request.Clear();
  request.mutable_filter()->set_kind(v1::RECORD_KIND_VISIT);
  const auto nothing = Export(*replica, request);
  ASSERT_EQ(nothing.size(), 1u);
  EXPECT_EQ(nothing[0].records_size(), 0);
  request.mutable_filter()->set_page_size(-1);
  grpc::ClientContext context;
  const auto stream = replica->stub().ExportRecords(&context, request);
  v1::ExportRecordsResponse message;
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_EQ(Reason(rpc::FromGrpcStatus(stream->Finish())), "PAGE_SIZE_NEGATIVE");
}

TEST_F(RecordLifecycleTest, ExportEndsWhenItsCallerIsGone) {
  const auto replica = StartReplica();
  std::vector<v1::RecordSubmission> records;
  for (int i = 0; i < 200; ++i) records.push_back(Issue(absl::StrCat(i)));
  ASSERT_TRUE(replica->Submit(Request(records)).ok());
  v1::ExportRecordsRequest request;
  request.mutable_filter()->set_page_size(1);
  grpc::ClientContext context;
  const auto stream = replica->stub().ExportRecords(&context, request);
  v1::ExportRecordsResponse message;
  ASSERT_TRUE(stream->Read(&message));
  context.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

// ---- Imports ----

TEST_F(RecordLifecycleTest, ImportThatIsCancelledKeepsWhatWasAcknowledgedAndGoesOn) {
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

// ---- Any order ----

// What one key goes through, in its own order: sent at a version, withdrawn, sent again …
struct Step {
  int key = 0;
  int version = 0;  // 0: withdrawn
};
using History = std::vector<std::vector<Step>>;  // by key

class RecordReplayTest : public RecordLifecycleTest {
 protected:
  static constexpr int kKeys = 4;

  RecordReplayTest() : keys_(Ring({"k1"})), replica_(StartReplica(&keys_)) {}

  int Any(int end) { return static_cast<int>(random_() % static_cast<unsigned long>(end)); }

  History AnyHistory() {
    History history(kKeys);
    for (int key = 0; key < kKeys; ++key) {
      history[key].push_back({key, 1});
      for (int i = Any(6); i > 0; --i) history[key].push_back({key, Any(4)});
    }
    return history;
  }

  v1::RecordSubmission RecordOf(const Step& step) const {
    v1::RecordSubmission record = Issue(absl::StrCat(step.key), absl::StrCat("第", step.version, "版"));
    if (step.key == 0) record = Visit("v", step.version, {kGoodCode, kOtherCode});
    if (step.key == 0 && step.version == 2) record.mutable_visit()->mutable_enterprises()->RemoveLast();
    if (step.key == 1 && step.version > 1) {
      record = WithContact(std::move(record), absl::StrCat("1380000", step.version));
    }
    record.mutable_key()->set_source_system(system_);
    return record;
  }

  void Do(const Step& step) {
    if (step.version == 0) {
      // Refused when it is withdrawn already.
      replica_->Call(&Stub::WithdrawRecord, Withdrawal(ids_[step.key], "撤回")).status().IgnoreError();
      return;
    }
    sent_.push_back(Request({RecordOf(step)}));
    const auto response = replica_->Submit(sent_.back());
    ASSERT_TRUE(response.ok()) << response.status();
    ids_[step.key] = response->results(0).record_id();
  }

  // All of it under the names of `system`, the keys in any order, with requests that come again as they do
  // after time-outs.
  void Play(const History& history, const std::string& system) {
    system_ = system;
    ids_.assign(kKeys, "");
    sent_.clear();
    std::vector<int> turns;
    for (const std::vector<Step>& steps : history) turns.insert(turns.end(), steps.size(), steps.front().key);
    std::shuffle(turns.begin(), turns.end(), random_);
    std::vector<size_t> next(kKeys, 0);
    for (const int key : turns) {
      Do(history[key][next[key]++]);
      if (Any(2) == 0 && !sent_.empty()) {
        ASSERT_TRUE(replica_->Submit(sent_[Any(static_cast<int>(sent_.size()))]).ok());
      }
    }
  }

  void LinkTimes(int from, v1::RecordLinkKind kind, int to, int times) {
    for (int i = 0; i < times; ++i) {
      // Refused for a circle and the like.
      replica_->Call(&Stub::LinkRecords, LinkOf(ids_[from], kind, ids_[to])).status().IgnoreError();
    }
  }

  int64_t PlaceOf(const std::string& id) const {
    return std::find(ids_.begin(), ids_.end(), id) - ids_.begin();
  }

  // A record with its links and revisions, without what differs by name: identities, times, and the system.
  std::string StateOf(int key) {
    v1::GetRecordResponse got = *Get(*replica_, ids_[key], true);
    v1::Record& kept = *got.mutable_record();
    kept.clear_record_id();
    kept.clear_created_at();
    kept.clear_updated_at();
    kept.mutable_submission()->mutable_key()->clear_source_system();
    std::string state = absl::StrCat(kept.ShortDebugString(), "\n");
    v1::ListRecordLinksRequest list;
    list.set_record_id(ids_[key]);
    const v1::ListRecordLinksResponse links = *replica_->Call(&Stub::ListRecordLinks, list);
    for (const v1::RecordLink& link : links.links()) {
      absl::StrAppend(&state, PlaceOf(link.from_record_id()), "-", link.kind(), "-",
                      PlaceOf(link.to_record_id()), " ");
    }
    const v1::ListRecordRevisionsResponse revisions = Revisions(*replica_, ids_[key]);
    for (const v1::RecordRevision& revision : revisions.revisions()) {
      absl::StrAppend(&state, revision.state(), absl::StrJoin(DifferencesOf(revision), ";"), "\n");
    }
    const std::string hex = absl::StrCat("REPLACE('", ids_[key], "', '-', '')");
    return absl::StrCat(state, Count(absl::StrCat("record_enterprises WHERE HEX(record_id) = ", hex)), "\n");
  }

  // What the feed adds up to; each event begins where the one before it ended.
  std::string FactsInForce() {
    std::map<std::string, feed::v1::RecordFacts> in_force;
    for (const feed::v1::Event& event : Events()) {
      if (!event.has_record()) continue;
      feed::v1::RecordFacts& facts = in_force[event.record().after().record_id()];
      EXPECT_EQ(facts.SerializeAsString(), event.record().before().SerializeAsString());
      facts = event.record().after();
    }
    std::string text;
    for (const std::string& id : ids_) {
      in_force[id].clear_record_id();
      absl::StrAppend(&text, in_force[id].ShortDebugString(), "\n");
    }
    return text;
  }

  std::string State() {
    std::string state;
    for (int key = 0; key < kKeys; ++key) absl::StrAppend(&state, StateOf(key));
    return absl::StrCat(state, FactsInForce());
  }

  std::mt19937 random_{20240320};
  const encryption::KeyRing keys_;
  const std::unique_ptr<Replica> replica_;
  std::string system_;
  std::vector<std::string> ids_;
  std::vector<v1::SubmitRecordsRequest> sent_;
};

TEST_F(RecordReplayTest, AnyOrderThatKeepsEachKeysOwnOrderEndsInOneState) {
  for (int round = 0; round < 12; ++round) {
    const History history = AnyHistory();
    std::vector<std::tuple<int, v1::RecordLinkKind, int>> links;
    for (int i = 0; i < 4; ++i) {
      const auto kind = static_cast<v1::RecordLinkKind>(1 + Any(3));
      links.emplace_back(Any(kKeys), kind, Any(kKeys));
    }
    std::vector<std::string> states;
    for (int run = 0; run < 2; ++run) {
      Play(history, absl::StrCat("run", round, ".", run));
      for (const auto& [from, kind, to] : links) LinkTimes(from, kind, to, 1 + run);
      states.push_back(State());
    }
    EXPECT_EQ(states[0], states[1]) << "round " << round;
  }
}

}  // namespace
}  // namespace zhuqi::intake
