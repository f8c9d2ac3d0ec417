#include "services/routing/cases/case_timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_rules.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using ::testing::ElementsAre;
using ::testing::StartsWith;

// A case that is played, with its history.
struct PlayedCase {
  CaseRecord record;
  std::vector<v1::CaseEvent> history;

  static PlayedCase Begin() {
    const auto received =
        ReceiveCase(testing::Issue(), At("2024-05-06 09:30"), *testing::City(), testing::CityCatalogue(), 1);
    return {received->record, {received->event}};
  }
  PlayedCase& Do(absl::string_view at, const v1::CaseAction& action, const std::string& comment = "") {
    ActionInput input;
    input.action = action;
    input.recorded_at = At(at);
    input.actor = "tester";
    input.comment = comment;
    const auto change = Act(record, input, *testing::City(), testing::CityCatalogue());
    EXPECT_TRUE(change.ok()) << change.status();
    if (!change.ok()) return *this;
    record = change->record;
    history.push_back(change->event);
    return *this;
  }
  // "2024-05-06 09:30 <text>" of each entry.
  std::vector<std::string> Told(absl::string_view now) const {
    const v1::Case shown = Present(record, *testing::City(), At(now));
    std::vector<std::string> told;
    for (const v1::TimelineEntry& entry : TimelineOf(shown, history, *testing::City(), At(now))) {
      told.push_back(absl::FormatTime("%m-%d %H:%M ", TimeFrom(entry.at()), CityTimeZone()) +
                     entry.text_zh());
    }
    return told;
  }
};

v1::CaseAction Reported(const std::string& text, bool contacted) {
  v1::CaseAction action;
  action.mutable_report_progress()->set_text(text);
  action.mutable_report_progress()->set_contacted(contacted);
  return action;
}

TEST(CaseTimelineTest, OpenCaseEndsWithTheDeadlinesThatAreAhead) {
  const PlayedCase played = PlayedCase::Begin();
  EXPECT_THAT(
      played.Told("2024-05-06 10:00"),
      ElementsAre("05-06 09:30 收到诉求，派给js.planning主办（规则 land）",
                  "05-06 10:30 首次联系期限，还有 0 个工作日", "05-15 17:00 办结期限，还有 7 个工作日"));
}

TEST(CaseTimelineTest, DeadlineThatPassedUnmetIsPartOfTheStoryAndOneThatWasMetIsNot) {
  PlayedCase played = PlayedCase::Begin();
  played.Do("2024-05-08 10:00", Reported("已联系", true));
  EXPECT_THAT(
      played.Told("2024-05-20 10:00"),
      ElementsAre("05-06 09:30 收到诉求，派给js.planning主办（规则 land）",
                  "05-06 10:30 首次联系期限已过，超期 2 个工作日", "05-08 10:00 进展（已联系企业）：已联系",
                  "05-15 17:00 办结期限已过，至今超期 3 个工作日"));
  PlayedCase in_time = PlayedCase::Begin();
  in_time.Do("2024-05-06 10:30", Reported("已联系", true));
  EXPECT_THAT(in_time.Told("2024-05-06 11:00"),
              ElementsAre("05-06 09:30 收到诉求，派给js.planning主办（规则 land）",
                          "05-06 10:30 进展（已联系企业）：已联系", "05-15 17:00 办结期限，还有 7 个工作日"));
}

TEST(CaseTimelineTest, ClosedCaseHasNothingAhead) {
  PlayedCase played = PlayedCase::Begin();
  v1::CaseAction accept;
  accept.mutable_accept();
  v1::CaseAction explain;
  explain.mutable_explain()->set_text("政策不适用");
  played.Do("2024-05-06 09:40", accept).Do("2024-05-06 09:50", explain, "已电话说明");
  EXPECT_THAT(played.Told("2024-06-01 10:00"),
              ElementsAre("05-06 09:30 收到诉求，派给js.planning主办（规则 land）", "05-06 09:40 接单",
                          "05-06 09:50 答复说明：政策不适用（备注：已电话说明）"));
}

TEST(CaseTimelineTest, AStepOfALadderThatCouldNotBeDoneSaysWhy) {
  const auto told = [](const std::function<void(v1::LadderStepFired&)>& fill) {
    v1::CaseEvent event;
    v1::LadderStepFired& fired = *event.mutable_ladder_step();
    fired.set_ladder_id("watch");
    fired.set_catalogue_version(2);
    *fired.mutable_deadline() = TimestampMessage(At("2024-05-15 17:00"));
    fired.mutable_step()->set_step_id("s");
    fill(fired);
    return EntryOf(event, *testing::City()).text_zh();
  };
  const std::string by = "；按升级规则 watch 第 2 版 s，办结期限 2024-05-15 17:00";
  EXPECT_EQ(told([](v1::LadderStepFired& fired) {
              fired.mutable_step()->mutable_escalate();
              fired.set_refusal("ESCALATION_AT_TOP");
            }),
            "提级（未执行：已是最高层级）" + by);
  EXPECT_EQ(told([](v1::LadderStepFired& fired) {
              fired.mutable_step()->mutable_convene()->set_why("逾期");
              fired.set_refusal("CHAIR_NOT_FOUND");
            }),
            "召集会商（未执行：没有可牵头会商的部门）" + by);
  EXPECT_EQ(told([](v1::LadderStepFired& fired) {
              fired.mutable_step()->mutable_convene()->set_why("逾期");
              fired.set_department_id("zz.office");
            }),
            "由zz.office召集会商：逾期" + by);
  EXPECT_EQ(told([](v1::LadderStepFired& fired) {
              fired.mutable_step()->mutable_raise_priority()->set_priority(v1::CASE_PRIORITY_URGENT);
            }),
            "优先级提升为紧急" + by);
}

TEST(CaseTimelineTest, AHandOutThatTheCatalogueTookElsewhereSaysByWhichRule) {
  v1::CaseEvent event;
  event.mutable_action()->mutable_hand_over()->set_department_id("js.fire");
  event.mutable_action()->mutable_hand_over()->set_reason("职责分工");
  v1::RouteDecision& decision = *event.mutable_decision();
  decision.set_rule_id("two-hand-outs-failed");
  decision.mutable_inputs()->set_hand_outs(2);
  decision.set_lead_department_id("zz.office");
  decision.set_owner_org_unit_id("zz");
  EXPECT_EQ(EntryOf(event, *testing::City()).text_zh(),
            "移交js.fire主办：职责分工；已交办 2 次，按规则 two-hand-outs-failed 转zz，由zz.office主办");
  decision.set_named_leads(true);
  EXPECT_EQ(EntryOf(event, *testing::City()).text_zh(), "移交js.fire主办：职责分工");
}

TEST(CaseTimelineTest, EveryActionIsSaidInBothLanguages) {
  const google::protobuf::OneofDescriptor& actions = *v1::CaseAction::descriptor()->FindOneofByName("action");
  for (int i = 0; i < actions.field_count(); ++i) {
    v1::CaseEvent event;
    v1::CaseAction& action = *event.mutable_action();
    action.GetReflection()->MutableMessage(&action, actions.field(i));
    if (action.has_designate()) action.mutable_designate()->set_green_channel(true);
    const v1::TimelineEntry entry = EntryOf(event, *testing::City());
    EXPECT_NE(entry.text_zh(), "") << actions.field(i)->name();
    EXPECT_NE(entry.text_en(), "") << actions.field(i)->name();
    EXPECT_NE(entry.text_zh(), entry.text_en()) << actions.field(i)->name() << " is not said in words";
  }
}

}  // namespace
}  // namespace zhuqi::routing
