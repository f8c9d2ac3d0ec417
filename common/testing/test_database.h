// A database of the test's own, on a real MariaDB.
//
//   testing::TestDatabase database;
//   ASSERT_TRUE(database.Migrate(IntakeSchema()).ok());
//   auto pool = db::Pool::Create(database.options(4));
//
// The server is the one that ctest's fixture started (environment ZHUQI_TEST_DATABASE_SOCKET); when a test
// program is started by hand, a private one that ends with it. Faults of set-up end the program with a
// message.
#ifndef ZHUQI_COMMON_TESTING_TEST_DATABASE_H_
#define ZHUQI_COMMON_TESTING_TEST_DATABASE_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/db/migrations.h"
#include "common/db/pool.h"

namespace zhuqi::testing {

// A MariaDB of the test's own, that can be killed and started again. Data and socket are in a temporary
// directory.
class PrivateServer {
 public:
  // Sets up the data directory and starts.
  PrivateServer();
  // Kills it and removes its directory.
  ~PrivateServer();
  PrivateServer(const PrivateServer&) = delete;
  PrivateServer& operator=(const PrivateServer&) = delete;

  // Starts it again on the same data and waits until it takes connections. No effect while it runs.
  void Start();
  // SIGKILL: what was committed must be there after Start. No effect when it does not run.
  void Kill();
  // SIGSTOP and SIGCONT: a server that no longer answers, and that does again.
  void Pause();
  void Resume();

  const std::string& socket() const { return socket_; }

 private:
  std::string directory_;
  std::string socket_;
  pid_t process_ = -1;
};

class TestDatabase {
 public:
  TestDatabase();
  // On `server`, which must outlive this and run when this is destroyed.
  explicit TestDatabase(const PrivateServer& server);
  // Drops the database.
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  // Settings for a pool of `size` connections to this database.
  db::PoolOptions options(int size = 4) const;
  absl::Status Migrate(const db::Schema& schema);
  // Runs each statement (DDL, or anything without parameters and answer), for tables of a test's own.
  absl::Status Run(const std::vector<std::string>& statements);

  const std::string& name() const { return name_; }

 private:
  explicit TestDatabase(std::string socket);
  std::string socket_;
  std::string name_;
};

}  // namespace zhuqi::testing

#endif  // ZHUQI_COMMON_TESTING_TEST_DATABASE_H_
