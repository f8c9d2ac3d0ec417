#include "services/routing/catalogue/catalogue_keywords.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace zhuqi::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(KeywordsOf, EachOnceInTheOrderOfTheRules) {
  v1::Catalogue catalogue;
  catalogue.add_rules()->mutable_conditions()->add_keywords("验收");
  catalogue.add_rules()->mutable_conditions()->add_keywords("消防");
  catalogue.mutable_rules(1)->mutable_conditions()->add_keywords("验收");
  EXPECT_THAT(KeywordsOf(catalogue), ElementsAre("验收", "消防"));
}

TEST(KeywordSet, FindsInTitleAndTextAndGivesEachOnce) {
  const KeywordSet keywords({"消防", "验收", "贷款", "地下(空间|车库)"});
  EXPECT_THAT(keywords.FindIn("地下车库验收", "消防验收没有通过"),
              ElementsAre("消防", "验收", "地下(空间|车库)"));
  EXPECT_THAT(keywords.FindIn("", ""), IsEmpty());
  EXPECT_THAT(KeywordSet({}).FindIn("消防", "消防"), IsEmpty());
}

TEST(KeywordSet, CaseAndWidthDoNotMatterAndWhatWasWrittenIsFoundToo) {
  const KeywordSet keywords({"5g", "（示例）", "^A", "终$"});
  EXPECT_THAT(keywords.FindIn("５Ｇ基站", ""), ElementsAre("5g"));
  EXPECT_THAT(keywords.FindIn("甲公司（示例）", ""), ElementsAre("（示例）"));
  // The ends are those of title and text, each by itself.
  EXPECT_THAT(keywords.FindIn("始终", "abc"), ElementsAre("^A", "终$"));
}

TEST(KeywordSet, TextsAreTakenApart) { EXPECT_THAT(KeywordSet({"消.?防"}).FindIn("消", "防"), IsEmpty()); }

// A set that can not be made does not lose its keywords: they are tried one by one.
TEST(KeywordSet, TooLargeForOneSetIsStillFound) {
  std::vector<std::string> patterns;
  for (int i = 0; i < 1000; ++i) patterns.push_back(absl::StrCat("词", i, "[一-龥]{100}完"));
  patterns.push_back("消防");
  const KeywordSet keywords(patterns);
  EXPECT_FALSE(keywords.compiled());
  EXPECT_THAT(keywords.FindIn("消防", ""), ElementsAre("消防"));
}

// Patterns that blow up the states of a deterministic machine.
TEST(KeywordSet, HostileTextGetsAnAnswer) {
  std::vector<std::string> patterns;
  for (int i = 0; i < 50; ++i) patterns.push_back(absl::StrCat("(a|b)*a(a|b){", i + 20, "}c"));
  patterns.push_back("消防");
  const KeywordSet keywords(patterns);
  std::string text;
  unsigned state = 1;
  for (int i = 0; i < 4000; ++i) {
    state = state * 1103515245U + 12345U;
    text += (state >> 16) % 2 == 0 ? 'a' : 'b';
  }
  EXPECT_THAT(keywords.FindIn("", text + "消防"), ElementsAre("消防"));
}

TEST(CheckKeyword, SaysWhatIsWrong) {
  EXPECT_EQ(CheckKeyword("验收"), std::nullopt);
  EXPECT_EQ(CheckKeyword(""), KeywordProblem::kLength);
  EXPECT_EQ(CheckKeyword("["), KeywordProblem::kSyntax);
  EXPECT_EQ(CheckKeyword("\xff\xfe"), KeywordProblem::kSyntax);
  EXPECT_EQ(CheckKeyword("a*"), KeywordProblem::kMatchesEmptyText);
}

}  // namespace
}  // namespace zhuqi::routing
