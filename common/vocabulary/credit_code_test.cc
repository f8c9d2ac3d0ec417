#include "common/vocabulary/credit_code.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstddef>
#include <string>
#include <utility>

namespace zhuqi::vocabulary {
namespace {

const std::string kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

rc::Gen<std::string> AnyEight() { return rc::gen::container<std::string>(8, rc::gen::elementOf(kAlphabet)); }

std::string AnyValidCode() { return CompleteCreditCode(*AnyEight(), *AnyEight()); }

TEST(CreditCode, RealCodesAreValid) {
  for (const std::string code : {"914403001922038216", "9144030071526726XG"}) {
    const CreditCodeCheck check = CheckCreditCode(code);
    EXPECT_EQ(check.normalized, code);
    EXPECT_FALSE(check.problem.has_value()) << ReasonName(*check.problem);
    EXPECT_FALSE(check.organisation_code_mismatch) << code;
  }
}

TEST(CreditCode, TheStandardsOwnExampleFailsAndItsRightLastCharacterIsThree) {
  EXPECT_EQ(CheckCreditCode("91350100M000100Y4Z").problem, CreditCodeProblem::kInvalidCharacter);
  EXPECT_EQ(CreditCodeCheckCharacter("91350100M000100Y4"), '3');
  EXPECT_FALSE(CheckCreditCode("91350100M000100Y43").problem.has_value());
}

TEST(CreditCode, ARemainderOfZeroGivesZeroAndNotThirtyOne) {
  EXPECT_EQ(CreditCodeCheckCharacter("00000000000000000"), '0');
}

TEST(CreditCode, FullWidthLowerCaseAndSpacesAreNormalised) {
  const CreditCodeCheck check = CheckCreditCode("　 ９１４４０３００７１５２６７２６ｘg\t\n");
  EXPECT_EQ(check.normalized, "9144030071526726XG");
  EXPECT_FALSE(check.problem.has_value());
}

TEST(CreditCode, TheLetterOIsRefusedAndNeverRepairedToZero) {
  const CreditCodeCheck check = CheckCreditCode("9144O3001922038216");
  EXPECT_EQ(check.problem, CreditCodeProblem::kInvalidCharacter);
  EXPECT_EQ(check.normalized, "9144O3001922038216");
  for (const char letter : {'I', 'O', 'S', 'V', 'Z'}) {
    std::string code = "914403001922038216";
    code[8] = letter;
    EXPECT_EQ(CheckCreditCode(code).problem, CreditCodeProblem::kInvalidCharacter) << letter;
  }
}

TEST(CreditCode, LengthIsCountedInCharacters) {
  for (const std::string code : {"", "91440300192203821", "9144030019220382166", "914403 001922038216"}) {
    EXPECT_EQ(CheckCreditCode(code).problem, CreditCodeProblem::kWrongLength) << code;
  }
  EXPECT_EQ(CheckCreditCode("郑州市某某有限责任公司统一社会信用代").problem,
            CreditCodeProblem::kInvalidCharacter);
  EXPECT_EQ(CheckCreditCode("91440300192203821\xFF").problem, CreditCodeProblem::kInvalidCharacter);
}

TEST(CreditCode, AWrongOrganisationCodeIsAWarningOnly) {
  std::string code = "9144030019220382";
  code.push_back('2');
  code.push_back(CreditCodeCheckCharacter(code));
  const CreditCodeCheck check = CheckCreditCode(code);
  EXPECT_FALSE(check.problem.has_value());
  EXPECT_TRUE(check.organisation_code_mismatch);
}

TEST(CreditCode, ReasonsAreStable) {
  EXPECT_EQ(ReasonName(CreditCodeProblem::kWrongLength), "USCC_WRONG_LENGTH");
  EXPECT_EQ(ReasonName(CreditCodeProblem::kInvalidCharacter), "USCC_INVALID_CHARACTER");
  EXPECT_EQ(ReasonName(CreditCodeProblem::kWrongCheckCharacter), "USCC_WRONG_CHECK_CHARACTER");
}

TEST(CreditCode, HelpersRefuseWhatIsNotOfTheAlphabet) {
  EXPECT_EQ(CreditCodeCheckCharacter("9144030019220382"), '\0');
  EXPECT_EQ(CreditCodeCheckCharacter("914403001922O3821"), '\0');
  EXPECT_EQ(OrganisationCodeCheckCharacter("1922038"), '\0');
  EXPECT_EQ(CompleteCreditCode("9144030", "19220382"), "");
  EXPECT_EQ(CompleteCreditCode("91440300", "1922038z"), "");
  EXPECT_EQ(CompleteCreditCode("91440300", "19220382"), "914403001922038216");
  EXPECT_EQ(CompleteCreditCode("91440300", "71526726"), "9144030071526726XG");
}

RC_GTEST_PROP(CreditCodeProperty, CompletedCodesAreValid, ()) {
  const CreditCodeCheck check = CheckCreditCode(AnyValidCode());
  RC_ASSERT(!check.problem.has_value());
  RC_ASSERT(!check.organisation_code_mismatch);
}

RC_GTEST_PROP(CreditCodeProperty, AnyWrongCharacterIsFound, ()) {
  std::string code = AnyValidCode();
  const std::size_t position = *rc::gen::inRange<std::size_t>(0, 18);
  const char before = code[position];
  code[position] = *rc::gen::suchThat(rc::gen::elementOf(kAlphabet), [&](char c) { return c != before; });
  RC_ASSERT(CheckCreditCode(code).problem == CreditCodeProblem::kWrongCheckCharacter);
}

RC_GTEST_PROP(CreditCodeProperty, AnyTwoNeighboursExchangedAreFound, ()) {
  std::string code = AnyValidCode();
  const std::size_t position = *rc::gen::inRange<std::size_t>(0, 17);
  RC_PRE(code[position] != code[position + 1]);
  std::swap(code[position], code[position + 1]);
  RC_ASSERT(CheckCreditCode(code).problem == CreditCodeProblem::kWrongCheckCharacter);
}

RC_GTEST_PROP(CreditCodeProperty, NormalisingTwiceChangesNothing, (const std::string& anything)) {
  const std::string once = CheckCreditCode(anything).normalized;
  RC_ASSERT(CheckCreditCode(once).normalized == once);
}

}  // namespace
}  // namespace zhuqi::vocabulary
