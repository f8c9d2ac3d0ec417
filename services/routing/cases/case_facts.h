#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_FACTS_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_FACTS_H_

#include "common/directory/directory.h"
#include "services/routing/cases/case_record.h"

namespace zhuqi::routing {

// The facts of `record` as the feed is to be told them: what events leave behind (call-back, escalations,
// consultations, resolved_at) is taken over from record.facts, and so is the handling time of a closing that
// was told already; all else is worked out from its body. Pure.
feed::v1::CaseFacts FactsOf(const CaseRecord& record, const Directory& directory);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_FACTS_H_
