// How records are found again, in lists and exports.
#include <functional>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "services/intake/records/test_lifecycle.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class RecordListTest : public RecordLifecycleTest {};

TEST_F(RecordListTest, TextIsFoundInTheWordsOfARecordAndNeverInItsContact) {
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

TEST_F(RecordListTest, FiltersAreCombinedAndRefusedByName) {
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

TEST_F(RecordListTest, ACategoryIsFoundWithWhatIsBelowItOrByItself) {
  const auto replica = StartReplica();
  v1::RecordSubmission below = Issue("2");
  below.mutable_issue()->set_category_id("land.use");
  ASSERT_TRUE(replica->Submit(Request({Issue("1"), below, Visit("v", 1, {kGoodCode})})).ok());
  EXPECT_THAT(Find(*replica, [](auto& r) { r.set_category_id("land"); }), UnorderedElementsAre("1", "2"));
  EXPECT_THAT(Find(*replica, [](auto& r) { r.set_exact_category_id("land"); }), ElementsAre("1"));
  EXPECT_THAT(Find(*replica, [](auto& r) { r.set_exact_category_id("land.use"); }), ElementsAre("2"));
  // Every issue has one.
  EXPECT_THAT(Find(*replica, [](auto& r) { r.set_exact_category_id(""); }), IsEmpty());
}

// A part of the tree with more units than a statement may name.
TEST_F(RecordListTest, ManyUnitsAreFilteredWithoutAListOfThem) {
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

TEST_F(RecordListTest, ExportGivesEachRecordOnceAndGoesOnAfterACut) {
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

TEST_F(RecordListTest, ExportEndsWhenItsCallerIsGone) {
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

}  // namespace
}  // namespace zhuqi::intake
