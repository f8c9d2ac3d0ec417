#ifndef ZHUQI_COMMON_BASE_SHA256_H_
#define ZHUQI_COMMON_BASE_SHA256_H_

#include <string>

#include "absl/strings/string_view.h"

namespace zhuqi {

// The 32 bytes of the SHA-256 digest (FIPS 180-4) of `data`.
std::string Sha256(absl::string_view data);

}  // namespace zhuqi

#endif  // ZHUQI_COMMON_BASE_SHA256_H_
