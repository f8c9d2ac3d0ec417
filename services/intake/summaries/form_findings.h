// What a check of a summary against its form finds: what is missing, out of range, or against a rule. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_FORM_FINDINGS_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_FORM_FINDINGS_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/intake/summaries/month_evidence.h"
#include "zhuqi/intake/v1/summary.pb.h"
#include "zhuqi/intake/v1/summary_service.pb.h"

namespace zhuqi::intake {

// Findings that are no rule of the form.
inline constexpr char kRequired[] = "required";
inline constexpr char kRange[] = "range";
inline constexpr char kSection[] = "section";
inline constexpr char kOutlier[] = "outlier";
inline constexpr char kLowerLevel[] = "lower_level";
inline constexpr char kBasisSuperseded[] = "basis_superseded";

// Everything at once: cells and words, then the form's rules, then the level below, then outliers. `summary`
// has a cell for each indicator, in the form's order. `superseded`: units of its basis that do not stand as
// it names them.
std::vector<v1::SummaryFinding> FindingsOf(const v1::MonthlySummary& summary, const MonthEvidence& evidence,
                                           const std::set<std::string>& superseded);

// InvalidArgument with every finding that refuses the summary; OK when none does.
absl::Status RefuseErrors(const google::protobuf::RepeatedPtrField<v1::SummaryFinding>& findings,
                          const v1::SubmitSummaryRequest& request);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_FORM_FINDINGS_H_
