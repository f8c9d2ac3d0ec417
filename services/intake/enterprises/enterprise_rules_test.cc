#include "services/intake/enterprises/enterprise_rules.h"

#include "common/base/civil_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/directory/test_directory.h"
#include "services/intake/enterprises/enterprise_plan.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = CityTime(absl::CivilDay(2026, 1, 20), 10);

v1::Enterprise Good() {
  return FromText<v1::Enterprise>(R"(
    uscc: "914403001922038216" name: "示例制造有限公司" industry_section: "C" size: ENTERPRISE_SIZE_SMALL
    org_unit_id: "jinshui" address: "花园路1号" tags: "key" tags: "above-scale"
    registered_on { year: 2015 month: 6 day: 1 })");
}

CheckedEnterprise Check(const v1::Enterprise& enterprise) {
  return CheckEnterprise(enterprise, "enterprises[3]", *City(), kNow);
}

// "path REASON" of each.
std::vector<std::string> Words(const rpc::Violations& violations) {
  std::vector<std::string> words;
  for (const rpc::Violation& one : violations.list()) words.push_back(one.field_path + " " + one.reason);
  return words;
}

TEST(CheckEnterprise, TakesAGoodOneInNormalForm) {
  v1::Enterprise sent = Good();
  sent.set_uscc(" ９１４４０３００１９２２０３８２１６ ");
  sent.set_name("  示例制造有限公司　");
  sent.set_revision(7);
  sent.mutable_last_visited_on()->set_year(2024);
  const CheckedEnterprise checked = Check(sent);
  EXPECT_THAT(Words(checked.violations), IsEmpty());
  EXPECT_THAT(Words(checked.warnings), IsEmpty());
  EXPECT_EQ(checked.enterprise.uscc(), "914403001922038216");
  EXPECT_EQ(checked.enterprise.name(), "示例制造有限公司");
  EXPECT_THAT(checked.enterprise.tags(), ElementsAre("above-scale", "key"));
  EXPECT_EQ(checked.enterprise.revision(), 0);
  EXPECT_FALSE(checked.enterprise.has_last_visited_on());
}

TEST(CheckEnterprise, OrderOfTagsAndWhatIntakeSetsMakeNoDifference) {
  v1::Enterprise other = Good();
  other.clear_tags();
  other.add_tags("above-scale");
  other.add_tags("key");
  other.set_revision(3);
  EXPECT_EQ(Check(Good()).body, Check(other).body);
}

TEST(CheckEnterprise, NamesEverythingThatIsWrong) {
  v1::Enterprise bad = FromText<v1::Enterprise>(R"(
    uscc: "914403001922038217" name: " " industry_section: "U" org_unit_id: "nowhere" tags: "Key" tags: "a" tags: "a"
    registered_on { year: 2026 month: 1 day: 21 } closed_on { year: 2025 month: 2 day: 29 })");
  bad.set_size(static_cast<directory::v1::EnterpriseSize>(9));
  const CheckedEnterprise checked = Check(bad);
  EXPECT_THAT(
      Words(checked.violations),
      ElementsAre("enterprises[3].uscc USCC_WRONG_CHECK_CHARACTER", "enterprises[3].name REQUIRED",
                  "enterprises[3].industry_section INDUSTRY_SECTION_UNKNOWN",
                  "enterprises[3].size OUT_OF_RANGE", "enterprises[3].tags[2] DUPLICATE",
                  "enterprises[3].tags[0] IDENTIFIER_INVALID", "enterprises[3].registered_on DATE_IN_FUTURE",
                  "enterprises[3].closed_on DATE_INVALID", "enterprises[3].org_unit_id ORG_UNIT_UNKNOWN"));
  EXPECT_EQ(checked.enterprise.uscc(), "914403001922038217");
}

TEST(CheckEnterprise, LetterOInACodeIsRefusedAndNeverReadAsZero) {
  v1::Enterprise bad = Good();
  bad.set_uscc("9144O3001922038216");
  EXPECT_THAT(Words(Check(bad).violations), ElementsAre("enterprises[3].uscc USCC_INVALID_CHARACTER"));
}

TEST(CheckEnterprise, DigitsOfTheCodeNameWhoRegisteredItAndNotWhereItIs) {
  const CheckedEnterprise checked = Check(Good());  // 440300 is Shenzhen
  EXPECT_THAT(Words(checked.violations), IsEmpty());
  EXPECT_THAT(Words(checked.warnings), IsEmpty());
  EXPECT_EQ(checked.enterprise.org_unit_id(), "jinshui");
}

TEST(CheckEnterprise, TextsOf200CharactersAreTakenAndOneMoreIsNot) {
  std::string longest;
  for (int i = 0; i < 200; ++i) longest += "长";
  v1::Enterprise full = Good();
  full.set_name(longest);
  full.set_address(longest);
  EXPECT_THAT(Words(Check(full).violations), IsEmpty());
  full.set_name(longest + "长");
  full.set_address(longest + "长");
  EXPECT_THAT(Words(Check(full).violations),
              ElementsAre("enterprises[3].name TEXT_TOO_LONG", "enterprises[3].address TEXT_TOO_LONG"));
}

TEST(CheckEnterprise, TagOf64CharactersIsTakenAndOneMoreIsNot) {
  v1::Enterprise tagged = Good();
  tagged.set_tags(0, std::string(64, 'z'));
  EXPECT_THAT(Words(Check(tagged).violations), IsEmpty());
  tagged.set_tags(0, std::string(65, 'z'));
  EXPECT_THAT(Words(Check(tagged).violations), ElementsAre("enterprises[3].tags[0] IDENTIFIER_INVALID"));
}

TEST(CheckEnterprise, VeryManyTagsAreOneViolationAndALongCodeIsShownShort) {
  v1::Enterprise large = Good();
  const std::string tag(2, 'a');
  for (int i = 0; i < 200000; ++i) large.add_tags(tag);
  large.set_uscc(std::string(1000000, '9'));
  const CheckedEnterprise checked = Check(large);
  EXPECT_THAT(Words(checked.violations),
              ElementsAre("enterprises[3].uscc USCC_WRONG_LENGTH", "enterprises[3].tags OUT_OF_RANGE"));
  EXPECT_EQ(checked.enterprise.uscc(), std::string(64, '9'));
}

TEST(CheckEnterprise, StruckOffBeforeItWasRegisteredIsRefused) {
  v1::Enterprise bad = Good();
  *bad.mutable_closed_on() = FromText<common::v1::Date>("year: 2015 month: 5 day: 31");
  EXPECT_THAT(Words(Check(bad).violations), ElementsAre("enterprises[3].closed_on DATES_OUT_OF_ORDER"));
  *bad.mutable_closed_on() = bad.registered_on();
  EXPECT_THAT(Words(Check(bad).violations), IsEmpty());
}

TEST(CheckEnterprise, TwentyTagsAreTakenAndOneMoreIsNot) {
  v1::Enterprise many = Good();
  many.clear_tags();
  for (char c = 'a'; c < 'a' + 20; ++c) many.add_tags(std::string(64, c));
  EXPECT_THAT(Words(Check(many).violations), IsEmpty());
  many.add_tags("one-more");
  EXPECT_THAT(Words(Check(many).violations), ElementsAre("enterprises[3].tags OUT_OF_RANGE"));
}

TEST(CheckEnterprise, ClosedUnitIsAWarningSoThatTheRegisterStaysLoadable) {
  const auto city = After(*City(), RequestFromText(R"(org_units {
      org_unit_id: "zhongmu" name: "中牟县" level: ORG_UNIT_LEVEL_DISTRICT parent_id: "zhengzhou"
      codes { system: CODE_SYSTEM_GB_T_2260 code: "410122" edition: "2023" }
      closed_on { year: 2026 month: 1 day: 19 } })"));
  v1::Enterprise there = Good();
  there.set_org_unit_id("zhongmu");
  const CheckedEnterprise checked = CheckEnterprise(there, "enterprises[0]", *city, kNow);
  EXPECT_THAT(Words(checked.violations), IsEmpty());
  EXPECT_THAT(Words(checked.warnings), ElementsAre("enterprises[0].org_unit_id ORG_UNIT_CLOSED"));
}

int32_t PartitionByName(absl::string_view unit) { return unit == "jinshui" ? 1 : 2; }

TEST(EnterprisePlan, CodeSentTwiceInOneBatchIsOneEnterprise) {
  EnterprisePlan plan({}, PartitionByName);
  v1::Enterprise renamed = Good();
  renamed.set_name("示例智造有限公司");
  EXPECT_EQ(plan.Take(Check(Good()), 5), v1::EnterpriseResult::DISPOSITION_CREATED);
  EXPECT_EQ(plan.Take(Check(Good()), 5), v1::EnterpriseResult::DISPOSITION_UNCHANGED);
  EXPECT_EQ(plan.Take(Check(renamed), 5), v1::EnterpriseResult::DISPOSITION_UPDATED);
  ASSERT_EQ(plan.rows().size(), 1u);
  const EnterpriseRow& row = plan.rows().begin()->second;
  EXPECT_TRUE(row.is_new);
  EXPECT_EQ(row.now.revision, 2);
  EXPECT_EQ(row.now.enterprise.name(), "示例智造有限公司");
  ASSERT_EQ(plan.events().size(), 2u);
  EXPECT_FALSE(plan.events()[0].event.enterprise().has_before());
  EXPECT_EQ(plan.events()[1].event.enterprise().before().name(), "示例制造有限公司");
  EXPECT_EQ(plan.events()[1].event.enterprise().after().name(), "示例智造有限公司");
  EXPECT_EQ(plan.events()[1].event.directory_sequence(), 5);
}

TEST(EnterprisePlan, EnterpriseThatMovesKeepsItsPartitionSoThatItsEventsKeepTheirOrder) {
  const CheckedEnterprise before = Check(Good());
  EnterprisePlan plan({{before.enterprise.uscc(), {before.enterprise, before.body, 4, 1}}}, PartitionByName);
  v1::Enterprise moved = Good();
  moved.set_org_unit_id("zhongmu");
  moved.clear_tags();
  EXPECT_EQ(plan.Take(Check(moved), 5), v1::EnterpriseResult::DISPOSITION_UPDATED);
  EXPECT_EQ(plan.events()[0].partition, 1);
  const EnterpriseRow& row = plan.rows().begin()->second;
  EXPECT_FALSE(row.is_new);
  EXPECT_EQ(row.now.revision, 5);
  EXPECT_THAT(row.former_tags, ElementsAre("above-scale", "key"));
}

}  // namespace
}  // namespace zhuqi::intake
