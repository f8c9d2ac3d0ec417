#include "tools/zhuqictl/json_text.h"

#include "gtest/gtest.h"

namespace zhuqi::ctl {
namespace {

std::vector<std::string> Split(absl::string_view json) {
  std::vector<JsonMember> members;
  if (!SplitJsonObject(json, &members).ok()) return {"not an object"};
  std::vector<std::string> parts;
  for (const JsonMember& member : members) parts.push_back(member.name + "=" + std::string(member.value));
  return parts;
}

using Parts = std::vector<std::string>;

TEST(SplitJsonObjectTest, KeepsValuesAsTheyStand) {
  EXPECT_EQ(Split(R"( {"a": 1.50 , "b":{"x":[1,{"y":"}"}]},"c":"q\"u,o" } )"),
            (Parts{"a=1.50", R"(b={"x":[1,{"y":"}"}]})", R"(c="q\"u,o")"}));
}

TEST(SplitJsonObjectTest, AnEmptyObjectHasNoMembers) { EXPECT_EQ(Split("{}"), Parts{}); }

TEST(SplitJsonObjectTest, RefusesWhatIsNoObject) {
  for (const char* text :
       {"", "[]", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":1}x", "{a:1}", "{\"a\":\"open}"})
    EXPECT_EQ(Split(text), Parts{"not an object"}) << text;
}

TEST(JsonStringTest, GoesThereAndBack) {
  const std::string text = "金水区 \"quoted\" \\ \n tab\t";
  std::string back;
  ASSERT_TRUE(FromJsonString(JsonString(text), &back).ok());
  EXPECT_EQ(back, text);
}

}  // namespace
}  // namespace zhuqi::ctl
