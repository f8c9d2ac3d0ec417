// Bounds how long a client may take for one message of a stream.
//
//   WriteLimit limit(timer, call.cut, absl::Seconds(30), TooSlow());
//   limit.Begin();
//   const bool written = co_await writer.Write(message);
//   limit.End();
#ifndef ZHUQI_COMMON_RPC_WRITE_LIMIT_H_
#define ZHUQI_COMMON_RPC_WRITE_LIMIT_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/call_cut.h"
#include "common/rpc/timer.h"

namespace zhuqi::rpc {

// One a stream, in its handler. Costs one entry of the timer, however many messages are written.
class WriteLimit {
 public:
  // `timer` must outlive it. A message that takes longer than `longest` ends the stream with `status`.
  WriteLimit(Timer& timer, std::shared_ptr<CallCut> cut, absl::Duration longest, absl::Status status);
  ~WriteLimit();
  WriteLimit(const WriteLimit&) = delete;
  WriteLimit& operator=(const WriteLimit&) = delete;

  // Around each write.
  void Begin();
  void End();
  // Whether the stream was ended so.
  bool reached() const;

 private:
  struct State;
  static void Watch(const std::shared_ptr<State>& state, absl::Time next_look);
  static void Look(const std::shared_ptr<State>& state);

  const std::shared_ptr<State> state_;
};

}  // namespace zhuqi::rpc

#endif  // ZHUQI_COMMON_RPC_WRITE_LIMIT_H_
