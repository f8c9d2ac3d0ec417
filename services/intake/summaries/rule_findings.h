// Validation rules of a form: linear expression, comparison, linear expression, worked out exactly. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_RULE_FINDINGS_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_RULE_FINDINGS_H_

#include <vector>

#include "services/intake/summaries/month_evidence.h"
#include "zhuqi/intake/v1/summary.pb.h"

namespace zhuqi::intake {

// Adds each rule that does not hold, and each that could not be looked at since a number is not there.
void AddRuleFindings(const v1::MonthlySummary& summary, const MonthEvidence& evidence,
                     std::vector<v1::SummaryFinding>& findings);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_RULE_FINDINGS_H_
