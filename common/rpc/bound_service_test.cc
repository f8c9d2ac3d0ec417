#include "common/rpc/bound_service.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/testing/echo.grpc.pb.h"
#include "common/testing/test_server.h"
#include "gtest/gtest.h"

namespace zhuqi::rpc {
namespace {

using testing::v1::ConverseRequest;
using testing::v1::ConverseResponse;
using testing::v1::EchoRequest;
using testing::v1::EchoResponse;
using testing::v1::EchoService;
using testing::v1::RepeatRequest;
using testing::v1::RepeatResponse;

class BoundEcho final : public BoundService<EchoService> {
 public:
  explicit BoundEcho(CallAdaptor& adaptor) : BoundService(adaptor) {
    Bind(this, &BoundEcho::Say, &BoundEcho::Count, &BoundEcho::Talk);
  }

 private:
  Task<absl::StatusOr<EchoResponse>> Say(CallContext& call, const EchoRequest& request) {
    EchoResponse response;
    response.set_text(absl::StrCat(request.text(), " ", call.method));
    co_return response;
  }
  Task<absl::Status> Count(CallContext&, const RepeatRequest& request, ServerWriter<RepeatResponse>& writer) {
    RepeatResponse response;
    for (int i = 0; i < request.count(); ++i) {
      response.set_index(i);
      const bool written = co_await writer.Write(response);
      if (!written) co_return absl::CancelledError("the client is gone");
    }
    co_return absl::OkStatus();
  }
  Task<absl::Status> Talk(CallContext&, BidirectionalStream<ConverseRequest, ConverseResponse>& stream) {
    ConverseRequest request;
    ConverseResponse response;
    while (true) {
      const bool read = co_await stream.Read(&request);
      if (!read) co_return absl::OkStatus();
      response.set_text(request.text());
      const bool written = co_await stream.Write(response);
      if (!written) co_return absl::CancelledError("the client is gone");
    }
  }
};

class SilentEcho final : public BoundService<EchoService> {
 public:
  explicit SilentEcho(CallAdaptor& adaptor) : BoundService(adaptor) {}
};

absl::Status Echo(EchoService::Stub& stub, const std::string& text, EchoResponse* response) {
  grpc::ClientContext context;
  PrepareContext(context, absl::Now() + absl::Seconds(20));
  EchoRequest request;
  request.set_text(text);
  return FromGrpcStatus(stub.Echo(&context, request, response));
}

TEST(BoundService, EachHandlerAnswersTheMethodThatHasItsMessages) {
  zhuqi::testing::TestCalls calls;
  BoundEcho service(calls.adaptor());
  zhuqi::testing::TestServer server({&service});
  const auto stub = EchoService::NewStub(server.channel());

  EchoResponse said;
  ASSERT_TRUE(Echo(*stub, "hello", &said).ok());
  EXPECT_EQ(said.text(), "hello /zhuqi.rpc.testing.v1.EchoService/Echo");

  grpc::ClientContext repeating;
  PrepareContext(repeating, absl::Now() + absl::Seconds(20));
  RepeatRequest repeat;
  repeat.set_count(3);
  const auto counted = stub->Repeat(&repeating, repeat);
  RepeatResponse count;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(counted->Read(&count));
    EXPECT_EQ(count.index(), i);
  }
  EXPECT_FALSE(counted->Read(&count));
  EXPECT_TRUE(counted->Finish().ok());

  grpc::ClientContext conversing;
  PrepareContext(conversing, absl::Now() + absl::Seconds(20));
  const auto talk = stub->Converse(&conversing);
  ConverseRequest word;
  ConverseResponse answer;
  word.set_text("well");
  ASSERT_TRUE(talk->Write(word) && talk->Read(&answer));
  EXPECT_EQ(answer.text(), "well");
  talk->WritesDone();
  EXPECT_TRUE(talk->Finish().ok());
}

TEST(BoundService, MethodWithoutAHandlerIsUnimplemented) {
  zhuqi::testing::TestCalls calls;
  SilentEcho service(calls.adaptor());
  zhuqi::testing::TestServer server({&service});
  EchoResponse response;
  EXPECT_TRUE(absl::IsUnimplemented(Echo(*EchoService::NewStub(server.channel()), "hello", &response)));
}

TEST(BoundServiceDeathTest, HandlerWithMessagesOfNoMethodEndsTheProgram) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(call_internal::FindBoundMethod(EchoService::service_full_name(), EchoRequest::descriptor(),
                                              RepeatResponse::descriptor()),
               "");  // gRPC's log says why, when it is on
}

}  // namespace
}  // namespace zhuqi::rpc
