// Which list of which owner holds the records behind a figure, and how its rows are shown. Pure.
#ifndef ZHUQI_SERVICES_REPORTING_FIGURES_RECORD_QUERIES_H_
#define ZHUQI_SERVICES_REPORTING_FIGURES_RECORD_QUERIES_H_

#include <optional>
#include <string>

#include "services/reporting/figures/request_rules.h"
#include "zhuqi/intake/v1/record_service.pb.h"
#include "zhuqi/reporting/v1/report_service.pb.h"
#include "zhuqi/routing/v1/case_service.pb.h"

namespace zhuqi::reporting {

// Who keeps the records behind a measure.
enum class RecordOwner { kAtIntake, kAtRouting, kHere };
RecordOwner OwnerOf(RecordQuery query);

// The list with the total counted. Nullopt when nothing can lie behind the figure, such as deadlines of a
// span that is all in the future.
std::optional<intake::v1::ListRecordsRequest> RecordsBehind(const Explanation& explanation,
                                                            const std::string& org_unit_id);
std::optional<routing::v1::ListCasesRequest> CasesBehind(const Explanation& explanation,
                                                         const std::string& org_unit_id, DayNumber today);

// True when what is to be shown of a case stands in its history alone, which lists leave out.
bool NeedsHistory(const Measure& measure);

v1::RecordReference ReferenceTo(const intake::v1::Record& record);
// `item` has its history when NeedsHistory.
v1::RecordReference ReferenceTo(const routing::v1::Case& item, const Explanation& explanation);

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_FIGURES_RECORD_QUERIES_H_
