#include "services/routing/knowledge/search_text_rules.h"

#include "common/directory/date_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace zhuqi::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SearchableText, HoldsNoNumberOfAPerson) {
  EXPECT_EQ(SearchableText("联系１３８００１３８０００，身份证41010219900101123X"),
            "联系           ,身份证                 x");
  EXPECT_EQ(SearchableText("电话0371-6789 0000"), "电话    -         ");
}

TEST(SearchableText, HoldsNoAddressOfAPerson) {
  EXPECT_EQ(SearchableText("邮箱zhang.san@example.com请回复"), "邮箱                     请回复");
  EXPECT_EQ(SearchableText("@"), " ");
}

TEST(SearchableText, FullWidthAndCaseMeet) { EXPECT_EQ(SearchableText("ＶＯＣ排放Voc"), "voc排放voc"); }

TEST(SearchableText, WhatIsNotUtf8IsLeftOut) { EXPECT_EQ(SearchableText("\xFF\xFE"), ""); }

TEST(WithoutPersonalNumbers, NumbersAndAddressesOfPersonsAreBlanked) {
  for (const char* text : {"联系张经理13812345678。", "联系张经理138-1234-5678。",
                           "联系张经理138 1234 5678。", "联系张经理0371-67581234。", "联系张经理67581234。",
                           "联系张经理410105198001011234。", "联系张经理41010519800101123X。",
                           "联系张经理１３８１２３４５６７８。", "联系张经理zhang.san@example.com。"}) {
    EXPECT_EQ(WithoutPersonalNumbers(text), "联系张经理***。") << text;
  }
}

TEST(WithoutPersonalNumbers, WhatAPracticeIsMadeOfStays) {
  for (const char* text : {"3个工作日内办结，减免500000元。", "2024-06-03起，按豫政〔2023〕12号文执行。",
                           "容缺受理。", "", "分3批、每批1200户。"}) {
    EXPECT_EQ(WithoutPersonalNumbers(text), text);
  }
}

TEST(SearchEntryOf, HasIssueAndSolutionAndNobodysName) {
  v1::Case body;
  body.set_case_id("018f4a10-0000-7000-8000-000000000001");
  body.set_org_unit_id("js");
  body.set_outcome(v1::OUTCOME_RESOLVED);
  body.mutable_issue()->set_category_id("land.change-of-use");
  body.mutable_issue()->set_title("规划条件已调整");
  body.mutable_issue()->set_text("请回电13800138000");
  body.mutable_issue()->mutable_enterprise()->set_name("样例企业");
  *body.mutable_received_at() = TimestampMessage(absl::FromUnixSeconds(1700000000));
  const SearchEntry entry = SearchEntryOf(body, "已补办手续");
  EXPECT_EQ(entry.case_id.ToString(), "018f4a10-0000-7000-8000-000000000001");
  EXPECT_EQ(entry.org_unit_id, "js");
  EXPECT_EQ(entry.category_id, "land.change-of-use");
  EXPECT_EQ(entry.outcome, v1::OUTCOME_RESOLVED);
  EXPECT_EQ(entry.received_at, absl::FromUnixSeconds(1700000000));
  EXPECT_EQ(entry.title, "规划条件已调整");
  EXPECT_EQ(entry.text, "请回电           ");
  EXPECT_EQ(entry.solution, "已补办手续");
}

TEST(FirstCharacters, NeverCutsACharacter) {
  EXPECT_EQ(FirstCharacters("消防验收", 2), "消防");
  EXPECT_EQ(FirstCharacters("消防", 5), "消防");
  EXPECT_EQ(FirstCharacters("消防", 0), "");
}

TEST(CommonWords, LongestFirst) {
  EXPECT_THAT(CommonWords("厂房消防验收未通过", "我们的消防验收被退回,厂房停工", 8),
              ElementsAre("消防验收", "厂房"));
}

TEST(CommonWords, OneCharacterIsNoWord) { EXPECT_THAT(CommonWords("水压", "水管", 8), IsEmpty()); }

TEST(CommonWords, PunctuationAndSpacesDivide) {
  EXPECT_THAT(CommonWords("验收,通过", "验收,通过", 8), ElementsAre("验收", "通过"));
  EXPECT_THAT(CommonWords("验收。通过", "验收。通过", 8), ElementsAre("验收", "通过"));
}

TEST(CommonWords, PairsThatStandApartAreNoLongerWord) {
  EXPECT_THAT(CommonWords("甲乙和乙丙", "甲乙丙", 8), ElementsAre("甲乙"));
}

TEST(CommonWords, WhatLiesWithinANamedWordIsNotNamedAgain) {
  EXPECT_THAT(CommonWords("消防验收", "消防验收和消防", 8), ElementsAre("消防验收"));
}

TEST(CommonWords, AtMostTheLimit) {
  EXPECT_THAT(CommonWords("规划,消防,土地", "规划,消防,土地", 2), ElementsAre("规划", "消防"));
}

TEST(CommonWords, EmptyTextsHaveNone) {
  EXPECT_THAT(CommonWords("", "", 8), IsEmpty());
  EXPECT_THAT(CommonWords("消防", "", 8), IsEmpty());
}

}  // namespace
}  // namespace zhuqi::routing
