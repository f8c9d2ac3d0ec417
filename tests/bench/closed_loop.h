// Callers that each keep one unary call under way: a closed loop, in which a slow server is asked less often.
#ifndef ZHUQI_TESTS_BENCH_CLOSED_LOOP_H_
#define ZHUQI_TESTS_BENCH_CLOSED_LOOP_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "tests/bench/loads.h"
#include "tests/bench/measurement.h"

namespace zhuqi::bench {

// Connections to the target that share nothing.
std::vector<std::shared_ptr<grpc::Channel>> Connect(const Target& target);

// Deadline and token of one call.
void Prepare(grpc::ClientContext& context, const Target& target);

// One caller. A derived class keeps request and response.
class Caller {
 public:
  Caller(const Target* target, Report* report)
      : target_(target), report_(report), samples_(report->window()) {}
  virtual ~Caller() = default;

  void Run(absl::BlockingCounter* ended) {
    ended_ = ended;
    Next();
  }

 protected:
  // Starts a call that ends with Done.
  virtual void Start(grpc::ClientContext* context) = 0;
  // Of a call that succeeded: whether the answer is what it should be.
  virtual absl::Status Check() = 0;
  void Done(const grpc::Status& status);

 private:
  void Next();

  const Target* const target_;
  Report* const report_;
  Samples samples_;
  absl::BlockingCounter* ended_ = nullptr;
  std::unique_ptr<grpc::ClientContext> context_;
  absl::Time started_;
};

// Runs `target.in_flight` callers, spread over the connections, until all have ended.
using CallerFactory = std::function<std::unique_ptr<Caller>(const std::shared_ptr<grpc::Channel>&)>;
void RunCallers(const Target& target, const CallerFactory& make);

}  // namespace zhuqi::bench

#endif  // ZHUQI_TESTS_BENCH_CLOSED_LOOP_H_
