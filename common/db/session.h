// Internal to common/db: one connection of the connector, its prepared statements and its state.
#ifndef ZHUQI_COMMON_DB_SESSION_H_
#define ZHUQI_COMMON_DB_SESSION_H_

#include <cppconn/connection.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/statement.h>

#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/pool.h"
#include "common/db/row.h"
#include "common/db/value.h"

namespace zhuqi::db::internal {

class Session {
 public:
  static absl::StatusOr<std::unique_ptr<Session>> Open(const PoolOptions& options);
  ~Session();

  absl::Status Query(absl::string_view sql, const Values& values, absl::FunctionRef<absl::Status(Row&)> each);
  absl::StatusOr<int64_t> Execute(absl::string_view sql, const Values& values);
  // Any statement without an answer, as text.
  absl::Status RunText(const std::string& sql);
  void LimitStatements(absl::Time deadline);

  absl::Status Begin(bool consistent_snapshot);
  absl::Status Commit();
  absl::Status Rollback();
  bool IsAlive();

  bool in_transaction() const { return in_transaction_; }
  const absl::Status& transaction_error() const { return doomed_; }
  bool broken() const { return broken_; }
  int64_t server_side_id() const { return server_side_id_; }
  int cached_statements() const { return static_cast<int>(statements_.size()); }

 private:
  struct Prepared {
    std::string sql;
    std::unique_ptr<sql::PreparedStatement> statement;
    unsigned int columns = 0;
    unsigned int parameters = 0;
  };

  explicit Session(const PoolOptions& options);
  absl::Status SetUp(const PoolOptions& options);
  // Runs `work` and turns what the connector throws into a status, and into broken_ and doomed_.
  absl::Status Guarded(absl::FunctionRef<absl::Status()> work);
  absl::Status Failed(const sql::SQLException& error);
  absl::Status ApplyLimit();
  std::string LimitClause(absl::Duration limit) const;

  // Prepares (or finds) `sql`, binds and runs `work`; prepares anew, once, when the server says it must.
  absl::Status RunPrepared(absl::string_view sql, const Values& values, bool wants_rows,
                           absl::FunctionRef<absl::Status(Prepared&)> work);
  absl::StatusOr<Prepared*> Prepare(absl::string_view sql);
  void Forget(absl::string_view sql);

  const size_t cache_size_;
  const absl::Duration longest_statement_;
  std::unique_ptr<sql::Connection> connection_;
  std::unique_ptr<sql::Statement> text_;
  // Most recently used first; the index points into the texts of the list's nodes, which do not move.
  std::list<Prepared> statements_;
  absl::flat_hash_map<absl::string_view, std::list<Prepared>::iterator> index_;

  bool is_mariadb_ = true;
  int64_t server_side_id_ = 0;
  absl::Duration session_limit_;
  absl::Duration wanted_limit_;
  bool in_transaction_ = false;
  absl::Status doomed_;
  bool broken_ = false;
};

// True for BEGIN, SET, CALL and the like: what would change the session's state behind this library's back,
// or answer with several results.
bool ChangesSession(absl::string_view sql);

}  // namespace zhuqi::db::internal

#endif  // ZHUQI_COMMON_DB_SESSION_H_
