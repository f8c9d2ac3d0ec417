// From requests to what is to be worked out. Pure: no clock, no lock, no call.
#ifndef ZHUQI_SERVICES_REPORTING_FIGURES_REQUEST_RULES_H_
#define ZHUQI_SERVICES_REPORTING_FIGURES_REQUEST_RULES_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/directory/directory.h"
#include "services/reporting/cube/figure_query.h"
#include "zhuqi/reporting/v1/report_service.pb.h"

namespace zhuqi::reporting {

inline constexpr std::size_t kMaxFigures = 50'000;
inline constexpr int kMaxMeasures = 50;
inline constexpr int kMaxPeriods = 60;

// All but the units. InvalidArgument with every violation.
absl::StatusOr<FigureQuery> ReadQuery(const v1::QueryFiguresRequest& request);

// The identity of the unit asked for; the root's when empty. NotFound ORG_UNIT_UNKNOWN.
absl::StatusOr<std::string> ReadUnit(const Directory& directory, const std::string& org_unit_id);

// Fills in the units: the one asked for, then its children by identity. NotFound ORG_UNIT_UNKNOWN,
// InvalidArgument TOO_MANY_FIGURES.
absl::Status AddUnits(const Directory& directory, const v1::QueryFiguresRequest& request, FigureQuery& query);

absl::Status TooManyFigures();

// Which figure is to be explained.
struct Explanation {
  const Measure* measure = nullptr;
  ReportSpan span;
  v1::GroupBy group_by = v1::GROUP_BY_UNSPECIFIED;
  std::optional<std::string> group;
  int page_size = 0;
  // The same text for the same figure: what page tokens are bound to.
  std::string filter;
  // Where the owner's list goes on. Empty: the first page.
  std::string owner_page_token;
};
absl::StatusOr<Explanation> ReadExplanation(const v1::ExplainFigureRequest& request);

// The token for the page that the owner continues at; empty for empty.
std::string ExplanationPageToken(const Explanation& explanation, const std::string& owner_page_token);

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_FIGURES_REQUEST_RULES_H_
