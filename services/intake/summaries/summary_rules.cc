#include "services/intake/summaries/summary_rules.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"

namespace zhuqi::intake {
namespace {

absl::Status EtagMismatch(const StoredSummary& current) {
  return rpc::Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                    "the summary was changed in between; read it again", "月报已被修改，请重新读取",
                    {{"etag", EtagOf(current)}});
}

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
absl::Status TakeCells(const directory::v1::SummaryForm& form, const v1::SubmitSummaryRequest& request,
                       v1::MonthlySummary& summary) {
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
  rpc::Violations violations;
  for (int i = 0; i < request.cells_size(); ++i) {
    if (asked.contains(request.cells(i).indicator_id())) continue;
    violations.Add(absl::StrCat("cells[", i, "].indicator_id"), "INDICATOR_UNKNOWN",
                   absl::StrCat("the form ", form.form_id(), " has no such indicator"),
                   absl::StrCat("报表 ", form.form_id(), " 没有该指标"));
  }
  return violations.ToStatus();
}

// An approval names what it approved; what comes after was not approved.
void VoidApprovals(v1::MonthlySummary& summary) {
  for (v1::SummaryReview& review : *summary.mutable_reviews()) {
    if (review.decision() == v1::REVIEW_DECISION_ACCEPT) review.set_voided(true);
  }
}

absl::Status IllegalTransition(v1::SummaryState state) {
  const std::string& name = v1::SummaryState_Name(state);
  return rpc::Error(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION",
                    absl::StrCat("the summary is not waiting for review but in state ", name),
                    "该月报当前不在待审状态", {{"state", name}, {"allowed", "SUBMIT"}});
}

// Whether what the reviewer read is what stands.
absl::Status CheckReviewed(const v1::MonthlySummary& summary, const v1::ReviewSummaryRequest& request) {
  if (summary.revision() == 0) return IllegalTransition(summary.state());
  if (request.revision() > summary.revision()) {
    rpc::Violations violations;
    violations.Add("revision", "REVISION_UNKNOWN",
                   absl::StrCat("the newest revision is ", summary.revision()),
                   absl::StrCat("最新修订号为 ", summary.revision()));
    return violations.ToStatus();
  }
  if (request.revision() < summary.revision()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "REVISION_SUPERSEDED",
                      "a newer revision has come; read it before deciding", "已有更新的修订，请审阅后再决定",
                      {{"revision", absl::StrCat(summary.revision())}});
  }
  if (request.digest() != summary.digest()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "DIGEST_MISMATCH",
                      "the digest is not that of the revision: what was read is not what was sent",
                      "摘要与该修订不符，所审阅的内容并非所报送的内容");
  }
  if (summary.state() != v1::SUMMARY_STATE_SUBMITTED) return IllegalTransition(summary.state());
  return absl::OkStatus();
}

// Fields behind their lengths, so that no two contents give the same bytes.
class Canonical {
 public:
  Canonical& Add(absl::string_view text) {
    absl::StrAppend(&bytes_, text.size(), ":", text);
    return *this;
  }
  Canonical& Add(int64_t number) { return Add(absl::string_view(absl::StrCat(number))); }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace

SummaryKey KeyOf(const StoredSummary& stored) {
  return {stored.summary.org_unit_id(), CivilMonthFrom(stored.summary.month()).value_or(absl::CivilMonth()),
          stored.summary.form_id()};
}

std::string EtagOf(const StoredSummary& stored) { return absl::StrCat("s", stored.sequence); }

v1::MonthlySummary Shown(const StoredSummary& stored) {
  v1::MonthlySummary summary = stored.summary;
  summary.set_etag(EtagOf(stored));
  summary.set_waiver_reason(stored.waiver_reason);
  return summary;
}

feed::v1::SummaryFacts FactsOf(const StoredSummary& stored) {
  const v1::MonthlySummary& summary = stored.summary;
  feed::v1::SummaryFacts facts;
  facts.set_org_unit_id(summary.org_unit_id());
  *facts.mutable_month() = summary.month();
  facts.set_form_id(summary.form_id());
  facts.set_state(summary.state());
  *facts.mutable_due_at() = summary.due_at();
  if (summary.has_first_submitted_at()) *facts.mutable_first_submitted_at() = summary.first_submitted_at();
  facts.set_late(summary.late());
  facts.set_returned_count(stored.returned_count);
  facts.set_waiver_reason(stored.waiver_reason);
  facts.set_revision(summary.revision());
  *facts.mutable_cells() = summary.cells();
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

absl::StatusOr<StoredSummary> Submit(const StoredSummary& current, const directory::v1::SummaryForm& form,
                                     const v1::SubmitSummaryRequest& request, absl::Time now) {
  ZHUQI_RETURN_IF_ERROR(CheckEtag(current, request.etag()));
  StoredSummary after = current;
  v1::MonthlySummary& summary = after.summary;
  ZHUQI_RETURN_IF_ERROR(TakeCells(form, request, summary));
  summary.set_narrative(request.narrative());
  const std::string digest = SummaryDigest(summary);
  const bool stands = current.summary.state() == v1::SUMMARY_STATE_SUBMITTED ||
                      current.summary.state() == v1::SUMMARY_STATE_ACCEPTED;
  // Sending what stands already must not undo an approval.
  if (stands && digest == current.summary.digest()) return current;
  summary.set_digest(digest);
  summary.set_revision(summary.revision() + 1);
  summary.set_state(v1::SUMMARY_STATE_SUBMITTED);
  *summary.mutable_submitted_at() =
      request.has_occurred_at() ? TimestampMessage(TimeFrom(request.occurred_at())) : TimestampMessage(now);
  *summary.mutable_recorded_at() = TimestampMessage(now);
  if (!summary.has_first_submitted_at()) {
    *summary.mutable_first_submitted_at() = summary.submitted_at();
    summary.set_late(TimeFrom(summary.first_submitted_at()) > TimeFrom(summary.due_at()));
  }
  VoidApprovals(summary);
  after.waiver_reason.clear();
  ++after.sequence;
  return after;
}

absl::StatusOr<StoredSummary> Review(const StoredSummary& current, const v1::ReviewSummaryRequest& request,
                                     absl::string_view reviewer, absl::Time now) {
  ZHUQI_RETURN_IF_ERROR(CheckReviewed(current.summary, request));
  const absl::Time reviewed_at = request.has_occurred_at() ? TimeFrom(request.occurred_at()) : now;
  if (request.has_occurred_at() && reviewed_at < TimeFrom(current.summary.submitted_at())) {
    rpc::Violations violations;
    violations.Add("occurred_at", "OCCURRED_BEFORE_SUBMISSION", "must not be before the revision was sent",
                   "不能早于该修订的报送时间");
    return violations.ToStatus();
  }
  StoredSummary after = current;
  const bool accepted = request.decision() == v1::REVIEW_DECISION_ACCEPT;
  after.summary.set_state(accepted ? v1::SUMMARY_STATE_ACCEPTED : v1::SUMMARY_STATE_RETURNED);
  if (!accepted) ++after.returned_count;
  v1::SummaryReview& review = *after.summary.add_reviews();
  review.set_revision(request.revision());
  review.set_digest(request.digest());
  review.set_decision(request.decision());
  review.set_comment(request.comment());
  *review.mutable_reviewed_at() = TimestampMessage(reviewed_at);
  review.set_reviewer(std::string(reviewer));
  ++after.sequence;
  return after;
}

std::string SummaryDigest(const v1::MonthlySummary& summary) {
  Canonical content;
  content.Add("zhuqi-summary-1")
      .Add(summary.org_unit_id())
      .Add(summary.month().year())
      .Add(summary.month().month());
  content.Add(summary.form_id()).Add(summary.narrative()).Add(summary.cells_size());
  for (const v1::SummaryCell& cell : summary.cells()) {
    content.Add(cell.indicator_id()).Add(cell.value()).Add(static_cast<int64_t>(cell.status()));
    content.Add(static_cast<int64_t>(cell.derivation())).Add(cell.note());
  }
  return absl::BytesToHexString(Sha256(content.bytes()));
}

}  // namespace zhuqi::intake
