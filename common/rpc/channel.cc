#include "common/rpc/channel.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "common/config/secret_file.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/support/channel_arguments.h"
#include "grpcpp/support/client_interceptor.h"

namespace zhuqi::rpc {
namespace {

// Adds the bearer token to each call. gRPC's own call credentials refuse channels without TLS, also on
// loopback.
class TokenInterceptor final : public grpc::experimental::Interceptor {
 public:
  explicit TokenInterceptor(const std::string& authorization) : authorization_(authorization) {}
  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(
            grpc::experimental::InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      methods->GetSendInitialMetadata()->emplace("authorization", authorization_);
    }
    methods->Proceed();
  }

 private:
  const std::string& authorization_;
};

class TokenInterceptorFactory final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit TokenInterceptorFactory(const std::string& token)
      : authorization_(absl::StrCat("Bearer ", token)) {}
  grpc::experimental::Interceptor* CreateClientInterceptor(
      grpc::experimental::ClientRpcInfo* /*info*/) override {
    return new TokenInterceptor(authorization_);
  }

 private:
  const std::string authorization_;
};

// One retry policy for every method; the only place where calls are retried.
std::string ServiceConfig(int max_attempts) {
  return absl::StrFormat(
      R"({"methodConfig":[{"name":[{}],"retryPolicy":{"maxAttempts":%d,"initialBackoff":"0.1s",)"
      R"("maxBackoff":"2s","backoffMultiplier":2,"retryableStatusCodes":["UNAVAILABLE"]}}]})",
      std::clamp(max_attempts, 2, 5));
}

grpc::ChannelArguments ArgumentsFrom(const ChannelOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(options.max_message_bytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS,
                   static_cast<int>(absl::ToInt64Milliseconds(options.keepalive_time)));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                   static_cast<int>(absl::ToInt64Milliseconds(options.keepalive_timeout)));
  // Streams of the feed are silent for long; the server permits pings of this interval.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // A service that restarts is found again in a second, not in two minutes.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, options.max_attempts > 1 ? 1 : 0);
  if (options.max_attempts > 1) arguments.SetServiceConfigJSON(ServiceConfig(options.max_attempts));
  return arguments;
}

}  // namespace

absl::StatusOr<ChannelOptions> ChannelOptionsFrom(const config::v1::UpstreamConfig& config) {
  if (config.address().empty()) return absl::InvalidArgumentError("an upstream has no address");
  ChannelOptions options;
  options.address = config.address();
  if (config.max_message_bytes() > 0) options.max_message_bytes = config.max_message_bytes();
  if (!config.token_file().empty()) {
    ZHUQI_ASSIGN_OR_RETURN(options.token, config::ReadSecretFile(config.token_file()));
  }
  return options;
}

std::shared_ptr<grpc::Channel> MakeChannel(const ChannelOptions& options) {
  const grpc::ChannelArguments arguments = ArgumentsFrom(options);
  if (options.token.empty()) {
    return grpc::CreateCustomChannel(options.address, grpc::InsecureChannelCredentials(), arguments);
  }
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(std::make_unique<TokenInterceptorFactory>(options.token));
  return grpc::experimental::CreateCustomChannelWithInterceptors(
      options.address, grpc::InsecureChannelCredentials(), arguments, std::move(interceptors));
}

void PrepareContext(grpc::ClientContext& context, absl::Time deadline, const telemetry::TraceContext& trace) {
  if (deadline != absl::InfiniteFuture()) context.set_deadline(absl::ToChronoTime(deadline));
  const telemetry::TraceContext carried = trace.valid() ? trace.Child() : telemetry::TraceContext::New();
  context.AddMetadata("traceparent", carried.ToTraceparent());
}

}  // namespace zhuqi::rpc
