#include "services/intake/directory/directory_keeper.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/feed/append.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "services/intake/directory/directory_store.h"

namespace zhuqi::intake {
namespace {
constexpr absl::Duration kReadTimeout = absl::Seconds(30);
constexpr absl::Duration kPauseAfterFailure = absl::Seconds(1);
}  // namespace

DirectoryKeeper::DirectoryKeeper(db::Pool& pool, DirectoryHolder& holder, feed::FeedTail& tail,
                                 telemetry::Logger& logger)
    : pool_(pool), holder_(holder), logger_(logger) {
  tail.OnChange([signal = signal_](const feed::TailSnapshot& snapshot) {
    const auto head = snapshot.heads.find(feed::kDirectoryPartition);
    if (head == snapshot.heads.end()) return;
    absl::MutexLock lock(&signal->mutex);
    signal->head = head->second;
  });
}

DirectoryKeeper::~DirectoryKeeper() { Stop(); }

void DirectoryKeeper::Start() {
  thread_ = std::thread([this] { Run(); });
}

void DirectoryKeeper::Stop() {
  {
    absl::MutexLock lock(&signal_->mutex);
    signal_->stopping = true;
  }
  if (thread_.joinable()) thread_.join();
}

void DirectoryKeeper::Run() {
  Signal& signal = *signal_;
  const auto has_work = [this, &signal]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(signal.mutex) {
    return signal.stopping || signal.head > holder_.Get()->sequence();
  };
  while (true) {
    {
      absl::MutexLock lock(&signal.mutex, absl::Condition(&has_work));
      if (signal.stopping) return;
    }
    absl::StatusOr<db::Lease> lease = pool_.Acquire(absl::Now() + kReadTimeout);
    const absl::Status status = lease.ok() ? RefreshDirectory(**lease, holder_) : lease.status();
    if (status.ok()) continue;
    logger_.Warning("the directory could not be read; it is tried again", {{"error", status}});
    absl::MutexLock lock(&signal.mutex);
    signal.mutex.AwaitWithTimeout(absl::Condition(&signal.stopping), kPauseAfterFailure);
  }
}

Task<absl::Status> ReachDirectory(db::SqlExecutor& sql, DirectoryHolder& holder, std::string token,
                                  absl::Time deadline) {
  absl::StatusOr<common::v1::ConsistencyToken> wanted = feed::ParseToken(token);
  if (!wanted.ok()) co_return wanted.status();
  int64_t sequence = 0;
  for (const common::v1::FeedPosition& position : wanted->positions()) {
    if (position.source() != "intake" || position.partition() != feed::kDirectoryPartition) continue;
    sequence = std::max(sequence, position.sequence());
  }
  if (holder.Get()->sequence() >= sequence) co_return absl::OkStatus();
  auto refresh = sql.Run<bool>(deadline, [&holder](db::Connection& connection) -> absl::StatusOr<bool> {
    ZHUQI_RETURN_IF_ERROR(RefreshDirectory(connection, holder));
    return true;
  });
  absl::StatusOr<bool> refreshed = co_await refresh;
  if (!refreshed.ok()) co_return refreshed.status();
  if (holder.Get()->sequence() >= sequence) co_return absl::OkStatus();
  co_return rpc::Error(absl::StatusCode::kDeadlineExceeded, "NOT_YET_CONSISTENT",
                       "the directory does not reach what the token stands for",
                       "目录尚未到达令牌所指的位置");
}

}  // namespace zhuqi::intake
