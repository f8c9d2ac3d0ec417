// Numbers by day that can be summed over any span quickly.
#ifndef ZHUQI_SERVICES_REPORTING_CUBE_SERIES_H_
#define ZHUQI_SERVICES_REPORTING_CUBE_SERIES_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "services/reporting/cube/day_number.h"

namespace zhuqi::reporting {

namespace testing {
struct SeriesDamage;
}  // namespace testing

// Dense: an array by day from the first to the last day that ever had a number, and sums by month.
class DaySeries {
 public:
  void Add(DayNumber day, int32_t value);
  int64_t Sum(DaySpan span) const;
  // Days in the span whose number is not 0, in order.
  void ForEach(DaySpan span, absl::FunctionRef<void(DayNumber, int64_t)> each) const;
  // Months whose sum is not 0, in order.
  void ForEachMonth(absl::FunctionRef<void(MonthNumber, int64_t)> each) const;

 private:
  friend struct testing::SeriesDamage;
  int64_t SumDays(DayNumber first, DayNumber last) const;

  DayNumber first_day_ = 0;
  std::vector<int32_t> days_;
  MonthNumber first_month_ = 0;
  std::vector<int64_t> months_;
};

// Sparse: the days that have a number, in order. For breakdowns, most of whose days are empty.
class SparseSeries {
 public:
  void Add(DayNumber day, int32_t value);
  int64_t Sum(DaySpan span) const;
  void ForEach(DaySpan span, absl::FunctionRef<void(DayNumber, int64_t)> each) const;
  bool empty() const { return days_.empty(); }

 private:
  std::vector<std::pair<DayNumber, int32_t>> days_;
};

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_CUBE_SERIES_H_
