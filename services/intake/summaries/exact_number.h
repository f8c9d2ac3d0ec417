// Numbers of forms, worked out exactly: no sum of hundredths is ever off by one in the last place. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_EXACT_NUMBER_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_EXACT_NUMBER_H_

#include <compare>
#include <cstdint>
#include <string>

#include "absl/numeric/int128.h"

namespace zhuqi::intake {

// A number with seven digits after the point: four of a cell's value, and three of a factor in thousandths.
class ExactNumber {
 public:
  ExactNumber() = default;
  // `value` has `decimals` (0 to 4) digits after the point.
  static ExactNumber FromCell(int64_t value, int decimals);
  static ExactNumber FromWhole(int64_t value) { return FromCell(value, 0); }

  ExactNumber& operator+=(ExactNumber other) {
    units_ += other.units_;
    return *this;
  }
  // `value`, which has at most four digits after the point, times a factor in thousandths.
  static ExactNumber TimesThousandths(ExactNumber value, int64_t thousandths);

  friend bool operator==(ExactNumber left, ExactNumber right) { return left.units_ == right.units_; }
  friend bool operator<(ExactNumber left, ExactNumber right) { return left.units_ < right.units_; }

  double AsDouble() const;
  // "-12.5", without zeros at the end.
  std::string ToString() const;

 private:
  absl::int128 units_ = 0;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_EXACT_NUMBER_H_
