#include "services/routing/notices/obligation_notice.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"

namespace zhuqi::routing {
namespace {

std::string TypeOf(intake::v1::ReminderKind kind) {
  switch (kind) {
    case intake::v1::REMINDER_KIND_DUE_SOON:
      return kObligationDueSoon;
    case intake::v1::REMINDER_KIND_OVERDUE:
      return kObligationOverdue;
    default:
      return "";
  }
}

std::string MonthText(const common::v1::YearMonth& month) {
  return absl::StrFormat("%04d-%02d", month.year(), month.month());
}

// What is to be sent, "monthly of jinshui for 2026-01", by when, and what is the matter with it.
void SetTexts(bool overdue, v1::ObligationNotice& notice) {
  const std::string by = absl::FormatTime("%Y-%m-%d %H:%M", TimeFrom(notice.act_by()), CityTimeZone());
  const bool again = notice.state() == intake::v1::SUMMARY_STATE_RETURNED;
  const std::string month = MonthText(notice.month());
  notice.set_text_zh(absl::StrCat(notice.org_unit_id(), " ", month, " 月报（", notice.form_id(), "）应于 ",
                                  by, " 前", again ? "重报" : "报送", overdue ? "，已逾期" : ""));
  notice.set_text_en(absl::StrCat("the summary of ", notice.org_unit_id(), " for ", month, " (",
                                  notice.form_id(), ") ", overdue ? "was" : "is", " to be sent ",
                                  again ? "again " : "", "by ", by, overdue ? " and is overdue" : ""));
}

}  // namespace

std::optional<v1::ObligationNoticeEvent> MakeObligationNotice(const feed::v1::ObligationReminded& reminded) {
  const std::string type = TypeOf(reminded.reminder().kind());
  if (type.empty()) return std::nullopt;
  v1::ObligationNoticeEvent event;
  event.set_specversion("1.0");
  event.set_source("/zhuqi/routing");
  event.set_type(type);
  event.set_subject(
      absl::StrCat(reminded.org_unit_id(), "/", MonthText(reminded.month()), "/", reminded.form_id()));
  event.set_sequence(absl::StrCat(reminded.sequence()));
  event.set_id(Uuid::Derived("obligation_notice", absl::StrCat(event.subject(), "/", event.sequence()),
                             TimeFrom(reminded.reminder().reminded_at()))
                   .ToString());
  *event.mutable_time() = reminded.reminder().reminded_at();
  event.set_datacontenttype("application/json");
  v1::ObligationNotice& notice = *event.mutable_data();
  notice.set_org_unit_id(reminded.org_unit_id());
  *notice.mutable_month() = reminded.month();
  notice.set_form_id(reminded.form_id());
  notice.set_state(reminded.state());
  *notice.mutable_act_by() = reminded.reminder().act_by();
  SetTexts(type == kObligationOverdue, notice);
  return event;
}

Uuid SubjectId(const v1::ObligationNoticeEvent& event) {
  return Uuid::Derived("obligation", event.subject(), absl::UnixEpoch());
}

}  // namespace zhuqi::routing
