#include "tools/zhuqictl/formula_guard.h"

#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace zhuqi::ctl {
namespace {

std::string GuardOf(const char* cell) { return Guarded(cell); }

// Trap: an enterprise's title that runs on the clerk's machine.
TEST(FormulaGuardTest, WhatASpreadsheetWouldRunIsText) {
  EXPECT_EQ(GuardOf("=HYPERLINK(\"http://x\")"), "'=HYPERLINK(\"http://x\")");
  EXPECT_EQ(GuardOf("+cmd|' /C calc'!A0"), "'+cmd|' /C calc'!A0");
  EXPECT_EQ(GuardOf("-2+3"), "'-2+3");
  EXPECT_EQ(GuardOf("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(GuardOf("\t=1"), "'\t=1");
  EXPECT_EQ(GuardOf("\r=1"), "'\r=1");
  EXPECT_EQ(GuardOf("＝1"), "'＝1");
  EXPECT_EQ(GuardOf("+86 371 6000"), "'+86 371 6000");
  EXPECT_EQ(GuardOf("-"), "'-");
}

TEST(FormulaGuardTest, OtherTextsNumbersAndDatesStay) {
  for (const char* cell : {"", "用地", "a=b", "2024-05-09", "2024-05-09T09:30:00+08:00", "-12.50", "+5",
                           "1200", "'quoted'", "'", "91410100MA0000000A"}) {
    EXPECT_EQ(GuardOf(cell), cell);
  }
}

TEST(FormulaGuardTest, ATextsOwnApostropheIsNotTakenForTheGuard) {
  EXPECT_EQ(GuardOf("'=1"), "''=1");
  EXPECT_EQ(Unguarded("''=1"), "'=1");
  EXPECT_EQ(Unguarded("'用地'"), "'用地'");
}

RC_GTEST_PROP(FormulaGuardTest, EveryTextComesBackAsItWas, ()) {
  const auto cell =
      *rc::gen::container<std::string>(rc::gen::element('\'', '=', '+', '-', '@', '\t', '\r', '1', '.', 'a'));
  RC_ASSERT(Unguarded(Guarded(cell)) == cell);
}

}  // namespace
}  // namespace zhuqi::ctl
