#include "services/intake/summaries/stored_summary.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/intake/summaries/period_rules.h"

namespace zhuqi::intake {

SummaryKey KeyOf(const StoredSummary& stored) {
  return {stored.summary.org_unit_id(), CivilMonthFrom(stored.summary.month()).value_or(absl::CivilMonth()),
          stored.summary.form_id()};
}

std::string EtagOf(const StoredSummary& stored) {
  return absl::StrCat("s", stored.sequence - stored.summary.reminders_size());
}

absl::Status EtagMismatch(const StoredSummary& current) {
  return rpc::Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                    "the summary was changed in between; read it again", "月报已被修改，请重新读取",
                    {{"etag", EtagOf(current)}});
}

v1::MonthlySummary Shown(const StoredSummary& stored, const v1::Period* period) {
  v1::MonthlySummary summary = stored.summary;
  summary.set_etag(EtagOf(stored));
  // Kept for a waiver that is taken back.
  if (summary.state() != v1::SUMMARY_STATE_RETURNED) summary.clear_return_due_at();
  if (period == nullptr) return summary;
  if (const std::optional<absl::Time> locks_at = LockTime(*period)) {
    *summary.mutable_locks_at() = TimestampMessage(*locks_at);
  }
  return summary;
}

bool IsOpen(v1::SummaryState state) {
  return state == v1::SUMMARY_STATE_OWED || state == v1::SUMMARY_STATE_RETURNED;
}

bool Counts(v1::SummaryState state) {
  return state == v1::SUMMARY_STATE_SUBMITTED || state == v1::SUMMARY_STATE_ACCEPTED;
}

absl::Time DueWithExtension(const v1::MonthlySummary& summary) {
  absl::Time due = TimeFrom(summary.due_at());
  for (auto decision = summary.decisions().rbegin(); decision != summary.decisions().rend(); ++decision) {
    if (decision->kind() != v1::ObligationDecision::KIND_EXTEND) continue;
    return std::max(due, TimeFrom(decision->extended_until()));  // the newest one stands
  }
  return due;
}

bool IsHistory(const v1::MonthlySummary& summary) {
  return TimeFrom(summary.made_at()) > TimeFrom(summary.due_at());
}

bool IsLate(const v1::MonthlySummary& summary, absl::Time at) { return at > DueWithExtension(summary); }

absl::Time ClockOf(const v1::MonthlySummary& summary) {
  return summary.has_return_due_at() ? TimeFrom(summary.return_due_at()) : DueWithExtension(summary);
}

std::optional<absl::Time> ActBy(const v1::MonthlySummary& summary) {
  return IsOpen(summary.state()) ? std::make_optional(ClockOf(summary)) : std::nullopt;
}

feed::v1::SummaryFacts FactsOf(const StoredSummary& stored) {
  const v1::MonthlySummary& summary = stored.summary;
  feed::v1::SummaryFacts facts;
  facts.set_org_unit_id(summary.org_unit_id());
  *facts.mutable_month() = summary.month();
  facts.set_form_id(summary.form_id());
  facts.set_state(summary.state());
  // With its extension: whoever counts what is due counts it on the day on which it really falls due.
  *facts.mutable_due_at() = TimestampMessage(DueWithExtension(summary));
  if (summary.has_first_submitted_at()) *facts.mutable_first_submitted_at() = summary.first_submitted_at();
  facts.set_late(summary.late());
  facts.set_returned_count(stored.returned_count);
  facts.set_waiver_reason(summary.waiver_reason());
  facts.set_revision(summary.revision());
  *facts.mutable_cells() = summary.cells();
  facts.set_vintage(summary.vintage());
  return facts;
}

feed::OutgoingEvent EventOf(const StoredSummary* before, const StoredSummary& after,
                            int64_t directory_sequence) {
  feed::OutgoingEvent outgoing;
  outgoing.partition = after.partition;
  outgoing.event.set_directory_sequence(directory_sequence);
  feed::v1::SummaryChanged& change = *outgoing.event.mutable_summary();
  if (before != nullptr) *change.mutable_before() = FactsOf(*before);
  *change.mutable_after() = FactsOf(after);
  return outgoing;
}

}  // namespace zhuqi::intake
