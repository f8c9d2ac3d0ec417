// One session with the database. The connector itself is seen by this library alone.
#ifndef ZHUQI_COMMON_DB_CONNECTION_H_
#define ZHUQI_COMMON_DB_CONNECTION_H_

#include <cstdint>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/row.h"
#include "common/db/value.h"

namespace zhuqi::db {

struct PoolOptions;

namespace internal {
class Session;
}

// Not thread-safe. The session is utf8mb4, strict, in UTC, READ COMMITTED, and autocommit outside a
// transaction. Statements are prepared and kept per connection, the least recently used given up: write the
// same text every time and bind what varies. List columns; `SELECT *` changes its shape when the table does.
//
// Errors carry the code of errors.h and name only the error number and SQLSTATE.
class Connection {
 public:
  // Connects and sets the session up. Unavailable when there is no server.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const PoolOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs a statement that answers with rows and calls `each` for every row, in order, until it fails. The
  // whole answer has arrived before the first call (prepared statements buffer): bound it with LIMIT and page
  // by key. `each` must not use this connection. InvalidArgument for a statement without rows, or a wrong
  // number of values.
  absl::Status Query(absl::string_view sql, const Values& values, absl::FunctionRef<absl::Status(Row&)> each);

  // Runs a statement without an answer. The number of rows matched (not: changed); ON DUPLICATE KEY UPDATE
  // counts a row that it updated as two. InvalidArgument for a statement with rows, for a wrong number of
  // values, and for BEGIN, COMMIT and the like: transactions are transaction.h's.
  absl::StatusOr<int64_t> Execute(absl::string_view sql, const Values& values);

  // Runs a statement that is neither prepared nor bound nor answers: DDL. It ends the transaction, as DDL
  // does.
  absl::Status ExecuteDdl(absl::string_view sql);

  // Lets the server end a statement (DeadlineExceeded) that runs far past `deadline`. The limit belongs to
  // the session, and setting it is a round trip; so it is kept to steps of a factor 2 (from 250 ms) that
  // cover the time left now, and is sent, before the next statement, only when that step is another than the
  // session has. InfiniteFuture goes back to the pool's read timeout, which is also the upper bound.
  void LimitStatements(absl::Time deadline);

  // Transaction control, for transaction.h and the pool. A statement error that means "run it all again"
  // makes the transaction doomed, also if the caller passes over it: Commit then fails with that error.
  absl::Status Begin(bool consistent_snapshot);
  absl::Status Commit();
  absl::Status Rollback();
  bool in_transaction() const;
  // What doomed the open transaction; OK when nothing has.
  const absl::Status& transaction_error() const;

  // After a connection-level error the session must not be used again: its lease closes it.
  bool broken() const;
  // A round trip that says whether the server is still there.
  bool IsAlive();
  // CONNECTION_ID(), which KILL takes.
  int64_t server_side_id() const;
  // How many statements are prepared at the moment.
  int cached_statements() const;

 private:
  explicit Connection(std::unique_ptr<internal::Session> session);
  std::unique_ptr<internal::Session> session_;
};

}  // namespace zhuqi::db

#endif  // ZHUQI_COMMON_DB_CONNECTION_H_
