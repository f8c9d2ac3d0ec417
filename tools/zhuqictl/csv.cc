#include "tools/zhuqictl/csv.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status_macros.h"

namespace zhuqi::ctl {
namespace {

constexpr int kEnd = -1;

absl::Status BadCsv(int64_t line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", what));
}

bool IsEmptyLine(const std::vector<std::string>& fields) { return fields.size() == 1 && fields[0].empty(); }

}  // namespace

int CsvReader::Get() {
  const int c = input_.get();
  if (c == std::istream::traits_type::eof()) return kEnd;
  ++bytes_;
  ++row_bytes_;
  if (c == '\n') ++line_;
  // CR LF ends a row as LF does; a lone CR is text.
  if (c == '\r' && input_.peek() == '\n') return Get();
  return c;
}

absl::StatusOr<int> CsvReader::ReadQuotedRest(std::string* field) {
  while (true) {
    int c = Get();
    if (c == kEnd) return BadCsv(row_line_, "a quote is opened and never closed");
    if (row_bytes_ > kMaxCsvRowBytes) return BadCsv(row_line_, "the row is too long; is a quote not closed?");
    if (c != '"') {
      field->push_back(static_cast<char>(c));
      continue;
    }
    c = Get();
    if (c == '"') {
      field->push_back('"');
      continue;
    }
    if (c == ',' || c == '\n' || c == kEnd) return c;
    return BadCsv(row_line_, "text follows a closing quote");
  }
}

absl::StatusOr<int> CsvReader::ReadField(std::string* field) {
  field->clear();
  while (true) {
    const int c = Get();
    if (c == ',' || c == '\n' || c == kEnd) return c;
    if (row_bytes_ > kMaxCsvRowBytes) return BadCsv(row_line_, "the row is too long");
    if (c == '"' && field->empty()) return ReadQuotedRest(field);
    field->push_back(static_cast<char>(c));
  }
}

absl::StatusOr<bool> CsvReader::Next(std::vector<std::string>* fields) {
  if (bytes_ == 0 && input_.peek() == 0xEF) {
    for (const int expected : {0xEF, 0xBB, 0xBF}) {
      if (Get() != expected) return BadCsv(1, "the file is not UTF-8");
    }
  }
  while (true) {
    fields->clear();
    row_line_ = line_;
    row_bytes_ = 0;
    int end = ',';
    while (end == ',') {
      std::string field;
      ZHUQI_ASSIGN_OR_RETURN(end, ReadField(&field));
      fields->push_back(std::move(field));
    }
    if (!IsEmptyLine(*fields)) return true;
    if (end == kEnd) return false;
  }
}

std::string CsvRow(const std::vector<std::string>& fields) {
  std::string row;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) row.push_back(',');
    const bool quote = fields[i].find_first_of(",\"\r\n") != std::string::npos;
    if (quote) {
      absl::StrAppend(&row, "\"", absl::StrReplaceAll(fields[i], {{"\"", "\"\""}}), "\"");
    } else {
      absl::StrAppend(&row, fields[i]);
    }
  }
  // A single empty field would read as an empty line.
  if (fields.size() == 1 && fields[0].empty()) row = "\"\"";
  return row;
}

}  // namespace zhuqi::ctl
