// Two revisions of a summary side by side. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_COMPARE_RULES_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_COMPARE_RULES_H_

#include "zhuqi/intake/v1/summary_service.pb.h"

namespace zhuqi::intake {

// Both as they were sent, by one version of the form.
v1::CompareRevisionsResponse Compare(const v1::MonthlySummary& left, const v1::MonthlySummary& right);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_COMPARE_RULES_H_
