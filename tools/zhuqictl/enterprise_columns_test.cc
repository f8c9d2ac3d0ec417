#include "tools/zhuqictl/enterprise_columns.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::Enterprise;
using ::testing::ElementsAre;

const std::vector<std::string> kAll = {"uscc",    "name", "org_unit_id",   "industry_section", "size",
                                       "address", "tags", "registered_on", "closed_on"};

std::string Refusal(std::vector<std::string> header, const std::string& unit = "") {
  return std::string(EnterpriseColumns::Create(std::move(header), unit).status().message());
}

TEST(EnterpriseColumnsTest, ARowWithEverythingBecomesAnEnterprise) {
  const auto columns = EnterpriseColumns::Create(kAll, "");
  ASSERT_TRUE(columns.ok()) << columns.status();
  Enterprise enterprise;
  EXPECT_TRUE(columns
                  ->ToEnterprise({" 914403001922038216 ", "示例制造有限公司", "jinshui", "c", "小型",
                                  "花园路1号", "key; listed；new;", "2015-06-01", "2025-03-31"},
                                 &enterprise)
                  .empty());
  EXPECT_EQ(enterprise.uscc(), "914403001922038216");
  EXPECT_EQ(enterprise.industry_section(), "C");
  EXPECT_EQ(enterprise.size(), directory::v1::ENTERPRISE_SIZE_SMALL);
  EXPECT_THAT(enterprise.tags(), ElementsAre("key", "listed", "new"));
  EXPECT_EQ(enterprise.registered_on().year(), 2015);
  EXPECT_EQ(enterprise.closed_on().day(), 31);
}

TEST(EnterpriseColumnsTest, ChineseHeadersAndAUnitForRowsThatNameNone) {
  const auto columns =
      EnterpriseColumns::Create({"__row", "企业名称", "统一社会信用代码", "企业规模"}, "jinshui");
  ASSERT_TRUE(columns.ok()) << columns.status();
  EXPECT_THAT(columns->OwnHeader(), ElementsAre("企业名称", "统一社会信用代码", "企业规模"));
  EXPECT_THAT(columns->OwnFields({"7", "甲", "X", ""}), ElementsAre("甲", "X", ""));
  Enterprise enterprise;
  EXPECT_TRUE(columns->ToEnterprise({"7", "甲", "X", ""}, &enterprise).empty());
  EXPECT_EQ(enterprise.name(), "甲");
  EXPECT_EQ(enterprise.org_unit_id(), "jinshui");
  EXPECT_EQ(enterprise.size(), directory::v1::ENTERPRISE_SIZE_UNSPECIFIED);
}

TEST(EnterpriseColumnsTest, WhatCanNotBeUnderstoodIsNamedByColumn) {
  const auto columns = EnterpriseColumns::Create(kAll, "");
  Enterprise enterprise;
  const RowViolations wrong =
      columns->ToEnterprise({"X", "n", "u", "", "huge", "", "", "2015/06/01", "2025-13-01"}, &enterprise);
  ASSERT_EQ(wrong.size(), 3u);
  EXPECT_EQ(wrong[0].field(), "size");
  EXPECT_EQ(wrong[1].field(), "registered_on");
  EXPECT_EQ(wrong[2].field(), "closed_on");
  EXPECT_EQ(wrong[0].reason(), "CSV_VALUE_INVALID");
  EXPECT_EQ(columns->ToEnterprise({"X", "n"}, &enterprise)[0].reason(), "CSV_WRONG_NUMBER_OF_FIELDS");
}

TEST(EnterpriseColumnsTest, HeadersThatAreNotUnderstoodAreRefusedByName) {
  EXPECT_THAT(Refusal({"uscc", "name", "colour"}), ::testing::HasSubstr("'colour' is not known"));
  EXPECT_THAT(Refusal({"uscc", "统一社会信用代码", "name"}), ::testing::HasSubstr("stands twice"));
  EXPECT_THAT(Refusal({"uscc", "org_unit_id"}), ::testing::HasSubstr("'name' is missing"));
  EXPECT_THAT(Refusal({"uscc", "name"}), ::testing::HasSubstr("'org_unit_id' is missing"));
  EXPECT_EQ(Refusal({"uscc", "name"}, "jinshui"), "");
}

}  // namespace
}  // namespace zhuqi::ctl
