#include "common/testing/test_database.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"

namespace zhuqi::testing {
namespace {

constexpr absl::Duration kStartTimeout = absl::Seconds(60);

[[noreturn]] void Die(absl::string_view what) {
  std::fprintf(stderr, "test database: %s\n", std::string(what).c_str());
  std::abort();
}

db::PoolOptions RootOptions(const std::string& socket) {
  db::PoolOptions options;
  options.socket = socket;
  options.user = "root";
  return options;
}

// The server of ctest's fixture, or else one for this process, begun at the first use and ended with it.
const std::string& SharedSocket() {
  static const std::string* const socket = [] {
    const char* const given = std::getenv("ZHUQI_TEST_DATABASE_SOCKET");
    if (given != nullptr && *given != '\0') return new std::string(given);
    static auto* const server = new PrivateServer();
    std::atexit([] { delete server; });
    return new std::string(server->socket());
  }();
  return *socket;
}

std::unique_ptr<db::Connection> Connect(const db::PoolOptions& options) {
  absl::StatusOr<std::unique_ptr<db::Connection>> connection = db::Connection::Open(options);
  if (!connection.ok()) Die(connection.status().ToString());
  return *std::move(connection);
}

}  // namespace

PrivateServer::PrivateServer() {
  std::string pattern = (std::filesystem::temp_directory_path() / "zhuqi-mariadb-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) Die("no temporary directory");
  directory_ = pattern;
  socket_ = directory_ + "/mariadb.sock";
  Start();
}

PrivateServer::~PrivateServer() {
  Kill();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void PrivateServer::Start() {
  if (process_ > 0) return;
  const char* const script = ZHUQI_TEST_DATABASE_SCRIPT;
  // Not waiting for the old socket: it would answer nobody.
  unlink(socket_.c_str());
  process_ = fork();
  if (process_ < 0) Die("fork failed");
  if (process_ == 0) {
    // A test that crashes takes its server along.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    execl(script, script, "run", directory_.c_str(), nullptr);
    _exit(127);
  }
  const absl::Time give_up = absl::Now() + kStartTimeout;
  while (!db::Connection::Open(RootOptions(socket_)).ok()) {
    int state = 0;
    if (waitpid(process_, &state, WNOHANG) == process_) Die("the server ended; see its log in " + directory_);
    if (absl::Now() > give_up) Die("the server does not answer; see its log in " + directory_);
    absl::SleepFor(absl::Milliseconds(20));
  }
}

void PrivateServer::Kill() {
  if (process_ <= 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

void PrivateServer::Pause() {
  if (process_ <= 0) return;
  kill(process_, SIGSTOP);
  // Until all of its threads stand still: the signal alone leaves those that run time to answer.
  int status = 0;
  while (waitpid(process_, &status, WUNTRACED) < 0 && errno == EINTR) {
  }
}

void PrivateServer::Resume() {
  if (process_ > 0) kill(process_, SIGCONT);
}

TestDatabase::TestDatabase() : TestDatabase(SharedSocket()) {}

TestDatabase::TestDatabase(const PrivateServer& server) : TestDatabase(server.socket()) {}

TestDatabase::TestDatabase(std::string socket) : socket_(std::move(socket)) {
  const Uuid random = Uuid::NewV7(absl::Now());
  name_ = "test_" + absl::BytesToHexString(random.ToBytes());
  const absl::Status created =
      Connect(RootOptions(socket_))
          ->ExecuteDdl("CREATE DATABASE " + name_ + " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
  if (!created.ok()) Die(created.ToString());
}

TestDatabase::~TestDatabase() {
  absl::StatusOr<std::unique_ptr<db::Connection>> connection = db::Connection::Open(RootOptions(socket_));
  // A server that a fault test has killed takes its databases along.
  if (connection.ok()) (*connection)->ExecuteDdl("DROP DATABASE IF EXISTS " + name_).IgnoreError();
}

db::PoolOptions TestDatabase::options(int size) const {
  db::PoolOptions options = RootOptions(socket_);
  options.database = name_;
  options.size = size;
  return options;
}

absl::Status TestDatabase::Migrate(const db::Schema& schema) {
  return db::Migrate(*Connect(options()), schema);
}

absl::Status TestDatabase::Run(const std::vector<std::string>& statements) {
  const std::unique_ptr<db::Connection> connection = Connect(options());
  for (const std::string& statement : statements) {
    ZHUQI_RETURN_IF_ERROR(connection->ExecuteDdl(statement));
  }
  return absl::OkStatus();
}

}  // namespace zhuqi::testing
