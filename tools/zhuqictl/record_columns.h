// Records as CSV: which columns there are, and how a row becomes a record.
#ifndef ZHUQI_TOOLS_ZHUQICTL_RECORD_COLUMNS_H_
#define ZHUQI_TOOLS_ZHUQICTL_RECORD_COLUMNS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/zhuqictl/column_map.h"
#include "tools/zhuqictl/marks.h"
#include "zhuqi/common/v1/field_violation.pb.h"
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::ctl {

using RowViolations = std::vector<common::v1::FieldViolation>;

// The columns with their meaning, as text for --help.
std::string RecordColumnsHelp();

// All columns in the order of the help, and a record as a row of them: what ToRecord reads back.
std::vector<std::string> AllRecordColumns();
std::vector<std::string> ToRow(const intake::v1::RecordSubmission& record);

class RecordColumns {
 public:
  // `kind`: what rows are that have no column "kind"; absent: the column is needed. `map` says what the
  // headers stand for. INVALID_ARGUMENT for a column that is not known or stands twice, and when a needed one
  // is missing.
  static absl::StatusOr<RecordColumns> Create(std::vector<std::string> header,
                                              std::optional<intake::v1::RecordKind> kind, ColumnMap map = {});

  const std::vector<std::string>& header() const { return header_; }
  // The columns without the marks that a file of rejected rows makes anew, and those fields of a row.
  std::vector<std::string> OwnHeader() const;
  std::vector<std::string> OwnFields(const std::vector<std::string>& fields) const;

  // Fills `record` and returns nothing, or returns what can not be understood; whether a record is right is
  // for the service to say.
  RowViolations ToRecord(const std::vector<std::string>& fields, intake::v1::RecordSubmission* record) const;

 private:
  RecordColumns(std::vector<std::string> header, std::vector<std::string> columns,
                std::optional<intake::v1::RecordKind> kind, ColumnMap map)
      : header_(std::move(header)), columns_(std::move(columns)), kind_(kind), map_(std::move(map)) {}

  std::vector<std::string> header_;   // as it stands in the file
  std::vector<std::string> columns_;  // what each header stands for; empty: passed over
  std::optional<intake::v1::RecordKind> kind_;
  ColumnMap map_;
};

// A violation that zhuqictl found by itself, before anything was sent.
common::v1::FieldViolation LocalViolation(absl::string_view field, absl::string_view reason,
                                          absl::string_view english, absl::string_view chinese);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_RECORD_COLUMNS_H_
