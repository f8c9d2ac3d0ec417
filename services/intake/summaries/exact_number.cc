#include "services/intake/summaries/exact_number.h"

#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace zhuqi::intake {
namespace {

constexpr int kDigits = 7;
constexpr int64_t kOne = 10'000'000;
constexpr int64_t kThousand = 1000;

}  // namespace

ExactNumber ExactNumber::FromCell(int64_t value, int decimals) {
  ExactNumber number;
  number.units_ = value;
  for (int digit = decimals; digit < kDigits; ++digit) number.units_ *= 10;
  return number;
}

ExactNumber ExactNumber::TimesThousandths(ExactNumber value, int64_t thousandths) {
  ExactNumber product;
  product.units_ = value.units_ / kThousand * thousandths;
  return product;
}

double ExactNumber::AsDouble() const { return static_cast<double>(units_) / static_cast<double>(kOne); }

std::string ExactNumber::ToString() const {
  const absl::int128 size = units_ < 0 ? -units_ : units_;
  std::ostringstream wholes;  // what writes 128 bits
  wholes << size / kOne;
  std::string text = absl::StrCat(units_ < 0 ? "-" : "", wholes.str());
  if (size % kOne == 0) return text;
  absl::StrAppendFormat(&text, ".%07d", static_cast<int64_t>(size % kOne));
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

}  // namespace zhuqi::intake
