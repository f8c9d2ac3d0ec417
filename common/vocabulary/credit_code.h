// The unified social credit code of an organisation (GB 32100-2015): 18 characters, the last a check. Pure.
#ifndef ZHUQI_COMMON_VOCABULARY_CREDIT_CODE_H_
#define ZHUQI_COMMON_VOCABULARY_CREDIT_CODE_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace zhuqi::vocabulary {

// The first of these that applies, in this order.
enum class CreditCodeProblem {
  kWrongLength,
  // Something outside 0-9 and A-Z without I, O, S, V and Z. An O is refused and never read as a 0: only the
  // enterprise's own licence can say which was meant.
  kInvalidCharacter,
  kWrongCheckCharacter,
};

// "USCC_WRONG_LENGTH", "USCC_INVALID_CHARACTER" or "USCC_WRONG_CHECK_CHARACTER", for ErrorInfo.reason.
absl::string_view ReasonName(CreditCodeProblem problem);

struct CreditCodeCheck {
  // What was given, trimmed, in half-width upper case; filled also when there is a problem, to show it.
  std::string normalized;
  std::optional<CreditCodeProblem> problem;
  // A warning: the organisation code inside (positions 9 to 17) fails its own check. Real codes with this
  // fault were issued, so it does not make the code invalid. Always false when there is a problem.
  bool organisation_code_mismatch = false;
};

// Normalises and checks `code`. Digits 3 to 8 are not looked up: they name the place of the registration
// office, not of the enterprise, and may be of a division that no longer exists.
CreditCodeCheck CheckCreditCode(absl::string_view code);

// The 18th character for `first_seventeen`, or '\0' when that is not 17 characters of the code's alphabet.
char CreditCodeCheckCharacter(absl::string_view first_seventeen);

// The ninth character of an organisation code (GB 11714) for its `first_eight`, or '\0' when that is not
// eight characters of the credit code's alphabet.
char OrganisationCodeCheckCharacter(absl::string_view first_eight);

// A whole valid code out of its first eight characters (office, class, division) and the first eight of the
// organisation code, both check characters computed. For sample data and tests. Empty when either part is not
// eight characters of the alphabet.
std::string CompleteCreditCode(absl::string_view first_eight, absl::string_view organisation_eight);

}  // namespace zhuqi::vocabulary

#endif  // ZHUQI_COMMON_VOCABULARY_CREDIT_CODE_H_
