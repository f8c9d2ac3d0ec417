#include "services/intake/summaries/submit_rules.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/intake/summaries/chain_rules.h"
#include "services/intake/summaries/form_findings.h"
#include "services/intake/summaries/summary_digest.h"

namespace zhuqi::intake {
namespace {

using directory::v1::SummaryForm;

absl::Status CheckEtag(const StoredSummary& current, const std::string& etag) {
  if (etag.empty() && current.summary.revision() > 0) {
    rpc::Violations violations;
    violations.Add("etag", "ETAG_REQUIRED", "a revision of a summary names the etag that it was made from",
                   "修订月报须填写所依据版本的 etag");
    return violations.ToStatus();
  }
  if (!etag.empty() && etag != EtagOf(current)) return EtagMismatch(current);
  return absl::OkStatus();
}

// A cell for each indicator of the form, in its order: an indicator that was left out is MISSING, which is
// not zero.
void TakeCells(const SummaryForm& form, const v1::SubmitSummaryRequest& request, v1::MonthlySummary& summary,
               rpc::Violations& violations) {
  absl::flat_hash_map<absl::string_view, const v1::SummaryCell*> given;
  for (const v1::SummaryCell& cell : request.cells()) given[cell.indicator_id()] = &cell;
  absl::flat_hash_set<absl::string_view> asked;
  summary.clear_cells();
  for (const auto& indicator : form.indicators()) {
    asked.insert(indicator.indicator_id());
    v1::SummaryCell& cell = *summary.add_cells();
    const auto found = given.find(indicator.indicator_id());
    if (found != given.end()) {
      cell = *found->second;
      continue;
    }
    cell.set_indicator_id(indicator.indicator_id());
    cell.set_status(v1::CELL_STATUS_MISSING);
    cell.set_derivation(v1::CELL_DERIVATION_MANUAL);
  }
  for (int i = 0; i < request.cells_size(); ++i) {
    if (asked.contains(request.cells(i).indicator_id())) continue;
    violations.Add(absl::StrCat("cells[", i, "].indicator_id"), "INDICATOR_UNKNOWN",
                   absl::StrCat("the form ", form.form_id(), " has no such indicator"),
                   absl::StrCat("报表 ", form.form_id(), " 没有该指标"));
  }
}

// The words in the form's order; a section without words is not there.
void TakeSections(const SummaryForm& form, const v1::SubmitSummaryRequest& request,
                  v1::MonthlySummary& summary, rpc::Violations& violations) {
  absl::flat_hash_map<absl::string_view, const v1::SectionText*> given;
  for (const v1::SectionText& section : request.sections()) given[section.section_id()] = &section;
  absl::flat_hash_set<absl::string_view> asked;
  summary.clear_sections();
  for (const auto& section : form.sections()) {
    asked.insert(section.section_id());
    const auto found = given.find(section.section_id());
    if (found != given.end() && !found->second->text().empty()) *summary.add_sections() = *found->second;
  }
  for (int i = 0; i < request.sections_size(); ++i) {
    if (asked.contains(request.sections(i).section_id())) continue;
    violations.Add(absl::StrCat("sections[", i, "].section_id"), "SECTION_UNKNOWN",
                   absl::StrCat("the form ", form.form_id(), " has no such section"),
                   absl::StrCat("报表 ", form.form_id(), " 没有该段"));
  }
}

void TakeBasis(const MonthEvidence& evidence, const v1::SubmitSummaryRequest& request,
               v1::MonthlySummary& summary, rpc::Violations& violations) {
  absl::flat_hash_set<absl::string_view> below(evidence.missing_units.begin(), evidence.missing_units.end());
  for (const FormedSummary& lower : evidence.lower) below.insert(lower.summary.org_unit_id());
  *summary.mutable_basis() = request.basis();
  for (int i = 0; i < request.basis_size(); ++i) {
    const v1::SummaryBasis& basis = request.basis(i);
    if (basis.form_id() == evidence.form->lower_form_id() && below.contains(basis.org_unit_id())) continue;
    violations.Add(absl::StrCat("basis[", i, "]"), "BASIS_UNKNOWN",
                   "the unit owes no such summary below this one for the month",
                   "该机构当月没有可汇总的下级月报");
  }
  // The order in which they are named says nothing, so it does not change the digest.
  std::sort(summary.mutable_basis()->begin(), summary.mutable_basis()->end(),
            [](const v1::SummaryBasis& left, const v1::SummaryBasis& right) {
              return std::tie(left.org_unit_id(), left.form_id()) <
                     std::tie(right.org_unit_id(), right.form_id());
            });
}

absl::Status TakeContent(const v1::SubmitSummaryRequest& request, const MonthEvidence& evidence,
                         v1::MonthlySummary& summary) {
  rpc::Violations violations;
  TakeCells(*evidence.form, request, summary, violations);
  TakeSections(*evidence.form, request, summary, violations);
  TakeBasis(evidence, request, summary, violations);
  summary.set_narrative(request.narrative());
  return violations.ToStatus();
}

// After the lock a change is a correction, with a reason; before it, it is not.
absl::Status TakeCorrection(const v1::SubmitSummaryRequest& request, bool locked,
                            v1::MonthlySummary& summary) {
  rpc::Violations violations;
  if (locked && request.correction_reason().empty()) {
    violations.Add("correction_reason", "CORRECTION_REASON_REQUIRED",
                   "the period is locked: a change is a correction, and says why",
                   "报告期已锁定，更正须说明原因");
  } else if (!locked && !request.correction_reason().empty()) {
    violations.Add("correction_reason", "CORRECTION_REASON_NOT_ALLOWED",
                   "the period is not locked: a change is not a correction yet",
                   "报告期尚未锁定，无须填写更正原因");
  }
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  summary.set_correction_reason(request.correction_reason());
  if (locked) summary.set_vintage(summary.vintage() + 1);
  return absl::OkStatus();
}

void TakeTimes(const v1::SubmitSummaryRequest& request, const SubmitContext& context,
               v1::MonthlySummary& summary) {
  *summary.mutable_submitted_at() =
      TimestampMessage(request.has_occurred_at() ? TimeFrom(request.occurred_at()) : context.now);
  *summary.mutable_recorded_at() = TimestampMessage(context.now);
  summary.set_submitted_by(context.sender);
  if (summary.has_first_submitted_at()) return;
  *summary.mutable_first_submitted_at() = IsHistory(summary) ? summary.submitted_at() : summary.recorded_at();
  summary.set_late(IsLate(summary, TimeFrom(summary.first_submitted_at())));
}

absl::Status TooManyRevisions() {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, "TOO_MANY_REVISIONS",
                    absl::StrCat("the summary has ", kMaxRevisions, " revisions"),
                    absl::StrCat("该月报已有 ", kMaxRevisions, " 次修订"));
}

}  // namespace

absl::StatusOr<StoredSummary> Submit(const StoredSummary& current, const v1::SubmitSummaryRequest& request,
                                     const SubmitContext& context) {
  ZHUQI_RETURN_IF_ERROR(CheckEtag(current, request.etag()));
  StoredSummary after = current;
  v1::MonthlySummary& summary = after.summary;
  ZHUQI_RETURN_IF_ERROR(TakeContent(request, context.evidence, summary));
  const std::string digest = SummaryDigest(summary);
  // Sending what stands already must not undo an approval.
  if (Counts(current.summary.state()) && digest == current.summary.digest()) return current;
  if (summary.revision() >= kMaxRevisions) return TooManyRevisions();
  ZHUQI_RETURN_IF_ERROR(TakeCorrection(request, context.locked, summary));
  summary.set_digest(digest);
  summary.set_revision(summary.revision() + 1);
  summary.set_state(v1::SUMMARY_STATE_SUBMITTED);
  TakeTimes(request, context, summary);
  const std::vector<v1::SummaryFinding> findings = FindingsOf(summary, context.evidence, context.superseded);
  *summary.mutable_findings() = {findings.begin(), findings.end()};
  VoidAcceptance(summary, absl::StrCat("revision ", summary.revision()));
  summary.clear_waiver_reason();
  summary.clear_return_due_at();
  ++after.sequence;
  return after;
}

}  // namespace zhuqi::intake
