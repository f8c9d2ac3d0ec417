// Codes of administrative divisions: six digits (GB/T 2260) down to the district, nine to the township,
// twelve to the village, as the statistics bureau lengthens them. Pure, and about the form only: whether a
// code was in force on a date, and of whose list it is, is for the directory.
#ifndef ZHUQI_COMMON_VOCABULARY_DIVISION_CODE_H_
#define ZHUQI_COMMON_VOCABULARY_DIVISION_CODE_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace zhuqi::vocabulary {

// The level that the code's zeros tell. What kind of township a township is (street, town, county's own) is
// not told: the number blocks that seem to say so are not kept to everywhere.
enum class DivisionLevel { kNation, kProvince, kCity, kDistrict, kTownship, kVillage };

// The first of these that applies, in this order.
enum class DivisionCodeProblem {
  // Not 6, 9 or 12 characters.
  kWrongLength,
  kNotDigits,
  // Digits below a level that is all zeros, such as 410001: no such place can exist. A township directly
  // under a
  // city (441900003) is none of these, there are cities without districts.
  kSkippedLevel,
};

// "DIVISION_CODE_WRONG_LENGTH", "DIVISION_CODE_NOT_DIGITS" or "DIVISION_CODE_SKIPPED_LEVEL".
absl::string_view ReasonName(DivisionCodeProblem problem);

struct DivisionCodeCheck {
  // Trimmed, half width, and in the shortest form that means the same: 410102000000 is 410102. With a
  // problem: as given, trimmed and in half width.
  std::string normalized;
  std::optional<DivisionCodeProblem> problem;
  // kNation (000000) when there is a problem.
  DivisionLevel level = DivisionLevel::kNation;
  // The code one level up by zero fill, in its shortest form; empty for the nation and when there is a
  // problem. It may name no unit of a list: 110101 lies in 110100, which many lists leave out.
  std::string parent;
};

DivisionCodeCheck CheckDivisionCode(absl::string_view code);

}  // namespace zhuqi::vocabulary

#endif  // ZHUQI_COMMON_VOCABULARY_DIVISION_CODE_H_
