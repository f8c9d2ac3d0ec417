// Pages of records: what SQL gives, looked at where SQL can not tell, in steps that each are a bounded piece
// of work.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_PAGES_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_PAGES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/task.h"
#include "common/db/sql_executor.h"
#include "services/intake/records/record_list_rules.h"
#include "zhuqi/intake/v1/record_service.pb.h"

namespace zhuqi::intake {

// Thread-safe. Queries must outlive the tasks.
class RecordPages {
 public:
  explicit RecordPages(db::SqlExecutor& sql) : sql_(sql) {}

  // The records after query.after, and where the next page begins: as many as asked for, or fewer when they
  // are long or many had to be looked at.
  Task<absl::StatusOr<v1::ListRecordsResponse>> Read(absl::Time deadline, const RecordQuery& query) const;
  // All records that are meant.
  Task<absl::StatusOr<int64_t>> Count(absl::Time deadline, const RecordQuery& query) const;

 private:
  Task<absl::StatusOr<std::vector<v1::Record>>> Step(absl::Time deadline, const RecordQuery& query,
                                                     std::optional<RecordPosition> after, int limit) const;
  Task<absl::StatusOr<int64_t>> CountByLooking(absl::Time deadline, const RecordQuery& query) const;

  db::SqlExecutor& sql_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_PAGES_H_
