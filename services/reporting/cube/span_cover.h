#ifndef ZHUQI_SERVICES_REPORTING_CUBE_SPAN_COVER_H_
#define ZHUQI_SERVICES_REPORTING_CUBE_SPAN_COVER_H_

#include <algorithm>

#include "services/reporting/cube/day_number.h"

namespace zhuqi::reporting {

// Covers the span with as few years, months and days as there are whole ones in it: calls year(y), month(m)
// or day(d) for each, in order of time.
template <typename Year, typename Month, typename Day>
void CoverSpan(DaySpan span, Year year, Month month, Day day) {
  span.first = std::max(span.first, 0);
  span.last = std::min(span.last, kLastDay);
  for (DayNumber at = span.first; at <= span.last;) {
    const MonthNumber m = MonthOfDay(at);
    const MonthNumber december = YearOfMonth(m) * 12 + 11;
    if (m % 12 == 0 && at == FirstDayOfMonth(m) && span.last >= LastDayOfMonth(december)) {
      year(YearOfMonth(m));
      at = LastDayOfMonth(december) + 1;
    } else if (at == FirstDayOfMonth(m) && span.last >= LastDayOfMonth(m)) {
      month(m);
      at = LastDayOfMonth(m) + 1;
    } else {
      day(at);
      ++at;
    }
  }
}

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_CUBE_SPAN_COVER_H_
