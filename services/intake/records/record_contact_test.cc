// Who sees the contacts of records, and where they lie.
#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "gmock/gmock.h"
#include "services/intake/records/test_lifecycle.h"
#include "zhuqi/common/v1/personal_data.pb.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

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

class RecordContactTest : public RecordLifecycleTest {};

TEST_F(RecordContactTest, ContactIsGivenToWhoAsksForItAndToNobodyElse) {
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

TEST_F(RecordContactTest, ContactIsInNoListNoExportNoRevisionNoAnswerAndNoEvent) {
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

TEST_F(RecordContactTest, ContactLiesNowhereInClearTextNorAsADigestThatCouldBeTried) {
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

TEST_F(RecordContactTest, WithoutAKeyAContactIsRefusedAndTheOtherRecordsAreTaken) {
  const auto replica = StartReplica();
  const auto response = replica->Submit(Request({WithContact(Issue("1")), Issue("2")}));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Dispositions(*response), ElementsAre("REJECTED", "CREATED"));
  EXPECT_EQ(response->results(0).violations(0).field(), "records[0].issue.contact");
  EXPECT_EQ(response->results(0).violations(0).reason(), "CONTACT_KEY_MISSING");
  EXPECT_EQ(Count("record_contacts"), 0);
}

TEST_F(RecordContactTest, KeyThatIsGoneIsSaidAndEverythingElseIsServed) {
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

TEST_F(RecordContactTest, ContactIsDeniedToCallersWithoutTheRole) {
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

TEST_F(RecordContactTest, ChangedContactIsANewRevisionNamedWithoutItsWords) {
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

TEST_F(RecordContactTest, ContactsOfOneBatchEndAsItsLastRecordsSay) {
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

TEST_F(RecordContactTest, ContactCopiedToAnotherRecordDoesNotOpen) {
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

}  // namespace
}  // namespace zhuqi::intake
