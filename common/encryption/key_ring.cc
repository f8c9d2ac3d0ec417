#include "common/encryption/key_ring.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/config/secret_file.h"
#include "common/encryption/primitives.h"

namespace zhuqi::encryption {
namespace {

constexpr std::size_t kMaxKeys = 8;
constexpr std::size_t kMaxIdLength = 32;

bool IsKeyId(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxIdLength && std::all_of(id.begin(), id.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return absl::ascii_islower(byte) || absl::ascii_isdigit(byte) || c == '-';
  });
}

void Forget(std::string& secret) { OPENSSL_cleanse(secret.data(), secret.size()); }

// The length tells where the identifier ends.
std::string AssociatedData(absl::string_view key_id, absl::string_view place) {
  return absl::StrCat("zhuqi-sealed-1:", key_id.size(), ":", key_id, place);
}

}  // namespace

absl::StatusOr<KeyRing> KeyRing::Create(const std::vector<SecretKey>& keys) {
  if (keys.empty() || keys.size() > kMaxKeys) {
    return absl::InvalidArgumentError(absl::StrCat("1 to ", kMaxKeys, " keys are required"));
  }
  std::vector<Key> ring;
  for (const SecretKey& key : keys) {
    if (!IsKeyId(key.id)) {
      return absl::InvalidArgumentError(
          absl::StrCat("a key's id is 1 to ", kMaxIdLength, " of a-z, 0-9 and '-'"));
    }
    if (std::any_of(ring.begin(), ring.end(), [&](const Key& other) { return other.id == key.id; })) {
      return absl::InvalidArgumentError(absl::StrCat("two keys have the id ", key.id));
    }
    if (key.secret.size() != kKeyBytes) {
      return absl::InvalidArgumentError(absl::StrCat("key ", key.id, " has not ", kKeyBytes, " bytes"));
    }
    // What seals and what digests have nothing to do with each other.
    ring.push_back(
        {key.id, HkdfSha256(key.secret, "zhuqi", "seal"), HkdfSha256(key.secret, "zhuqi", "digest")});
  }
  return KeyRing(std::move(ring));
}

KeyRing::~KeyRing() {
  for (Key& key : keys_) {
    Forget(key.sealing);
    Forget(key.digesting);
  }
}

const KeyRing::Key* KeyRing::Find(absl::string_view key_id) const {
  const auto found =
      std::find_if(keys_.begin(), keys_.end(), [&](const Key& key) { return key.id == key_id; });
  return found == keys_.end() ? nullptr : &*found;
}

absl::StatusOr<Sealed> KeyRing::Seal(absl::string_view plaintext, absl::string_view place) const {
  const Key& key = keys_.front();
  // Nonces are drawn by lot: 2^32 texts by one key are as many as is safe, and more than there will be.
  ZHUQI_ASSIGN_OR_RETURN(const std::string nonce, RandomBytes(kNonceBytes));
  ZHUQI_ASSIGN_OR_RETURN(const std::string sealed,
                         AesGcmSeal(key.sealing, nonce, AssociatedData(key.id, place), plaintext));
  return Sealed{key.id, absl::StrCat(nonce, sealed)};
}

absl::StatusOr<std::string> KeyRing::Open(const Sealed& sealed, absl::string_view place) const {
  const Key* key = Find(sealed.key_id);
  if (key == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("no key with the id ", sealed.key_id, " is configured"));
  }
  const absl::string_view bytes = sealed.bytes;
  if (bytes.size() < kNonceBytes) return absl::DataLossError("the encrypted text can not be opened");
  return AesGcmOpen(key->sealing, bytes.substr(0, kNonceBytes), AssociatedData(key->id, place),
                    bytes.substr(kNonceBytes));
}

std::vector<std::string> KeyRing::Digests(absl::string_view data) const {
  std::vector<std::string> digests;
  digests.reserve(keys_.size());
  for (const Key& key : keys_) digests.push_back(HmacSha256(key.digesting, data));
  return digests;
}

absl::StatusOr<std::string> ReadKeyFile(const std::string& path) {
  ZHUQI_ASSIGN_OR_RETURN(std::string text, config::ReadSecretFile(path, config::SecretReaders::kOwnerAlone));
  const bool is_hex = text.size() == 2 * kKeyBytes && std::all_of(text.begin(), text.end(), [](char c) {
                        return absl::ascii_isxdigit(static_cast<unsigned char>(c));
                      });
  std::string secret = is_hex ? absl::HexStringToBytes(text) : std::string();
  Forget(text);
  if (is_hex) return secret;
  return absl::FailedPreconditionError(absl::StrCat("key file ", path, ": not ", 2 * kKeyBytes,
                                                    " hexadecimal digits; make one with openssl rand -hex ",
                                                    kKeyBytes));
}

}  // namespace zhuqi::encryption
