// Records as CSV: which columns there are, and how a row becomes a record.
#ifndef ZHUQI_TOOLS_ZHUQICTL_RECORD_COLUMNS_H_
#define ZHUQI_TOOLS_ZHUQICTL_RECORD_COLUMNS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "zhuqi/common/v1/field_violation.pb.h"
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::ctl {

using RowViolations = std::vector<common::v1::FieldViolation>;

// Columns that begin so are zhuqictl's own marks in a file of rejected rows, and are passed over.
inline constexpr absl::string_view kMarkPrefix = "__";

// The columns with their meaning, as text for --help.
std::string RecordColumnsHelp();

class RecordColumns {
 public:
  // `kind`: what rows are that have no column "kind"; absent: the column is needed. INVALID_ARGUMENT for a
  // column that is not known or stands twice, and when a needed one is missing.
  static absl::StatusOr<RecordColumns> Create(std::vector<std::string> header,
                                              std::optional<intake::v1::RecordKind> kind);

  const std::vector<std::string>& header() const { return header_; }
  // The columns without marks, and those fields of a row.
  std::vector<std::string> OwnHeader() const;
  std::vector<std::string> OwnFields(const std::vector<std::string>& fields) const;

  // Fills `record` and returns nothing, or returns what can not be understood; whether a record is right is
  // for the service to say.
  RowViolations ToRecord(const std::vector<std::string>& fields, intake::v1::RecordSubmission* record) const;

 private:
  RecordColumns(std::vector<std::string> header, std::optional<intake::v1::RecordKind> kind)
      : header_(std::move(header)), kind_(kind) {}

  std::vector<std::string> header_;
  std::optional<intake::v1::RecordKind> kind_;
};

// A violation that zhuqictl found by itself, before anything was sent.
common::v1::FieldViolation LocalViolation(absl::string_view field, absl::string_view reason,
                                          absl::string_view english, absl::string_view chinese);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_RECORD_COLUMNS_H_
