#include "common/vocabulary/width.h"

#include <cstddef>

namespace zhuqi::vocabulary {
namespace {

// The ASCII character for the three bytes at the front of `text`, or '\0' when they are no full-width form.
char HalfWidthOfFront(absl::string_view text) {
  if (text.size() < 3) return '\0';
  const int first = static_cast<unsigned char>(text[0]);
  const int second = static_cast<unsigned char>(text[1]);
  const int third = static_cast<unsigned char>(text[2]);
  if (first < 0xE0 || (second & 0xC0) != 0x80 || (third & 0xC0) != 0x80) return '\0';
  const int code_point = ((first & 0x0F) << 12) | ((second & 0x3F) << 6) | (third & 0x3F);
  if (first > 0xEF) return '\0';
  if (code_point == 0x3000) return ' ';
  if (code_point < 0xFF01 || code_point > 0xFF5E) return '\0';
  return static_cast<char>(code_point - 0xFEE0);
}

}  // namespace

std::string ToHalfWidth(absl::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const char half_width = HalfWidthOfFront(text);
    result.push_back(half_width == '\0' ? text[0] : half_width);
    text.remove_prefix(half_width == '\0' ? 1 : 3);
  }
  return result;
}

}  // namespace zhuqi::vocabulary
