// Keeps this replica's directory up with what other replicas apply.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_KEEPER_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_KEEPER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/task.h"
#include "common/db/pool.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/feed/tail.h"
#include "common/telemetry/logger.h"

namespace zhuqi::intake {

// Reads the log on a thread of its own when the tail says that partition 0 grew. What can not be read now is
// read again a moment later. Thread-safe.
class DirectoryKeeper {
 public:
  // Listens to `tail`, so it is made before the tail starts. All must outlive this, and `tail` must be
  // stopped before this goes.
  DirectoryKeeper(db::Pool& pool, DirectoryHolder& holder, feed::FeedTail& tail, telemetry::Logger& logger);
  // Stop().
  ~DirectoryKeeper();
  DirectoryKeeper(const DirectoryKeeper&) = delete;
  DirectoryKeeper& operator=(const DirectoryKeeper&) = delete;

  void Start();
  // Idempotent.
  void Stop();

 private:
  // Shared with the tail, whose thread may outlive this.
  struct Signal {
    absl::Mutex mutex;
    int64_t head ABSL_GUARDED_BY(mutex) = 0;
    bool stopping ABSL_GUARDED_BY(mutex) = false;
  };
  void Run();

  db::Pool& pool_;
  DirectoryHolder& holder_;
  telemetry::Logger& logger_;
  const std::shared_ptr<Signal> signal_ = std::make_shared<Signal>();
  std::thread thread_;
};

// Waits until `holder` has what `token` says of the directory: reads it from the database at once when it has
// not. Parts of the token about other partitions or sources are passed over. InvalidArgument TOKEN_INVALID
// for a damaged token, DeadlineExceeded NOT_YET_CONSISTENT when the log does not reach that far. All must
// outlive the task.
Task<absl::Status> ReachDirectory(db::SqlExecutor& sql, DirectoryHolder& holder, std::string token,
                                  absl::Time deadline);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_KEEPER_H_
