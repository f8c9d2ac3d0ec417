#include "services/reporting/figures/completeness.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"

namespace zhuqi::reporting {
namespace {

bool IsWaived(const feed::v1::SummaryFacts& facts) {
  return facts.state() == intake::v1::SUMMARY_STATE_WAIVED;
}

std::optional<MonthNumber> ReadMonth(const char* field, bool present, const common::v1::YearMonth& month,
                                     rpc::Violations& violations) {
  if (!present) return std::nullopt;
  const auto civil = CivilMonthFrom(month);
  if (civil.has_value()) return MonthNumberOf(*civil);
  violations.Add(field, "MONTH_INVALID", "there is no such month", "月份无效");
  return std::nullopt;
}

// The last month of what the unit and those below it owe whose summary is due by now; -1 when there is none.
MonthNumber LastDueMonth(const Cube& cube, const Directory& directory, const std::string& org_unit_id,
                         absl::Time now) {
  for (auto at = cube.obligations().rbegin(); at != cube.obligations().rend(); ++at) {
    const feed::v1::SummaryFacts& facts = at->second;
    if (TimeFrom(facts.due_at()) <= now && directory.IsInOrBelow(facts.org_unit_id(), org_unit_id)) {
      return std::get<0>(at->first);
    }
  }
  return -1;
}

v1::ObligationStatus StatusOf(const feed::v1::SummaryFacts& facts, bool missing) {
  v1::ObligationStatus status;
  status.set_org_unit_id(facts.org_unit_id());
  *status.mutable_month() = facts.month();
  status.set_form_id(facts.form_id());
  status.set_state(facts.state());
  *status.mutable_due_at() = facts.due_at();
  if (facts.has_first_submitted_at()) *status.mutable_first_submitted_at() = facts.first_submitted_at();
  status.set_late(facts.late());
  status.set_returned_count(facts.returned_count());
  status.set_waiver_reason(facts.waiver_reason());
  status.set_missing(missing);
  return status;
}

void CountIn(const feed::v1::SummaryFacts& facts, absl::Time now, v1::GetCompletenessResponse& response) {
  const bool due = !IsWaived(facts) && TimeFrom(facts.due_at()) <= now;
  const bool met = IsMet(facts);
  *response.add_obligations() = StatusOf(facts, due && !met);
  if (IsWaived(facts)) response.set_waived(response.waived() + 1);
  if (!due) return;
  response.set_due(response.due() + 1);
  if (met) response.set_met(response.met() + 1);
  if (met && !facts.late()) response.set_met_on_time(response.met_on_time() + 1);
}

absl::Status TooManyObligations() {
  rpc::Violations violations;
  violations.Add("first_month", "TOO_MANY_FIGURES",
                 "these are more than 20,000 obligations; ask for fewer months",
                 "应报记录超过 20000 条，请缩小月份范围");
  return violations.ToStatus();
}

// Sorts by due date, newest first, then by unit and form; also what page tokens carry.
std::string SortKey(const ObligationKey& key, const feed::v1::SummaryFacts& facts) {
  const int64_t newest_first = (int64_t{1} << 52) - absl::ToUnixSeconds(TimeFrom(facts.due_at()));
  return absl::StrFormat("%020d|%s|%s|%04d", newest_first, std::get<1>(key), std::get<2>(key),
                         std::get<0>(key));
}

v1::RecordReference ReferenceTo(const feed::v1::SummaryFacts& facts, const Directory& directory,
                                NumeratorTest test) {
  const std::string month = absl::StrFormat("%04d-%02d", facts.month().year(), facts.month().month());
  const directory::v1::OrgUnit* unit = directory.FindUnit(facts.org_unit_id());
  v1::RecordReference reference;
  reference.set_owner("intake");
  reference.set_id(absl::StrCat(facts.org_unit_id(), "/", month, "/", facts.form_id()));
  reference.set_org_unit_id(facts.org_unit_id());
  *reference.mutable_date() = DateMessage(CivilDayOf(DeadlineDay(TimeFrom(facts.due_at()))));
  reference.set_title(
      absl::StrCat(unit == nullptr ? facts.org_unit_id() : unit->name(), " ", month, " 月报"));
  reference.set_in_numerator(IsMet(facts) && (test != NumeratorTest::kMetOnTime || !facts.late()));
  return reference;
}

}  // namespace

absl::StatusOr<MonthRange> ReadMonths(const v1::GetCompletenessRequest& request) {
  rpc::Violations violations;
  MonthRange range;
  range.first = ReadMonth("first_month", request.has_first_month(), request.first_month(), violations);
  range.last = ReadMonth("last_month", request.has_last_month(), request.last_month(), violations);
  if (range.first.has_value() && range.last.has_value() && *range.last < *range.first) {
    violations.Add("last_month", "SPAN_REVERSED", "the last month is before the first",
                   "截止月份早于起始月份");
  }
  if (!violations.empty()) return violations.ToStatus();
  return range;
}

absl::StatusOr<v1::GetCompletenessResponse> CompletenessOf(const Cube& cube, const Directory& directory,
                                                           const std::string& org_unit_id,
                                                           const MonthRange& months, absl::Time now) {
  v1::GetCompletenessResponse response;
  const MonthNumber last =
      months.last.has_value() ? *months.last : LastDueMonth(cube, directory, org_unit_id, now);
  auto at = cube.obligations().lower_bound({months.first.value_or(0), "", ""});
  for (; at != cube.obligations().end() && std::get<0>(at->first) <= last; ++at) {
    if (!directory.IsInOrBelow(at->second.org_unit_id(), org_unit_id)) continue;
    if (response.obligations_size() == kMaxObligations) return TooManyObligations();
    CountIn(at->second, now, response);
  }
  if (response.due() > 0) {
    const auto due = static_cast<double>(response.due());
    response.set_completeness(static_cast<double>(response.met()) / due);
    response.set_timeliness(static_cast<double>(response.met_on_time()) / due);
  }
  return response;
}

ObligationPage ObligationsBehind(const Cube& cube, const Directory& directory, const Measure& measure,
                                 const std::string& org_unit_id, DaySpan ended, const std::string& after,
                                 int page_size) {
  std::vector<std::pair<std::string, const feed::v1::SummaryFacts*>> behind;
  for (const auto& [key, facts] : cube.obligations()) {
    const DayNumber due = DeadlineDay(TimeFrom(facts.due_at()));
    if (IsWaived(facts) || due < ended.first || due > ended.last) continue;
    if (directory.IsInOrBelow(facts.org_unit_id(), org_unit_id))
      behind.emplace_back(SortKey(key, facts), &facts);
  }
  std::sort(behind.begin(), behind.end());
  ObligationPage page;
  page.total = static_cast<int64_t>(behind.size());
  auto at = std::upper_bound(behind.begin(), behind.end(), after,
                             [](const std::string& place, const auto& entry) { return place < entry.first; });
  for (; at != behind.end() && static_cast<int>(page.records.size()) < page_size; ++at) {
    page.records.push_back(ReferenceTo(*at->second, directory, measure.in_numerator));
    page.next = at->first;
  }
  if (at == behind.end()) page.next.clear();
  return page;
}

}  // namespace zhuqi::reporting
