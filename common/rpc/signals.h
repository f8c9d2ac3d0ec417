// SIGTERM and SIGINT without handlers: blocked everywhere, taken by the one thread that waits for them.
#ifndef ZHUQI_COMMON_RPC_SIGNALS_H_
#define ZHUQI_COMMON_RPC_SIGNALS_H_

namespace zhuqi::rpc {

// Call first in main, before any thread starts: threads inherit the mask. Also ignores SIGPIPE.
void BlockStopSignals();

// Waits for SIGTERM or SIGINT and returns its number.
int WaitForStopSignal();

}  // namespace zhuqi::rpc

#endif  // ZHUQI_COMMON_RPC_SIGNALS_H_
