// One shared token for development on one machine. Not for production: everyone who has it is "developer".
#ifndef ZHUQI_COMMON_IDENTITY_DEVELOPER_TOKEN_H_
#define ZHUQI_COMMON_IDENTITY_DEVELOPER_TOKEN_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/identity/identity.h"

namespace zhuqi::identity {

class DeveloperTokenAuthenticator final : public Authenticator {
 public:
  // Reads the token from a file that others can not read (config::ReadSecretFile). At least 16 bytes.
  static absl::StatusOr<std::unique_ptr<DeveloperTokenAuthenticator>> FromFile(const std::string& path);
  static absl::StatusOr<std::unique_ptr<DeveloperTokenAuthenticator>> FromToken(absl::string_view token);

  absl::StatusOr<Principal> Authenticate(const CallerCredentials& credentials) override;
  bool OnlyOnLoopback() const override { return true; }

 private:
  explicit DeveloperTokenAuthenticator(std::string digest) : digest_(std::move(digest)) {}
  // Only the digest is kept: digests have one length, so comparing them tells nothing by its duration.
  const std::string digest_;
};

}  // namespace zhuqi::identity

#endif  // ZHUQI_COMMON_IDENTITY_DEVELOPER_TOKEN_H_
