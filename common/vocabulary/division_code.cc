#include "common/vocabulary/division_code.h"

#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/vocabulary/text.h"
#include "common/vocabulary/width.h"

namespace zhuqi::vocabulary {
namespace {

constexpr absl::string_view kNation = "000000";

bool AllZeros(absl::string_view digits) { return digits.find_first_not_of('0') == absl::string_view::npos; }

// 12 digits to 9, and 9 to 6, while the last level is all zeros.
absl::string_view Shortest(absl::string_view digits) {
  while (digits.size() > kNation.size() && AllZeros(digits.substr(digits.size() - 3)))
    digits.remove_suffix(3);
  return digits;
}

DivisionLevel LevelOf(absl::string_view shortest) {
  if (shortest.size() == 12) return DivisionLevel::kVillage;
  if (shortest.size() == 9) return DivisionLevel::kTownship;
  if (!AllZeros(shortest.substr(4, 2))) return DivisionLevel::kDistrict;
  if (!AllZeros(shortest.substr(2, 2))) return DivisionLevel::kCity;
  return AllZeros(shortest) ? DivisionLevel::kNation : DivisionLevel::kProvince;
}

bool SkipsALevel(absl::string_view shortest) {
  if (AllZeros(shortest)) return false;
  if (AllZeros(shortest.substr(0, 2))) return true;
  const bool below_city = !AllZeros(shortest.substr(4));
  if (below_city && AllZeros(shortest.substr(2, 2))) return true;
  return shortest.size() == 12 && AllZeros(shortest.substr(6, 3));
}

std::string ParentOf(absl::string_view shortest, DivisionLevel level) {
  switch (level) {
    case DivisionLevel::kNation:
      return "";
    case DivisionLevel::kProvince:
      return std::string(kNation);
    case DivisionLevel::kCity:
      return absl::StrCat(shortest.substr(0, 2), "0000");
    case DivisionLevel::kDistrict:
      return absl::StrCat(shortest.substr(0, 4), "00");
    case DivisionLevel::kTownship:
      return std::string(shortest.substr(0, 6));
    case DivisionLevel::kVillage:
      return std::string(shortest.substr(0, 9));
  }
  return "";
}

std::optional<DivisionCodeProblem> FindDivisionCodeProblem(absl::string_view code) {
  const std::size_t length = CharacterCount(code);
  if (length != 6 && length != 9 && length != 12) return DivisionCodeProblem::kWrongLength;
  if (code.find_first_not_of("0123456789") != absl::string_view::npos) return DivisionCodeProblem::kNotDigits;
  if (SkipsALevel(Shortest(code))) return DivisionCodeProblem::kSkippedLevel;
  return std::nullopt;
}

}  // namespace

absl::string_view ReasonName(DivisionCodeProblem problem) {
  switch (problem) {
    case DivisionCodeProblem::kWrongLength:
      return "DIVISION_CODE_WRONG_LENGTH";
    case DivisionCodeProblem::kNotDigits:
      return "DIVISION_CODE_NOT_DIGITS";
    case DivisionCodeProblem::kSkippedLevel:
      return "DIVISION_CODE_SKIPPED_LEVEL";
  }
  return "DIVISION_CODE_NOT_DIGITS";
}

DivisionCodeCheck CheckDivisionCode(absl::string_view code) {
  DivisionCodeCheck check;
  const std::string half_width = ToHalfWidth(code);
  check.normalized = std::string(TrimWhitespace(half_width));
  check.problem = FindDivisionCodeProblem(check.normalized);
  if (check.problem.has_value()) return check;
  check.normalized.resize(Shortest(check.normalized).size());
  check.level = LevelOf(check.normalized);
  check.parent = ParentOf(check.normalized, check.level);
  return check;
}

}  // namespace zhuqi::vocabulary
