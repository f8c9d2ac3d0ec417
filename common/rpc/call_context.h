// What a handler knows of the call it answers.
#ifndef ZHUQI_COMMON_RPC_CALL_CONTEXT_H_
#define ZHUQI_COMMON_RPC_CALL_CONTEXT_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/identity/identity.h"
#include "common/rpc/call_cut.h"
#include "common/rpc/cancellation.h"
#include "common/telemetry/trace.h"

namespace zhuqi::rpc {

// Lives as long as the call: longer than the handler's coroutine.
struct CallContext {
  identity::Principal principal;
  // When the caller stops waiting. Unary calls without a deadline get the server's default; streams without
  // one have InfiniteFuture.
  absl::Time deadline = absl::InfiniteFuture();
  // trace.trace_id in hexadecimal: the field "trace_id" of log lines.
  std::string request_trace_id;
  telemetry::TraceContext trace;
  // "/zhuqi.intake.v1.RecordService/SubmitRecords".
  absl::string_view method;
  // Set when the caller has gone, its deadline has passed or the server stops.
  mutable Cancellation cancellation;
  // Of streams; null for unary calls.
  std::shared_ptr<CallCut> cut;

  bool cancelled() const { return cancellation.cancelled(); }
};

}  // namespace zhuqi::rpc

#endif  // ZHUQI_COMMON_RPC_CALL_CONTEXT_H_
