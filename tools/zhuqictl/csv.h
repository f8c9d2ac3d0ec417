// CSV as RFC 4180 has it, read row by row in constant memory.
#ifndef ZHUQI_TOOLS_ZHUQICTL_CSV_H_
#define ZHUQI_TOOLS_ZHUQICTL_CSV_H_

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace zhuqi::ctl {

// The longest row, in bytes. A quote that is never closed would otherwise swallow the file.
inline constexpr std::size_t kMaxCsvRowBytes = 1 << 20;

class CsvReader {
 public:
  // `input` outlives the reader. A byte order mark is skipped; LF and CR LF end a row; empty lines are
  // skipped.
  explicit CsvReader(std::istream& input) : input_(input) {}

  // The next row's fields; false at the end. INVALID_ARGUMENT, naming the line, for an unclosed quote, text
  // after a closing quote, and a row that is too long: what follows can not be trusted then.
  absl::StatusOr<bool> Next(std::vector<std::string>* fields);

  // The line on which the row given last began, from 1.
  int64_t line() const { return row_line_; }
  // Bytes read so far.
  int64_t bytes() const { return bytes_; }

 private:
  int Get();
  // Reads one field; the character that ended it: ',', '\n' or -1 (end).
  absl::StatusOr<int> ReadField(std::string* field);
  absl::StatusOr<int> ReadQuotedRest(std::string* field);

  std::istream& input_;
  int64_t line_ = 1;
  int64_t row_line_ = 0;
  int64_t bytes_ = 0;
  std::size_t row_bytes_ = 0;
};

// One row, quoted where needed, without a line end.
std::string CsvRow(const std::vector<std::string>& fields);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_CSV_H_
