#include "common/db/connection.h"

#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "common/db/session.h"

namespace zhuqi::db {

Connection::Connection(std::unique_ptr<internal::Session> session) : session_(std::move(session)) {}
Connection::~Connection() = default;

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const PoolOptions& options) {
  ZHUQI_ASSIGN_OR_RETURN(std::unique_ptr<internal::Session> session, internal::Session::Open(options));
  return std::unique_ptr<Connection>(new Connection(std::move(session)));
}

absl::Status Connection::Query(absl::string_view sql, const Values& values,
                               absl::FunctionRef<absl::Status(Row&)> each) {
  return session_->Query(sql, values, each);
}

absl::StatusOr<int64_t> Connection::Execute(absl::string_view sql, const Values& values) {
  return session_->Execute(sql, values);
}

absl::Status Connection::ExecuteDdl(absl::string_view sql) {
  if (session_->in_transaction())
    return absl::FailedPreconditionError("DDL within a transaction would commit it");
  if (internal::ChangesSession(sql)) return absl::InvalidArgumentError("not a statement for ExecuteDdl");
  return session_->RunText(std::string(sql.data(), sql.size()));
}

void Connection::LimitStatements(absl::Time deadline) { session_->LimitStatements(deadline); }
absl::Status Connection::Begin(bool consistent_snapshot) { return session_->Begin(consistent_snapshot); }
absl::Status Connection::Commit() { return session_->Commit(); }
absl::Status Connection::Rollback() { return session_->Rollback(); }
bool Connection::in_transaction() const { return session_->in_transaction(); }
const absl::Status& Connection::transaction_error() const { return session_->transaction_error(); }
bool Connection::broken() const { return session_->broken(); }
bool Connection::IsAlive() { return session_->IsAlive(); }
int64_t Connection::server_side_id() const { return session_->server_side_id(); }
int Connection::cached_statements() const { return session_->cached_statements(); }

}  // namespace zhuqi::db
