// Counts all figures again from the owners' logs and compares.
#ifndef ZHUQI_SERVICES_REPORTING_FIGURES_VERIFIER_H_
#define ZHUQI_SERVICES_REPORTING_FIGURES_VERIFIER_H_

#include <cstddef>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/task.h"
#include "common/rpc/call_context.h"
#include "common/rpc/cancellation.h"
#include "grpcpp/channel.h"
#include "services/reporting/cube/aggregate.h"
#include "zhuqi/feed/v1/feed_service.grpc.pb.h"
#include "zhuqi/reporting/v1/report_service.pb.h"

namespace zhuqi::reporting {

// Differences that an answer lists.
inline constexpr std::size_t kMaxDifferences = 1000;

// Thread-safe. One recount at a time, on a thread of its own: it reads both logs from their beginning.
class Verifier {
 public:
  Verifier(const std::shared_ptr<grpc::Channel>& intake, const std::shared_ptr<grpc::Channel>& routing,
           const Aggregate& aggregate, const Clock& clock);
  ~Verifier();

  // ResourceExhausted VERIFICATION_RUNNING while another one runs. Ends when the call is cancelled. `call`
  // must outlive the task.
  Task<absl::StatusOr<v1::VerifyFiguresResponse>> Verify(const rpc::CallContext& call);

  // Ends a recount that runs, with Unavailable; later ones are refused. Idempotent.
  void Stop();

 private:
  using Result = absl::StatusOr<v1::VerifyFiguresResponse>;
  void Begin(const rpc::CallContext& call, AwaitCallback<Result>::Resume resume);
  Result Recount(absl::Time deadline, rpc::Cancellation& stop);

  const std::unique_ptr<feed::v1::FeedService::Stub> intake_;
  const std::unique_ptr<feed::v1::FeedService::Stub> routing_;
  const Aggregate& aggregate_;
  const Clock& clock_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // Of the recount that runs; null when none does.
  std::shared_ptr<rpc::Cancellation> running_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_FIGURES_VERIFIER_H_
