// Counts all figures again from the owners' logs and compares.
#ifndef ZHUQI_SERVICES_REPORTING_FIGURES_VERIFIER_H_
#define ZHUQI_SERVICES_REPORTING_FIGURES_VERIFIER_H_

#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/task.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "services/reporting/cube/aggregate.h"
#include "zhuqi/feed/v1/feed_service.grpc.pb.h"
#include "zhuqi/reporting/v1/report_service.pb.h"

namespace zhuqi::reporting {

// Thread-safe. One recount at a time, on a thread of its own: it reads both logs from their beginning.
class Verifier {
 public:
  Verifier(const std::shared_ptr<grpc::Channel>& intake, const std::shared_ptr<grpc::Channel>& routing,
           const Aggregate& aggregate, const Clock& clock);
  ~Verifier();

  // ResourceExhausted VERIFICATION_RUNNING while another one runs.
  Task<absl::StatusOr<v1::VerifyFiguresResponse>> Verify(absl::Time deadline);

  // Ends a recount that runs, with Unavailable; later ones are refused. Idempotent.
  void Stop();

 private:
  using Result = absl::StatusOr<v1::VerifyFiguresResponse>;
  void Begin(absl::Time deadline, AwaitCallback<Result>::Resume resume);
  Result Recount(absl::Time deadline);
  // Applies the log from its beginning up to the places of `state`. The number of events.
  absl::StatusOr<int64_t> Replay(feed::v1::FeedService::Stub& stub, absl::string_view source,
                                 const AggregateState& state, absl::Time deadline, Cube& cube);
  // The call that Stop cancels. False when stopping.
  bool Activate(grpc::ClientContext* context);

  const std::unique_ptr<feed::v1::FeedService::Stub> intake_;
  const std::unique_ptr<feed::v1::FeedService::Stub> routing_;
  const Aggregate& aggregate_;
  const Clock& clock_;
  absl::Mutex mutex_;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ClientContext* active_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_FIGURES_VERIFIER_H_
