#include "common/db/session.h"

#include <cppconn/parameter_metadata.h>
#include <cppconn/resultset_metadata.h>
#include <mysql_driver.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "common/db/errors.h"
#include "common/db/result_reader.h"

namespace zhuqi::db::internal {
namespace {

// The server dropped its side of a prepared statement, or its table has changed its shape since.
constexpr int kPrepareAgain[] = {1243, 1615, 2030, 2057};

// The connector wants a call from each thread that uses it, before and after.
struct DriverThread {
  DriverThread() : driver(get_driver_instance()) { driver->threadInit(); }
  ~DriverThread() { driver->threadEnd(); }
  sql::Driver* driver;
};

sql::Driver& Driver() {
  // The library's own set-up is not thread-safe: first use wins, then each thread its part.
  static sql::Driver* const first = get_driver_instance();
  static_cast<void>(first);
  thread_local DriverThread thread;
  return *thread.driver;
}

// At most a week: the client library counts in milliseconds, in an int.
int WholeSeconds(absl::Duration duration) {
  return static_cast<int>(std::clamp<int64_t>(absl::ToInt64Seconds(duration), 1, 86400 * 7));
}

std::string Address(const PoolOptions& options) {
  if (!options.socket.empty()) return absl::StrCat("unix://", options.socket);
  const bool is_ipv6 = absl::StrContains(options.host, ':');
  return absl::StrCat("tcp://", is_ipv6 ? "[" : "", options.host, is_ipv6 ? "]:" : ":", options.port);
}

sql::ConnectOptionsMap ConnectOptions(const PoolOptions& options) {
  sql::ConnectOptionsMap map;
  map["hostName"] = sql::SQLString(Address(options));
  map["userName"] = sql::SQLString(options.user);
  map["password"] = sql::SQLString(options.password);
  if (!options.database.empty()) map["schema"] = sql::SQLString(options.database);
  map["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
  // A session that reconnects by itself has lost half a transaction and its settings without a word.
  map["OPT_RECONNECT"] = false;
  // The only switch that stops LOAD DATA LOCAL, by which a server can read the client's files.
  map["OPT_LOCAL_INFILE"] = 0;
  // Rows matched, not changed: compare-and-set by UPDATE needs it.
  map["CLIENT_FOUND_ROWS"] = true;
  map["OPT_CONNECT_TIMEOUT"] = WholeSeconds(options.connect_timeout);
  map["OPT_WRITE_TIMEOUT"] = WholeSeconds(options.read_timeout);
  // The server ends a statement first (max_statement_time); the socket's limit is for a server that is gone.
  map["OPT_READ_TIMEOUT"] = WholeSeconds(options.read_timeout) + 1;
  if (!options.tls_ca_file.empty()) {
    map["sslCA"] = sql::SQLString(options.tls_ca_file);
    map["sslEnforce"] = true;
    map["sslVerify"] = true;
    if (!options.tls_certificate_file.empty()) map["sslCert"] = sql::SQLString(options.tls_certificate_file);
    if (!options.tls_key_file.empty()) map["sslKey"] = sql::SQLString(options.tls_key_file);
  }
  return map;
}

void Bind(sql::PreparedStatement& statement, unsigned int position, const Value& value) {
  struct Visitor {
    sql::PreparedStatement& statement;
    unsigned int position;
    void operator()(std::monostate) const { statement.setNull(position, 0); }
    void operator()(int64_t number) const { statement.setInt64(position, number); }
    void operator()(uint64_t number) const { statement.setUInt64(position, number); }
    void operator()(double number) const { statement.setDouble(position, number); }
    void operator()(const std::string& text) const { statement.setString(position, sql::SQLString(text)); }
    void operator()(const Uuid& uuid) const { statement.setString(position, sql::SQLString(uuid.ToBytes())); }
  };
  std::visit(Visitor{statement, position}, value.storage());
}

}  // namespace

bool ChangesSession(absl::string_view sql) {
  static constexpr absl::string_view kWords[] = {
      "BEGIN", "START",  "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET",  "CALL",
      "LOCK",  "UNLOCK", "XA",     "PREPARE",  "EXECUTE",   "USE",     "LOAD", "HANDLER"};
  sql = absl::StripLeadingAsciiWhitespace(sql);
  size_t length = 0;
  while (length < sql.size() && absl::ascii_isalpha(static_cast<unsigned char>(sql[length]))) ++length;
  const absl::string_view word = sql.substr(0, length);
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [word](absl::string_view one) { return absl::EqualsIgnoreCase(one, word); });
}

Session::Session(const PoolOptions& options)
    : cache_size_(static_cast<size_t>(std::max(1, options.statement_cache_size))),
      longest_statement_(options.read_timeout),
      session_limit_(options.read_timeout),
      wanted_limit_(options.read_timeout) {}

Session::~Session() {
  // Closing talks to a server that may be gone; there is nobody to tell.
  Driver();
  try {
    index_.clear();
    statements_.clear();
    text_.reset();
    connection_.reset();
  } catch (const std::exception&) {
  }
}

absl::StatusOr<std::unique_ptr<Session>> Session::Open(const PoolOptions& options) {
  auto session = std::unique_ptr<Session>(new Session(options));
  ZHUQI_RETURN_IF_ERROR(session->SetUp(options));
  return session;
}

absl::Status Session::SetUp(const PoolOptions& options) {
  ZHUQI_RETURN_IF_ERROR(Guarded([&] {
    sql::ConnectOptionsMap map = ConnectOptions(options);
    connection_.reset(Driver().connect(map));
    text_.reset(connection_->createStatement());
    return absl::OkStatus();
  }));
  std::string version;
  ZHUQI_RETURN_IF_ERROR(Query("SELECT VERSION(), CONNECTION_ID()", {}, [&](Row& row) {
    version = row.Text(0);
    server_side_id_ = row.Int64(1);
    return absl::OkStatus();
  }));
  is_mariadb_ = absl::StrContains(version, "MariaDB");
  ZHUQI_RETURN_IF_ERROR(
      RunText(absl::StrCat("SET NAMES utf8mb4 COLLATE utf8mb4_bin, autocommit=1, time_zone='+00:00', ",
                           "sql_mode='STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_"
                           "ZERO,NO_ENGINE_SUBSTITUTION', ",
                           "innodb_lock_wait_timeout=", WholeSeconds(options.lock_wait_timeout), ", ",
                           LimitClause(session_limit_))));
  ZHUQI_RETURN_IF_ERROR(RunText("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"));
  // A process that was frozen or cut off in a transaction must not hold its locks (the end of a partition
  // above all) until somebody notices. MySQL has no such limit; there the server's wait_timeout does it.
  if (is_mariadb_) {
    ZHUQI_RETURN_IF_ERROR(RunText("SET SESSION idle_transaction_timeout=60"));
  }
  if (options.tls_ca_file.empty()) return absl::OkStatus();
  // A client library without TLS would have connected in the clear.
  bool encrypted = false;
  ZHUQI_RETURN_IF_ERROR(Query("SHOW SESSION STATUS LIKE 'Ssl_cipher'", {}, [&](Row& row) {
    encrypted = !row.Text(1).empty();
    return absl::OkStatus();
  }));
  return encrypted ? absl::OkStatus()
                   : absl::UnavailableError("the connection to the database is not encrypted");
}

absl::Status Session::Failed(const sql::SQLException& error) {
  // The connector's own refusals have no number: something this library did not foresee.
  const int number = error.getErrorCode();
  if (MeaningOf(number).drop_connection) broken_ = true;
  absl::Status status = DatabaseError(number, error.getSQLState());
  if (in_transaction_ && absl::IsAborted(status)) doomed_ = status;
  return status;
}

absl::Status Session::Guarded(absl::FunctionRef<absl::Status()> work) {
  Driver();
  if (broken_) return absl::UnavailableError("the database connection is broken");
  try {
    return work();
  } catch (const sql::SQLException& error) {
    return Failed(error);
  } catch (const std::exception&) {
    broken_ = true;
    return absl::InternalError("the database connector failed");
  }
}

std::string Session::LimitClause(absl::Duration limit) const {
  const bool unlimited = limit == absl::InfiniteDuration();
  if (is_mariadb_) {
    return absl::StrFormat("max_statement_time=%.3f", unlimited ? 0.0 : absl::ToDoubleSeconds(limit));
  }
  return absl::StrCat("max_execution_time=", unlimited ? 0 : absl::ToInt64Milliseconds(limit));
}

void Session::LimitStatements(absl::Time deadline) {
  wanted_limit_ = longest_statement_;
  if (deadline == absl::InfiniteFuture()) return;
  const absl::Duration left = deadline - absl::Now();
  absl::Duration step = absl::Milliseconds(250);
  while (step < left && step < longest_statement_) step *= 2;
  wanted_limit_ = std::min(step, longest_statement_);
}

absl::Status Session::ApplyLimit() {
  if (wanted_limit_ == session_limit_ || broken_) return absl::OkStatus();
  ZHUQI_RETURN_IF_ERROR(Guarded([&] {
    text_->execute(absl::StrCat("SET ", LimitClause(wanted_limit_)));
    return absl::OkStatus();
  }));
  session_limit_ = wanted_limit_;
  return absl::OkStatus();
}

absl::Status Session::RunText(const std::string& sql) {
  ZHUQI_RETURN_IF_ERROR(ApplyLimit());
  return Guarded([&] {
    if (text_->execute(sql)) {
      // An answer that nobody reads would block every later statement.
      const std::unique_ptr<sql::ResultSet> unread(text_->getResultSet());
      return absl::InvalidArgumentError("a statement with an answer was run as one without");
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<Session::Prepared*> Session::Prepare(absl::string_view sql) {
  if (const auto found = index_.find(sql); found != index_.end()) {
    statements_.splice(statements_.begin(), statements_, found->second);
    return &statements_.front();
  }
  if (ChangesSession(sql)) return absl::InvalidArgumentError("not a statement for Query or Execute");
  if (statements_.size() >= cache_size_) {
    index_.erase(statements_.back().sql);
    statements_.pop_back();
  }
  Prepared prepared;
  prepared.sql.assign(sql.data(), sql.size());
  prepared.statement.reset(connection_->prepareStatement(prepared.sql));
  prepared.columns = prepared.statement->getMetaData()->getColumnCount();
  prepared.parameters =
      static_cast<unsigned int>(prepared.statement->getParameterMetaData()->getParameterCount());
  statements_.push_front(std::move(prepared));
  index_.emplace(statements_.front().sql, statements_.begin());
  return &statements_.front();
}

void Session::Forget(absl::string_view sql) {
  const auto found = index_.find(sql);
  if (found == index_.end()) return;
  const auto statement = found->second;
  index_.erase(found);
  statements_.erase(statement);
}

absl::Status Session::RunPrepared(absl::string_view sql, const Values& values, bool wants_rows,
                                  absl::FunctionRef<absl::Status(Prepared&)> work) {
  ZHUQI_RETURN_IF_ERROR(ApplyLimit());
  return Guarded([&]() -> absl::Status {
    for (bool again = false;; again = true) {
      ZHUQI_ASSIGN_OR_RETURN(Prepared* const prepared, Prepare(sql));
      if (values.size() != prepared->parameters) {
        return absl::InvalidArgumentError(absl::StrCat("a statement with ", prepared->parameters,
                                                       " parameters got ", values.size(), " values"));
      }
      // Running it the other way round would leave an unread answer on the wire (2014 for ever after).
      if (wants_rows != (prepared->columns > 0)) {
        return absl::InvalidArgumentError(wants_rows ? "Query of a statement without rows"
                                                     : "Execute of a statement with rows");
      }
      try {
        for (unsigned int i = 0; i < prepared->parameters; ++i) Bind(*prepared->statement, i + 1, values[i]);
        return work(*prepared);
      } catch (const sql::SQLException& error) {
        const bool stale =
            std::count(std::begin(kPrepareAgain), std::end(kPrepareAgain), error.getErrorCode()) > 0;
        if (!stale || again) throw;
        Forget(sql);
      }
    }
  });
}

absl::Status Session::Query(absl::string_view sql, const Values& values,
                            absl::FunctionRef<absl::Status(Row&)> each) {
  return RunPrepared(sql, values, true, [&](Prepared& prepared) {
    const std::unique_ptr<sql::ResultSet> result(prepared.statement->executeQuery());
    return ResultReader(*result).ReadAll(each);
  });
}

absl::StatusOr<int64_t> Session::Execute(absl::string_view sql, const Values& values) {
  int64_t matched = 0;
  ZHUQI_RETURN_IF_ERROR(RunPrepared(sql, values, false, [&](Prepared& prepared) {
    // getUpdateCount is not implemented for prepared statements.
    matched = prepared.statement->executeUpdate();
    return absl::OkStatus();
  }));
  return matched;
}

absl::Status Session::Begin(bool consistent_snapshot) {
  if (in_transaction_) return absl::FailedPreconditionError("a transaction is open on this connection");
  if (consistent_snapshot) {
    // For the next transaction alone. READ COMMITTED would take a new snapshot for every statement.
    ZHUQI_RETURN_IF_ERROR(RunText("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"));
    ZHUQI_RETURN_IF_ERROR(RunText("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"));
  } else {
    ZHUQI_RETURN_IF_ERROR(RunText("START TRANSACTION"));
  }
  in_transaction_ = true;
  doomed_ = absl::OkStatus();
  return absl::OkStatus();
}

absl::Status Session::Commit() {
  if (!in_transaction_) return absl::FailedPreconditionError("no transaction is open on this connection");
  if (!doomed_.ok()) return doomed_;
  ZHUQI_RETURN_IF_ERROR(RunText("COMMIT"));
  in_transaction_ = false;
  return absl::OkStatus();
}

absl::Status Session::Rollback() {
  if (!in_transaction_) return absl::OkStatus();
  const absl::Status status = RunText("ROLLBACK");
  // A session whose transaction can not be ended for sure is not used again; closing it rolls back.
  if (!status.ok()) broken_ = true;
  in_transaction_ = false;
  doomed_ = absl::OkStatus();
  return status;
}

bool Session::IsAlive() {
  bool alive = false;
  const absl::Status status = Guarded([&] {
    alive = connection_->isValid();
    return absl::OkStatus();
  });
  if (!status.ok() || !alive) broken_ = true;
  return !broken_;
}

}  // namespace zhuqi::db::internal
