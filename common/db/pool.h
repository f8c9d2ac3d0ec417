// A bounded set of connections to one database.
#ifndef ZHUQI_COMMON_DB_POOL_H_
#define ZHUQI_COMMON_DB_POOL_H_

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/db/connection.h"

namespace zhuqi::db {

struct PoolOptions {
  // The server's Unix socket; when empty, host and port.
  std::string socket;
  std::string host;
  int port = 3306;
  std::string user;
  std::string password;
  // Empty: none is selected.
  std::string database;
  // Connections at most, 1 to 256.
  int size = 8;
  // At least a second each; cut to whole seconds. read_timeout is also the upper limit of a statement's run
  // on the server; InfiniteDuration for none (a migration may rebuild a table for hours).
  absl::Duration connect_timeout = absl::Seconds(5);
  absl::Duration read_timeout = absl::Seconds(30);
  // How long Acquire waits for a free connection.
  absl::Duration checkout_timeout = absl::Seconds(2);
  // How long a statement waits for a row lock before it fails with Aborted. Whole seconds, at least 1.
  absl::Duration lock_wait_timeout = absl::Seconds(5);
  // A connection that was idle for longer is asked whether it lives before it is handed out.
  absl::Duration idle_check = absl::Seconds(30);
  // Prepared statements kept for each connection.
  int statement_cache_size = 256;
  // PEM files. No authority: no TLS. With one, the server's certificate is verified, its host name too.
  std::string tls_ca_file;
  std::string tls_certificate_file;
  std::string tls_key_file;
};

struct PoolStats {
  int in_use = 0;
  int idle = 0;
  // Since the start: checkouts that had to wait, connections opened, connections dropped as broken.
  int64_t waits = 0;
  int64_t connects = 0;
  int64_t drops = 0;
};

class Pool;

// A connection on loan. Giving it back (the destructor) rolls an open transaction back and closes a broken
// connection. Must not outlive the pool.
class Lease {
 public:
  Lease(Lease&& other) noexcept : pool_(other.pool_), connection_(std::move(other.connection_)) {}
  Lease& operator=(Lease&& other) noexcept {
    if (this != &other) {
      GiveBack();
      pool_ = other.pool_;
      connection_ = std::move(other.connection_);
    }
    return *this;
  }
  ~Lease() { GiveBack(); }

  Connection& operator*() const { return *connection_; }
  Connection* operator->() const { return connection_.get(); }

 private:
  friend class Pool;
  Lease(Pool* pool, std::unique_ptr<Connection> connection)
      : pool_(pool), connection_(std::move(connection)) {}
  void GiveBack();

  Pool* pool_;
  std::unique_ptr<Connection> connection_;
};

// Thread-safe.
class Pool {
 public:
  // Opens one connection, to find wrong settings at once; others are opened when needed. Unavailable when
  // there is no server.
  static absl::StatusOr<std::unique_ptr<Pool>> Create(PoolOptions options);
  // Waits for attempts to connect that nobody waits for any more: at most their time-outs.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // A connection without a transaction. ResourceExhausted when none became free within checkout_timeout,
  // DeadlineExceeded at `deadline`, Unavailable when the server can not be reached. Blocks, but never past
  // `deadline`: what a server that does not answer would hold up (connecting, asking whether an idle
  // connection lives) is done beside, and what comes of it after the deadline is the pool's.
  absl::StatusOr<Lease> Acquire(absl::Time deadline);

  PoolStats stats() const;
  const PoolOptions& options() const { return options_; }

 private:
  friend class Lease;
  struct Idle {
    std::unique_ptr<Connection> connection;
    absl::Time since;
    // Another connection broke while this one was idle: the server may have been away.
    bool suspect = false;
  };

  explicit Pool(PoolOptions options) : options_(std::move(options)) {}
  // One connection being opened or asked, on a thread of its own. It counts as in use.
  struct Attempt {
    absl::StatusOr<std::unique_ptr<Connection>> result = absl::UnknownError("under way");
    bool finished = false;
    bool abandoned = false;
    std::thread thread;
  };
  using Work = std::function<absl::StatusOr<std::unique_ptr<Connection>>()>;

  absl::StatusOr<std::unique_ptr<Connection>> Connect();
  // What `work` gives, or DeadlineExceeded. A place that is in use is taken before, and is free after a
  // failure (of work that goes on after the deadline: once it has ended).
  absl::StatusOr<std::unique_ptr<Connection>> RunUntil(absl::Time deadline, Work work);
  // Asks whether it lives; one that does not is broken.
  absl::StatusOr<std::unique_ptr<Connection>> AskUntil(absl::Time deadline,
                                                       std::unique_ptr<Connection> connection);
  void RunAttempt(Attempt& attempt, const Work& work);
  void Return(std::unique_ptr<Connection> connection);

  const PoolOptions options_;
  mutable absl::Mutex mutex_;
  absl::CondVar released_;
  std::vector<Idle> idle_ ABSL_GUARDED_BY(mutex_);
  PoolStats stats_ ABSL_GUARDED_BY(mutex_);
  std::list<Attempt> attempts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zhuqi::db

#endif  // ZHUQI_COMMON_DB_POOL_H_
