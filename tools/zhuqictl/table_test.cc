#include "tools/zhuqictl/table.h"

#include "gtest/gtest.h"
#include "tools/zhuqictl/progress.h"

namespace zhuqi::ctl {
namespace {

TEST(DisplayWidthTest, ChineseTakesTwoColumnsAndCombiningMarksNone) {
  EXPECT_EQ(DisplayWidth(""), 0u);
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("金水区"), 6u);
  EXPECT_EQ(DisplayWidth("（A）"), 5u);
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1u);
}

TEST(DisplayWidthTest, ABrokenByteCountsAsOne) { EXPECT_EQ(DisplayWidth("a\xFF"), 2u); }

TEST(FitWidthTest, NeverCutsAChineseCharacterInHalf) {
  EXPECT_EQ(FitWidth("金水区", 6), "金水区");
  EXPECT_EQ(FitWidth("金水区", 5), "金水…");
  EXPECT_EQ(FitWidth("金水区", 4), "金…");
  EXPECT_EQ(FitWidth("a\nb", 5), "a b");
}

TEST(TableTest, AlignsColumnsOfMixedWidth) {
  Table table({{"单位"}, {"走访", Align::kRight}});
  table.AddRow({"金水区", "12"});
  table.AddRule();
  table.AddRow({"郑州市", "1,172"});
  EXPECT_EQ(table.ToString(),
            "单位     走访\n"
            "──────  ─────\n"
            "金水区     12\n"
            "──────  ─────\n"
            "郑州市  1,172\n");
}

TEST(TableTest, MissingCellsAreEmpty) {
  Table table({{"a"}, {"b"}, {"c"}});
  table.AddRow({"1"});
  EXPECT_EQ(table.ToString(), "a  b  c\n─  ─  ─\n1\n");
}

TEST(ProgressTest, ShowsShareRateAndTimeLeft) {
  EXPECT_EQ(ProgressLine("importing", 50, 100, 12400, "rows", absl::Seconds(10)),
            "importing  ███████████████░░░░░░░░░░░░░░░  50 %  12,400 rows  1,240/s  about 10 s left");
  EXPECT_EQ(ProgressLine("reading", 0, 0, 3, "rows", absl::ZeroDuration()), "reading  3 rows");
}

TEST(ProgressTest, SeparatesThousands) {
  EXPECT_EQ(WithSeparators(0), "0");
  EXPECT_EQ(WithSeparators(999), "999");
  EXPECT_EQ(WithSeparators(1000), "1,000");
  EXPECT_EQ(WithSeparators(-1234567), "-1,234,567");
}

}  // namespace
}  // namespace zhuqi::ctl
