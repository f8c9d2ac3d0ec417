// A file of the rows that were rejected, with the reasons beside each, in the form of the file that they came
// from: mend it and send it again as it is.
//
//   JSON lines  {"__row":17,"__violations":[…], and then the row as it was}
//               a line that is no JSON object stands as text in "__line"
//   CSV         "__row", "__violations", "__formulas_guarded", and then the row as it was, also one with too
//   few
//               or too many fields; a spreadsheet runs nothing of it (formula_guard.h)
#ifndef ZHUQI_TOOLS_ZHUQICTL_REJECTED_ROWS_H_
#define ZHUQI_TOOLS_ZHUQICTL_REJECTED_ROWS_H_

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tools/zhuqictl/record_columns.h"
#include "tools/zhuqictl/record_source.h"

namespace zhuqi::ctl {

// A rejected row as one line of text. `csv`: as CSV.
std::string RejectedRowText(const OriginalRow& row, const RowViolations& violations, bool csv);

// The number of the last row in a file of rejected rows; 0 for an empty one or none. INVALID_ARGUMENT when
// the file is something else: it must not be overwritten.
absl::StatusOr<int64_t> LastRejectedRow(const std::string& path, bool csv);

class RejectedRows {
 public:
  // Nothing is written when `path` is empty. The file is made with the first rejected row. `csv_header`
  // empty: JSON lines.
  RejectedRows(std::string path, std::vector<std::string> csv_header)
      : path_(std::move(path)), csv_header_(std::move(csv_header)) {}

  // Begins: a file that is there is kept when the import goes on (`resume`), and rows that stand in it are
  // not written twice. Else it must not exist, or hold rejected rows, which are written over.
  absl::Status Open(bool resume);
  // Rows come in ascending order; each is on its way to the disk when this returns.
  absl::Status Add(const OriginalRow& row, const RowViolations& violations);

 private:
  bool csv() const { return !csv_header_.empty(); }

  const std::string path_;
  const std::vector<std::string> csv_header_;
  std::ofstream file_;
  int64_t last_row_ = 0;
  bool append_ = false;
};

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_REJECTED_ROWS_H_
