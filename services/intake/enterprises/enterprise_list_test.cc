// Finding enterprises through a real server and a real database.
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "services/intake/enterprises/test_enterprise_replica.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EnterpriseListTest : public EnterpriseServiceTest {};

TEST_F(EnterpriseListTest, SearchTextOf100CharactersIsTakenAndOneMoreIsNot) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "长";
  v1::ListEnterprisesRequest request;
  request.set_text(text);
  EXPECT_TRUE(replica_->List(request).ok());
  request.set_text(text + "长");
  EXPECT_EQ(rpc::ReasonOf(replica_->List(request).status()), "TEXT_INVALID");
}

TEST_F(EnterpriseListTest, APageHas50RowsWithoutASizeAndAtMost500) {
  std::vector<v1::Enterprise> enterprises;
  for (int i = 0; i < 600; ++i) enterprises.push_back(Enterprise(CodeOf(i)));
  Enter(enterprises);
  EXPECT_EQ(replica_->Codes("").size(), 50u);
  EXPECT_EQ(replica_->Codes("page_size: 501").size(), 500u);
  EXPECT_EQ(replica_->Matches(R"(policy_id: "rent")")->matches_size(), 50);
  EXPECT_EQ(replica_->Matches(R"(policy_id: "rent" page_size: 501)")->matches_size(), 500);
  EXPECT_EQ(rpc::ReasonOf(replica_->Matches(R"(policy_id: "rent" page_size: -1)").status()),
            "PAGE_SIZE_NEGATIVE");
}

TEST_F(EnterpriseListTest, PagesHoldEachEnterpriseOnceAndTheTotalMayBeAskedOnOnePage) {
  std::vector<v1::Enterprise> enterprises;
  for (int i = 0; i < 23; ++i) enterprises.push_back(Enterprise(CodeOf(i)));
  for (int i = 0; i < 23; i += 2) enterprises[static_cast<size_t>(i)].set_org_unit_id("huayuanlu");
  for (int i = 1; i < 23; i += 4) enterprises[static_cast<size_t>(i)].set_org_unit_id("zhongmu");
  Enter(enterprises);
  v1::ListEnterprisesRequest list;
  list.set_org_unit_id("jinshui");
  list.set_page_size(5);
  list.set_include_total(true);
  std::vector<std::string> seen;
  do {
    const auto page = replica_->List(list);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->has_total(), seen.empty());
    if (page->has_total()) {
      EXPECT_EQ(page->total(), 17);
    }
    for (const auto& enterprise : page->enterprises()) seen.push_back(enterprise.uscc());
    list.set_page_token(page->next_page_token());
    list.set_include_total(false);
  } while (!list.page_token().empty());
  EXPECT_EQ(seen.size(), 17u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 17u);
}

TEST_F(EnterpriseListTest, FiltersFindByTextTagSectionSizeAndClosing) {
  Enter({Enterprise(kFactory,
                    R"(name: "郑州ＡＢＣ机械有限公司" tags: "key" tags: "listed" industry_section: "C")"),
         Enterprise(kBank,
                    R"(name: "中原示例银行" tags: "key" industry_section: "J" size: ENTERPRISE_SIZE_LARGE)"),
         Enterprise(CodeOf(1), R"(name: "已注销商行" closed_on { year: 2025 month: 1 day: 1 })")});
  EXPECT_THAT(replica_->Codes(""), ElementsAre(kFactory, kBank));
  EXPECT_THAT(replica_->Codes("with_closed: true"), ElementsAre(CodeOf(1), kFactory, kBank));
  EXPECT_THAT(replica_->Codes(R"(text: "abc机械")"), ElementsAre(kFactory));
  EXPECT_THAT(replica_->Codes(R"(text: "9144030071")"), ElementsAre(kBank));
  EXPECT_THAT(replica_->Codes(R"(text: "４４０３")"), IsEmpty());
  EXPECT_THAT(replica_->Codes(R"(text: "示例_行")"), IsEmpty());
  EXPECT_THAT(replica_->Codes(R"(text: "%")"), IsEmpty());
  EXPECT_THAT(replica_->Codes(R"(tag: "key")"), ElementsAre(kFactory, kBank));
  EXPECT_THAT(replica_->Codes(R"(tag: "key" industry_section: "J")"), ElementsAre(kBank));
  EXPECT_THAT(replica_->Codes("size: ENTERPRISE_SIZE_LARGE"), ElementsAre(kBank));
  EXPECT_THAT(replica_->Codes(R"(tag: "key" org_unit_id: "zhongmu")"), IsEmpty());
  EXPECT_THAT(replica_->Codes(R"(tag: "key" page_size: 1)"), ElementsAre(kFactory));
}

TEST_F(EnterpriseListTest, TagThatIsTakenAwayIsNotFoundAnyMore) {
  Enter({Enterprise(kFactory, R"(tags: "key" tags: "listed")")});
  Enter({Enterprise(kFactory, R"(tags: "listed" tags: "new")")});
  EXPECT_THAT(replica_->Codes(R"(tag: "key")"), IsEmpty());
  EXPECT_THAT(replica_->Codes(R"(tag: "new")"), ElementsAre(kFactory));
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM enterprise_tags"), 2);
}

TEST_F(EnterpriseListTest, ListRefusesWhatItDoesNotKnowByName) {
  const auto reason = [this](const std::string& request) {
    return rpc::ReasonOf(replica_->List(FromText<v1::ListEnterprisesRequest>(request)).status());
  };
  EXPECT_EQ(reason(R"(org_unit_id: "nowhere")"), "ORG_UNIT_UNKNOWN");
  EXPECT_EQ(reason(R"(tag: "Key")"), "IDENTIFIER_INVALID");
  EXPECT_EQ(reason(R"(industry_section: "Z")"), "INDUSTRY_SECTION_UNKNOWN");
  EXPECT_EQ(reason("page_size: -1"), "PAGE_SIZE_NEGATIVE");
  EXPECT_EQ(reason(R"(page_token: "x")"), "PAGE_TOKEN_INVALID");
  EXPECT_EQ(reason("not_visited_since { year: 2025 month: 2 day: 30 }"), "DATE_INVALID");
}

TEST_F(EnterpriseListTest, NewestVisitIsShownAndFiltersByItCountTheDay) {
  Enter({Enterprise(kFactory), Enterprise(kBank)});
  replica_->Submit("v1", VisitOn("year: 2025 month: 5 day: 8", kFactory));
  replica_->Submit("v2", VisitOn("year: 2025 month: 3 day: 1", kFactory));
  EXPECT_EQ(replica_->Get(kFactory)->enterprise().last_visited_on().month(), 5);
  EXPECT_FALSE(replica_->Get(kBank)->enterprise().has_last_visited_on());
  EXPECT_THAT(replica_->Codes("not_visited_since { year: 2025 month: 5 day: 8 }"), ElementsAre(kBank));
  EXPECT_THAT(replica_->Codes("not_visited_since { year: 2025 month: 5 day: 9 }"),
              ElementsAre(kFactory, kBank));
  // A correction of the date moves it.
  replica_->Submit("v1", VisitOn("year: 2025 month: 1 day: 2", kFactory));
  EXPECT_EQ(replica_->Get(kFactory)->enterprise().last_visited_on().month(), 3);
}

}  // namespace
}  // namespace zhuqi::intake
