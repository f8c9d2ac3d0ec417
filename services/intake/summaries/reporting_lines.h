// Where the numbers of summaries go: each into the summaries that sum it up, and on to the top. What one of
// them brings along is not counted again from records by another. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_REPORTING_LINES_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_REPORTING_LINES_H_

#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/directory/directory.h"

namespace zhuqi::intake {

// Unit and form of each summary of a month that is owed and not waived.
using Reporting = std::set<std::pair<std::string, std::string>>;

// Seen from one unit and month. `directory` must outlive it.
class ReportingLines {
 public:
  ReportingLines(const Directory& directory, absl::string_view org_unit_id, absl::CivilMonth month,
                 Reporting reporting);

  // The units whose records are not the unit's own in a number that it sums up (`indicator` of `form`): they
  // stood below it on a day of the month, and their summaries bring the same number to this one, or to one
  // further up that this one goes into as well. Also those that have moved to a neighbour since, and those of
  // a unit between that reports nothing any more. A number that is not summed up leaves nobody out.
  std::set<std::string> Besides(const directory::v1::SummaryForm& form,
                                const directory::v1::SummaryIndicator& indicator) const;

 private:
  using Number = std::tuple<std::string, std::string, std::string>;  // unit, form, indicator
  using FormIndicator = std::pair<const directory::v1::SummaryForm*, const directory::v1::SummaryIndicator*>;

  // The number itself, and all that it is added up in.
  std::set<Number> Reached(Number from) const;
  // The numbers that sum this one up: those of the units above on the last day, as LowerUnits has it.
  void AddAbove(const Number& number, std::vector<Number>& above) const;
  // What is summed up in `indicator`, and what in that, as far down as it goes.
  std::vector<FormIndicator> SummedIn(const directory::v1::SummaryForm& form,
                                      const directory::v1::SummaryIndicator& indicator) const;

  const Directory& directory_;
  const std::string org_unit_id_;
  const absl::CivilMonth month_;
  const Reporting reporting_;
  std::vector<const directory::v1::SummaryForm*> forms_;  // in force in the month
  std::set<std::string> below_;                           // on any day of the month
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_REPORTING_LINES_H_
