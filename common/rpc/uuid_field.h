// Identities in requests, read beside the other checks of their fields.
#ifndef ZHUQI_COMMON_RPC_UUID_FIELD_H_
#define ZHUQI_COMMON_RPC_UUID_FIELD_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/base/uuid.h"
#include "common/rpc/errors.h"

namespace zhuqi::rpc {

// The UUID in `text`. Nullopt, and the violation UUID_INVALID of `field_path`, when it is none.
std::optional<Uuid> ReadUuid(absl::string_view text, std::string field_path, Violations& violations);

}  // namespace zhuqi::rpc

#endif  // ZHUQI_COMMON_RPC_UUID_FIELD_H_
