// Text as people type it, brought to one form before it is stored, compared or searched. Pure.
#ifndef ZHUQI_COMMON_VOCABULARY_TEXT_H_
#define ZHUQI_COMMON_VOCABULARY_TEXT_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace zhuqi::vocabulary {

enum class TextProblem {
  kInvalidUtf8,
  // A control character (Unicode category Cc) other than line feed and tab.
  kControlCharacter,
};

// "TEXT_INVALID_UTF8" or "TEXT_CONTROL_CHARACTER", for ErrorInfo.reason.
absl::string_view ReasonName(TextProblem problem);

struct TextCheck {
  // The text in its stored form; empty when there is a problem.
  std::string normalized;
  std::optional<TextProblem> problem;
};

// Brings `text` to its stored form: Unicode NFC, CR LF and CR as LF, and no white space at either end (ASCII
// white space, the no-break space U+00A0 and the ideographic space U+3000). White space inside is kept.
// Normalising twice gives what normalising once gives.
TextCheck CheckText(absl::string_view text);

// The stored form of `text`, absent when CheckText finds any problem. For callers that need not say which.
std::optional<std::string> NormalizeText(absl::string_view text);

// The form in which two texts are compared for search: NFKC with case folded and invisible characters
// dropped, so that full-width and half-width, upper and lower case meet. Never stored in the place of the
// text. Absent for invalid UTF-8.
std::optional<std::string> FoldForSearch(absl::string_view text);

// The number of Unicode code points, which is what a limit "200 characters" means to the people who type
// Chinese. In invalid UTF-8 each byte that is not part of a character counts as one.
std::size_t CharacterCount(absl::string_view text);

// Whether `text` is well-formed UTF-8: no overlong forms, no surrogates, nothing cut short.
bool IsValidUtf8(absl::string_view text);

// `text` without the white space at both ends that CheckText names. Bytes that are not UTF-8 stay.
absl::string_view TrimWhitespace(absl::string_view text);

}  // namespace zhuqi::vocabulary

#endif  // ZHUQI_COMMON_VOCABULARY_TEXT_H_
