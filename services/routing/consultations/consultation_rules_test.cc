#include "services/routing/consultations/consultation_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "google/protobuf/text_format.h"
#include "services/routing/consultations/consultation_check.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Act = v1::ConsultationAction;

constexpr char kId[] = "018f4a10-0000-7000-8000-00000000000a";
constexpr char kCase1[] = "018f4a10-0000-7000-8000-000000000001";
constexpr char kCase2[] = "018f4a10-0000-7000-8000-000000000002";
const absl::Time kMonday = At("2024-05-06 09:00");

v1::ConveneConsultationRequest ConveneRequest() {
  v1::ConveneConsultationRequest request;
  request.set_why("地下空间变更用途，涉及规划与消防");
  request.add_cases()->set_case_id(kCase1);
  request.add_cases()->set_case_id(kCase2);
  request.add_department_ids("zz.planning");
  request.add_department_ids("js.fire");
  request.set_level(v1::CONSULTATION_LEVEL_CITY);
  *request.mutable_scheduled_at() = TimestampMessage(At("2024-05-08 14:30"));
  request.set_place("市政务中心301");
  request.set_chair_department_id("zz.office");
  return request;
}

ConsultationInput Input(absl::Time now, const Directory& directory) { return {now, "wang", directory}; }

v1::Consultation Convened() {
  const auto city = testing::City();
  return ConveneConsultation(ConveneRequest(), kId, {kCase1, kCase2}, nullptr, Input(kMonday, *city)).body;
}

Act FromText(const std::string& text) {
  Act action;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &action)) << text;
  return action;
}

absl::StatusOr<ConsultationChange> Try(const v1::Consultation& before, const std::string& action,
                                       absl::Time now = kMonday) {
  const auto city = testing::City();
  return ChangeConsultation(before, FromText(action), Input(now, *city));
}

v1::Consultation Did(const v1::Consultation& before, const std::string& action, absl::Time now = kMonday) {
  auto change = Try(before, action, now);
  EXPECT_TRUE(change.ok()) << action << change.status();
  return change.ok() ? change->body : before;
}

std::string ReasonFor(const v1::Consultation& before, const std::string& action) {
  return rpc::ReasonOf(Try(before, action).status());
}

constexpr char kDecideTwo[] = R"(decide {
  decisions { text: "出具规划意见" owner_department_id: "zz.planning" working_days: 5 }
  decisions { text: "消防复核" owner_department_id: "js.fire" date { year: 2024 month: 6 day: 1 } } })";

std::string Sign(const v1::Consultation& body, const std::string& department) {
  return absl::StrCat("sign_minutes { department_id: '", department,
                      "' revision: ", body.minutes().revision(), " digest: '", body.minutes().digest(),
                      "' }");
}

// Two departments take part and have signed the minutes of two decisions.
v1::Consultation Signed() {
  v1::Consultation body = Convened();
  body = Did(body, "answer { department_id: 'zz.planning' accept {} }");
  body = Did(body, kDecideTwo);
  body = Did(body, "record_minutes { text: '会议议定两项' }");
  body = Did(body, Sign(body, "zz.planning"));
  return Did(body, Sign(body, "zz.office"));
}

// ---- States ----

TEST(Consultation, IsFollowedUntilTheLastTaskIsDone) {
  v1::Consultation body = Convened();
  EXPECT_EQ(body.state(), v1::CONSULTATION_STATE_CONVENED);
  EXPECT_EQ(body.org_unit_id(), "zz");
  EXPECT_EQ(body.round(), 1);
  body = Did(body, kDecideTwo);
  EXPECT_EQ(body.state(), v1::CONSULTATION_STATE_IN_FOLLOW_UP);
  body = Did(body, "complete_task { number: 2 outcome: '复核通过' }");
  EXPECT_EQ(body.state(), v1::CONSULTATION_STATE_IN_FOLLOW_UP);
  EXPECT_FALSE(body.has_completed_at());
  body = Did(body, "complete_task { number: 1 outcome: '已出具' }", At("2024-05-10 10:00"));
  EXPECT_EQ(body.state(), v1::CONSULTATION_STATE_COMPLETED);
  EXPECT_EQ(TimeFrom(body.completed_at()), At("2024-05-10 10:00"));
  EXPECT_EQ(body.tasks(0).outcome(), "已出具");
  EXPECT_EQ(ReasonFor(body, kDecideTwo), "ILLEGAL_TRANSITION");
}

TEST(Consultation, WhatIsNotPossibleSaysWhatIs) {
  const v1::Consultation cancelled = Did(Convened(), "cancel { reason: '改期' }");
  EXPECT_EQ(cancelled.state(), v1::CONSULTATION_STATE_CANCELLED);
  EXPECT_EQ(ReasonFor(cancelled, "record_minutes { text: 'x' }"), "ILLEGAL_TRANSITION");
  const v1::Consultation decided = Did(Convened(), kDecideTwo);
  const auto refused = Try(decided, "cancel { reason: '改期' }");
  ASSERT_EQ(rpc::ReasonOf(refused.status()), "ILLEGAL_TRANSITION");
  EXPECT_EQ(rpc::ErrorInfoOf(refused.status())->metadata().at("allowed"),
            "invite,answer,record_position,decide,record_minutes,sign_minutes,report_task,complete_task");
}

TEST(Consultation, ReadmeShowsTheTable) {
  std::ifstream file(ZHUQI_CONSULTATIONS_README);
  std::stringstream readme;
  readme << file.rdbuf();
  EXPECT_NE(readme.str().find(RenderConsultationTable()), std::string::npos) << RenderConsultationTable();
}

TEST(Consultation, EveryEntryHasTheNextSequenceAndEtag) {
  const auto change = Try(Convened(), "invite { department_ids: 'zm.office' }");
  EXPECT_EQ(change->event.sequence(), 2);
  EXPECT_EQ(change->event.actor(), "wang");
  EXPECT_EQ(change->body.etag(), "v2");
}

// ---- Invitations ----

TEST(Invitation, LastAnswerStands) {
  v1::Consultation body =
      Did(Convened(), "answer { department_id: 'js.fire' decline { reason: '防汛值守' } }");
  EXPECT_EQ(body.invitations(1).state(), v1::INVITATION_STATE_DECLINED);
  EXPECT_EQ(body.invitations(1).reason(), "防汛值守");
  body = Did(body, "answer { department_id: 'js.fire' accept {} }");
  EXPECT_EQ(body.invitations(1).state(), v1::INVITATION_STATE_ACCEPTED);
  EXPECT_EQ(body.invitations(1).reason(), "");
  EXPECT_EQ(body.invitations_size(), 2);
}

TEST(Invitation, OneThatSendsAnotherIsRepresentedAndTheOtherIsInvited) {
  const v1::Consultation body =
      Did(Convened(), "answer { department_id: 'js.fire' send_substitute { department_id: 'js.office' } }");
  ASSERT_EQ(body.invitations_size(), 3);
  EXPECT_EQ(body.invitations(1).state(), v1::INVITATION_STATE_REPRESENTED);
  EXPECT_EQ(body.invitations(1).substitute_department_id(), "js.office");
  EXPECT_EQ(body.invitations(2).department_id(), "js.office");
  EXPECT_EQ(body.invitations(2).state(), v1::INVITATION_STATE_INVITED);
  EXPECT_EQ(body.invitations(2).on_behalf_of_department_id(), "js.fire");
  EXPECT_THAT(DepartmentsOf(body), ElementsAre("js.fire", "js.office", "zz.office", "zz.planning"));
}

TEST(Invitation, OneIsInvitedOnce) {
  EXPECT_EQ(ReasonFor(Convened(), "invite { department_ids: 'js.fire' }"), "DEPARTMENT_INVITED");
  EXPECT_EQ(ReasonFor(Convened(),
                      "answer { department_id: 'js.fire' send_substitute { department_id: 'zz.planning' } }"),
            "DEPARTMENT_INVITED");
  EXPECT_EQ(ReasonFor(Convened(),
                      "answer { department_id: 'js.fire' send_substitute { department_id: 'zz.office' } }"),
            "DEPARTMENT_INVITED");
  EXPECT_EQ(ReasonFor(Convened(), "answer { department_id: 'zm.office' accept {} }"),
            "DEPARTMENT_NOT_INVITED");
}

TEST(Invitation, AtMostAHundred) {
  v1::Consultation body = Convened();
  while (body.invitations_size() < kMaxInvitations - 1) {
    body.add_invitations()->set_department_id(absl::StrCat("d", body.invitations_size()));
  }
  body = Did(body, "invite { department_ids: 'zm.office' }");
  EXPECT_EQ(body.invitations_size(), kMaxInvitations);
  EXPECT_EQ(ReasonFor(body, "invite { department_ids: 'zm.planning' }"), "TOO_MANY_INVITATIONS");
}

// ---- Positions ----

TEST(Position, OneForEachDepartmentAndCaseInOrder) {
  const auto say = [](const char* department, const char* case_id, const char* text) {
    return absl::StrCat("record_position { department_id: '", department, "' case_id: '", case_id,
                        "' text: '", text, "' }");
  };
  v1::Consultation body = Did(Convened(), say("zz.planning", kCase2, "b"));
  body = Did(body, say("js.fire", kCase1, "a"));
  body = Did(body, say("zz.office", kCase1, "chair"));
  body = Did(body, say("zz.planning", kCase2, "c"));
  ASSERT_EQ(body.positions_size(), 3);
  EXPECT_EQ(body.positions(0).text(), "a");
  EXPECT_EQ(body.positions(1).text(), "chair");
  EXPECT_EQ(body.positions(2).text(), "c");
  EXPECT_EQ(ReasonFor(body, say("zm.office", kCase1, "x")), "DEPARTMENT_NOT_INVITED");
  EXPECT_EQ(ReasonFor(body, say("js.fire", kId, "x")), "CASE_NOT_CONSULTED");
}

// ---- Decisions and tasks ----

TEST(Task, WorkingDaysCountFromTheDayAfterByTheCalendarInForce) {
  // Decided on the Monday before the October holidays: 5 working days later is the Thursday after them.
  v1::Consultation body = Did(Convened(), kDecideTwo, At("2024-09-27 16:00"));
  EXPECT_EQ(CivilDayFrom(body.tasks(0).due_on()), absl::CivilDay(2024, 10, 11));
  EXPECT_EQ(CivilDayFrom(body.tasks(1).due_on()), absl::CivilDay(2024, 6, 1));
  EXPECT_FALSE(body.tasks(0).due_provisional());
  EXPECT_EQ(body.tasks(0).calendar_version(), 1);
}

TEST(Task, NewCalendarMovesOpenTasksAndNoneThatIsDone) {
  v1::Consultation body = Did(Convened(), R"(decide {
    decisions { text: "a" owner_department_id: "js.fire" working_days: 7 }
    decisions { text: "b" owner_department_id: "js.fire" working_days: 7 } })");
  body = Did(body, "complete_task { number: 1 outcome: 'x' }");
  const v1::Consultation shown =
      PresentConsultation(body, *testing::CityWithNewCalendar(), absl::CivilDay(2024, 5, 16));
  EXPECT_EQ(CivilDayFrom(shown.tasks(0).due_on()), absl::CivilDay(2024, 5, 15));
  EXPECT_EQ(shown.tasks(0).calendar_version(), 1);
  EXPECT_EQ(CivilDayFrom(shown.tasks(1).due_on()), absl::CivilDay(2024, 5, 16));
  EXPECT_EQ(shown.tasks(1).calendar_version(), 2);
}

TEST(Task, TermThatReachesIntoAnUnannouncedYearIsProvisional) {
  const v1::Consultation body = Did(Convened(), kDecideTwo, At("2024-12-30 10:00"));
  EXPECT_TRUE(body.tasks(0).due_provisional());
}

TEST(Task, IsOverdueFromTheDayAfterItsDueDay) {
  const v1::Consultation body = Did(Convened(), kDecideTwo);
  const auto overdue = [&](absl::CivilDay today) {
    return PresentConsultation(body, *testing::City(), today).tasks(0).overdue();
  };
  EXPECT_FALSE(overdue(absl::CivilDay(2024, 5, 13)));  // the fifth working day
  EXPECT_TRUE(overdue(absl::CivilDay(2024, 5, 14)));
  const v1::Consultation late = Did(body, "complete_task { number: 1 outcome: 'x' }", At("2024-05-14 09:00"));
  EXPECT_TRUE(PresentConsultation(late, *testing::City(), absl::CivilDay(2024, 5, 14)).tasks(0).overdue());
}

TEST(Task, ReportsAreKeptInOrderUpToAHundred) {
  v1::Consultation body = Did(Convened(), kDecideTwo);
  for (int i = 0; i < kMaxReports; ++i) {
    body = Did(body, absl::StrCat("report_task { number: 1 text: 'r", i, "' }"));
  }
  EXPECT_EQ(body.tasks(0).progress(99).text(), "r99");
  EXPECT_EQ(ReasonFor(body, "report_task { number: 1 text: 'x' }"), "TOO_MANY_REPORTS");
}

TEST(Task, OneThatIsDoneOrUnknownIsNotReportedOn) {
  v1::Consultation body = Did(Convened(), kDecideTwo);
  body = Did(body, "complete_task { number: 1 outcome: 'x' }");
  EXPECT_EQ(ReasonFor(body, "report_task { number: 1 text: 'x' }"), "TASK_DONE");
  EXPECT_EQ(ReasonFor(body, "complete_task { number: 1 outcome: 'x' }"), "TASK_DONE");
  EXPECT_EQ(ReasonFor(body, "complete_task { number: 0 outcome: 'x' }"), "TASK_UNKNOWN");
  EXPECT_EQ(ReasonFor(body, "complete_task { number: 3 outcome: 'x' }"), "TASK_UNKNOWN");
}

TEST(Decide, AtMostAHundredAndOnlyOnItsCases) {
  v1::Consultation body = Convened();
  while (body.tasks_size() < kMaxTasks - 2) body.add_tasks();
  EXPECT_EQ(Did(body, kDecideTwo).tasks_size(), kMaxTasks);
  EXPECT_EQ(Did(body, kDecideTwo).tasks(kMaxTasks - 1).number(), kMaxTasks);
  body.add_tasks();
  EXPECT_EQ(ReasonFor(body, kDecideTwo), "TOO_MANY_TASKS");
  EXPECT_EQ(ReasonFor(Convened(), absl::StrCat("decide { decisions { text: 'x' working_days: 1 case_ids: '",
                                               kId, "' } }")),
            "CASE_NOT_CONSULTED");
}

TEST(ConsultationSize, IsRefusedOneBytePastTheLimit) {
  v1::Consultation body = Convened();
  body.mutable_minutes()->set_text(std::string(kMaxConsultationBytes - 10000, 'x'));
  const size_t missing = kMaxConsultationBytes - body.ByteSizeLong();
  body.mutable_minutes()->mutable_text()->append(missing, 'x');
  ASSERT_EQ(body.ByteSizeLong(), kMaxConsultationBytes);
  EXPECT_TRUE(CheckSize(body).ok());
  body.mutable_minutes()->mutable_text()->append(1, 'x');
  EXPECT_EQ(rpc::ReasonOf(CheckSize(body)), "CONSULTATION_FULL");
  EXPECT_EQ(ReasonFor(body,
                      "record_position { department_id: 'zz.office' case_id: '018f4a10-0000-7000-8000-"
                      "000000000001' text: 'x' }"),
            "CONSULTATION_FULL");
}

// ---- Minutes ----

TEST(Minutes, DigestIsTheSameOnEveryMachine) {
  const v1::Consultation body = Signed();
  EXPECT_EQ(body.minutes().revision(), 1);
  EXPECT_EQ(body.minutes().digest(), MinutesDigest(body));
  EXPECT_EQ(body.minutes().digest(), "fdbfadadc3c49722c80c755386d902d9c7b22ec7e519510515a097e239b9e9ea");
}

TEST(Minutes, SignOffNamesRevisionAndDigest) {
  const v1::Consultation body = Signed();
  ASSERT_EQ(body.minutes().sign_offs_size(), 2);
  EXPECT_EQ(body.minutes().sign_offs(0).department_id(), "zz.office");
  EXPECT_EQ(body.minutes().sign_offs(1).digest(), body.minutes().digest());
  EXPECT_EQ(ReasonFor(body, "sign_minutes { department_id: 'zz.office' revision: 2 digest: 'x' }"),
            "MINUTES_CHANGED");
  EXPECT_EQ(
      ReasonFor(body, absl::StrCat("sign_minutes { department_id: 'zz.office' revision: 1 digest: 'x' }")),
      "MINUTES_CHANGED");
}

TEST(Minutes, OnlyWhoTakesPartSignsAndOnlyWhatThereIs) {
  EXPECT_EQ(ReasonFor(Signed(), Sign(Signed(), "js.fire")), "DEPARTMENT_DOES_NOT_TAKE_PART");
  EXPECT_EQ(ReasonFor(Convened(), Sign(Convened(), "zz.office")), "MINUTES_MISSING");
}

TEST(Minutes, AnyLaterChangeOfWhatTheySayVoidsSignOffsVisibly) {
  const std::string changes[] = {
      "record_minutes { text: '会议议定两项。' }",
      "record_position { department_id: 'zz.planning' case_id: '018f4a10-0000-7000-8000-000000000001' text: "
      "'x' }",
      "decide { decisions { text: '第三项' owner_department_id: 'js.fire' working_days: 3 } }",
      "answer { department_id: 'js.fire' accept {} }"};
  for (const std::string& change : changes) {
    const auto changed = Try(Signed(), change, At("2024-05-09 10:00"));
    ASSERT_TRUE(changed.ok()) << changed.status();
    EXPECT_THAT(changed->event.voided_sign_offs(), ElementsAre("zz.office", "zz.planning")) << change;
    const v1::Minutes& minutes = changed->body.minutes();
    EXPECT_EQ(minutes.revision(), 2);
    EXPECT_EQ(TimeFrom(minutes.sign_offs(0).voided_at()), At("2024-05-09 10:00"));
    EXPECT_EQ(minutes.sign_offs(0).voided_by_sequence(), changed->event.sequence());
    EXPECT_EQ(ConsultationSummaryOf(changed->body).signed_count(), 0);
    // Who reads what is there now signs that; the one before stays void.
    const v1::Consultation again = Did(changed->body, Sign(changed->body, "zz.office"));
    EXPECT_FALSE(again.minutes().sign_offs(0).has_voided_at());
    EXPECT_EQ(again.minutes().sign_offs(0).revision(), 2);
    EXPECT_TRUE(again.minutes().sign_offs(1).has_voided_at());
  }
}

TEST(Minutes, WhatBecomesOfTheTasksVoidsNothing) {
  for (const std::string& action :
       {std::string("report_task { number: 1 text: 'x' }"),
        std::string("complete_task { number: 1 outcome: 'x' }"),
        std::string("record_minutes { text: '会议议定两项' }"),
        std::string("answer { department_id: 'js.fire' decline { reason: 'x' } }")}) {
    const auto changed = Try(Signed(), action);
    ASSERT_TRUE(changed.ok()) << changed.status();
    EXPECT_THAT(changed->event.voided_sign_offs(), IsEmpty()) << action;
    EXPECT_EQ(changed->body.minutes().revision(), 1) << action;
  }
}

// ---- Rounds ----

TEST(Round, SecondRefersToTheFirstAndTheFirstToTheSecond) {
  const auto city = testing::City();
  const v1::Consultation first = Signed();
  const auto noted = NoteNextRound(first, "second", {kCase2}, Input(kMonday, *city));
  ASSERT_TRUE(noted.ok()) << noted.status();
  EXPECT_EQ(noted->body.next_consultation_id(), "second");
  EXPECT_EQ(noted->event.next_round().consultation_id(), "second");
  EXPECT_EQ(noted->body.minutes().revision(), 1);  // what was signed stays signed
  const v1::Consultation second =
      ConveneConsultation(ConveneRequest(), "second", {kCase2}, &first, Input(kMonday, *city)).body;
  EXPECT_EQ(second.round(), 2);
  EXPECT_EQ(second.previous_consultation_id(), kId);
  EXPECT_EQ(rpc::ReasonOf(NoteNextRound(noted->body, "third", {kCase2}, Input(kMonday, *city)).status()),
            "ROUND_EXISTS");
}

TEST(Round, NotOfACancelledOneNorOfOtherCases) {
  const auto city = testing::City();
  const v1::Consultation cancelled = Did(Convened(), "cancel { reason: 'x' }");
  EXPECT_EQ(rpc::ReasonOf(NoteNextRound(cancelled, "s", {kCase1}, Input(kMonday, *city)).status()),
            "ROUND_OF_CANCELLED");
  EXPECT_EQ(rpc::ReasonOf(NoteNextRound(Convened(), "s", {kId}, Input(kMonday, *city)).status()),
            "ROUND_OF_OTHER_CASES");
}

TEST(ConvenedOn, IsTheDayOfTheMeetingOnceItIsPast) {
  EXPECT_EQ(ConvenedOn(At("2024-05-08 14:30"), kMonday), absl::CivilDay(2024, 5, 6));
  EXPECT_EQ(ConvenedOn(At("2024-05-03 14:30"), kMonday), absl::CivilDay(2024, 5, 3));
}

// ---- Requests ----

// The first thing wrong with a request, as "field REASON"; "" when nothing is.
std::string WrongWith(const std::function<void(v1::ConveneConsultationRequest&)>& change) {
  v1::ConveneConsultationRequest request = ConveneRequest();
  change(request);
  rpc::Violations violations;
  CheckConvening(request, *testing::City(), kMonday, violations);
  if (violations.empty()) return "";
  return absl::StrCat(violations.list()[0].field_path, " ", violations.list()[0].reason);
}

std::string WrongWith(Act action) {
  rpc::Violations violations;
  CheckConsultationAction(action, *testing::City(), kMonday, violations);
  if (violations.empty()) return "";
  return absl::StrCat(violations.list()[0].field_path, " ", violations.list()[0].reason);
}

std::string Long(size_t characters) {
  std::string text;
  for (size_t i = 0; i < characters; ++i) text += "议";
  return text;
}

TEST(CheckConvening, EachLimitAtAndOnePast) {
  using R = v1::ConveneConsultationRequest;
  EXPECT_EQ(WrongWith([](R&) {}), "");
  EXPECT_EQ(WrongWith([](R& r) { r.set_why(Long(2000)); }), "");
  EXPECT_EQ(WrongWith([](R& r) { r.set_why(Long(2001)); }), "why TEXT_TOO_LONG");
  EXPECT_EQ(WrongWith([](R& r) { r.set_why(" "); }), "why TEXT_REQUIRED");
  EXPECT_EQ(WrongWith([](R& r) { r.set_place(Long(200)); }), "");
  EXPECT_EQ(WrongWith([](R& r) { r.set_place(Long(201)); }), "place TEXT_TOO_LONG");
  const auto cases = [](int count) {
    return [count](R& r) {
      r.clear_cases();
      for (int i = 0; i < count; ++i) r.add_cases()->set_case_id(kCase1);
    };
  };
  EXPECT_EQ(WrongWith(cases(50)), "");
  EXPECT_EQ(WrongWith(cases(51)), "cases OUT_OF_RANGE");
  EXPECT_EQ(WrongWith(cases(0)), "cases OUT_OF_RANGE");
  EXPECT_EQ(WrongWith([](R& r) { r.add_cases(); }), "cases[2] CASE_REQUIRED");
  EXPECT_EQ(WrongWith([](R& r) { r.add_cases()->set_case_id("x"); }), "cases[2].case_id UUID_INVALID");
  EXPECT_EQ(WrongWith([](R& r) {
              r.add_cases()->mutable_issue_key()->set_source_system("js-system");
              r.mutable_cases(2)->mutable_issue_key()->set_external_id("诉求一");
            }),
            "cases[2].issue_key.external_id EXTERNAL_ID_INVALID");
  EXPECT_EQ(WrongWith([](R& r) { r.clear_department_ids(); }), "department_ids OUT_OF_RANGE");
  EXPECT_EQ(WrongWith([](R& r) { r.add_department_ids("js.fire"); }),
            "department_ids[2] DEPARTMENT_REPEATED");
  EXPECT_EQ(WrongWith([](R& r) { r.set_chair_department_id("none"); }),
            "chair_department_id DEPARTMENT_UNKNOWN");
  EXPECT_EQ(WrongWith([](R& r) { r.clear_level(); }), "level LEVEL_REQUIRED");
  const auto at = [](absl::Duration later) {
    return [later](R& r) { *r.mutable_scheduled_at() = TimestampMessage(kMonday + later); };
  };
  EXPECT_EQ(WrongWith(at(absl::Hours(24 * 366))), "");
  EXPECT_EQ(WrongWith(at(absl::Hours(24 * 366) + absl::Seconds(1))), "scheduled_at TIME_OUT_OF_RANGE");
  EXPECT_EQ(WrongWith(at(-absl::Hours(24 * 366))), "");
  EXPECT_EQ(WrongWith(at(-absl::Hours(24 * 366) - absl::Seconds(1))), "scheduled_at TIME_OUT_OF_RANGE");
  EXPECT_EQ(WrongWith([](R& r) { r.clear_scheduled_at(); }), "scheduled_at TIME_OUT_OF_RANGE");
  EXPECT_EQ(WrongWith([](R& r) { r.set_previous_consultation_id("x"); }),
            "previous_consultation_id UUID_INVALID");
}

TEST(CheckConvening, FiftyDepartmentsAndNotOneMore) {
  feed::v1::DirectoryChanged change = testing::CityChange();
  v1::ConveneConsultationRequest request = ConveneRequest();
  request.clear_department_ids();
  for (int i = 0; i < 50; ++i) {
    change.add_departments()->set_department_id(absl::StrCat("d", i));
    request.add_department_ids(absl::StrCat("d", i));
  }
  const auto directory = *Directory().With(change, 1);
  rpc::Violations violations;
  CheckConvening(request, *directory, kMonday, violations);
  EXPECT_TRUE(violations.empty());
  request.add_department_ids("js.fire");
  CheckConvening(request, *directory, kMonday, violations);
  ASSERT_EQ(violations.list().size(), 1u);
  EXPECT_EQ(violations.list()[0].reason, "OUT_OF_RANGE");
}

TEST(CheckConvening, ClosedDepartmentIsGivenNothingNew) {
  feed::v1::DirectoryChanged change = testing::CityChange();
  for (auto& department : *change.mutable_departments()) {
    if (department.department_id() == "js.fire") {
      *department.mutable_closed_on() = DateMessage(absl::CivilDay(2024, 5, 1));
    }
  }
  const auto directory = *Directory().With(change, 1);
  v1::ConveneConsultationRequest request = ConveneRequest();
  rpc::Violations violations;
  CheckConvening(request, *directory, kMonday, violations);
  ASSERT_EQ(violations.list().size(), 1u);
  EXPECT_EQ(violations.list()[0].field_path, "department_ids[1]");
  EXPECT_EQ(violations.list()[0].reason, "DEPARTMENT_CLOSED");
}

Act Decision(const std::function<void(Act::Decision&)>& change) {
  Act action;
  Act::Decision& decision = *action.mutable_decide()->add_decisions();
  decision.set_text("x");
  decision.set_owner_department_id("js.fire");
  decision.set_working_days(5);
  change(decision);
  return action;
}

TEST(CheckConsultationAction, DecisionsAtAndOnePastEachLimit) {
  using D = Act::Decision;
  EXPECT_EQ(WrongWith(Decision([](D&) {})), "");
  EXPECT_EQ(WrongWith(Decision([](D& d) { d.set_text(Long(1000)); })), "");
  EXPECT_EQ(WrongWith(Decision([](D& d) { d.set_text(Long(1001)); })),
            "action.decide.decisions[0].text TEXT_TOO_LONG");
  EXPECT_EQ(WrongWith(Decision([](D& d) { d.set_working_days(250); })), "");
  EXPECT_EQ(WrongWith(Decision([](D& d) { d.set_working_days(251); })),
            "action.decide.decisions[0].working_days OUT_OF_RANGE");
  EXPECT_EQ(WrongWith(Decision([](D& d) { d.set_working_days(0); })),
            "action.decide.decisions[0].working_days OUT_OF_RANGE");
  EXPECT_EQ(WrongWith(Decision([](D& d) { d.clear_term(); })), "action.decide.decisions[0] TERM_REQUIRED");
  const auto by = [](absl::CivilDay day) {
    return Decision([day](D& d) { *d.mutable_date() = DateMessage(day); });
  };
  EXPECT_EQ(WrongWith(by(absl::CivilDay(2024, 5, 6))), "");
  EXPECT_EQ(WrongWith(by(absl::CivilDay(2024, 5, 5))), "action.decide.decisions[0].date DATE_OUT_OF_RANGE");
  EXPECT_EQ(WrongWith(by(absl::CivilDay(2034, 5, 6))), "");
  EXPECT_EQ(WrongWith(by(absl::CivilDay(2034, 5, 7))), "action.decide.decisions[0].date DATE_OUT_OF_RANGE");
  EXPECT_EQ(WrongWith(Decision([](D& d) { d.mutable_date()->set_year(2024); })),
            "action.decide.decisions[0].date DATE_INVALID");
  EXPECT_EQ(WrongWith(Decision([](D& d) {
              d.add_case_ids(kCase1);
              d.add_case_ids("018F4A10-0000-7000-8000-000000000001");
            })),
            "action.decide.decisions[0].case_ids[1] CASE_REPEATED");
  Act many;
  for (int i = 0; i < 50; ++i)
    *many.mutable_decide()->add_decisions() = Decision([](D&) {}).decide().decisions(0);
  EXPECT_EQ(WrongWith(many), "");
  *many.mutable_decide()->add_decisions() = many.decide().decisions(0);
  EXPECT_EQ(WrongWith(many), "action.decide.decisions OUT_OF_RANGE");
}

TEST(CheckConsultationAction, TextsAtAndOnePastEachLimit) {
  struct Limit {
    std::string path;
    size_t most;
    std::function<void(Act&, const std::string&)> set;
  };
  const Limit limits[] = {
      {"action.answer.decline.reason", 500,
       [](Act& a, const std::string& text) {
         a.mutable_answer()->set_department_id("js.fire");
         a.mutable_answer()->mutable_decline()->set_reason(text);
       }},
      {"action.record_position.text", 1000,
       [](Act& a, const std::string& text) {
         a.mutable_record_position()->set_department_id("js.fire");
         a.mutable_record_position()->set_case_id(kCase1);
         a.mutable_record_position()->set_text(text);
       }},
      {"action.record_minutes.text", 20000,
       [](Act& a, const std::string& text) { a.mutable_record_minutes()->set_text(text); }},
      {"action.report_task.text", 1000,
       [](Act& a, const std::string& text) { a.mutable_report_task()->set_text(text); }},
      {"action.complete_task.outcome", 2000,
       [](Act& a, const std::string& text) { a.mutable_complete_task()->set_outcome(text); }},
      {"action.cancel.reason", 500,
       [](Act& a, const std::string& text) { a.mutable_cancel()->set_reason(text); }}};
  for (const Limit& limit : limits) {
    const auto wrong = [&](const std::string& text) {
      Act action;
      limit.set(action, text);
      return WrongWith(action);
    };
    EXPECT_EQ(wrong(Long(limit.most)), "") << limit.path;
    EXPECT_EQ(wrong(Long(limit.most + 1)), limit.path + " TEXT_TOO_LONG");
    EXPECT_EQ(wrong(""), limit.path + " TEXT_REQUIRED");
  }
}

TEST(CheckConsultationAction, WhatIsMissingIsNamed) {
  EXPECT_EQ(WrongWith(Act()), "action ACTION_REQUIRED");
  EXPECT_EQ(WrongWith(FromText("answer { department_id: 'js.fire' }")), "action.answer ANSWER_REQUIRED");
  EXPECT_EQ(WrongWith(FromText("invite {}")), "action.invite.department_ids OUT_OF_RANGE");
  EXPECT_EQ(WrongWith(FromText("sign_minutes { department_id: 'none' }")),
            "action.sign_minutes.department_id DEPARTMENT_UNKNOWN");
}

}  // namespace
}  // namespace zhuqi::routing
