// Internal to common/db: what a Row reads from.
#ifndef ZHUQI_COMMON_DB_RESULT_READER_H_
#define ZHUQI_COMMON_DB_RESULT_READER_H_

#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/db/row.h"

namespace zhuqi::db::internal {

// One answer with the types of its columns, read once: asking the connector for each value would cost more
// than reading the value. Values are converted only when a Row is asked for them.
class ResultReader {
 public:
  explicit ResultReader(sql::ResultSet& result);

  absl::Status ReadAll(absl::FunctionRef<absl::Status(Row&)> each);

  struct Column {
    int type = 0;  // sql::DataType
    bool is_signed = true;
  };
  sql::ResultSet& result() { return result_; }
  const std::vector<Column>& columns() const { return columns_; }
  std::string ColumnName(int column);

 private:
  sql::ResultSet& result_;
  std::vector<Column> columns_;
};

}  // namespace zhuqi::db::internal

#endif  // ZHUQI_COMMON_DB_RESULT_READER_H_
