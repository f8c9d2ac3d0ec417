// One row of an answer, read by column index from 0 with the type that the caller expects.
#ifndef ZHUQI_COMMON_DB_ROW_H_
#define ZHUQI_COMMON_DB_ROW_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace zhuqi::db {

namespace internal {
class ResultReader;
}

// Valid only inside the callback that was given it. A column of another type, NULL where none is expected, or
// a value that does not fit is never read as 0: the reader returns an empty value, the row remembers the
// first such error, and the query that gave the row fails with DataLoss, which names the column. So a
// callback may read on without checking each read; it must only not act outside itself before Query has
// returned OK.
class Row {
 public:
  // Any integer type, or a DECIMAL without fraction (what SUM gives), within int64.
  int64_t Int64(int column);
  std::optional<int64_t> OptionalInt64(int column);
  // An integer that is 0 or 1.
  bool Bool(int column);
  // DOUBLE, FLOAT, DECIMAL or an integer.
  double Double(int column);
  // Text or bytes, NUL-safe. Numbers and times are refused.
  std::string Text(int column);
  std::optional<std::string> OptionalText(int column);
  // Exactly 16 bytes.
  Uuid ReadUuid(int column);
  std::optional<Uuid> OptionalUuid(int column);
  // DATE.
  absl::CivilDay Day(int column);
  std::optional<absl::CivilDay> OptionalDay(int column);
  // DATETIME or TIMESTAMP, read as UTC with its microseconds.
  absl::Time Time(int column);
  std::optional<absl::Time> OptionalTime(int column);
  bool IsNull(int column);

  int column_count() const;
  // The first reading error; OK when there was none.
  const absl::Status& error() const { return error_; }

 private:
  friend class internal::ResultReader;
  explicit Row(internal::ResultReader& reader) : reader_(reader) {}

  bool Present(int column);
  void Fail(int column, absl::string_view what);

  internal::ResultReader& reader_;
  absl::Status error_;
};

}  // namespace zhuqi::db

#endif  // ZHUQI_COMMON_DB_ROW_H_
