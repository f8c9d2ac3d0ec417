// What the call adaptor costs: unary calls a second through it and through a bare callback service, with the
// client in the same process. Usage: zhuqi_rpc_benchmark [seconds] [calls in flight]
#include <sys/resource.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "common/rpc/channel.h"
#include "common/rpc/testing/echo_service.h"
#include "common/testing/test_server.h"

namespace zhuqi::rpc {
namespace {

using testing::v1::EchoRequest;
using testing::v1::EchoResponse;
using testing::v1::EchoService;

class BareService final : public EchoService::CallbackService {
 public:
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const EchoRequest* request,
                                 EchoResponse* response) override {
    response->set_text(request->text());
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

Task<absl::StatusOr<EchoResponse>> Answer(const EchoRequest& request) {
  EchoResponse response;
  response.set_text(request.text());
  co_return response;
}

// Keeps one call under way until the time is over.
struct Caller {
  EchoService::Stub* stub;
  absl::Time end;
  std::atomic<long>* count;
  absl::BlockingCounter* finished;
  std::unique_ptr<grpc::ClientContext> context;
  EchoRequest request;
  EchoResponse response;

  void Next() {
    context = std::make_unique<grpc::ClientContext>();
    stub->async()->Echo(context.get(), &request, &response, [this](grpc::Status status) {
      if (status.ok()) count->fetch_add(1, std::memory_order_relaxed);
      if (absl::Now() < end) {
        Next();
      } else {
        finished->DecrementCount();
      }
    });
  }
};

// CPU time of the process, client included, in microseconds: what other work on the machine disturbs least.
double CpuMicroseconds() {
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

struct Measured {
  double calls_per_second = 0;
  double cpu_microseconds_per_call = 0;
};

Measured Measure(const std::shared_ptr<grpc::Channel>& channel, int seconds, int in_flight) {
  auto stub = EchoService::NewStub(channel);
  std::atomic<long> count{0};
  absl::BlockingCounter finished(in_flight);
  std::vector<Caller> callers(static_cast<std::size_t>(in_flight));
  const double cpu = CpuMicroseconds();
  const absl::Time end = absl::Now() + absl::Seconds(seconds);
  for (Caller& caller : callers) {
    caller.stub = stub.get();
    caller.end = end;
    caller.count = &count;
    caller.finished = &finished;
    caller.request.set_text("hello");
    caller.Next();
  }
  finished.Wait();
  const auto calls = static_cast<double>(count.load());
  return {calls / seconds, (CpuMicroseconds() - cpu) / calls};
}

}  // namespace
}  // namespace zhuqi::rpc

int main(int argc, char** argv) {
  using namespace zhuqi;
  const int seconds = argc > 1 ? std::atoi(argv[1]) : 5;
  const int in_flight = argc > 2 ? std::atoi(argv[2]) : 256;
  zhuqi::testing::TestCalls calls;
  rpc::testing::EchoServiceImpl adapted(&calls.adaptor());
  adapted.on_echo = [](rpc::CallContext&, const rpc::testing::v1::EchoRequest& request) {
    return rpc::Answer(request);
  };
  rpc::BareService bare;
  zhuqi::testing::TestServer adapted_server({&adapted});
  zhuqi::testing::TestServer bare_server({&bare});
  for (int round = 0; round < 3; ++round) {
    const rpc::Measured without = rpc::Measure(bare_server.channel(), seconds, in_flight);
    const rpc::Measured with = rpc::Measure(adapted_server.channel(), seconds, in_flight);
    std::printf("bare %.0f/s %.1f us CPU  adapted %.0f/s %.1f us CPU  ratio of rates %.3f, of CPU %.3f\n",
                without.calls_per_second, without.cpu_microseconds_per_call, with.calls_per_second,
                with.cpu_microseconds_per_call, with.calls_per_second / without.calls_per_second,
                without.cpu_microseconds_per_call / with.cpu_microseconds_per_call);
  }
}
