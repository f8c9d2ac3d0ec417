#include "services/routing/notices/notice_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "google/protobuf/util/json_util.h"
#include "services/routing/cases/case_rules.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using testing::City;
using testing::CityCatalogue;
using ::testing::HasSubstr;
using ::testing::Not;

CaseChange ReceivedCase() {
  return ReceiveCase(testing::Issue(), At("2024-05-06 10:00"), *City(), CityCatalogue(), 1).value();
}

CaseChange ChangeBy(const CaseRecord& before, const v1::CaseAction& action, absl::string_view at) {
  ActionInput input;
  input.action = action;
  input.occurred_at = At(at);
  input.recorded_at = At("2024-06-30 10:00");
  input.actor = "zhang.san";
  input.comment = "请与企业联系";
  return Act(before, input, *City(), CityCatalogue()).value();
}

v1::CaseAction EscalateAction() {
  v1::CaseAction action;
  action.mutable_escalate()->set_reason("跨部门");
  return action;
}
v1::CaseAction AcceptAction() {
  v1::CaseAction action;
  action.mutable_accept();
  return action;
}
v1::CaseAction ExplainAction() {
  v1::CaseAction action;
  action.mutable_explain()->set_text("现行政策不允许");
  return action;
}
v1::CaseAction ReopenAction() {
  v1::CaseAction action;
  action.mutable_reopen()->set_reason("企业补充材料");
  return action;
}

std::string TypeOfNotice(const CaseRecord* before, const CaseChange& change) {
  const std::optional<v1::NoticeEvent> notice = NoticeOf(before, change.record, change.event);
  return notice.has_value() ? notice->type() : "";
}

TEST(NoticeRules, WhatHappensToACaseIsToldByItsType) {
  const CaseChange received = ReceivedCase();
  EXPECT_EQ(TypeOfNotice(nullptr, received), kCaseRouted);
  const CaseChange accepted = ChangeBy(received.record, AcceptAction(), "2024-05-06 11:00");
  EXPECT_EQ(TypeOfNotice(&received.record, accepted), "");
  const CaseChange closed = ChangeBy(accepted.record, ExplainAction(), "2024-05-07 11:00");
  EXPECT_EQ(TypeOfNotice(&accepted.record, closed), kCaseClosed);
  const CaseChange reopened = ChangeBy(closed.record, ReopenAction(), "2024-05-08 11:00");
  EXPECT_EQ(TypeOfNotice(&closed.record, reopened), kCaseReopened);
  const CaseChange escalated = ChangeBy(reopened.record, EscalateAction(), "2024-05-09 11:00");
  EXPECT_EQ(TypeOfNotice(&reopened.record, escalated), kCaseEscalated);
  v1::CaseAction assign;
  assign.mutable_assign()->set_department_id("js.fire");
  assign.mutable_assign()->set_role(v1::ASSIGNMENT_ROLE_LEAD);
  EXPECT_EQ(TypeOfNotice(&received.record, ChangeBy(received.record, assign, "2024-05-06 11:00")),
            kCaseOwnerChanged);
  const auto moved = FollowCalendar(received.record, At("2024-05-07 10:00"), *testing::CityWithNewCalendar());
  ASSERT_TRUE(moved.has_value());
  EXPECT_EQ(TypeOfNotice(&received.record, *moved), kCaseDeadlinesMoved);
  CaseChange with_parent = received;
  with_parent.event.mutable_parent_changed()->set_cause(v1::ParentChanged::CAUSE_REVISED);
  EXPECT_EQ(TypeOfNotice(&received.record, with_parent), "");
  with_parent.event.mutable_parent_changed()->add_deadlines()->set_kind(v1::CLOCK_KIND_HANDLING);
  EXPECT_EQ(TypeOfNotice(&received.record, with_parent), kCaseDeadlinesMoved);
}

TEST(NoticeRules, ExtensionsPausesAndOwnersAreToldInBothLanguages) {
  v1::Catalogue catalogue = testing::LadderCatalogue();  // its clocks may be paused
  for (v1::ClockPolicy& policy : *catalogue.mutable_clock_policies()) policy.set_maximum_extensions(2);
  const CaseChange received =
      ReceiveCase(testing::Issue(), At("2024-05-06 10:00"), *City(), catalogue, 1).value();
  CaseRecord record = ChangeBy(received.record, AcceptAction(), "2024-05-06 11:00").record;
  const auto told = [&](const std::function<void(v1::CaseAction&)>& fill, const char* at) {
    v1::CaseAction action;
    fill(action);
    const CaseChange change = ChangeBy(record, action, at);
    const auto notice = NoticeOf(&record, change.record, change.event);
    record = change.record;
    if (!notice.has_value()) return std::string("nobody is told");
    return absl::StrCat(notice->type(), ": ", notice->data().text_zh(), " | ", notice->data().text_en());
  };
  const auto ask = [](v1::CaseAction& action) {
    action.mutable_request_extension()->mutable_working_days()->set_count(2);
    action.mutable_request_extension()->set_reason("等待专家");
  };
  const auto decide = [](bool granted) {
    return [granted](v1::CaseAction& action) {
      action.mutable_decide_extension()->set_granted(granted);
      action.mutable_decide_extension()->set_reason("理由");
    };
  };
  EXPECT_EQ(told(ask, "2024-05-07 09:00"), "nobody is told");
  EXPECT_EQ(told(decide(false), "2024-05-07 10:00"),
            "zhuqi.case.extension_refused.v1: 不同意延期；办理期限 2024-05-15 17:00 | "
            "more time was refused; handling due 2024-05-15 17:00");
  EXPECT_EQ(told(ask, "2024-05-07 11:00"), "nobody is told");
  EXPECT_EQ(told(decide(true), "2024-05-07 14:00"),
            "zhuqi.case.extension_granted.v1: 已同意延期；办理期限 2024-05-17 17:00 | "
            "more time was granted; handling due 2024-05-17 17:00");
  // While it stands still nothing is due.
  EXPECT_EQ(
      told([](v1::CaseAction& action) { action.mutable_pause()->set_reason("等材料"); }, "2024-05-08 09:00"),
      "zhuqi.case.paused.v1: 已暂停计时 | paused");
  EXPECT_EQ(told([](v1::CaseAction& action) { action.mutable_resume(); }, "2024-05-09 09:00"),
            "zhuqi.case.resumed.v1: 已恢复计时；办理期限 2024-05-20 17:00 | "
            "resumed; handling due 2024-05-20 17:00");
  EXPECT_EQ(told(
                [](v1::CaseAction& action) {
                  action.mutable_hand_over()->set_department_id("js.office");
                  action.mutable_hand_over()->set_reason("职责所在");
                },
                "2024-05-09 10:00"),
            "zhuqi.case.owner_changed.v1: 已转办；主办 js.planning → js.office；办理期限 2024-05-20 17:00 | "
            "given to another unit or department; led by js.planning → js.office; handling due 2024-05-20 "
            "17:00");
  // The unit changes too: escalated, and returned below.
  EXPECT_EQ(
      told([](v1::CaseAction& action) { action.mutable_escalate()->set_reason("跨部门"); },
           "2024-05-10 10:00"),
      "zhuqi.case.escalated.v1: 已提级；责任单位 js → zz；主办 js.office → zz.office；办理期限 2024-05-20 "
      "17:00 | escalated; accountable js → zz; led by js.office → zz.office; handling due 2024-05-20 "
      "17:00");
  EXPECT_EQ(told([](v1::CaseAction& action) { action.mutable_accept(); }, "2024-05-10 11:00"),
            "nobody is told");
  EXPECT_THAT(told([](v1::CaseAction& action) { action.mutable_return_case()->set_reason("区内可办"); },
                   "2024-05-11 10:00"),
              HasSubstr("zhuqi.case.owner_changed.v1: 已转办；责任单位 zz → js；主办 zz.office → js.office"));
}

// The words of a type that is not in the table would be missing in silence.
TEST(NoticeRules, EveryTypeHasItsWords) {
  const CaseChange received = ReceivedCase();
  for (const char* type :
       {kCaseRouted, kCaseEscalated, kCaseReopened, kCaseHandedOver, kCaseOwnerChanged, kCaseDeadlinesMoved,
        kCaseExtensionGranted, kCaseExtensionRefused, kCasePaused, kCaseResumed, kCaseClosed}) {
    const v1::NoticeEvent event =
        MakeNotice(type, nullptr, received.record.body, At("2024-05-06 10:00"), At("2024-05-06 10:00"));
    EXPECT_EQ(event.data().text_zh().find("；"),
              event.data().text_zh().size() - std::string("；办理期限 2024-05-15 17:00").size())
        << type;
    EXPECT_NE(event.data().text_en()[0], ';') << type;
  }
}

TEST(NoticeRules, ACaseIsHandedOverWithItsOwnerOrLeadAlone) {
  CaseChange over = ReceivedCase();
  const CaseRecord before = over.record;
  over.event.mutable_handed_over()->set_cause(v1::HandedOver::CAUSE_LEAD_ENDED);
  EXPECT_EQ(TypeOfNotice(&before, over), kCaseHandedOver);
  over.event.mutable_handed_over()->set_cause(v1::HandedOver::CAUSE_PART_ENDED);
  EXPECT_EQ(TypeOfNotice(&before, over), "");
}

TEST(NoticeRules, AnUpdateThatArrivesLateIsToldToNobody) {
  const CaseChange received = ReceivedCase();
  const CaseChange accepted = ChangeBy(received.record, AcceptAction(), "2024-05-08 11:00");
  const CaseChange late = ChangeBy(accepted.record, EscalateAction(), "2024-05-07 11:00");
  ASSERT_TRUE(late.event.late());
  EXPECT_EQ(TypeOfNotice(&accepted.record, late), "");
}

TEST(NoticeRules, TheBodyIsACloudEventInStructuredMode) {
  const CaseChange received = ReceivedCase();
  const CaseChange escalated = ChangeBy(received.record, EscalateAction(), "2024-05-06 11:00");
  const v1::NoticeEvent event = *NoticeOf(&received.record, escalated.record, escalated.event);
  const std::string body = NoticeBody(event);
  const std::string& id = escalated.record.body.case_id();
  EXPECT_THAT(
      body, HasSubstr(R"({"specversion":"1.0","id":")" + event.id() +
                      R"(","source":"/zhuqi/routing","type":"zhuqi.case.escalated.v1","subject":")" + id +
                      R"(","time":"2024-05-06T03:00:00Z","datacontenttype":"application/json","sequence":"2")"
                      R"(,"data":{"caseId":")" +
                      id + R"(","issueKey":{"sourceSystem":"js-system","externalId":"issue-1"})"));
  EXPECT_THAT(body, HasSubstr(R"("ownerOrgUnitId":"zz","leadDepartmentId":"zz.planning",)"
                              R"("formerOwnerOrgUnitId":"js","formerLeadDepartmentId":"js.planning",)"
                              R"("state":"PROCESS_STATE_AWAITING_ACCEPTANCE")"));
  EXPECT_THAT(body, HasSubstr(R"({"kind":"CLOCK_KIND_HANDLING","deadline":"2024-05-15T09:00:00Z"})"));
}

TEST(NoticeRules, NoPersonalDataAndNobodysWordsLeaveTheHouse) {
  const CaseChange received = ReceivedCase();
  const CaseChange escalated = ChangeBy(received.record, EscalateAction(), "2024-05-06 11:00");
  const std::string body = NoticeBody(*NoticeOf(&received.record, escalated.record, escalated.event));
  for (const char* text :
       {"zhang.san", "请与企业联系", "跨部门", "样例企业", "地下空间", "规划条件", "91350100"}) {
    EXPECT_THAT(body, Not(HasSubstr(text)));
  }
}

TEST(NoticeRules, TheIdIsThatOfTheEventAndNotOfTheTry) {
  const CaseChange received = ReceivedCase();
  const auto id = [](const CaseRecord* before, const CaseChange& change) {
    return NoticeOf(before, change.record, change.event)->id();
  };
  EXPECT_EQ(id(nullptr, received), id(nullptr, received));
  EXPECT_NE(id(nullptr, received),
            id(&received.record, ChangeBy(received.record, EscalateAction(), "2024-05-06 11:00")));
}

TEST(NoticeRules, TheSignatureCoversTimeAndBody) {
  const auto headers = NoticeHeaders("k1", "0123456789abcdef0123456789abcdef", R"({"a":1})",
                                     absl::FromUnixSeconds(1715000000));
  using Header = std::pair<std::string, std::string>;
  EXPECT_EQ(headers[0], Header("Content-Type", "application/cloudevents+json; charset=UTF-8"));
  EXPECT_EQ(headers[1], Header("Zhuqi-Key-Id", "k1"));
  EXPECT_EQ(headers[2], Header("Zhuqi-Timestamp", "1715000000"));
  // printf '%s' '1715000000.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
  EXPECT_EQ(headers[3],
            Header("Zhuqi-Signature", "v1=284514657d7ef83c9b4603a4814a50e3fec0df6c25f1c077534c7c17a16b8dde"));
}

TEST(NoticeRules, PausesDoubleUpToTheLongestAndAreSpread) {
  const auto pause = [](int tries, double random) {
    return PauseAfter(tries, absl::Seconds(5), absl::Hours(1), random);
  };
  EXPECT_EQ(pause(1, 1), absl::Seconds(5));
  EXPECT_EQ(pause(1, 0), absl::Milliseconds(2500));
  EXPECT_EQ(pause(4, 1), absl::Seconds(40));
  EXPECT_EQ(pause(4, 0.5), absl::Seconds(30));
  EXPECT_EQ(pause(20, 1), absl::Hours(1));
  EXPECT_EQ(pause(1'000'000, 0), absl::Minutes(30));
}

}  // namespace
}  // namespace zhuqi::routing
