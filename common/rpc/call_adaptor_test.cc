#include "common/rpc/call_adaptor.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/identity/developer_token.h"
#include "common/rpc/channel.h"
#include "common/rpc/errors.h"
#include "common/rpc/testing/echo_service.h"
#include "common/rpc/timer.h"
#include "common/rpc/write_limit.h"
#include "common/testing/test_server.h"
#include "gmock/gmock.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "gtest/gtest.h"

namespace zhuqi::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::v1::ConverseRequest;
using testing::v1::ConverseResponse;
using testing::v1::EchoRequest;
using testing::v1::EchoResponse;
using testing::v1::EchoService;
using testing::v1::RepeatRequest;
using testing::v1::RepeatResponse;

// Refuses the principal "stranger", and the text "forbidden" in a stream.
class TestAuthorizer final : public identity::Authorizer {
 public:
  absl::Status Authorize(const identity::Principal& principal, absl::string_view method,
                         const google::protobuf::Message* request) override {
    {
      absl::MutexLock lock(&mutex_);
      last_method_ = std::string(method);
    }
    const auto* message = dynamic_cast<const ConverseRequest*>(request);
    if (principal.id == "stranger" || (message != nullptr && message->text() == "forbidden")) {
      return Error(absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED", "no", "无权");
    }
    return absl::OkStatus();
  }
  std::string last_method() const {
    absl::MutexLock lock(&mutex_);
    return last_method_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::string last_method_ ABSL_GUARDED_BY(mutex_);
};

// Coroutines that handlers are made of.
Task<absl::StatusOr<EchoResponse>> Answer(std::string text) {
  EchoResponse response;
  response.set_text(std::move(text));
  co_return response;
}
Task<absl::StatusOr<EchoResponse>> Fail(absl::Status status) { co_return status; }
Task<absl::StatusOr<EchoResponse>> ThrowInside() {
  throw std::runtime_error("secret of the database");
  co_return EchoResponse();
}
Task<absl::StatusOr<EchoResponse>> WaitUntilCancelled(CallContext& call, absl::Notification* started) {
  const bool cancelled = co_await AwaitCallback<bool>([&](auto resume) {
    call.cancellation.OnCancel([resume] { resume(true); });
    started->Notify();
  });
  EXPECT_TRUE(cancelled);
  EXPECT_TRUE(call.cancelled());
  co_return absl::CancelledError("stopped");
}

class CallAdaptorTest : public ::testing::Test {
 protected:
  void Start(CallAdaptorOptions options = {}) {
    options.authorizer = &authorizer_;
    options.logger = &log_;
    calls_ = std::make_unique<zhuqi::testing::TestCalls>(options);
    service_ = std::make_unique<testing::EchoServiceImpl>(&calls_->adaptor());
    server_ = std::make_unique<zhuqi::testing::TestServer>(std::vector<grpc::Service*>{service_.get()});
    stub_ = EchoService::NewStub(server_->channel());
  }

  absl::Status Echo(const std::string& text = "", EchoResponse* response = nullptr) {
    grpc::ClientContext context;
    PrepareContext(context, absl::Now() + absl::Seconds(20));
    return Echo(&context, text, response);
  }
  absl::Status Echo(grpc::ClientContext* context, const std::string& text, EchoResponse* response = nullptr) {
    EchoRequest request;
    request.set_text(text);
    EchoResponse ignored;
    return FromGrpcStatus(stub_->Echo(context, request, response == nullptr ? &ignored : response));
  }

  std::string Logged() {
    absl::MutexLock lock(&mutex_);
    return logged_;
  }

  absl::Mutex mutex_;
  std::string logged_;
  telemetry::Logger log_{"test", telemetry::LogLevel::kInfo, [this](absl::string_view line) {
                           absl::MutexLock lock(&mutex_);
                           absl::StrAppend(&logged_, line, "\n");
                         }};
  TestAuthorizer authorizer_;
  std::unique_ptr<zhuqi::testing::TestCalls> calls_;
  std::unique_ptr<testing::EchoServiceImpl> service_;
  std::unique_ptr<zhuqi::testing::TestServer> server_;
  std::unique_ptr<EchoService::Stub> stub_;
};

TEST_F(CallAdaptorTest, AnswersAndTellsTheHandlerWhoCallsWhatAndUntilWhen) {
  Start();
  service_->on_echo = [](CallContext& call, const EchoRequest& request) {
    return Answer(
        absl::StrCat(request.text(), " ", call.principal.id, " ", call.method, " ", call.request_trace_id));
  };
  stub_ = EchoService::NewStub(server_->channel("alice"));
  const auto trace =
      telemetry::TraceContext::Parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  grpc::ClientContext context;
  PrepareContext(context, absl::Now() + absl::Seconds(20), *trace);
  EchoResponse response;
  ASSERT_TRUE(Echo(&context, "hello", &response).ok());
  EXPECT_EQ(response.text(),
            "hello alice /zhuqi.rpc.testing.v1.EchoService/Echo 4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(authorizer_.last_method(), "/zhuqi.rpc.testing.v1.EchoService/Echo");
}

TEST_F(CallAdaptorTest, ACallWithoutADeadlineGetsTheServers) {
  CallAdaptorOptions options;
  options.default_deadline = absl::Seconds(30);
  Start(options);
  absl::Time deadline;
  service_->on_echo = [&](CallContext& call, const EchoRequest&) {
    deadline = call.deadline;
    return Answer("");
  };
  const absl::Time before = absl::Now();
  grpc::ClientContext context;
  ASSERT_TRUE(Echo(&context, "").ok());
  EXPECT_GE(deadline, before + absl::Seconds(30));
  EXPECT_LE(deadline, absl::Now() + absl::Seconds(30));
}

TEST_F(CallAdaptorTest, ErrorsArriveWithAllTheirDetails) {
  Start();
  Violations violations;
  violations.Add("visit.date", "DATE_IN_FUTURE", "is in the future", "走访日期不能晚于今天");
  const absl::Status sent = WithRetryAfter(violations.ToStatus(), absl::Seconds(3));
  service_->on_echo = [&](CallContext&, const EchoRequest&) { return Fail(sent); };
  EXPECT_EQ(Echo(), sent);
}

TEST_F(CallAdaptorTest, ALongMessageIsCutAndTheCallStillEndsWithItsOwnCode) {
  Start();
  std::string text;
  while (text.size() < 20000) text += "企业";
  service_->on_echo = [&](CallContext&, const EchoRequest&) {
    return Fail(absl::FailedPreconditionError(text));
  };
  const absl::Status status = Echo();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message().size(), 999u);
  EXPECT_EQ(ReasonOf(status), "FAILED_PRECONDITION");
}

TEST_F(CallAdaptorTest, AnExceptionBecomesInternalWithAnIncidentAndIsNotShown) {
  Start();
  service_->on_echo = [](CallContext&, const EchoRequest& request) -> Task<absl::StatusOr<EchoResponse>> {
    if (request.text() == "inside") return ThrowInside();
    throw std::runtime_error("secret of the handler");
  };
  for (const char* where : {"inside", "outside"}) {
    const absl::Status status = Echo(where);
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
    EXPECT_FALSE(absl::StrContains(status.message(), "secret"));
    const std::string incident = ErrorInfoOf(status)->metadata().at("incident_id");
    EXPECT_THAT(Logged(), HasSubstr(absl::StrCat("\"incident_id\":\"", incident, "\"")));
  }
  EXPECT_THAT(Logged(), HasSubstr("secret of the database"));
  EXPECT_THAT(Logged(), HasSubstr("secret of the handler"));
  EXPECT_EQ(calls_->adaptor().calls_in_flight(), 0);
}

TEST_F(CallAdaptorTest, AFaultThatNamesNoReasonIsNotShown) {
  Start();
  service_->on_echo = [](CallContext&, const EchoRequest&) {
    return Fail(absl::InternalError("SELECT secret"));
  };
  const absl::Status status = Echo();
  EXPECT_EQ(ReasonOf(status), "INTERNAL");
  EXPECT_FALSE(absl::StrContains(status.message(), "SELECT"));
  EXPECT_THAT(Logged(), HasSubstr("SELECT secret"));
}

TEST_F(CallAdaptorTest, WhoIsNotKnownIsRefusedBeforeAnythingElse) {
  auto authenticator = identity::DeveloperTokenAuthenticator::FromToken("0123456789abcdef");
  ASSERT_TRUE(authenticator.ok());
  CallAdaptorOptions options;
  options.authenticator = authenticator->get();
  options.max_calls_in_flight = 0;  // would be refused for this, too
  Start(options);
  service_->on_echo = [](CallContext&, const EchoRequest&) -> Task<absl::StatusOr<EchoResponse>> {
    ADD_FAILURE() << "the handler ran";
    return Answer("");
  };
  const absl::Status status = Echo();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(ReasonOf(status), "UNAUTHENTICATED");
  EXPECT_EQ(authorizer_.last_method(), "");
  stub_ = EchoService::NewStub(server_->channel("0123456789abcdef"));
  EXPECT_EQ(Echo().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(CallAdaptorTest, WhoMayNotCallIsRefused) {
  Start();
  stub_ = EchoService::NewStub(server_->channel("stranger"));
  EXPECT_EQ(Echo().code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(CallAdaptorTest, OverTheBoundIsResourceExhaustedWithRetryInfo) {
  CallAdaptorOptions options;
  options.max_calls_in_flight = 1;
  options.overload_retry_after = absl::Milliseconds(300);
  Start(options);
  absl::Notification started;
  service_->on_echo = [&](CallContext& call, const EchoRequest& request) {
    return request.text() == "wait" ? WaitUntilCancelled(call, &started) : Answer("");
  };
  grpc::ClientContext waiting;
  std::thread waiter([&] { EXPECT_EQ(Echo(&waiting, "wait").code(), absl::StatusCode::kCancelled); });
  started.WaitForNotification();
  const absl::Status status = Echo();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), "TOO_MANY_CALLS");
  EXPECT_EQ(RetryAfterOf(status), absl::Milliseconds(300));
  EXPECT_THAT(calls_->metrics().Render(), HasSubstr("zhuqi_rpc_calls_in_flight{service=\"test\"} 1"));
  waiting.TryCancel();
  waiter.join();
}

TEST_F(CallAdaptorTest, AnExpiredDeadlineReachesTheHandlerAsCancellation) {
  Start();
  absl::Notification started;
  service_->on_echo = [&](CallContext& call, const EchoRequest&) {
    return WaitUntilCancelled(call, &started);
  };
  grpc::ClientContext context;
  PrepareContext(context, absl::Now() + absl::Milliseconds(100));
  EXPECT_EQ(Echo(&context, "").code(), absl::StatusCode::kDeadlineExceeded);
  server_.reset();  // waits for the handler, which only cancellation ends
  EXPECT_EQ(calls_->adaptor().calls_in_flight(), 0);
}

TEST_F(CallAdaptorTest, CallsAreCountedByMethodAndCode) {
  Start();
  service_->on_echo = [](CallContext&, const EchoRequest& request) {
    return request.text() == "bad" ? Fail(absl::NotFoundError("no")) : Answer("");
  };
  EXPECT_TRUE(Echo().ok());
  EXPECT_TRUE(Echo().ok());
  EXPECT_FALSE(Echo("bad").ok());
  const std::string page = calls_->metrics().Render();
  EXPECT_THAT(page, HasSubstr("code=\"OK\",method=\"/zhuqi.rpc.testing.v1.EchoService/Echo\"} 2"));
  EXPECT_THAT(page, HasSubstr("code=\"NOT_FOUND\",method=\"/zhuqi.rpc.testing.v1.EchoService/Echo\"} 1"));
  EXPECT_THAT(page, HasSubstr("zhuqi_rpc_duration_seconds_count{service=\"test\","
                              "method=\"/zhuqi.rpc.testing.v1.EchoService/Echo\"} 3"));
}

TEST_F(CallAdaptorTest, TextThatIsNotUtf8NeverReachesAHandler) {
  Start();
  service_->on_echo = [](CallContext&, const EchoRequest&) -> Task<absl::StatusOr<EchoResponse>> {
    ADD_FAILURE() << "the handler ran";
    return Answer("");
  };
  // EchoRequest{text: "\xff"}, as no generated client would send it.
  const grpc::Slice slice(std::string("\x0a\x01\xff", 3));
  const grpc::ByteBuffer request(&slice, 1);
  grpc::GenericStub generic(server_->channel());
  grpc::ClientContext context;
  grpc::ByteBuffer response;
  grpc::Status result;
  absl::Notification done;
  generic.UnaryCall(&context, "/zhuqi.rpc.testing.v1.EchoService/Echo", grpc::StubOptions(), &request,
                    &response, [&](grpc::Status status) {
                      result = std::move(status);
                      done.Notify();
                    });
  done.WaitForNotification();
  const absl::Status status = FromGrpcStatus(result);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_EQ(ReasonOf(status), "INVALID_UTF8");
  ASSERT_TRUE(BadRequestOf(status).has_value());
  EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "text");
}

Task<absl::Status> WriteCount(CallContext& call, const RepeatRequest& request,
                              ServerWriter<RepeatResponse>& writer, int* written) {
  for (int i = 0; request.count() < 0 || i < request.count(); ++i) {
    RepeatResponse response;
    response.set_index(i);
    const bool ok = co_await writer.Write(response);
    if (!ok) {
      EXPECT_TRUE(call.cancelled());
      co_return absl::CancelledError("the client is gone");
    }
    ++*written;
  }
  co_return Error(absl::StatusCode::kOutOfRange, "END", "that was all", "已到末尾");
}

TEST_F(CallAdaptorTest, AServerStreamWritesInOrderAndEndsWithItsStatus) {
  Start();
  int written = 0;
  service_->on_repeat = [&](CallContext& call, const RepeatRequest& request,
                            ServerWriter<RepeatResponse>& writer) {
    return WriteCount(call, request, writer, &written);
  };
  grpc::ClientContext context;
  RepeatRequest request;
  request.set_count(1000);
  auto reader = stub_->Repeat(&context, request);
  RepeatResponse response;
  int expected = 0;
  while (reader->Read(&response)) ASSERT_EQ(response.index(), expected++);
  const absl::Status status = FromGrpcStatus(reader->Finish());
  EXPECT_EQ(expected, 1000);
  EXPECT_EQ(ReasonOf(status), "END");
}

TEST_F(CallAdaptorTest, AServerStreamEndsWhenItsClientLeaves) {
  Start();
  int written = 0;
  service_->on_repeat = [&](CallContext& call, const RepeatRequest& request,
                            ServerWriter<RepeatResponse>& writer) {
    return WriteCount(call, request, writer, &written);
  };
  {
    grpc::ClientContext context;
    RepeatRequest request;
    request.set_count(-1);
    auto reader = stub_->Repeat(&context, request);
    RepeatResponse response;
    ASSERT_TRUE(reader->Read(&response));
    context.TryCancel();
    while (reader->Read(&response)) {
    }
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  server_.reset();
  EXPECT_GE(written, 1);
  EXPECT_EQ(calls_->adaptor().open_streams(), 0);
}

// As WriteCount, within a limit for each message. Tells that it has ended.
Task<absl::Status> WriteWithin(Timer& timer, CallContext& call, ServerWriter<RepeatResponse>& writer,
                               absl::Notification* ended) {
  WriteLimit limit(timer, call.cut, absl::Milliseconds(50),
                   Error(absl::StatusCode::kResourceExhausted, "TOO_SLOW", "TOO_SLOW: go on later", ""));
  RepeatResponse response;
  bool written = true;
  while (written) {
    limit.Begin();
    written = co_await writer.Write(response);
    limit.End();
    response.set_index(response.index() + 1);
  }
  const bool reached = limit.reached();
  ended->Notify();
  co_return reached ? absl::ResourceExhaustedError("TOO_SLOW") : absl::CancelledError("the client is gone");
}

TEST_F(CallAdaptorTest, AStreamThatIsNotReadIsCutInTimeAndItsClientLearnsWhy) {
  Start();
  Timer timer;
  absl::Notification ended;
  service_->on_repeat = [&](CallContext& call, const RepeatRequest&, ServerWriter<RepeatResponse>& writer) {
    return WriteWithin(timer, call, writer, &ended);
  };
  grpc::ClientContext context;
  auto reader = stub_->Repeat(&context, RepeatRequest());
  // Nothing is read: the server's writes end when the window of the stream is full.
  ASSERT_TRUE(ended.WaitForNotificationWithTimeout(absl::Seconds(30)));
  RepeatResponse response;
  while (reader->Read(&response)) {
  }
  const absl::Status status = FromGrpcStatus(reader->Finish());
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "TOO_SLOW: go on later");
  server_.reset();
  EXPECT_EQ(calls_->adaptor().open_streams(), 0);
}

TEST_F(CallAdaptorTest, OpenStreamsAreBounded) {
  CallAdaptorOptions options;
  options.max_open_streams = 0;
  Start(options);
  grpc::ClientContext context;
  auto reader = stub_->Repeat(&context, RepeatRequest());
  RepeatResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(FromGrpcStatus(reader->Finish()).code(), absl::StatusCode::kResourceExhausted);
}

Task<absl::Status> EchoEach(testing::EchoServiceImpl::Conversation& stream, int* read) {
  for (;;) {
    ConverseRequest request;
    const bool more = co_await stream.Read(&request);
    if (!more) co_return absl::OkStatus();
    ++*read;
    ConverseResponse response;
    response.set_text(request.text());
    const bool written = co_await stream.Write(response);
    if (!written) co_return absl::CancelledError("the client is gone");
  }
}

TEST_F(CallAdaptorTest, AConversationGoesBackAndForth) {
  Start();
  int read = 0;
  service_->on_converse = [&](CallContext&, testing::EchoServiceImpl::Conversation& stream) {
    return EchoEach(stream, &read);
  };
  grpc::ClientContext context;
  auto stream = stub_->Converse(&context);
  for (int i = 0; i < 100; ++i) {
    ConverseRequest request;
    request.set_text(absl::StrCat(i));
    ASSERT_TRUE(stream->Write(request));
    ConverseResponse response;
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.text(), absl::StrCat(i));
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(read, 100);
}

TEST_F(CallAdaptorTest, EachMessageOfAConversationIsAuthorised) {
  Start();
  int read = 0;
  service_->on_converse = [&](CallContext&, testing::EchoServiceImpl::Conversation& stream) {
    return EchoEach(stream, &read);
  };
  grpc::ClientContext context;
  auto stream = stub_->Converse(&context);
  ConverseRequest request;
  request.set_text("forbidden");
  ASSERT_TRUE(stream->Write(request));
  ConverseResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(FromGrpcStatus(stream->Finish()).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(read, 0);
}

Task<absl::StatusOr<EchoResponse>> SleepThenAnswer(Timer* timer, absl::Duration duration, CallContext& call) {
  const bool due = co_await timer->SleepUntil(absl::Now() + duration, &call.cancellation);
  if (!due) co_return absl::CancelledError("stopped");
  absl::StatusOr<EchoResponse> response = co_await Answer("slept");
  co_return response;
}

TEST_F(CallAdaptorTest, ManyHandlersThatWaitHoldNoThreads) {
  Start();
  Timer timer;
  service_->on_echo = [&](CallContext& call, const EchoRequest&) {
    return SleepThenAnswer(&timer, absl::Milliseconds(20), call);
  };
  constexpr int kCalls = 500;
  std::atomic<int> good{0};
  absl::Notification done;
  std::atomic<int> left{kCalls};
  struct OneCall {
    grpc::ClientContext context;
    EchoRequest request;
    EchoResponse response;
  };
  std::vector<OneCall> calls(kCalls);
  for (OneCall& call : calls) {
    stub_->async()->Echo(&call.context, &call.request, &call.response, [&](grpc::Status status) {
      if (status.ok() && call.response.text() == "slept") ++good;
      if (--left == 0) done.Notify();
    });
  }
  done.WaitForNotification();
  EXPECT_EQ(good, kCalls);
  server_.reset();
}

// A service whose one method is marked raw.
class RawEchoService final : public EchoService::WithRawCallbackMethod_Echo<EchoService::CallbackService> {
 public:
  explicit RawEchoService(CallAdaptor* adaptor) : adaptor_(adaptor) {}
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                 grpc::ByteBuffer* response) override {
    return adaptor_->UnaryBytes<EchoRequest>(
        context, request, response,
        [](CallContext&, const EchoRequest& read) { return AnswerInParts(read.text()); },
        "/zhuqi.rpc.testing.v1.EchoService/Echo");
  }

 private:
  static Task<absl::StatusOr<grpc::ByteBuffer>> AnswerInParts(std::string text) {
    if (text == "fail") co_return Error(absl::StatusCode::kNotFound, "GONE", "gone", "已不存在");
    EchoResponse first, last;
    first.set_text("overridden");
    last.set_text(text);
    const grpc::Slice parts[] = {grpc::Slice(first.SerializeAsString()),
                                 grpc::Slice(last.SerializeAsString())};
    co_return grpc::ByteBuffer(parts, 2);
  }

  CallAdaptor* const adaptor_;
};

TEST_F(CallAdaptorTest, AnAnswerOfBytesArrivesAsTheMessageThatItsPartsMake) {
  Start();
  RawEchoService service(&calls_->adaptor());
  zhuqi::testing::TestServer server({&service});
  const auto stub = EchoService::NewStub(server.channel());
  EchoRequest request;
  request.set_text("raw");
  grpc::ClientContext good;
  EchoResponse response;
  EXPECT_TRUE(stub->Echo(&good, request, &response).ok());
  EXPECT_EQ(response.text(), "raw");
  EXPECT_EQ(authorizer_.last_method(), "/zhuqi.rpc.testing.v1.EchoService/Echo");
  grpc::ClientContext failing;
  request.set_text("fail");
  const absl::Status failed = FromGrpcStatus(stub->Echo(&failing, request, &response));
  EXPECT_EQ(ReasonOf(failed), "GONE");
}

TEST_F(CallAdaptorTest, BytesThatAreNoRequestAreRefusedBeforeTheHandler) {
  Start();
  RawEchoService service(&calls_->adaptor());
  zhuqi::testing::TestServer server({&service});
  grpc::GenericStub stub(server.channel());
  const grpc::Slice broken("\x0A\x7F");  // a string of 127 bytes that are not there
  const grpc::ByteBuffer request(&broken, 1);
  grpc::ByteBuffer response;
  grpc::ClientContext context;
  absl::Notification done;
  absl::Status outcome;
  stub.UnaryCall(&context, "/zhuqi.rpc.testing.v1.EchoService/Echo", grpc::StubOptions(), &request, &response,
                 [&](grpc::Status status) {
                   outcome = FromGrpcStatus(status);
                   done.Notify();
                 });
  done.WaitForNotification();
  EXPECT_EQ(outcome.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(outcome), "REQUEST_UNREADABLE");
}

}  // namespace
}  // namespace zhuqi::rpc
