#ifndef ZHUQI_COMMON_RPC_UTF8_CHECK_H_
#define ZHUQI_COMMON_RPC_UTF8_CHECK_H_

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace zhuqi::rpc {

// InvalidArgument INVALID_UTF8 with the path of each string in `message` that is not UTF-8; OK when there is
// none. Walks the whole message: called only after a note was taken (common/base/utf8_note.h).
absl::Status CheckUtf8(const google::protobuf::Message& message);

}  // namespace zhuqi::rpc

#endif  // ZHUQI_COMMON_RPC_UTF8_CHECK_H_
