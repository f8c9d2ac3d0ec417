// Enterprises as CSV: which columns there are, and how a row becomes an enterprise.
#ifndef ZHUQI_TOOLS_ZHUQICTL_ENTERPRISE_COLUMNS_H_
#define ZHUQI_TOOLS_ZHUQICTL_ENTERPRISE_COLUMNS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/zhuqictl/formula_guard.h"
#include "tools/zhuqictl/record_columns.h"
#include "zhuqi/intake/v1/enterprise.pb.h"

namespace zhuqi::ctl {

// The columns with their meaning, as text for --help.
std::string EnterpriseColumnsHelp();

class EnterpriseColumns {
 public:
  // Columns may bear their English or their Chinese names. `unit`: of rows that name none; may be empty.
  // INVALID_ARGUMENT for a column that is not known or stands twice, and when a needed one is missing.
  static absl::StatusOr<EnterpriseColumns> Create(std::vector<std::string> header, std::string unit);

  // The columns without zhuqictl's own marks, as the file names them, and those fields of a row.
  std::vector<std::string> OwnHeader() const { return OwnFields(header_); }
  std::vector<std::string> OwnFields(const std::vector<std::string>& fields) const;

  // Whether the rows are to be read without their guard (formula_guard.h).
  bool guarded() const { return IsGuarded(header_); }

  // Fills `enterprise` and returns nothing, or returns what can not be understood; whether an enterprise is
  // right is for the service to say.
  RowViolations ToEnterprise(const std::vector<std::string>& fields,
                             intake::v1::Enterprise* enterprise) const;

 private:
  EnterpriseColumns(std::vector<std::string> header, std::vector<std::string> names, std::string unit)
      : header_(std::move(header)), names_(std::move(names)), unit_(std::move(unit)) {}

  std::vector<std::string> header_;
  std::vector<std::string> names_;  // what each column is, in English; empty: a mark
  std::string unit_;
};

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_ENTERPRISE_COLUMNS_H_
