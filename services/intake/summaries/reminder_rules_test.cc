#include "services/intake/summaries/reminder_rules.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/summaries/decision_rules.h"
#include "services/intake/summaries/test_summaries.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

absl::Time January(int day, int hour, int minute = 0) {
  return CityTime(absl::CivilDay(2026, 1, day), hour, minute);
}

// The chain with another number of working days to remind before.
std::shared_ptr<const Directory> ChainReminding(int days) {
  directory::v1::ApplyDirectoryRequest request = ChainRequest();
  for (auto& form : *request.mutable_forms()) {
    if (form.form_id() == "district") form.set_remind_working_days(days);
  }
  return After(Directory(), request);
}

std::string Told(const v1::SummaryReminder& reminder) {
  return absl::StrCat(v1::ReminderKind_Name(reminder.kind()), " ",
                      absl::FormatTime("%m-%d %H:%M", TimeFrom(reminder.act_by()), CityTimeZone()), " at ",
                      absl::FormatTime("%m-%d %H:%M", TimeFrom(reminder.reminded_at()), CityTimeZone()));
}

// What is told of `stored` by a job that looks every `step`.
std::vector<std::string> ToldBetween(StoredSummary& stored, const Directory& directory, absl::Time from,
                                     absl::Time to, absl::Duration step = absl::Minutes(30)) {
  std::vector<std::string> told;
  for (absl::Time now = from; now <= to; now += step) {
    const std::optional<StoredSummary> after = Reminded(stored, directory, now);
    if (!after.has_value()) continue;
    EXPECT_EQ(after->sequence, stored.sequence + 1);
    EXPECT_EQ(EtagOf(*after), EtagOf(stored));
    stored = *after;
    told.push_back(Told(*stored.summary.reminders().rbegin()));
  }
  return told;
}

// December is due on Thursday the 8th at 17:00, and two working days before is the 6th.
TEST(Reminders, BeforeDueAndOverdueOnceEachAtTheBeginningOfWork) {
  StoredSummary owed = OwedBy(*Chain(), "jinshui", "district");
  EXPECT_EQ(owed.remind_at, January(6, 0));
  EXPECT_THAT(ToldBetween(owed, *Chain(), January(1, 0), January(31, 0)),
              ElementsAre("REMINDER_KIND_DUE_SOON 01-08 17:00 at 01-06 09:00",
                          "REMINDER_KIND_OVERDUE 01-08 17:00 at 01-09 09:00"));
  EXPECT_EQ(NextReminderAt(owed.summary, *Chain()), std::nullopt);
}

TEST(Reminders, GoOutInWorkingTimeAlone) {
  const StoredSummary owed = OwedBy(*Chain(), "jinshui", "district");
  EXPECT_FALSE(Reminded(owed, *Chain(), January(6, 8, 59)).has_value());
  EXPECT_TRUE(Reminded(owed, *Chain(), January(6, 9)).has_value());
  EXPECT_FALSE(Reminded(owed, *Chain(), January(6, 12)).has_value());
  EXPECT_FALSE(Reminded(owed, *Chain(), kLate).has_value());  // work ends as it is due
}

// The 4th is a Sunday that is worked, the 3rd to the 1st are holidays.
TEST(Reminders, MakeUpWorkdaysAreWorkingDays) {
  EXPECT_EQ(OwedBy(*ChainReminding(4), "jinshui", "district").remind_at, January(4, 0));
  EXPECT_EQ(OwedBy(*ChainReminding(5), "jinshui", "district").remind_at,
            StartOfCityDay(absl::CivilDay(2025, 12, 31)));
}

TEST(Reminders, AfterDowntimeNobodyHearsThatSomethingOverdueIsDueSoon) {
  StoredSummary owed = OwedBy(*Chain(), "jinshui", "district");
  EXPECT_THAT(ToldBetween(owed, *Chain(), January(19, 10), January(31, 0)),
              ElementsAre("REMINDER_KIND_OVERDUE 01-08 17:00 at 01-19 10:00"));
}

TEST(Reminders, AnObligationMadeWithinTheDaysBeforeIsToldAtOnce) {
  StoredSummary owed = OwedBy(*Chain(), "jinshui", "district", January(7, 14));
  EXPECT_THAT(ToldBetween(owed, *Chain(), January(7, 14), January(8, 12)),
              ElementsAre("REMINDER_KIND_DUE_SOON 01-08 17:00 at 01-07 14:00"));
}

TEST(Reminders, OfHistoryNobodyIsReminded) {
  StoredSummary owed = OwedBy(*Chain(), "jinshui", "district", kLate);
  EXPECT_EQ(owed.remind_at, std::nullopt);
  EXPECT_THAT(ToldBetween(owed, *Chain(), January(1, 0), January(31, 0)), IsEmpty());
}

TEST(Reminders, AFormWithoutDaysRemindsOfWhatIsOverdueAlone) {
  StoredSummary owed = OwedBy(*Chain(), "huayuanlu", "township");  // due on the 6th, at its end
  EXPECT_EQ(owed.remind_at, January(7, 0) + absl::Microseconds(1));
  EXPECT_THAT(ToldBetween(owed, *Chain(), January(1, 0), January(31, 0)),
              ElementsAre("REMINDER_KIND_OVERDUE 01-07 00:00 at 01-07 09:00"));
}

TEST(Reminders, AFormThatThisReplicaDoesNotKnowYetRemindsOfWhatIsOverdueAlone) {
  const StoredSummary owed = OwedBy(*Chain(), "jinshui", "district");
  EXPECT_EQ(NextReminderAt(owed.summary, Directory()), kLate);
}

TEST(Reminders, AnExtensionIsATimeOfItsOwn) {
  StoredSummary owed = OwedBy(*Chain(), "jinshui", "district");
  ToldBetween(owed, *Chain(), January(1, 0), January(9, 12));
  v1::DecideObligationRequest request;
  request.mutable_decision()->set_kind(v1::ObligationDecision::KIND_EXTEND);
  request.mutable_decision()->set_reason("系统故障");
  *request.mutable_decision()->mutable_extended_until() = TimestampMessage(January(15, 17));
  StoredSummary extended = Decide(owed, request, {*Chain(), "city", January(9, 12)}).value();
  EXPECT_THAT(ToldBetween(extended, *Chain(), January(9, 12), January(31, 0)),
              ElementsAre("REMINDER_KIND_DUE_SOON 01-15 17:00 at 01-13 09:00",
                          "REMINDER_KIND_OVERDUE 01-15 17:00 at 01-16 09:00"));
}

v1::SubmitSummaryRequest GoodSummary() {
  v1::SubmitSummaryRequest request;
  request.set_request_id("018f4a10-0000-7000-8000-000000000001");
  request.set_org_unit_id("jinshui");
  *request.mutable_month() = YearMonthMessage(kDecember);
  v1::SummaryCell& visits = *request.add_cells();
  visits.set_indicator_id("visits");
  visits.set_value(3);
  visits.set_status(v1::CELL_STATUS_REPORTED);
  v1::SectionText& difficulties = *request.add_sections();
  difficulties.set_section_id("difficulties");
  difficulties.set_text("无");
  return request;
}

// Returned on the 8th and to be sent again within two working days: by the end of Monday the 12th.
TEST(Reminders, AReturnedSummaryHasATimeOfItsOwnAndASentOneNone) {
  const auto& form = *Chain()->FormFor("district", kDecember);
  const MonthEvidence evidence = EvidenceFor(Chain(), "district");
  StoredSummary stored = OwedBy(*Chain(), "jinshui", "district");
  stored = SentWith(stored, GoodSummary(), {evidence, {}, false, "jinshui", January(7, 10)});
  EXPECT_EQ(NextReminderAt(stored.summary, *Chain()), std::nullopt);
  stored = ReviewedWith(stored, form, *Chain(), v1::REVIEW_DECISION_RETURN);
  EXPECT_THAT(ToldBetween(stored, *Chain(), January(8, 18), January(31, 0)),
              ElementsAre("REMINDER_KIND_DUE_SOON 01-13 00:00 at 01-09 09:00",
                          "REMINDER_KIND_OVERDUE 01-13 00:00 at 01-13 09:00"));
}

TEST(Reminders, EventSaysWhoHasToActAndByWhen) {
  const StoredSummary owed = OwedBy(*Chain(), "jinshui", "district");
  const feed::OutgoingEvent outgoing = ReminderEvent(*Reminded(owed, *Chain(), January(6, 9)), 7);
  EXPECT_EQ(outgoing.partition, owed.partition);
  EXPECT_EQ(outgoing.event.directory_sequence(), 7);
  const feed::v1::ObligationReminded& reminded = outgoing.event.obligation_reminded();
  EXPECT_EQ(reminded.org_unit_id(), "jinshui");
  EXPECT_EQ(reminded.form_id(), "district");
  EXPECT_EQ(reminded.month().year(), 2025);
  EXPECT_EQ(reminded.month().month(), 12);
  EXPECT_EQ(reminded.state(), v1::SUMMARY_STATE_OWED);
  EXPECT_EQ(reminded.sequence(), 2);
  EXPECT_EQ(Told(reminded.reminder()), "REMINDER_KIND_DUE_SOON 01-08 17:00 at 01-06 09:00");
}

}  // namespace
}  // namespace zhuqi::intake
