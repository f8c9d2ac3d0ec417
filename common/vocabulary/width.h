// Full-width forms, which input methods produce, as the half-width characters that codes are made of. Pure.
#ifndef ZHUQI_COMMON_VOCABULARY_WIDTH_H_
#define ZHUQI_COMMON_VOCABULARY_WIDTH_H_

#include <string>

#include "absl/strings/string_view.h"

namespace zhuqi::vocabulary {

// `text` with U+FF01 to U+FF5E as ASCII and U+3000 as a space; everything else as it was, also bytes that are
// not UTF-8. For codes only: in prose full-width punctuation is right, and is kept.
std::string ToHalfWidth(absl::string_view text);

}  // namespace zhuqi::vocabulary

#endif  // ZHUQI_COMMON_VOCABULARY_WIDTH_H_
