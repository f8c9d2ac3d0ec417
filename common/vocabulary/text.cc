#include "common/vocabulary/text.h"

#include <utf8proc.h>

#include <cstdint>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace zhuqi::vocabulary {
namespace {

constexpr absl::string_view kIdeographicSpace = "\xE3\x80\x80";
constexpr absl::string_view kNoBreakSpace = "\xC2\xA0";

bool IsContinuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// Decodes the character at the front of `text` (not empty). Returns its length in bytes, or 0 when the bytes
// there are not UTF-8.
std::size_t DecodeFront(absl::string_view text, std::int32_t& code_point) {
  // Nearly all characters are ASCII or Chinese: those are decoded here, all others by the library. E0 and ED
  // are left to it, since not every second byte may follow them.
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) {
    code_point = first;
    return 1;
  }
  if (first > 0xE0 && first < 0xF0 && first != 0xED && text.size() >= 3) {
    const auto second = static_cast<unsigned char>(text[1]);
    const auto third = static_cast<unsigned char>(text[2]);
    if (!IsContinuation(second) || !IsContinuation(third)) return 0;
    code_point = ((first & 0x0F) << 12) | ((second & 0x3F) << 6) | (third & 0x3F);
    return 3;
  }
  const utf8proc_ssize_t length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                                   static_cast<utf8proc_ssize_t>(text.size()), &code_point);
  return length > 0 ? static_cast<std::size_t>(length) : 0;
}

bool HasRefusedControlCharacter(absl::string_view valid_utf8) {
  while (!valid_utf8.empty()) {
    std::int32_t code_point = 0;
    valid_utf8.remove_prefix(DecodeFront(valid_utf8, code_point));
    const bool is_control = code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F);
    if (is_control && code_point != '\n' && code_point != '\t') return true;
  }
  return false;
}

std::string WithLineFeeds(absl::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      result.push_back(text[i]);
      continue;
    }
    result.push_back('\n');
    if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
  }
  return result;
}

// Characters that no normal form changes, alone or beside each other: those of nearly all Chinese text.
bool IsPlain(std::int32_t code_point) {
  return (code_point >= 0x20 && code_point <= 0x7E) || code_point == '\n' || code_point == '\t' ||
         (code_point >= 0x4E00 && code_point <= 0x9FFF) ||  // ideographs
         (code_point >= 0x3000 &&
          code_point <= 0x3029) ||  // Chinese punctuation, without the tone marks after it
         (code_point >= 0xFF01 && code_point <= 0xFF5E) ||  // full width
         (code_point >= 0x2010 && code_point <= 0x2027);    // dashes, quotation marks, ellipsis
}

// Whether `text` is in its stored form but for white space at its ends.
bool IsAllPlain(absl::string_view text) {
  while (!text.empty()) {
    std::int32_t code_point = 0;
    const std::size_t length = DecodeFront(text, code_point);
    if (length == 0 || !IsPlain(code_point)) return false;
    text.remove_prefix(length);
  }
  return true;
}

// Absent for invalid UTF-8.
std::optional<std::string> Map(absl::string_view text, int options) {
  if (text.empty()) return std::string();
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                               static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                                               static_cast<utf8proc_option_t>(options));
  if (length < 0) return std::nullopt;
  std::string result(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length));
  std::free(mapped);
  return result;
}

}  // namespace

absl::string_view ReasonName(TextProblem problem) {
  switch (problem) {
    case TextProblem::kInvalidUtf8:
      return "TEXT_INVALID_UTF8";
    case TextProblem::kControlCharacter:
      return "TEXT_CONTROL_CHARACTER";
  }
  return "TEXT_INVALID_UTF8";
}

TextCheck CheckText(absl::string_view text) {
  if (IsAllPlain(text)) return {.normalized = std::string(TrimWhitespace(text)), .problem = std::nullopt};
  if (!IsValidUtf8(text)) return {.normalized = "", .problem = TextProblem::kInvalidUtf8};
  const std::string with_line_feeds = WithLineFeeds(text);
  const absl::string_view trimmed = TrimWhitespace(with_line_feeds);
  if (HasRefusedControlCharacter(trimmed)) {
    return {.normalized = "", .problem = TextProblem::kControlCharacter};
  }
  std::optional<std::string> normalized = Map(trimmed, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  if (!normalized.has_value()) return {.normalized = "", .problem = TextProblem::kInvalidUtf8};
  return {.normalized = *std::move(normalized), .problem = std::nullopt};
}

std::optional<std::string> NormalizeText(absl::string_view text) {
  TextCheck check = CheckText(text);
  if (check.problem.has_value()) return std::nullopt;
  return std::move(check.normalized);
}

std::optional<std::string> FoldForSearch(absl::string_view text) {
  return Map(text,
             UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
}

std::size_t CharacterCount(absl::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    std::int32_t code_point = 0;
    const std::size_t length = DecodeFront(text, code_point);
    text.remove_prefix(length == 0 ? 1 : length);
    ++count;
  }
  return count;
}

bool IsValidUtf8(absl::string_view text) {
  while (!text.empty()) {
    std::int32_t code_point = 0;
    const std::size_t length = DecodeFront(text, code_point);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

absl::string_view TrimWhitespace(absl::string_view text) {
  for (std::size_t before = text.size() + 1; before != text.size();) {
    before = text.size();
    text = absl::StripAsciiWhitespace(text);
    for (const absl::string_view space : {kIdeographicSpace, kNoBreakSpace}) {
      absl::ConsumePrefix(&text, space);
      absl::ConsumeSuffix(&text, space);
    }
  }
  return text;
}

}  // namespace zhuqi::vocabulary
