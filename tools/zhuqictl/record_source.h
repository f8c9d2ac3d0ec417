// Records from a file, row by row, in constant memory: JSON lines or CSV.
#ifndef ZHUQI_TOOLS_ZHUQICTL_RECORD_SOURCE_H_
#define ZHUQI_TOOLS_ZHUQICTL_RECORD_SOURCE_H_

#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/zhuqictl/csv.h"
#include "tools/zhuqictl/export_marks.h"
#include "tools/zhuqictl/record_columns.h"
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::ctl {

// A row as it stands in the file, without the marks that a file of rejected rows makes anew and without the
// guard against formulas.
struct OriginalRow {
  // Place among the file's rows, from 1; a CSV header and empty lines are not counted.
  int64_t number = 0;
  // JSON lines: the line, or the text that is no JSON object.
  std::string line;
  // CSV: the fields.
  std::vector<std::string> fields;
};

struct SourceRow {
  OriginalRow original;
  intake::v1::RecordSubmission record;
  // Not empty: the row can not be understood, and `record` is not to be sent.
  RowViolations violations;
  // Bytes of the file up to the end of this row.
  int64_t end_offset = 0;
};

class RecordSource {
 public:
  virtual ~RecordSource() = default;
  // False at the end. An error ends the file: nothing after it can be trusted.
  virtual absl::StatusOr<bool> Next(SourceRow* row) = 0;
  // Of CSV: its columns, those of OriginalRow::fields. Empty: JSON lines.
  virtual std::vector<std::string> csv_header() const { return {}; }
};

// One RecordSubmission in JSON a line. Rows of an export that would do more than their words say are violated
// without `consent`, here and below.
std::unique_ptr<RecordSource> NewJsonLinesSource(std::istream& input, ExportConsent consent = {});
// INVALID_ARGUMENT for a header that is not understood.
absl::StatusOr<std::unique_ptr<RecordSource>> NewCsvSource(std::istream& input,
                                                           std::optional<intake::v1::RecordKind> kind,
                                                           ColumnMap map = {}, ExportConsent consent = {});

// What a row is called to the service, and in its answers: "row 17". A name that stands in the row itself
// stays.
void NameRow(SourceRow& row);

// The row that `line` stands for without the marks that a file of rejected rows carries.
std::string WithoutMarks(absl::string_view line);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_RECORD_SOURCE_H_
