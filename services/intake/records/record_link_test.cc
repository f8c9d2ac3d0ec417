// Links between records.
#include <algorithm>
#include <functional>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "services/intake/records/test_lifecycle.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

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

}  // namespace
}  // namespace zhuqi::intake
