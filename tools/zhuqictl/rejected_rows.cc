#include "tools/zhuqictl/rejected_rows.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/formula_guard.h"
#include "tools/zhuqictl/json_text.h"

namespace zhuqi::ctl {
namespace {

std::string ViolationsText(const RowViolations& violations) {
  std::string text;
  for (const common::v1::FieldViolation& violation : violations) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", violation.field(), violation.field().empty() ? "" : " ",
                    violation.reason(), ": ", violation.message(), " ", violation.message_zh());
  }
  return text;
}

std::string ViolationsJson(const RowViolations& violations) {
  std::string json = "[";
  for (const common::v1::FieldViolation& violation : violations)
    absl::StrAppend(&json, json.size() > 1 ? "," : "", ToJsonLine(violation));
  return absl::StrCat(json, "]");
}

absl::Status NotRejectedRows(const std::string& path) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, " exists and is not a file of rejected rows; name another file or remove it"));
}

absl::StatusOr<int64_t> LastRowOfJson(std::istream& input, const std::string& path) {
  int64_t last = 0;
  std::string line;
  std::vector<JsonMember> members;
  while (std::getline(input, line)) {
    int64_t row = 0;
    if (!SplitJsonObject(line, &members).ok() || members.empty() || members[0].name != kRowMark ||
        !absl::SimpleAtoi(members[0].value, &row)) {
      return NotRejectedRows(path);
    }
    last = std::max(last, row);
  }
  return last;
}

absl::StatusOr<int64_t> LastRowOfCsv(std::istream& input, const std::string& path) {
  CsvReader reader(input);
  std::vector<std::string> fields;
  ZHUQI_ASSIGN_OR_RETURN(const bool has_header, reader.Next(&fields));
  if (!has_header) return 0;
  if (fields.front() != kRowMark) return NotRejectedRows(path);
  int64_t last = 0;
  while (true) {
    ZHUQI_ASSIGN_OR_RETURN(const bool found, reader.Next(&fields));
    if (!found) return last;
    int64_t row = 0;
    if (absl::SimpleAtoi(fields.front(), &row)) last = std::max(last, row);
  }
}

}  // namespace

std::string RejectedRowText(const OriginalRow& row, const RowViolations& violations, bool csv) {
  if (csv) {
    std::vector<std::string> fields{absl::StrCat(row.number), ViolationsText(violations), "true"};
    fields.insert(fields.end(), row.fields.begin(), row.fields.end());
    return CsvRow(Guarded(std::move(fields)));
  }
  std::string text = absl::StrCat("{\"", kRowMark, "\":", row.number, ",\"", kViolationsMark,
                                  "\":", ViolationsJson(violations));
  std::vector<JsonMember> members;
  if (!SplitJsonObject(row.line, &members).ok())
    return absl::StrCat(text, ",\"", kRawLineMark, "\":", JsonString(row.line), "}");
  for (const JsonMember& member : members)
    absl::StrAppend(&text, ",", JsonString(member.name), ":", member.value);
  return absl::StrCat(text, "}");
}

absl::StatusOr<int64_t> LastRejectedRow(const std::string& path, bool csv) {
  std::ifstream input(path, std::ios::binary);
  if (!input) return 0;
  return csv ? LastRowOfCsv(input, path) : LastRowOfJson(input, path);
}

absl::Status RejectedRows::Open(bool resume) {
  if (path_.empty()) return absl::OkStatus();
  ZHUQI_ASSIGN_OR_RETURN(const int64_t last, LastRejectedRow(path_, csv()));
  last_row_ = resume ? last : 0;
  append_ = resume && last > 0;
  std::error_code ignored;
  if (!append_) std::filesystem::remove(path_, ignored);
  return absl::OkStatus();
}

absl::Status RejectedRows::Add(const OriginalRow& row, const RowViolations& violations) {
  if (path_.empty() || row.number <= last_row_) return absl::OkStatus();
  if (!file_.is_open()) {
    file_.open(path_, std::ios::binary | (append_ ? std::ios::app : std::ios::trunc));
    if (csv() && !append_) {
      std::vector<std::string> header{std::string(kRowMark), std::string(kViolationsMark),
                                      std::string(kGuardMark)};
      header.insert(header.end(), csv_header_.begin(), csv_header_.end());
      file_ << CsvRow(Guarded(std::move(header))) << "\n";
    }
  }
  file_ << RejectedRowText(row, violations, csv()) << "\n" << std::flush;
  if (!file_) return absl::DataLossError(absl::StrCat("can not write ", path_, "; is the disk full?"));
  last_row_ = row.number;
  return absl::OkStatus();
}

}  // namespace zhuqi::ctl
