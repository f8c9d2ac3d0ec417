// Loads a file of enterprises in calls of a size that the contract allows, in constant memory.
#ifndef ZHUQI_TOOLS_ZHUQICTL_ENTERPRISE_IMPORT_H_
#define ZHUQI_TOOLS_ZHUQICTL_ENTERPRISE_IMPORT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "tools/zhuqictl/csv.h"
#include "tools/zhuqictl/enterprise_columns.h"
#include "tools/zhuqictl/progress.h"
#include "tools/zhuqictl/rejected_rows.h"
#include "zhuqi/intake/v1/enterprise_service.pb.h"

namespace zhuqi::ctl {

struct EnterpriseTotals {
  int64_t created = 0;
  int64_t updated = 0;
  int64_t unchanged = 0;
  int64_t rejected = 0;
  std::map<std::string, int64_t> warnings;  // rows by the reason of the warning
  std::string token;                        // covers everything that was written

  int64_t rows() const { return created + updated + unchanged + rejected; }
};

struct EnterpriseImportOptions {
  int batch_rows = 1000;
  bool validate_only = false;
  // Makes one call, and makes it again after a failure that passes. Required.
  std::function<absl::StatusOr<intake::v1::ApplyEnterprisesResponse>(
      const intake::v1::ApplyEnterprisesRequest&)>
      send;
};

// Sends all rows, one batch after the other: a code that stands in the file twice is as its later row says.
// What was acknowledged is on disk; run again, the import finds it UNCHANGED. So an import that was cut goes
// on by being run again, and it does so rightly also when other files were loaded meanwhile. An error of
// `send` or of `reader` ends it; `totals` then tell of what was done before.
absl::Status ImportEnterprises(CsvReader& reader, const EnterpriseColumns& columns,
                               const EnterpriseImportOptions& options, RejectedRows& rejected,
                               Progress& progress, EnterpriseTotals* totals);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_ENTERPRISE_IMPORT_H_
