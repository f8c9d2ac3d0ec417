#include "services/intake/summaries/summary_queries.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/intake/summaries/compare_rules.h"
#include "services/intake/summaries/draft_rules.h"
#include "services/intake/summaries/evidence_store.h"
#include "services/intake/summaries/obligation_rules.h"
#include "services/intake/summaries/obligation_view.h"

namespace zhuqi::intake {
namespace {

absl::Status NoObligation() {
  return rpc::Error(absl::StatusCode::kNotFound, "NO_OBLIGATION", "the unit owed no such summary then",
                    "该机构当时没有应报的此类月报");
}

absl::StatusOr<StoredSummary> ReadOne(db::Connection& connection, const SummaryName& name) {
  ZHUQI_ASSIGN_OR_RETURN(const Summaries summaries, ReadSummaries(connection, {name.key}));
  ZHUQI_ASSIGN_OR_RETURN(const StoredSummary* found,
                         PickSummary(summaries, name.key, name.form_id, absl::StatusCode::kNotFound));
  return *found;
}

absl::StatusOr<Periods> ReadPeriodsOf(db::Connection& connection, const std::vector<StoredSummary>& rows) {
  std::set<PeriodKey> keys;
  for (const StoredSummary& row : rows) keys.emplace(row.summary.form_id(), KeyOf(row).month);
  return ReadPeriods(connection, keys);
}

std::string TokenAfter(const PageQuery& page, const SummaryKey& last) {
  return EncodePageToken(page.filter, {absl::FormatCivilTime(last.month), last.org_unit_id, last.form_id});
}

absl::Status RevisionUnknown(int64_t revision, int64_t newest) {
  return rpc::Error(absl::StatusCode::kNotFound, "REVISION_UNKNOWN",
                    absl::StrCat("there is no revision ", revision, "; the newest is ", newest),
                    absl::StrCat("没有第 ", revision, " 次修订，最新为第 ", newest, " 次"),
                    {{"revision", absl::StrCat(newest)}});
}

absl::StatusOr<v1::MonthlySummary> RequireRevision(db::Connection& connection, const StoredSummary& newest,
                                                   int64_t revision) {
  std::optional<v1::MonthlySummary> found;
  if (revision >= 1) {
    ZHUQI_ASSIGN_OR_RETURN(found, ReadRevision(connection, KeyOf(newest), revision));
  }
  if (!found.has_value()) return RevisionUnknown(revision, newest.summary.revision());
  return *std::move(found);
}

}  // namespace

absl::StatusOr<v1::GetSummaryResponse> ReadSummary(db::Connection& connection, const SummaryName& name,
                                                   std::optional<absl::Time> as_of) {
  ZHUQI_ASSIGN_OR_RETURN(StoredSummary stored, ReadOne(connection, name));
  if (as_of.has_value()) {
    ZHUQI_ASSIGN_OR_RETURN(std::optional<StoredSummary> then, ReadAsOf(connection, KeyOf(stored), *as_of));
    if (!then.has_value()) return NoObligation();
    stored = *std::move(then);
  }
  ZHUQI_ASSIGN_OR_RETURN(const Periods periods, ReadPeriodsOf(connection, {stored}));
  const v1::Period* period = FindPeriod(periods, KeyOf(stored));
  std::optional<v1::Period> known;
  if (period != nullptr) known = KnownAt(*period, as_of.value_or(absl::InfiniteFuture()));
  v1::GetSummaryResponse response;
  *response.mutable_summary() = Shown(stored, known.has_value() ? &*known : nullptr);
  return response;
}

absl::StatusOr<v1::ListSummariesResponse> ReadSummaryPage(db::Connection& connection,
                                                          const SummaryFilter& filter, const PageQuery& page,
                                                          const std::optional<SummaryKey>& after) {
  std::vector<StoredSummary> rows;
  size_t bytes = 0;
  bool more = false;
  // One more than asked for says whether there is a next page. So below.
  ZHUQI_RETURN_IF_ERROR(
      ListSummaries(connection, filter, after, page.size + 1, [&](StoredSummary row) -> absl::StatusOr<bool> {
        bytes += row.summary.ByteSizeLong();
        more = static_cast<int>(rows.size()) == page.size || (!rows.empty() && bytes > kMaxPageBytes);
        if (!more) rows.push_back(std::move(row));
        return !more;
      }));
  ZHUQI_ASSIGN_OR_RETURN(const Periods periods, ReadPeriodsOf(connection, rows));
  v1::ListSummariesResponse response;
  if (more) response.set_next_page_token(TokenAfter(page, KeyOf(rows.back())));
  for (const StoredSummary& row : rows) {
    *response.add_summaries() = Shown(row, FindPeriod(periods, KeyOf(row)));
  }
  return response;
}

absl::StatusOr<v1::ListObligationsResponse> ReadObligationPage(
    db::Connection& connection, const Directory& directory, const SummaryFilter& filter,
    const PageQuery& page, const std::optional<SummaryKey>& after, absl::Time now) {
  v1::ListObligationsResponse response;
  std::vector<SummaryKey> keys;  // of the page's rows, whose bodies are let go one by one
  std::set<PeriodKey> period_keys;
  ZHUQI_RETURN_IF_ERROR(ListSummaries(
      connection, filter, after, page.size + 1, [&](const StoredSummary& row) -> absl::StatusOr<bool> {
        if (static_cast<int>(keys.size()) == page.size) {
          response.set_next_page_token(TokenAfter(page, keys.back()));
          return false;
        }
        ZHUQI_ASSIGN_OR_RETURN(const directory::v1::SummaryForm* form, FormOf(directory, row.summary));
        *response.add_obligations() = ObligationOf(row, *form, directory.calendar(), now);
        keys.push_back(KeyOf(row));
        period_keys.emplace(keys.back().form_id, keys.back().month);
        return true;
      }));
  ZHUQI_ASSIGN_OR_RETURN(const Periods periods, ReadPeriods(connection, period_keys));
  for (size_t i = 0; i < keys.size(); ++i) {
    const v1::Period* period = FindPeriod(periods, keys[i]);
    response.mutable_obligations(static_cast<int>(i))
        ->set_locked(period != nullptr && IsLocked(*period, now));
  }
  return response;
}

absl::StatusOr<v1::ListPeriodsResponse> ReadPeriodPage(db::Connection& connection, const std::string& form_id,
                                                       const PageQuery& page,
                                                       const std::optional<PeriodKey>& after,
                                                       absl::Time now) {
  ZHUQI_ASSIGN_OR_RETURN(std::vector<StoredPeriod> rows,
                         ListPeriods(connection, form_id, after, page.size + 1));
  v1::ListPeriodsResponse response;
  if (CutToPage(rows, page.size)) {
    const auto [last_form, last_month] = KeyOf(rows.back());
    response.set_next_page_token(
        EncodePageToken(page.filter, {absl::FormatCivilTime(last_month), last_form}));
  }
  ZHUQI_ASSIGN_OR_RETURN(auto counts, CountObligations(connection, rows));
  for (const StoredPeriod& row : rows) *response.add_periods() = Shown(row, counts[KeyOf(row)], now);
  return response;
}

absl::StatusOr<v1::DraftSummaryResponse> ReadDraft(db::Connection& connection,
                                                   std::shared_ptr<const Directory> directory,
                                                   const SummaryName& name, absl::Time now) {
  ZHUQI_ASSIGN_OR_RETURN(const StoredSummary current, ReadOne(connection, name));
  ZHUQI_ASSIGN_OR_RETURN(const MonthEvidence evidence,
                         ReadEvidence(connection, std::move(directory), current, Counted::kAll));
  return DraftOf(current, evidence, now);
}

absl::StatusOr<v1::CompareRevisionsResponse> ReadComparison(db::Connection& connection,
                                                            const SummaryName& name, int64_t left,
                                                            int64_t right) {
  ZHUQI_ASSIGN_OR_RETURN(const StoredSummary newest, ReadOne(connection, name));
  const int64_t later = right == 0 ? newest.summary.revision() : right;
  const int64_t earlier = left == 0 ? later - 1 : left;
  ZHUQI_ASSIGN_OR_RETURN(const v1::MonthlySummary before, RequireRevision(connection, newest, earlier));
  ZHUQI_ASSIGN_OR_RETURN(const v1::MonthlySummary after, RequireRevision(connection, newest, later));
  return Compare(before, after);
}

absl::StatusOr<std::shared_ptr<const MonthEvidence>> ReadEvidenceFor(
    db::Connection& connection, std::shared_ptr<const Directory> directory,
    const v1::SubmitSummaryRequest& request) {
  const UnitMonth key = UnitMonthOf(Submission{request, nullptr});
  ZHUQI_ASSIGN_OR_RETURN(const Summaries summaries, ReadSummaries(connection, {key}));
  ZHUQI_ASSIGN_OR_RETURN(const StoredSummary* current, PickSummary(summaries, key, request.form_id(),
                                                                   absl::StatusCode::kFailedPrecondition));
  ZHUQI_ASSIGN_OR_RETURN(MonthEvidence evidence,
                         ReadEvidence(connection, std::move(directory), *current, Counted::kNamedByRules));
  return std::make_shared<const MonthEvidence>(std::move(evidence));
}

absl::StatusOr<v1::SubmitSummaryResponse> ReadPreview(db::Connection& connection,
                                                      std::shared_ptr<const Directory> directory,
                                                      const v1::SubmitSummaryRequest& request,
                                                      const std::string& sender, absl::Time now) {
  Submission submission{request, nullptr};
  ZHUQI_ASSIGN_OR_RETURN(submission.evidence, ReadEvidenceFor(connection, directory, request));
  std::vector<UnitMonth> keys = BasisUnitsOf(submission);
  keys.push_back(UnitMonthOf(submission));
  ZHUQI_ASSIGN_OR_RETURN(Summaries summaries, ReadSummaries(connection, keys));
  std::vector<StoredSummary> rows;
  rows.reserve(summaries.size());
  for (const auto& [key, stored] : summaries) rows.push_back(stored);
  ZHUQI_ASSIGN_OR_RETURN(Periods periods, ReadPeriodsOf(connection, rows));
  const SummaryPlan plan(std::move(summaries), std::move(periods), std::move(directory), now);
  v1::SubmitSummaryResponse response;
  ZHUQI_ASSIGN_OR_RETURN(*response.mutable_summary(), plan.Preview(submission, sender));
  return response;
}

}  // namespace zhuqi::intake
