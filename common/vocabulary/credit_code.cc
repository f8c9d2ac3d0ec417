#include "common/vocabulary/credit_code.h"

#include <array>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/vocabulary/text.h"
#include "common/vocabulary/width.h"

namespace zhuqi::vocabulary {
namespace {

constexpr std::size_t kCodeLength = 18;
constexpr absl::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
// 3^(i-1) mod 31. All differ and none is 0 modulo the prime 31, which is why one wrong character and two
// neighbours exchanged are always found.
constexpr std::array<int, 17> kWeights = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
constexpr std::array<int, 8> kOrganisationWeights = {3, 7, 9, 10, 5, 8, 4, 2};

// The index in the alphabet, or -1.
int CreditValue(char character) {
  const std::size_t index = kAlphabet.find(character);
  return index == absl::string_view::npos ? -1 : static_cast<int>(index);
}

// Organisation codes number the whole alphabet (A = 10 to Z = 35), unlike the credit code, which leaves out
// five.
int OrganisationValue(char character) {
  return absl::ascii_isdigit(static_cast<unsigned char>(character)) ? character - '0' : character - 'A' + 10;
}

bool IsInAlphabet(absl::string_view text) {
  return text.find_first_not_of(kAlphabet) == absl::string_view::npos;
}

std::optional<CreditCodeProblem> FindCreditCodeProblem(absl::string_view normalized) {
  if (CharacterCount(normalized) != kCodeLength) return CreditCodeProblem::kWrongLength;
  if (!IsInAlphabet(normalized)) return CreditCodeProblem::kInvalidCharacter;
  if (CreditCodeCheckCharacter(normalized.substr(0, 17)) != normalized[17]) {
    return CreditCodeProblem::kWrongCheckCharacter;
  }
  return std::nullopt;
}

}  // namespace

absl::string_view ReasonName(CreditCodeProblem problem) {
  switch (problem) {
    case CreditCodeProblem::kWrongLength:
      return "USCC_WRONG_LENGTH";
    case CreditCodeProblem::kInvalidCharacter:
      return "USCC_INVALID_CHARACTER";
    case CreditCodeProblem::kWrongCheckCharacter:
      return "USCC_WRONG_CHECK_CHARACTER";
  }
  return "USCC_INVALID_CHARACTER";
}

CreditCodeCheck CheckCreditCode(absl::string_view code) {
  CreditCodeCheck check;
  check.normalized = absl::AsciiStrToUpper(TrimWhitespace(ToHalfWidth(code)));
  check.problem = FindCreditCodeProblem(check.normalized);
  if (!check.problem.has_value()) {
    const absl::string_view organisation = absl::string_view(check.normalized).substr(8, 8);
    check.organisation_code_mismatch = OrganisationCodeCheckCharacter(organisation) != check.normalized[16];
  }
  return check;
}

char CreditCodeCheckCharacter(absl::string_view first_seventeen) {
  if (first_seventeen.size() != kWeights.size() || !IsInAlphabet(first_seventeen)) return '\0';
  int sum = 0;
  for (std::size_t i = 0; i < kWeights.size(); ++i) sum += CreditValue(first_seventeen[i]) * kWeights[i];
  return kAlphabet[static_cast<std::size_t>((31 - sum % 31) % 31)];
}

char OrganisationCodeCheckCharacter(absl::string_view first_eight) {
  if (first_eight.size() != kOrganisationWeights.size() || !IsInAlphabet(first_eight)) return '\0';
  int sum = 0;
  for (std::size_t i = 0; i < kOrganisationWeights.size(); ++i) {
    sum += OrganisationValue(first_eight[i]) * kOrganisationWeights[i];
  }
  const int check = 11 - sum % 11;
  if (check == 10) return 'X';
  return check == 11 ? '0' : static_cast<char>('0' + check);
}

std::string CompleteCreditCode(absl::string_view first_eight, absl::string_view organisation_eight) {
  const char organisation_check = OrganisationCodeCheckCharacter(organisation_eight);
  if (first_eight.size() != 8 || !IsInAlphabet(first_eight) || organisation_check == '\0') return "";
  std::string code = absl::StrCat(first_eight, organisation_eight);
  code.push_back(organisation_check);
  code.push_back(CreditCodeCheckCharacter(code));
  return code;
}

}  // namespace zhuqi::vocabulary
