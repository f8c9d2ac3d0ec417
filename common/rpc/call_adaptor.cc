#include "common/rpc/call_adaptor.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/base/utf8_note.h"
#include "common/base/uuid.h"
#include "common/rpc/errors.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/utf8_check.h"
#include "google/protobuf/descriptor.h"
#include "grpc/grpc.h"

namespace zhuqi::rpc {
namespace call_internal {

// What is counted of one method, found once per call by its name and then without a lock.
struct MethodState {
  MethodState(std::string full_name, telemetry::Metrics* metrics_registry)
      : name(std::move(full_name)),
        metrics(metrics_registry),
        latency(metrics->Histogram("zhuqi_rpc_duration_seconds", "Time from a call's arrival to its answer.",
                                   {{"method", name}})) {}

  // Only codes that occurred become time series.
  prometheus::Counter& Calls(absl::StatusCode code) {
    const auto index = std::min<std::size_t>(static_cast<std::size_t>(code), calls.size() - 1);
    if (prometheus::Counter* known = calls[index].load(std::memory_order_acquire)) return *known;
    prometheus::Counter& counter =
        metrics->Counter("zhuqi_rpc_calls_total", "Calls that ended.",
                         {{"method", name}, {"code", absl::StatusCodeToString(code)}});
    calls[index].store(&counter, std::memory_order_release);
    return counter;
  }

  const std::string name;
  telemetry::Metrics* const metrics;
  prometheus::Histogram& latency;
  std::array<std::atomic<prometheus::Counter*>, 17> calls{};
};

namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FileDescriptor;

const google::protobuf::MethodDescriptor* FindIn(const FileDescriptor* file, const Descriptor* request,
                                                 const Descriptor* response) {
  for (int s = 0; s < file->service_count(); ++s) {
    for (int m = 0; m < file->service(s)->method_count(); ++m) {
      const auto* method = file->service(s)->method(m);
      if (method->input_type() == request && method->output_type() == response) return method;
    }
  }
  return nullptr;
}

absl::string_view BearerToken(const grpc::CallbackServerContext& context) {
  const auto found = context.client_metadata().find("authorization");
  if (found == context.client_metadata().end()) return {};
  absl::string_view value(found->second.data(), found->second.size());
  constexpr std::size_t kPrefix = 7;
  if (value.size() < kPrefix || !absl::EqualsIgnoreCase(value.substr(0, kPrefix), "bearer ")) return {};
  return absl::StripAsciiWhitespace(value.substr(kPrefix));
}

telemetry::TraceContext TraceOf(const grpc::CallbackServerContext& context) {
  const auto found = context.client_metadata().find("traceparent");
  if (found != context.client_metadata().end()) {
    if (auto trace =
            telemetry::TraceContext::Parse(absl::string_view(found->second.data(), found->second.size()))) {
      return trace->Child();
    }
  }
  return telemetry::TraceContext::New();
}

absl::Status Overloaded(absl::Duration retry_after) {
  return WithRetryAfter(Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_CALLS",
                              "the service handles as many calls as it can", "服务繁忙，请稍后重试"),
                        retry_after);
}

bool IsFault(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

absl::Status Fault(const std::string& incident) {
  return Error(absl::StatusCode::kInternal, "INTERNAL", absl::StrCat("internal error, incident ", incident),
               absl::StrCat("系统内部错误，事件编号 ", incident), {{"incident_id", incident}});
}

std::string NewIncident() { return Uuid::NewV7(absl::Now()).ToString(); }

// What an error without words of its own says to people.
absl::string_view ChineseOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kResourceExhausted:
      return "服务繁忙，请稍后重试";
    case absl::StatusCode::kUnavailable:
      return "服务暂不可用，请稍后重试";
    case absl::StatusCode::kAborted:
      return "数据已被其他操作修改，请重试";
    case absl::StatusCode::kDeadlineExceeded:
      return "处理超时，请重试";
    case absl::StatusCode::kCancelled:
      return "调用已取消";
    default:
      return "";
  }
}

// Every error that passes by itself says when to come again.
absl::Status WithRetryInfo(const absl::Status& status, absl::Duration retry_after) {
  const bool passes = absl::IsResourceExhausted(status) || absl::IsUnavailable(status);
  if (!passes || RetryAfterOf(status).has_value()) return status;
  return WithRetryAfter(status, retry_after);
}

// Every error names a reason; one that came without gets its code's name.
absl::Status WithReason(const absl::Status& status) {
  if (!ReasonOf(status).empty()) return status;
  absl::Status named = Error(status.code(), absl::StatusCodeToString(status.code()), status.message(),
                             ChineseOf(status.code()));
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { named.SetPayload(url, payload); });
  return named;
}

}  // namespace

const std::string& MethodName(const Descriptor* request, const Descriptor* response) {
  const auto* method = FindIn(request->file(), request, response);
  if (method == nullptr) method = FindIn(response->file(), request, response);
  if (method != nullptr) {
    return *new std::string(absl::StrCat("/", method->service()->full_name(), "/", method->name()));
  }
  // Messages that stand in another file than the service: the request names its method by convention.
  return *new std::string(
      absl::StrCat("/", request->file()->package(), "/", absl::StripSuffix(request->name(), "Request")));
}

namespace {

// Holds the call of the core, which a cut may come to after the stream's own objects are gone.
class GrpcCallCut final : public CallCut {
 public:
  explicit GrpcCallCut(grpc_call* call) : call_(call) { grpc_call_ref(call_); }
  ~GrpcCallCut() override { grpc_call_unref(call_); }
  GrpcCallCut(const GrpcCallCut&) = delete;
  GrpcCallCut& operator=(const GrpcCallCut&) = delete;

  void Cut(const absl::Status& status) override {
    const std::string message = BoundedText(status.message());
    grpc_call_cancel_with_status(call_, static_cast<grpc_status_code>(status.code()), message.c_str(),
                                 nullptr);
  }

 private:
  grpc_call* const call_;
};

}  // namespace

Call::Call(CallAdaptor* adaptor, grpc::CallbackServerContext* server_context, absl::string_view method,
           Kind kind)
    : adaptor_(adaptor),
      server_context_(server_context),
      method_(adaptor->FindMethod(method)),
      kind_(kind),
      started_(absl::Now()) {
  if (kind_ == Kind::kStream) context.cut = std::make_shared<GrpcCallCut>(server_context->c_call());
  context.method = method_->name;
  context.trace = TraceOf(*server_context);
  context.request_trace_id = context.trace.TraceIdHex();
}

absl::Status Call::Begin(const google::protobuf::Message* request) {
  // Taken first, so that no note is left on the thread for the next call.
  const bool invalid_utf8 = TakeInvalidUtf8Note();
  if (absl::Status status = Identify(); !status.ok()) return status;
  if (absl::Status status =
          adaptor_->options_.authorizer->Authorize(context.principal, context.method, request);
      !status.ok()) {
    return status;
  }
  if (invalid_utf8 && request != nullptr) {
    if (absl::Status status = CheckUtf8(*request); !status.ok()) return status;
  }
  if (absl::Status status = CheckDeadline(); !status.ok()) return status;
  return Admit();
}

absl::Status Call::CheckMessage(const google::protobuf::Message& message) {
  if (TakeInvalidUtf8Note()) {
    if (absl::Status status = CheckUtf8(message); !status.ok()) return status;
  }
  return adaptor_->options_.authorizer->Authorize(context.principal, context.method, &message);
}

absl::Status Call::Identify() {
  const std::string peer = server_context_->peer();
  absl::StatusOr<identity::Principal> principal =
      adaptor_->options_.authenticator->Authenticate({BearerToken(*server_context_), peer});
  if (!principal.ok()) return principal.status();
  context.principal = *std::move(principal);
  return absl::OkStatus();
}

absl::Status Call::CheckDeadline() {
  const auto deadline = server_context_->deadline();
  if (deadline != std::chrono::system_clock::time_point::max()) {
    context.deadline = absl::FromChrono(deadline);
    if (context.deadline > started_) return absl::OkStatus();
    return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                 "the deadline had passed on arrival", "请求到达时已超时");
  }
  if (kind_ == Kind::kUnary) context.deadline = started_ + adaptor_->options_.default_deadline;
  return absl::OkStatus();
}

absl::Status Call::Admit() {
  const bool unary = kind_ == Kind::kUnary;
  std::atomic<int>& running = unary ? adaptor_->calls_in_flight_ : adaptor_->open_streams_;
  const int bound = unary ? adaptor_->options_.max_calls_in_flight : adaptor_->options_.max_open_streams;
  if (running.fetch_add(1, std::memory_order_relaxed) >= bound) {
    running.fetch_sub(1, std::memory_order_relaxed);
    return Overloaded(adaptor_->options_.overload_retry_after);
  }
  admitted_ = true;
  return absl::OkStatus();
}

grpc::Status Call::End(const absl::Status& status) {
  if (status.ok()) {
    Record(status);
    return grpc::Status::OK;
  }
  if (!IsFault(status.code()) || !ReasonOf(status).empty()) {
    Record(status);
    return ToGrpcStatus(WithRetryInfo(WithReason(status), adaptor_->options_.overload_retry_after));
  }
  // A fault without a reason was not written for callers: it may quote a database or a path.
  const std::string incident = NewIncident();
  adaptor_->options_.logger->Error("call failed", {{"method", context.method},
                                                   {"incident_id", incident},
                                                   {"trace_id", context.request_trace_id},
                                                   {"status", status}});
  const absl::Status fault = Fault(incident);
  Record(fault);
  return ToGrpcStatus(fault);
}

grpc::Status Call::Failed(std::exception_ptr exception) {
  std::string what = "unknown exception";
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {
  }
  const std::string incident = NewIncident();
  adaptor_->options_.logger->Error("exception in a handler", {{"method", context.method},
                                                              {"incident_id", incident},
                                                              {"trace_id", context.request_trace_id},
                                                              {"exception", what}});
  const absl::Status fault = Fault(incident);
  Record(fault);
  return ToGrpcStatus(fault);
}

void Call::Record(const absl::Status& status) {
  const absl::Duration took = absl::Now() - started_;
  method_->Calls(status.code()).Increment();
  method_->latency.Observe(absl::ToDoubleSeconds(took));
  telemetry::Logger& log = *adaptor_->options_.logger;
  if (log.enabled(telemetry::LogLevel::kDebug)) {
    log.Debug("call", {{"method", context.method},
                       {"code", absl::StatusCodeToString(status.code())},
                       {"principal", context.principal.id},
                       {"trace_id", context.request_trace_id},
                       {"seconds", took}});
  }
  if (admitted_) {
    std::atomic<int>& running = kind_ == Kind::kUnary ? adaptor_->calls_in_flight_ : adaptor_->open_streams_;
    running.fetch_sub(1, std::memory_order_relaxed);
  }
}

}  // namespace call_internal

CallAdaptor::CallAdaptor(const CallAdaptorOptions& options)
    : options_(options),
      calls_gauge_(options.metrics->CallbackGauge("zhuqi_rpc_calls_in_flight",
                                                  "Unary calls whose handlers run.", {},
                                                  [this] { return calls_in_flight(); })),
      streams_gauge_(options.metrics->CallbackGauge("zhuqi_rpc_streams_open", "Streams whose handlers run.",
                                                    {}, [this] { return open_streams(); })) {}

CallAdaptor::~CallAdaptor() = default;

call_internal::MethodState* CallAdaptor::FindMethod(absl::string_view method) {
  {
    absl::ReaderMutexLock lock(&mutex_);
    if (auto found = methods_.find(method); found != methods_.end()) return found->second.get();
  }
  absl::MutexLock lock(&mutex_);
  auto& state = methods_[std::string(method)];
  if (state == nullptr)
    state = std::make_unique<call_internal::MethodState>(std::string(method), options_.metrics);
  return state.get();
}

}  // namespace zhuqi::rpc
