// Between absl::Status with details and grpc::Status.
#ifndef ZHUQI_COMMON_RPC_GRPC_STATUS_H_
#define ZHUQI_COMMON_RPC_GRPC_STATUS_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace zhuqi::rpc {

// Keeps all details as long as the trailing metadata stays within the 8 KB that gRPC clients accept by
// default; field violations beyond that are left out from the end, and the metadata
// "violations_omitted" says how many.
grpc::Status ToGrpcStatus(const absl::Status& status);

// Keeps all details.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace zhuqi::rpc

#endif  // ZHUQI_COMMON_RPC_GRPC_STATUS_H_
