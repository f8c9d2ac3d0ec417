#ifndef ZHUQI_SERVICES_REPORTING_FIGURES_DAY_BREAKDOWN_H_
#define ZHUQI_SERVICES_REPORTING_FIGURES_DAY_BREAKDOWN_H_

#include <string>

#include "services/reporting/figures/request_rules.h"

namespace zhuqi::reporting {

// The explained figure day by day, in order, without days that have nothing: of a rate numerator and
// denominator, of a stock the change, of a distinct count the different ones of that day, of a distribution
// the number of values.
void AddDays(const Cube& cube, const Explanation& explanation, const std::string& org_unit_id,
             DayNumber today, google::protobuf::RepeatedPtrField<v1::DayFigure>* days);

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_FIGURES_DAY_BREAKDOWN_H_
