// The primitives of OpenSSL that key_ring.h is made of, each a function that is held against published
// vectors.
#ifndef ZHUQI_COMMON_ENCRYPTION_PRIMITIVES_H_
#define ZHUQI_COMMON_ENCRYPTION_PRIMITIVES_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace zhuqi::encryption {

inline constexpr std::size_t kKeyBytes = 32;
inline constexpr std::size_t kNonceBytes = 12;
inline constexpr std::size_t kTagBytes = 16;

// AES-256-GCM (NIST SP 800-38D): the ciphertext and then the tag. A nonce must never be used twice with a
// key.
absl::StatusOr<std::string> AesGcmSeal(absl::string_view key, absl::string_view nonce,
                                       absl::string_view associated_data, absl::string_view plaintext);
// DATA_LOSS when key, nonce, associated data or a single bit of `sealed` are not those of the sealing.
absl::StatusOr<std::string> AesGcmOpen(absl::string_view key, absl::string_view nonce,
                                       absl::string_view associated_data, absl::string_view sealed);

// HMAC-SHA-256 (RFC 2104), 32 bytes.
std::string HmacSha256(absl::string_view key, absl::string_view data);

// HKDF-SHA-256 (RFC 5869): the first 32 bytes.
std::string HkdfSha256(absl::string_view secret, absl::string_view salt, absl::string_view info);

// From the system's source for secrets. An error only when that has none.
absl::StatusOr<std::string> RandomBytes(std::size_t count);

}  // namespace zhuqi::encryption

#endif  // ZHUQI_COMMON_ENCRYPTION_PRIMITIVES_H_
