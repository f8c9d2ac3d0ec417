#include "tools/zhuqictl/case_list_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "tools/zhuqictl/table.h"

namespace zhuqi::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

google::protobuf::Timestamp Shanghai(int month, int day, int hour) {
  return TimestampMessage(CityTime(absl::CivilDay(2024, month, day), hour));
}

routing::v1::Case DueCase(const std::string& title) {
  routing::v1::Case item;
  item.mutable_issue_key()->set_source_system("js");
  item.mutable_issue_key()->set_external_id("1");
  item.mutable_issue()->set_title(title);
  item.set_state(routing::v1::PROCESS_STATE_IN_PROGRESS);
  item.set_org_unit_id("jinshui");
  item.set_lead_department_id("jinshui.fire");
  *item.mutable_received_at() = Shanghai(9, 1, 9);
  routing::v1::CaseClock& clock = *item.add_clocks();
  clock.set_kind(routing::v1::CLOCK_KIND_HANDLING);
  *clock.mutable_deadline() = Shanghai(9, 30, 17);
  return item;
}

CaseTextOptions On(int month, int day) {
  return {/*chinese=*/true, /*colour=*/true, CityTime(absl::CivilDay(2024, month, day), 10)};
}

std::string TableOf(const routing::v1::Case& item, const CaseTextOptions& options) {
  google::protobuf::RepeatedPtrField<routing::v1::Case> cases;
  *cases.Add() = item;
  return CaseTable(cases, options);
}

TEST(CaseTableTest, DeadlineIsColouredByHowNearItIsAndTheWordsSayTheSame) {
  routing::v1::Case item = DueCase("消防验收");
  EXPECT_THAT(TableOf(item, On(9, 26)), HasSubstr("2024-09-30 17:00  办理中"));
  EXPECT_THAT(TableOf(item, On(9, 27)), HasSubstr("\x1b[33m2024-09-30 17:00\x1b[0m"));
  EXPECT_THAT(TableOf(item, On(9, 30)), HasSubstr("\x1b[33m2024-09-30 17:00 今天\x1b[0m"));
  item.mutable_clocks(0)->set_breached(true);
  EXPECT_THAT(TableOf(item, On(10, 8)), HasSubstr("\x1b[31;1m2024-09-30 17:00 逾期\x1b[0m"));
  *item.mutable_closed_at() = Shanghai(10, 8, 9);
  EXPECT_THAT(TableOf(item, On(10, 8)), HasSubstr("\x1b[2m2024-09-30 17:00 超期办结\x1b[0m"));
  item = DueCase("消防验收");
  item.mutable_clocks(0)->clear_deadline();
  EXPECT_THAT(TableOf(item, On(9, 26)), HasSubstr("\x1b[2m暂停\x1b[0m"));
  EXPECT_THAT(TableOf(item, {false, false, CityTime(absl::CivilDay(2024, 9, 26), 10)}),
              Not(HasSubstr("\x1b")));
}

// The text without what a terminal takes for colours.
std::string Plain(const std::string& text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      while (text[i] != 'm') ++i;
      continue;
    }
    plain.push_back(text[i]);
  }
  return plain;
}

TEST(CaseTableTest, ColumnsStayAlignedWithChineseAndColours) {
  google::protobuf::RepeatedPtrField<routing::v1::Case> cases;
  *cases.Add() = DueCase("消防验收");
  *cases.Add() = DueCase("ERP");
  cases.Mutable(1)->mutable_clocks(0)->set_breached(true);
  const std::string table = CaseTable(cases, On(9, 30));
  const auto column_of = [&](const std::string& word) {
    const std::string plain = Plain(table);
    const size_t at = plain.find(word);
    const size_t line = plain.rfind('\n', at) + 1;
    return DisplayWidth(plain.substr(line, at - line));
  };
  EXPECT_EQ(column_of("消防验收"), column_of("ERP"));
  EXPECT_EQ(column_of("标题"), column_of("ERP"));
}

TEST(FamilyTableTest, ShowsChildrenByNumberAndWhatStandsStill) {
  routing::v1::CaseFamily family;
  const CaseTextOptions options = On(9, 26);
  EXPECT_EQ(FamilyTable(family, options), "");
  routing::v1::RelatedCase& child = *family.add_children();
  child.set_number(1);
  child.set_case_id("child-id");
  child.set_title("消防验收缺哪些材料");
  child.set_lead_department_id("jinshui.fire");
  child.set_outcome(routing::v1::OUTCOME_ANSWERED);
  *child.mutable_handling_due_at() = Shanghai(9, 30, 17);
  routing::v1::RelatedCase& duplicate = *family.add_duplicates();
  duplicate.set_case_id("duplicate-id");
  duplicate.set_stands_still(true);
  const std::string table = FamilyTable(family, options);
  EXPECT_THAT(table, HasSubstr("子工单 1"));
  EXPECT_THAT(table, HasSubstr("已办复"));
  EXPECT_THAT(table, HasSubstr("2024-09-30 17:00"));
  EXPECT_THAT(table, HasSubstr("停止计时"));
}

TEST(TabTableTest, SaysWhereMoreWereNotCounted) {
  routing::v1::CountCasesResponse counts;
  counts.add_tabs()->set_tab(routing::v1::CASE_TAB_OPEN);
  counts.mutable_tabs(0)->set_count(10000);
  counts.mutable_tabs(0)->set_more(true);
  counts.add_tabs()->set_tab(routing::v1::CASE_TAB_OVERDUE);
  counts.mutable_tabs(1)->set_count(3);
  *counts.mutable_counted_at() = Shanghai(9, 30, 10);
  EXPECT_EQ(Plain(TabTable(counts, On(9, 30))),
            "分类       件数\n──────  ───────\n未办结  10,000+\n已逾期        3\n2024-09-30 10:00\n");
}

TEST(UpdateLineTest, SaysWhenWhichWhatAndWho) {
  routing::v1::CaseUpdate update;
  update.mutable_issue_key()->set_source_system("js");
  update.mutable_issue_key()->set_external_id("17");
  update.set_sequence(4);
  update.set_state(routing::v1::PROCESS_STATE_AWAITING_CALL_BACK);
  update.set_title("消防验收");
  *update.mutable_entry()->mutable_at() = Shanghai(9, 30, 10);
  update.mutable_entry()->set_text_zh("办理完毕，待回访：已整改");
  update.mutable_entry()->set_actor("worker");
  EXPECT_EQ(UpdateLine(update, On(9, 30)),
            "2024-09-30 10:00  js/17 #4  待回访  消防验收  办理完毕，待回访：已整改  (worker)\n");
}

}  // namespace
}  // namespace zhuqi::ctl
