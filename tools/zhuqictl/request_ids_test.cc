#include "tools/zhuqictl/request_ids.h"

#include <sstream>

#include "common/base/uuid.h"
#include "gtest/gtest.h"

namespace zhuqi::ctl {
namespace {

const absl::Time kDay = absl::FromUnixSeconds(1714521600);

TEST(LineIdsTest, PlayingAFileAgainGivesTheSameIds) {
  LineIds first("act");
  LineIds second("act");
  EXPECT_EQ(first.Next("accept", kDay), second.Next("accept", kDay));
  EXPECT_TRUE(Uuid::Parse(first.Next("close", kDay)).has_value());
}

TEST(LineIdsTest, TwoEqualLinesOfAFileAreTwoRequests) {
  LineIds ids("act");
  EXPECT_NE(ids.Next("accept", kDay), ids.Next("accept", kDay));
}

TEST(LineIdsTest, CommandsDoNotShareIds) {
  LineIds act("act");
  LineIds other("other");
  EXPECT_NE(act.Next("line", kDay), other.Next("line", kDay));
}

std::string IdOf(const std::string& content, const std::string& variant) {
  std::istringstream input(content);
  return ImportIdOf(input, variant);
}

TEST(ImportIdTest, DependsOnTheWholeContentAndOnTheChunks) {
  const std::string content(3 << 20, 'x');
  std::string changed = content;
  changed.back() = 'y';
  EXPECT_EQ(IdOf(content, "500"), IdOf(content, "500"));
  EXPECT_NE(IdOf(content, "500"), IdOf(changed, "500"));
  EXPECT_NE(IdOf(content, "500"), IdOf(content, "100"));
  EXPECT_TRUE(Uuid::Parse(IdOf("", "500")).has_value());
}

}  // namespace
}  // namespace zhuqi::ctl
