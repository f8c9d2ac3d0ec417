// What an error of the database means to us: one table from its number to a status code.
#ifndef ZHUQI_COMMON_DB_ERRORS_H_
#define ZHUQI_COMMON_DB_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace zhuqi::db {

struct ErrorMeaning {
  int number;
  absl::StatusCode code;
  // The session can not be trusted any more.
  bool drop_connection;
};

// Every number that has a meaning of its own. All others: Internal, and the connection is dropped.
absl::Span<const ErrorMeaning> KnownErrors();
ErrorMeaning MeaningOf(int number);

// "database error 1062 (23000)". The database's own text may quote data and never goes further.
absl::Status DatabaseError(int number, absl::string_view sql_state);

// The number in a status made by DatabaseError; 0 for any other status.
int DatabaseErrorNumber(const absl::Status& status);

// True for a violated primary or unique key. The statement has had no effect; the transaction goes on.
bool DuplicateKey(const absl::Status& status);

}  // namespace zhuqi::db

#endif  // ZHUQI_COMMON_DB_ERRORS_H_
