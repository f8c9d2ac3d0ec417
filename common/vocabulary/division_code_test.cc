#include "common/vocabulary/division_code.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace zhuqi::vocabulary {
namespace {

struct Expected {
  std::string code, normalized, parent;
  DivisionLevel level;
};

TEST(DivisionCode, LevelAndParentFollowFromTheZeros) {
  const Expected cases[] = {
      {"000000", "000000", "", DivisionLevel::kNation},
      {"410000", "410000", "000000", DivisionLevel::kProvince},
      {"410100", "410100", "410000", DivisionLevel::kCity},
      {"410102", "410102", "410100", DivisionLevel::kDistrict},
      {"110101", "110101", "110100", DivisionLevel::kDistrict},
      {"410102001", "410102001", "410102", DivisionLevel::kTownship},
      {"410102001005", "410102001005", "410102001", DivisionLevel::kVillage},
  };
  for (const Expected& expected : cases) {
    const DivisionCodeCheck check = CheckDivisionCode(expected.code);
    EXPECT_FALSE(check.problem.has_value()) << expected.code;
    EXPECT_EQ(check.normalized, expected.normalized);
    EXPECT_EQ(check.level, expected.level) << expected.code;
    EXPECT_EQ(check.parent, expected.parent);
  }
}

TEST(DivisionCode, PaddedCodesMeanTheShorterOne) {
  EXPECT_EQ(CheckDivisionCode("410102000000").normalized, "410102");
  EXPECT_EQ(CheckDivisionCode("410102001000").normalized, "410102001");
  EXPECT_EQ(CheckDivisionCode("410000000").level, DivisionLevel::kProvince);
}

TEST(DivisionCode, ATownshipMayLieDirectlyUnderACity) {
  const DivisionCodeCheck check = CheckDivisionCode("441900003");
  EXPECT_FALSE(check.problem.has_value());
  EXPECT_EQ(check.parent, "441900");
}

TEST(DivisionCode, TownshipsOfAnyNumberBlockAreJustTownships) {
  for (const std::string block : {"001", "100", "200", "400", "500"}) {
    EXPECT_EQ(CheckDivisionCode(absl::StrCat("410122", block)).level, DivisionLevel::kTownship);
  }
}

TEST(DivisionCode, ProblemsAreTold) {
  EXPECT_EQ(CheckDivisionCode("").problem, DivisionCodeProblem::kWrongLength);
  EXPECT_EQ(CheckDivisionCode("41010").problem, DivisionCodeProblem::kWrongLength);
  EXPECT_EQ(CheckDivisionCode("4101020").problem, DivisionCodeProblem::kWrongLength);
  EXPECT_EQ(CheckDivisionCode("41O102").problem, DivisionCodeProblem::kNotDigits);
  EXPECT_EQ(CheckDivisionCode("-10102").problem, DivisionCodeProblem::kNotDigits);
  EXPECT_EQ(CheckDivisionCode("410001").problem, DivisionCodeProblem::kSkippedLevel);
  EXPECT_EQ(CheckDivisionCode("000100").problem, DivisionCodeProblem::kSkippedLevel);
  EXPECT_EQ(CheckDivisionCode("000000001").problem, DivisionCodeProblem::kSkippedLevel);
  EXPECT_EQ(CheckDivisionCode("410000001").problem, DivisionCodeProblem::kSkippedLevel);
  EXPECT_EQ(CheckDivisionCode("410102000001").problem, DivisionCodeProblem::kSkippedLevel);
}

TEST(DivisionCode, FullWidthAndSpacesAreNormalised) {
  EXPECT_EQ(CheckDivisionCode("　４１０１０２ ").normalized, "410102");
}

RC_GTEST_PROP(DivisionCodeProperty, FollowingTheParentsEndsAtTheNation, ()) {
  const std::string code =
      absl::StrCat(*rc::gen::inRange(10, 100), *rc::gen::inRange(10, 100), *rc::gen::inRange(10, 100),
                   *rc::gen::inRange(100, 1000), *rc::gen::inRange(100, 1000));
  DivisionCodeCheck check = CheckDivisionCode(code);
  int steps = 0;
  while (!check.parent.empty()) {
    const DivisionCodeCheck parent = CheckDivisionCode(check.parent);
    RC_ASSERT(!parent.problem.has_value());
    RC_ASSERT(parent.normalized == check.parent);
    RC_ASSERT(static_cast<int>(parent.level) == static_cast<int>(check.level) - 1);
    check = parent;
    ++steps;
  }
  RC_ASSERT(steps == 5);
  RC_ASSERT(check.normalized == "000000");
}

}  // namespace
}  // namespace zhuqi::vocabulary
