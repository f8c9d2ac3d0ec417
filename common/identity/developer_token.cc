#include "common/identity/developer_token.h"

#include <openssl/crypto.h>

#include <cstddef>

#include "absl/memory/memory.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/config/secret_file.h"
#include "common/rpc/errors.h"

namespace zhuqi::identity {
namespace {

constexpr std::size_t kMinTokenBytes = 16;

absl::Status Unauthenticated() {
  // The same for a missing and a wrong token: nothing to learn from it.
  return rpc::Error(absl::StatusCode::kUnauthenticated, "UNAUTHENTICATED", "no valid bearer token was sent",
                    "未提供有效的访问令牌");
}

}  // namespace

absl::StatusOr<std::unique_ptr<DeveloperTokenAuthenticator>> DeveloperTokenAuthenticator::FromFile(
    const std::string& path) {
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, config::ReadSecretFile(path));
  return FromToken(token);
}

absl::StatusOr<std::unique_ptr<DeveloperTokenAuthenticator>> DeveloperTokenAuthenticator::FromToken(
    absl::string_view token) {
  if (token.size() < kMinTokenBytes) {
    return absl::FailedPreconditionError("the developer token is shorter than 16 bytes");
  }
  return absl::WrapUnique(new DeveloperTokenAuthenticator(Sha256(token)));
}

absl::StatusOr<Principal> DeveloperTokenAuthenticator::Authenticate(const CallerCredentials& credentials) {
  if (credentials.bearer_token.empty()) return Unauthenticated();
  const std::string digest = Sha256(credentials.bearer_token);
  if (CRYPTO_memcmp(digest.data(), digest_.data(), digest_.size()) != 0) return Unauthenticated();
  return Principal{"developer", "Developer", {"developer"}};
}

}  // namespace zhuqi::identity
