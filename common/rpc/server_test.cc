#include "common/rpc/server.h"

#include <memory>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/channel.h"
#include "common/rpc/testing/echo_service.h"
#include "common/testing/test_server.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"

namespace zhuqi::rpc {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using testing::v1::EchoRequest;
using testing::v1::EchoResponse;
using testing::v1::EchoService;

HealthCheckResponse::ServingStatus Ask(const std::shared_ptr<grpc::Channel>& channel,
                                       const std::string& service) {
  auto stub = Health::NewStub(channel);
  grpc::ClientContext context;
  HealthCheckRequest request;
  request.set_service(service);
  HealthCheckResponse response;
  const grpc::Status status = stub->Check(&context, request, &response);
  return status.ok() ? response.status() : HealthCheckResponse::SERVICE_UNKNOWN;
}

std::shared_ptr<grpc::Channel> ChannelTo(int port) {
  ChannelOptions options;
  options.address = absl::StrCat("127.0.0.1:", port);
  options.max_attempts = 1;
  return MakeChannel(options);
}

ServerOptions OnFreePort() {
  ServerOptions options;
  options.listen_address = "127.0.0.1:0";
  return options;
}

TEST(Server, HealthIsNotServingUntilSaidSoAndKnowsTheServicesNames) {
  zhuqi::testing::TestCalls calls;
  testing::EchoServiceImpl service(&calls.adaptor());
  auto server = Server::Start(OnFreePort(), {&service});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel = ChannelTo((*server)->port());
  EXPECT_EQ(Ask(channel, ""), HealthCheckResponse::NOT_SERVING);
  (*server)->SetServing(true);
  EXPECT_EQ(Ask(channel, ""), HealthCheckResponse::SERVING);
  EXPECT_EQ(Ask(channel, "zhuqi.rpc.testing.v1.EchoService"), HealthCheckResponse::SERVING);
  EXPECT_EQ(Ask(channel, "no.such.Service"), HealthCheckResponse::SERVICE_UNKNOWN);
}

TEST(Server, AWatchSeesEachChangeAndEndsWithTheServer) {
  auto server = Server::Start(OnFreePort(), {});
  ASSERT_TRUE(server.ok()) << server.status();
  auto stub = Health::NewStub(ChannelTo((*server)->port()));
  grpc::ClientContext context;
  auto reader = stub->Watch(&context, HealthCheckRequest());
  HealthCheckResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  (*server)->SetServing(true);
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  std::thread stopper([&] { (*server)->Shutdown(absl::Seconds(60)); });
  while (reader->Read(&response)) EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  stopper.join();
}

TEST(Server, ASecondOneOnTheSamePortIsRefused) {
  auto first = Server::Start(OnFreePort(), {});
  ASSERT_TRUE(first.ok()) << first.status();
  ServerOptions options;
  options.listen_address = absl::StrCat("127.0.0.1:", (*first)->port());
  const absl::Status status = Server::Start(options, {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(absl::StrContains(status.message(), absl::StrCat("port ", (*first)->port(), " is taken")))
      << status;
}

Task<absl::StatusOr<EchoResponse>> Hang(CallContext& call, absl::Notification* started) {
  co_await AwaitCallback<bool>([&](auto resume) {
    call.cancellation.OnCancel([resume] { resume(true); });
    started->Notify();
  });
  co_return absl::CancelledError("stopped");
}

TEST(Server, ShutdownGivesItsGraceThenCancelsAHandlerThatHangs) {
  zhuqi::testing::TestCalls calls;
  testing::EchoServiceImpl service(&calls.adaptor());
  absl::Notification started;
  service.on_echo = [&](CallContext& call, const EchoRequest&) { return Hang(call, &started); };
  auto server = Server::Start(OnFreePort(), {&service});
  ASSERT_TRUE(server.ok()) << server.status();
  (*server)->SetServing(true);
  const auto channel = ChannelTo((*server)->port());
  grpc::Status result;
  std::thread caller([&] {
    grpc::ClientContext context;
    EchoResponse response;
    result = EchoService::NewStub(channel)->Echo(&context, EchoRequest(), &response);
  });
  started.WaitForNotification();
  // The order of a stop: health first, while calls still run.
  (*server)->Drain();
  EXPECT_EQ(Ask(channel, ""), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(calls.adaptor().calls_in_flight(), 1);
  const absl::Time begin = absl::Now();
  (*server)->Shutdown(absl::Milliseconds(200));
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(200));
  EXPECT_EQ(calls.adaptor().calls_in_flight(), 0);
  caller.join();
  EXPECT_FALSE(result.ok());
  (*server)->Shutdown(absl::Milliseconds(200));
}

TEST(Server, AMessageOverTheLimitIsRefusedWithoutTheHandler) {
  zhuqi::testing::TestCalls calls;
  testing::EchoServiceImpl service(&calls.adaptor());
  ServerOptions options;
  options.max_message_bytes = 1024;
  zhuqi::testing::TestServer server({&service}, options);
  grpc::ClientContext context;
  EchoRequest request;
  request.set_padding(std::string(2048, 'x'));
  EchoResponse response;
  const grpc::Status status = EchoService::NewStub(server.channel())->Echo(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

}  // namespace
}  // namespace zhuqi::rpc
