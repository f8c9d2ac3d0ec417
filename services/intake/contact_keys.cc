#include "services/intake/contact_keys.h"

#include <utility>
#include <vector>

#include "common/base/status_macros.h"

namespace zhuqi::intake {

absl::StatusOr<std::optional<encryption::KeyRing>> ReadContactKeys(const config::v1::IntakeConfig& config) {
  if (config.contact_keys().empty()) return std::optional<encryption::KeyRing>();
  std::vector<encryption::SecretKey> keys;
  for (const config::v1::EncryptionKeyConfig& key : config.contact_keys()) {
    ZHUQI_ASSIGN_OR_RETURN(std::string secret, encryption::ReadKeyFile(key.file()));
    keys.push_back({key.id(), std::move(secret)});
  }
  ZHUQI_ASSIGN_OR_RETURN(encryption::KeyRing ring, encryption::KeyRing::Create(keys));
  return std::optional<encryption::KeyRing>(std::move(ring));
}

}  // namespace zhuqi::intake
