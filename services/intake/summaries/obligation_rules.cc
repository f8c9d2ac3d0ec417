#include "services/intake/summaries/obligation_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "common/directory/form_versions.h"
#include "services/intake/directory/field_check.h"
#include "services/intake/summaries/decision_rules.h"
#include "services/intake/summaries/reminder_rules.h"

namespace zhuqi::intake {
namespace {

constexpr size_t kMaxWaiverCharacters = 500;

std::optional<absl::CivilDay> ClosedOn(const directory::v1::OrgUnit& unit) {
  return unit.has_closed_on() ? CivilDayFrom(unit.closed_on()) : std::nullopt;
}

std::optional<std::string> WhyWaived(const directory::v1::OrgUnit& unit,
                                     const directory::v1::SummaryForm& form, absl::CivilMonth month,
                                     const v1::MonthlySummary& summary) {
  if (std::optional<std::string> reason = WhyNotOwed(unit, form, month); reason.has_value()) return reason;
  const std::optional<absl::CivilDay> closed = ClosedOn(unit);
  if (closed.has_value() && ClockOf(summary) > StartOfCityDay(*closed + 1)) {
    const std::string why =
        unit.closing_reason().empty() ? "" : absl::StrCat(" (", unit.closing_reason(), ")");
    return FirstCharacters(absl::StrCat("the unit closed on ", absl::FormatCivilTime(*closed),
                                        summary.has_return_due_at() ? ", before it had to be sent again"
                                                                    : ", before the summary was due",
                                        why),
                           kMaxWaiverCharacters);
  }
  return std::nullopt;
}

// True when the due date changed.
bool SettleDueDate(v1::MonthlySummary& summary, const DueDate& due, int64_t calendar_version) {
  if (!summary.due_provisional()) return false;
  if (TimeFrom(summary.due_at()) == due.at && due.provisional) return false;
  *summary.mutable_due_at() = TimestampMessage(due.at);
  summary.set_due_provisional(due.provisional);
  summary.set_calendar_version(calendar_version);
  if (summary.has_first_submitted_at())
    summary.set_late(IsLate(summary, TimeFrom(summary.first_submitted_at())));
  return true;
}

// True when a waiver was made or taken back.
bool AdjustWaiver(StoredSummary& stored, const std::optional<std::string>& reason) {
  v1::MonthlySummary& summary = stored.summary;
  if (IsOpen(summary.state()) && reason.has_value()) {
    summary.set_state(v1::SUMMARY_STATE_WAIVED);
    summary.set_waiver_reason(*reason);
    return true;
  }
  if (summary.state() == v1::SUMMARY_STATE_WAIVED && !reason.has_value() && !IsWaivedByHand(summary)) {
    summary.set_state(summary.revision() == 0 ? v1::SUMMARY_STATE_OWED : v1::SUMMARY_STATE_RETURNED);
    summary.clear_waiver_reason();
    return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<const directory::v1::SummaryForm*> FormOf(const Directory& directory,
                                                         const v1::MonthlySummary& summary) {
  const auto* form = directory.FormVersion(summary.form_id(), summary.form_version());
  if (form == nullptr)
    return absl::UnavailableError("the form of this summary is not known here yet; try again");
  return form;
}

DueDate DueDateOf(const directory::v1::SummaryForm& form, absl::CivilMonth month,
                  const calendar::WorkingCalendar& calendar) {
  const absl::CivilMonth next = month + 1;
  const absl::CivilDay day = calendar.NthWorkingDayOfMonth(next.year(), next.month(), form.due_working_day());
  DueDate due;
  due.at = form.due_minute() == 0 ? StartOfCityDay(day + 1)
                                  : CityTime(day, form.due_minute() / 60, form.due_minute() % 60);
  due.provisional = calendar.IsProvisional(absl::CivilDay(next), day);
  return due;
}

std::vector<absl::CivilMonth> MonthsBegun(const directory::v1::SummaryForm& form, absl::Time now) {
  std::vector<absl::CivilMonth> months;
  const std::optional<absl::CivilMonth> first = CivilMonthFrom(form.first_month());
  if (!first.has_value()) return months;
  absl::CivilMonth last(CityDay(now));
  if (form.has_last_month()) last = std::min(last, CivilMonthFrom(form.last_month()).value_or(last));
  for (absl::CivilMonth month = *first; month <= last; ++month) months.push_back(month);
  return months;
}

std::optional<std::string> WhyNotOwed(const directory::v1::OrgUnit& unit,
                                      const directory::v1::SummaryForm& form, absl::CivilMonth month) {
  if (unit.level() != form.level()) return "the form is asked of units of another level";
  const std::optional<absl::CivilMonth> first = CivilMonthFrom(form.first_month());
  const std::optional<absl::CivilMonth> last =
      form.has_last_month() ? CivilMonthFrom(form.last_month()) : std::nullopt;
  if ((first.has_value() && month < *first) || (last.has_value() && month > *last)) {
    return "the form is not asked for in this month";
  }
  const std::optional<absl::CivilDay> closed = ClosedOn(unit);
  if (closed.has_value() && *closed < absl::CivilDay(month)) {
    return absl::StrCat("the unit closed on ", absl::FormatCivilTime(*closed), ", before the month began");
  }
  const std::optional<absl::CivilDay> opened =
      unit.has_opened_on() ? CivilDayFrom(unit.opened_on()) : std::nullopt;
  if (opened.has_value() && *opened >= absl::CivilDay(month + 1)) {
    return absl::StrCat("the unit opened on ", absl::FormatCivilTime(*opened), ", after the month had ended");
  }
  return std::nullopt;
}

StoredSummary NewObligation(const Directory& directory, const directory::v1::OrgUnit& unit,
                            const directory::v1::SummaryForm& form, absl::CivilMonth month,
                            int32_t partitions, absl::Time now) {
  StoredSummary stored;
  v1::MonthlySummary& summary = stored.summary;
  summary.set_org_unit_id(unit.org_unit_id());
  *summary.mutable_month() = YearMonthMessage(month);
  summary.set_form_id(form.form_id());
  summary.set_form_version(VersionOf(form));
  summary.set_state(v1::SUMMARY_STATE_OWED);
  const DueDate due = DueDateOf(form, month, directory.calendar());
  *summary.mutable_due_at() = TimestampMessage(due.at);
  summary.set_due_provisional(due.provisional);
  summary.set_calendar_version(directory.calendar_version());
  *summary.mutable_made_at() = TimestampMessage(now);
  stored.sequence = 1;
  stored.partition = PartitionOf(directory, unit.org_unit_id(), partitions);
  AdjustWaiver(stored, WhyWaived(unit, form, month, summary));
  stored.remind_at = NextReminderAt(summary, directory);
  return stored;
}

std::optional<StoredSummary> Adjusted(const StoredSummary& current, const Directory& directory) {
  const directory::v1::OrgUnit* unit = directory.FindUnit(current.summary.org_unit_id());
  const absl::StatusOr<const directory::v1::SummaryForm*> form = FormOf(directory, current.summary);
  if (unit == nullptr || !form.ok()) return std::nullopt;  // neither is ever taken away
  const absl::CivilMonth month = KeyOf(current).month;
  StoredSummary after = current;
  const DueDate due = DueDateOf(**form, month, directory.calendar());
  bool changed = SettleDueDate(after.summary, due, directory.calendar_version());
  changed = AdjustWaiver(after, WhyWaived(*unit, **form, month, after.summary)) || changed;
  if (!changed) return std::nullopt;
  ++after.sequence;
  return after;
}

}  // namespace zhuqi::intake
