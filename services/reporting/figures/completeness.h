// Who owes monthly summaries, and how they were met. Pure.
#ifndef ZHUQI_SERVICES_REPORTING_FIGURES_COMPLETENESS_H_
#define ZHUQI_SERVICES_REPORTING_FIGURES_COMPLETENESS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "services/reporting/cube/cube.h"
#include "services/reporting/cube/figure_query.h"
#include "services/reporting/measures/measures.h"
#include "zhuqi/reporting/v1/report_service.pb.h"

namespace zhuqi::reporting {

inline constexpr int kMaxObligations = 20'000;

struct MonthRange {
  std::optional<MonthNumber> first;
  std::optional<MonthNumber> last;
};
// InvalidArgument for months that do not exist or are out of order.
absl::StatusOr<MonthRange> ReadMonths(const v1::GetCompletenessRequest& request);

// All but the freshness. `org_unit_id` is known to the directory. Counts what is due by `now`, to the
// instant. InvalidArgument TOO_MANY_FIGURES.
absl::StatusOr<v1::GetCompletenessResponse> CompletenessOf(const Cube& cube, const Directory& directory,
                                                           const std::string& org_unit_id,
                                                           const MonthRange& months, absl::Time now);

// The obligations behind completeness and timeliness of a span: those due on its days that have ended and not
// waived.
struct ObligationPage {
  std::vector<v1::RecordReference> records;
  int64_t total = 0;
  std::string next;  // goes on after the last record; empty at the end
};
ObligationPage ObligationsBehind(const Cube& cube, const Directory& directory, const Measure& measure,
                                 const std::string& org_unit_id, DaySpan ended, const std::string& after,
                                 int page_size);

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_FIGURES_COMPLETENESS_H_
