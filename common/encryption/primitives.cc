#include "common/encryption/primitives.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace zhuqi::encryption {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// A context with key, nonce and associated data, for one direction; null when OpenSSL refuses.
Context Begin(bool seal, absl::string_view key, absl::string_view nonce, absl::string_view associated_data) {
  if (key.size() != kKeyBytes || nonce.size() != kNonceBytes) return nullptr;
  Context context(EVP_CIPHER_CTX_new());
  int written = 0;
  const bool begun = context != nullptr &&
                     EVP_CipherInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce),
                                       seal ? 1 : 0) == 1 &&
                     EVP_CipherUpdate(context.get(), nullptr, &written, Bytes(associated_data),
                                      static_cast<int>(associated_data.size())) == 1;
  return begun ? std::move(context) : nullptr;
}

absl::Status NotSealed() { return absl::InternalError("the text could not be encrypted"); }
absl::Status NotOpened() { return absl::DataLossError("the encrypted text can not be opened"); }

}  // namespace

absl::StatusOr<std::string> AesGcmSeal(absl::string_view key, absl::string_view nonce,
                                       absl::string_view associated_data, absl::string_view plaintext) {
  const Context context = Begin(true, key, nonce, associated_data);
  if (context == nullptr) return NotSealed();
  std::string sealed(plaintext.size() + kTagBytes, '\0');
  int written = 0;
  int rest = 0;
  if (EVP_CipherUpdate(context.get(), Bytes(sealed), &written, Bytes(plaintext),
                       static_cast<int>(plaintext.size())) != 1 ||
      EVP_CipherFinal_ex(context.get(), Bytes(sealed) + written, &rest) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, Bytes(sealed) + plaintext.size()) !=
          1) {
    return NotSealed();
  }
  return sealed;
}

absl::StatusOr<std::string> AesGcmOpen(absl::string_view key, absl::string_view nonce,
                                       absl::string_view associated_data, absl::string_view sealed) {
  if (sealed.size() < kTagBytes) return NotOpened();
  const Context context = Begin(false, key, nonce, associated_data);
  if (context == nullptr) return NotOpened();
  const absl::string_view ciphertext = sealed.substr(0, sealed.size() - kTagBytes);
  std::string tag(sealed.substr(ciphertext.size()));
  // Room for the tag too: an empty text has a place to be written to.
  std::string plaintext(sealed.size(), '\0');
  int written = 0;
  int rest = 0;
  if (EVP_CipherUpdate(context.get(), Bytes(plaintext), &written, Bytes(ciphertext),
                       static_cast<int>(ciphertext.size())) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) != 1 ||
      EVP_CipherFinal_ex(context.get(), Bytes(plaintext) + written, &rest) != 1) {
    return NotOpened();
  }
  plaintext.resize(ciphertext.size());
  return plaintext;
}

std::string HmacSha256(absl::string_view key, absl::string_view data) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(data), data.size(), Bytes(digest),
       &length);
  return digest;
}

std::string HkdfSha256(absl::string_view secret, absl::string_view salt, absl::string_view info) {
  // One block is all that 32 bytes need.
  return HmacSha256(HmacSha256(salt, secret), absl::StrCat(info, absl::string_view("\x01", 1)));
}

absl::StatusOr<std::string> RandomBytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(Bytes(bytes), static_cast<int>(count)) == 1) return bytes;
  return absl::InternalError("the system gives no random bytes");
}

}  // namespace zhuqi::encryption
