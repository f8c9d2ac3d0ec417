// The keys of one purpose: the first seals, all of them open. So keys can be exchanged while the service
// runs: the new one is added, what the old ones sealed is sealed again, and then they are taken away.
#ifndef ZHUQI_COMMON_ENCRYPTION_KEY_RING_H_
#define ZHUQI_COMMON_ENCRYPTION_KEY_RING_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace zhuqi::encryption {

// What is stored: which key sealed it, and nonce, ciphertext and tag.
struct Sealed {
  std::string key_id;
  std::string bytes;
};

struct SecretKey {
  std::string id;      // 1 to 32 of a-z, 0-9 and '-'; stored with all that the key seals
  std::string secret;  // 32 bytes
};

// Immutable, and so thread-safe. What it says in errors never shows a text or a key.
class KeyRing {
 public:
  // INVALID_ARGUMENT for no key, more than 8, an identifier that is none or stands twice, and a secret of
  // another length.
  static absl::StatusOr<KeyRing> Create(const std::vector<SecretKey>& keys);

  KeyRing(KeyRing&&) = default;
  KeyRing& operator=(KeyRing&&) = default;
  ~KeyRing();

  // The key that seals.
  const std::string& primary_id() const { return keys_.front().id; }
  bool Knows(absl::string_view key_id) const { return Find(key_id) != nullptr; }

  // Seals `plaintext` for the one place that `place` names: nowhere else can it be opened, so a row's contact
  // that is copied into another row is found out.
  absl::StatusOr<Sealed> Seal(absl::string_view plaintext, absl::string_view place) const;
  // FAILED_PRECONDITION when the key is not here; DATA_LOSS when it was sealed for another place, or damaged.
  absl::StatusOr<std::string> Open(const Sealed& sealed, absl::string_view place) const;

  // 32 bytes that are the same for the same data, and tell nothing of it to who has no key. One by each key,
  // that of the first key first: what was digested before the keys were exchanged is known again.
  std::vector<std::string> Digests(absl::string_view data) const;

 private:
  struct Key {
    std::string id;
    std::string sealing;
    std::string digesting;
  };
  explicit KeyRing(std::vector<Key> keys) : keys_(std::move(keys)) {}
  const Key* Find(absl::string_view key_id) const;

  std::vector<Key> keys_;
};

// The secret in a key file: 64 hexadecimal digits (`openssl rand -hex 32`). FAILED_PRECONDITION when anybody
// but its owner may read or write the file, or it holds something else; NOT_FOUND when there is none.
absl::StatusOr<std::string> ReadKeyFile(const std::string& path);

}  // namespace zhuqi::encryption

#endif  // ZHUQI_COMMON_ENCRYPTION_KEY_RING_H_
