// What is kept of a record's revisions.
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "services/intake/records/test_lifecycle.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class RecordRevisionTest : public RecordLifecycleTest {};

TEST_F(RecordRevisionTest, RevisionsSayWhoWhenAndFieldByFieldWhat) {
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

// Which one was in force when a revision was accepted, whatever came after.
TEST_F(RecordRevisionTest, AnIssueNamesTheVersionOfTheCategoriesThatItWasFiledBy) {
  const auto replica = StartReplica();
  const auto declare = [this](int64_t version) {
    feed::v1::DirectoryChanged change;
    change.mutable_category_tree()->set_version(version);
    directory_.Advance(*directory_.Get()->With(change, directory_.Get()->sequence() + 1));
  };
  const auto version = [&](const std::string& id) {
    return Get(*replica, id, false)->record().category_tree_version();
  };
  const std::string id = Send(*replica, Issue("1"));
  EXPECT_EQ(version(id), 0);
  declare(3);
  EXPECT_EQ(Disposition(*replica, Issue("1")), "UNCHANGED");
  EXPECT_EQ(version(id), 0);
  Send(*replica, Issue("1", "改正的标题"));
  EXPECT_EQ(version(id), 3);
  EXPECT_EQ(version(Send(*replica, Visit("v", 1, {kGoodCode}))), 0);
  declare(4);
  ASSERT_TRUE(replica->Call(&Stub::WithdrawRecord, Withdrawal(id)).ok());
  EXPECT_EQ(version(id), 3);
  Send(*replica, Issue("1", "改正的标题"));  // brought back by its key
  EXPECT_EQ(version(id), 4);
  std::vector<int64_t> versions;
  const auto revisions = Revisions(*replica, id);
  for (const v1::RecordRevision& revision : revisions.revisions())
    versions.push_back(revision.category_tree_version());
  EXPECT_THAT(versions, ElementsAre(4, 3, 3, 0));
}

TEST_F(RecordRevisionTest, RevisionsComePageByPageAndEachKnowsTheOneBefore) {
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

}  // namespace
}  // namespace zhuqi::intake
