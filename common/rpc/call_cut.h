// The end of a stream that its client no longer takes.
#ifndef ZHUQI_COMMON_RPC_CALL_CUT_H_
#define ZHUQI_COMMON_RPC_CALL_CUT_H_

#include "absl/status/status.h"

namespace zhuqi::rpc {

// Thread-safe. May outlive its call.
class CallCut {
 public:
  virtual ~CallCut() = default;
  // Ends the call at once: a Write or Read that is under way awaits to false, and what the client has not
  // taken is thrown away. The client gets code and message of `status`, without its details, even when it
  // takes nothing. May resume the handler inside. Nothing happens when the call has ended.
  virtual void Cut(const absl::Status& status) = 0;
};

}  // namespace zhuqi::rpc

#endif  // ZHUQI_COMMON_RPC_CALL_CUT_H_
