#include "services/intake/directory/field_check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/vocabulary/text.h"

namespace zhuqi::intake {

bool IsIdentifier(absl::string_view text, std::size_t max, absl::string_view others, bool digits) {
  return !text.empty() && text.size() <= max && std::all_of(text.begin(), text.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return absl::ascii_islower(byte) || (digits && absl::ascii_isdigit(byte)) ||
           others.find(c) != absl::string_view::npos;
  });
}

void CheckText(std::string& text, const std::string& path, std::size_t max, bool required,
               rpc::Violations& violations) {
  vocabulary::TextCheck check = vocabulary::CheckText(text);
  if (check.problem.has_value()) {
    violations.Add(path, vocabulary::ReasonName(*check.problem),
                   "the text is not valid UTF-8 or holds control characters",
                   "文本不是有效的 UTF-8，或含有控制字符");
    return;
  }
  text = std::move(check.normalized);
  if (required && text.empty()) violations.Add(path, "REQUIRED", "must not be empty", "不能为空");
  if (text.size() > max && vocabulary::CharacterCount(text) > max) {
    violations.Add(path, "TEXT_TOO_LONG", absl::StrCat("must be at most ", max, " characters"),
                   absl::StrCat("最多 ", max, " 个字"));
  }
}

std::string FirstCharacters(absl::string_view text, std::size_t count) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins_character = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (begins_character && ++characters > count) return std::string(text.substr(0, i));
  }
  return std::string(text);
}

std::optional<absl::CivilDay> CheckDay(bool given, const common::v1::Date& date, const std::string& path,
                                       rpc::Violations& violations) {
  if (!given) return std::nullopt;
  const std::optional<absl::CivilDay> day = CivilDayFrom(date);
  if (!day.has_value()) {
    violations.Add(path, "DATE_INVALID", "must be a date that exists, 2000 to 2100",
                   "须为 2000 至 2100 年间存在的日期");
  }
  return day;
}

void CheckDays(std::optional<absl::CivilDay> first, std::optional<absl::CivilDay> last,
               const std::string& last_path, rpc::Violations& violations) {
  if (first.has_value() && last.has_value() && *last < *first) {
    violations.Add(last_path, "DATES_OUT_OF_ORDER", "must not be before the first day", "不能早于起始日期");
  }
}

void CheckEndHasCome(std::optional<absl::CivilDay> end, absl::CivilDay today, const std::string& path,
                     rpc::Violations& violations) {
  if (end.has_value() && *end > today) {
    violations.Add(path, "DATE_IN_FUTURE", "must not be in the future", "日期不能晚于今天");
  }
}

}  // namespace zhuqi::intake
