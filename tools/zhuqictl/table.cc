#include "tools/zhuqictl/table.h"

#include <utf8proc.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace zhuqi::ctl {
namespace {

struct Character {
  std::size_t bytes = 1;
  std::size_t width = 1;
};

// The first character of `text`, which is not empty.
Character FirstCharacter(absl::string_view text) {
  utf8proc_int32_t code_point = 0;
  const utf8proc_ssize_t bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                                  static_cast<utf8proc_ssize_t>(text.size()), &code_point);
  if (bytes <= 0) return Character{};
  return Character{static_cast<std::size_t>(bytes),
                   static_cast<std::size_t>(std::max(0, utf8proc_charwidth(code_point)))};
}

std::string OnOneLine(absl::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  return line;
}

}  // namespace

std::size_t DisplayWidth(absl::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Character character = FirstCharacter(text);
    width += character.width;
    text.remove_prefix(character.bytes);
  }
  return width;
}

std::string FitWidth(absl::string_view text, std::size_t columns) {
  const std::string line = OnOneLine(text);
  if (DisplayWidth(line) <= columns) return line;
  absl::string_view rest = line;
  std::size_t width = 0;
  while (!rest.empty()) {
    const Character character = FirstCharacter(rest);
    if (width + character.width > columns - 1) break;
    width += character.width;
    rest.remove_prefix(character.bytes);
  }
  return absl::StrCat(line.substr(0, line.size() - rest.size()), "…");
}

void Table::AddRow(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells[i] = columns_[i].max_width > 0 ? FitWidth(cells[i], columns_[i].max_width) : OnOneLine(cells[i]);
  }
  rows_.push_back(Row{false, std::move(cells), {}});
}

void Table::Colour(std::size_t column, std::string code) {
  if (!rows_.empty()) rows_.back().colours[column] = std::move(code);
}

void Table::AddRule() { rows_.push_back(Row{true, {}, {}}); }

std::string Table::ToString() const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) widths.push_back(DisplayWidth(column.header));
  for (const Row& row : rows_) {
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      widths[i] = std::max(widths[i], DisplayWidth(row.cells[i]));
  }
  std::string rule;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (i > 0) absl::StrAppend(&rule, "  ");
    for (std::size_t n = 0; n < widths[i]; ++n) absl::StrAppend(&rule, "─");
  }
  absl::StripTrailingAsciiWhitespace(&rule);
  Row header;
  for (const Column& column : columns_) header.cells.push_back(column.header);
  std::string out = absl::StrCat(Line(header, widths), rule, "\n");
  for (const Row& row : rows_) absl::StrAppend(&out, row.rule ? rule + "\n" : Line(row, widths));
  return out;
}

std::string Table::Line(const Row& row, const std::vector<std::size_t>& widths) const {
  std::string line;
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const std::string padding(widths[i] - DisplayWidth(row.cells[i]), ' ');
    const bool right = columns_[i].align == Align::kRight;
    const auto colour = row.colours.find(i);
    const std::string cell = colour == row.colours.end() || row.cells[i].empty()
                                 ? row.cells[i]
                                 : absl::StrCat("\x1b[", colour->second, "m", row.cells[i], "\x1b[0m");
    absl::StrAppend(&line, i > 0 ? "  " : "", right ? padding : "", cell, right ? "" : padding);
  }
  return absl::StrCat(absl::StripTrailingAsciiWhitespace(line), "\n");
}

}  // namespace zhuqi::ctl
