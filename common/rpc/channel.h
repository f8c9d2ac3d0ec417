// The one place that makes gRPC channels.
//
//   auto channel = MakeChannel(options);
//   auto stub = RecordService::NewStub(channel);
//   grpc::ClientContext context;
//   PrepareContext(context, call.deadline, call.trace);
#ifndef ZHUQI_COMMON_RPC_CHANNEL_H_
#define ZHUQI_COMMON_RPC_CHANNEL_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/grpc_status.h"
#include "common/telemetry/trace.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "zhuqi/config/v1/server.pb.h"

namespace zhuqi::rpc {

struct ChannelOptions {
  std::string address;                      // "127.0.0.1:7401", "dns:///intake:7401"
  std::string token;                        // sent with every call as a bearer token; empty: none
  int max_message_bytes = 4 * 1024 * 1024;  // of one received message
  int max_attempts = 3;                     // of a call that ended UNAVAILABLE before any answer; 1: no retry
  absl::Duration keepalive_time = absl::Seconds(30);
  absl::Duration keepalive_timeout = absl::Seconds(10);
};

// Reads the token file. INVALID_ARGUMENT without an address.
absl::StatusOr<ChannelOptions> ChannelOptionsFrom(const config::v1::UpstreamConfig& config);

// A channel that connects when it is first used. Retries UNAVAILABLE only, here and nowhere else: every
// mutation carries a request_id, so that a repeated one is answered with the first answer.
std::shared_ptr<grpc::Channel> MakeChannel(const ChannelOptions& options);

// Sets the deadline (InfiniteFuture: none) and the trace of the call to be made on behalf of `trace`.
void PrepareContext(grpc::ClientContext& context, absl::Time deadline,
                    const telemetry::TraceContext& trace = telemetry::TraceContext{});

}  // namespace zhuqi::rpc

#endif  // ZHUQI_COMMON_RPC_CHANNEL_H_
