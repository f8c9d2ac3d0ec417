// Visit plans, quotas, proposals and preparation sheets, as text for people.
#ifndef ZHUQI_TOOLS_ZHUQICTL_VISIT_TEXT_H_
#define ZHUQI_TOOLS_ZHUQICTL_VISIT_TEXT_H_

#include <string>

#include "google/protobuf/repeated_field.h"
#include "zhuqi/intake/v1/enterprise_service.pb.h"
#include "zhuqi/intake/v1/visit_plan.pb.h"
#include "zhuqi/intake/v1/visit_plan_service.pb.h"

namespace zhuqi::ctl {

using QuotaList = google::protobuf::RepeatedPtrField<intake::v1::VisitQuota>;

std::string PlanTable(const google::protobuf::RepeatedPtrField<intake::v1::VisitPlan>& plans);

// The quotas, and what they add up to (QuotaTotals).
std::string QuotaTable(const QuotaList& quotas);

// How many of the quotas that are not waived were met, and how many of the visits owed were made; visits
// beyond what a quota owes make up for no other, so that neither share passes 100 %. "–" without any.
//   quotas met 1 of 2 (50.0 %), waived 1; visits made 12 of 20 (60.0 %)
std::string QuotaTotals(const QuotaList& quotas);

// The most needed first, each with its reasons. `chinese`: their findings in Chinese.
std::string ProposalTable(const intake::v1::ProposeVisitsResponse& response, bool chinese);

// What a team should know before it goes, on one sheet.
std::string PreparationSheet(const intake::v1::PrepareVisitResponse& response);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_VISIT_TEXT_H_
