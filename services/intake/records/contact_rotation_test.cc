// The keys of contacts are exchanged while the service runs.
#include "services/intake/records/contact_rotation.h"

#include <functional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "services/intake/records/test_lifecycle.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAreArray;

class ContactRotationTest : public RecordLifecycleTest {
 protected:
  // Contacts that do not open are not expected.
  static RotationObserver Watch(std::function<void(int64_t done)> progress) {
    RotationObserver observer;
    observer.progress = std::move(progress);
    observer.unreadable = [](const Uuid& record_id) { ADD_FAILURE() << record_id.ToString(); };
    return observer;
  }
};

TEST_F(ContactRotationTest, KeysAreExchangedWhileRecordsAreSentAndRequestsRepeated) {
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

TEST_F(ContactRotationTest, RotationNamesKeysThatItDoesNotHave) {
  const encryption::KeyRing old = Ring({"k1"});
  Send(*StartReplica(&old), WithContact(Issue("1")));
  const encryption::KeyRing others = Ring({"k2"});
  const auto result = RotateContacts(*pool_, others, Watch([](int64_t) {}));
  EXPECT_TRUE(absl::IsFailedPrecondition(result.status()));
  EXPECT_TRUE(absl::StrContains(result.status().message(), "k1"));
}

// Trap: a record that is revised behind the pass, by a service that still seals by the old key.
TEST_F(ContactRotationTest, RotationLooksAgainForWhatWasSealedBehindIt) {
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

TEST_F(ContactRotationTest, RotationPassesOverWhatDoesNotOpenAndFailsInTheEnd) {
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

}  // namespace
}  // namespace zhuqi::intake
