#include "tools/zhuqictl/formula_guard.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "tools/zhuqictl/marks.h"

namespace zhuqi::ctl {
namespace {

constexpr char kApostrophe = '\'';
constexpr absl::string_view kFormulaBegins[] = {"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"};

// Digits with at most one point among them, and a sign or none.
bool IsNumber(absl::string_view cell) {
  if (!absl::ConsumePrefix(&cell, "-")) absl::ConsumePrefix(&cell, "+");
  return !cell.empty() && std::count(cell.begin(), cell.end(), '.') <= 1 &&
         std::all_of(cell.begin(), cell.end(),
                     [](char c) { return c == '.' || absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

// Apostrophes, and then what begins a formula. With the apostrophes counted in, a text that had one of its
// own gets another, and neither is taken for the other.
bool NeedsGuard(absl::string_view cell) {
  absl::string_view behind = cell;
  while (absl::ConsumePrefix(&behind, "'")) {
  }
  return std::any_of(std::begin(kFormulaBegins), std::end(kFormulaBegins),
                     [&](absl::string_view begin) { return absl::StartsWith(behind, begin); }) &&
         !IsNumber(cell);
}

}  // namespace

std::string Guarded(absl::string_view cell) {
  return NeedsGuard(cell) ? kApostrophe + std::string(cell) : std::string(cell);
}

std::string Unguarded(absl::string_view cell) {
  if (!cell.empty() && cell[0] == kApostrophe && NeedsGuard(cell)) cell.remove_prefix(1);
  return std::string(cell);
}

std::vector<std::string> Guarded(std::vector<std::string> row) {
  for (std::string& cell : row) cell = Guarded(cell);
  return row;
}

std::vector<std::string> Unguarded(std::vector<std::string> row) {
  for (std::string& cell : row) cell = Unguarded(cell);
  return row;
}

bool IsGuarded(const std::vector<std::string>& header) {
  return std::find(header.begin(), header.end(), kGuardMark) != header.end();
}

}  // namespace zhuqi::ctl
