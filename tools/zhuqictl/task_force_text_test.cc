#include "tools/zhuqictl/task_force_text.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace zhuqi::ctl {
namespace {

using ::testing::HasSubstr;

template <class Message>
Message ForceText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

TEST(TaskForceTableTest, CountsWhatIsSettledAndClosedOfAll) {
  const std::string table = TaskForceTable(ForceText<routing::v1::ListTaskForcesResponse>(R"(
    task_forces { name: "印刷园专班" org_unit_id: "js" lead_department_id: "js.office" project: "印刷园"
      state: TASK_FORCE_STATE_ACTIVE ends_on { year: 2024 month: 7 day: 31 }
      progress { item_count: 6 open_item_count: 3 done_item_count: 2 waived_item_count: 1 overdue_item_count: 1
                 case_count: 4 open_case_count: 1 visit_count: 2 } })"));
  EXPECT_THAT(
      table,
      HasSubstr(
          "印刷园专班  js    js.office  active  2024-07-31      3/6        1    3/4       2  印刷园\n"));
  EXPECT_THAT(table, HasSubstr("1 task forces\n"));
}

TEST(SpecialTableTest, SaysWhatIsDueAndWhere) {
  const std::string table = SpecialTable(ForceText<routing::v1::ListSpecialItemsResponse>(R"(
    items { case { case_id: "c1" title: "变更用途" } org_unit_id: "js"
      special { follower_department_id: "js.office" next_report_due_on { year: 2024 month: 5 day: 9 } overdue: true } }
    items { item { task_force: "印刷园专班" number: 2 text: "消防预检" } org_unit_id: "js"
      special { follower_department_id: "js.fire" report_count: 3 due_provisional: true
                next_report_due_on { year: 2025 month: 1 day: 7 } } }
    next_page_token: "more")"));
  EXPECT_THAT(table, HasSubstr("2024-05-09 overdue  js.office          0  js    变更用途  c1\n"));
  EXPECT_THAT(table, HasSubstr("2025-01-07?         js.fire            3  js    消防预检  印刷园专班 #2\n"));
  EXPECT_THAT(table, HasSubstr("2 special items … and more: --limit or --all\n"));
}

TEST(DescribeTaskForceTest, ShowsTheChecklistWithWhatIsLate) {
  const std::string text = DescribeTaskForce(ForceText<routing::v1::TaskForce>(R"(
    name: "印刷园专班" project: "印刷园" org_unit_id: "js" state: TASK_FORCE_STATE_ACTIVE
    departments { department_id: "js.office" role: TASK_FORCE_ROLE_LEAD }
    departments { department_id: "js.fire" role: TASK_FORCE_ROLE_MEMBER duty: "消防" }
    milestones { milestone_id: "acceptance" name: "竣工验收" on { year: 2024 month: 6 day: 5 } }
    items { number: 1 text: "消防预检" department_id: "js.fire" due_on { year: 2024 month: 5 day: 9 }
      state: CHECKLIST_ITEM_STATE_DONE settled_on { year: 2024 month: 5 day: 10 } overdue: true outcome: "已检" }
    items { number: 2 text: "规划" department_id: "js.office" due_on { year: 2024 month: 5 day: 9 }
      state: CHECKLIST_ITEM_STATE_OPEN overdue: true
      special { follower_department_id: "js.office" reason: "关键" report_count: 1 overdue: true
                next_report_due_on { year: 2024 month: 5 day: 8 } } }
    visits { record_id: "r1" visited_on { year: 2024 month: 5 day: 3 } org_unit_id: "js" withdrawn: true }
    progress { item_count: 2 done_item_count: 1 late_item_count: 1 open_item_count: 1 overdue_item_count: 1 }
    allowed_actions: "amend" etag: "v7")"));
  EXPECT_THAT(
      text, HasSubstr("2 items: 1 done (1 late), 0 waived, 1 open (1 overdue); 0 cases, 0 open; 0 visits\n"));
  EXPECT_THAT(text, HasSubstr("竣工验收 (acceptance) 2024-06-05\n"));
  EXPECT_THAT(text, HasSubstr("1  2024-05-09  done 2024-05-10, late  js.fire     消防预检  已检\n"));
  EXPECT_THAT(
      text,
      HasSubstr("#2 followed to the end by js.office (关键), 1 reports, next due 2024-05-08, overdue\n"));
  EXPECT_THAT(text, HasSubstr("visit r1 on 2024-05-03 by js, withdrawn\n"));
}

TEST(TaskForceHistoryTest, EveryActionIsSaidInWords) {
  const google::protobuf::OneofDescriptor& actions =
      *routing::v1::TaskForceAction::descriptor()->FindOneofByName("action");
  for (int i = 0; i < actions.field_count(); ++i) {
    routing::v1::GetTaskForceResponse response;
    routing::v1::TaskForceAction& action = *response.add_history()->mutable_action();
    action.GetReflection()->MutableMessage(&action, actions.field(i));
    const std::string bare = TaskForceHistory(ForceText<routing::v1::GetTaskForceResponse>("history {}"));
    EXPECT_GT(TaskForceHistory(response).size(), bare.size()) << actions.field(i)->name();
  }
}

}  // namespace
}  // namespace zhuqi::ctl
