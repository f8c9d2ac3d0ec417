#include "services/routing/cases/case_timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_rules.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using ::testing::ElementsAre;

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
