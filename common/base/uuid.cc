#include "common/base/uuid.h"

#include <algorithm>
#include <cstring>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/sha256.h"

namespace zhuqi {
namespace {

void StoreBigEndian(uint64_t value, int count, char* out) {
  for (int i = count - 1; i >= 0; --i) {
    out[i] = static_cast<char>(value & 0xff);
    value >>= 8;
  }
}

void SetVersion(int version, char* bytes) {
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | (version << 4));
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
}

}  // namespace

Uuid Uuid::NewV7(absl::Time now) {
  static absl::Mutex& mutex = *new absl::Mutex;
  static absl::BitGen& random = *new absl::BitGen;
  // 48 bits of milliseconds and 12 bits that count up within one: kept as one number, so that a clock that
  // stands still or steps back still gives increasing identifiers.
  static uint64_t last = 0;
  uint64_t stamp = 0;
  uint64_t tail = 0;
  {
    absl::MutexLock lock(&mutex);
    stamp = std::max(static_cast<uint64_t>(absl::ToUnixMillis(now)) << 12, last + 1);
    last = stamp;
    tail = absl::Uniform<uint64_t>(random);
  }
  Uuid uuid;
  StoreBigEndian(stamp >> 12, 6, uuid.bytes_.data());
  StoreBigEndian(stamp & 0xfff, 2, uuid.bytes_.data() + 6);
  StoreBigEndian(tail, 8, uuid.bytes_.data() + 8);
  SetVersion(7, uuid.bytes_.data());
  return uuid;
}

Uuid Uuid::Derived(absl::string_view name_space, absl::string_view name, absl::Time at) {
  const std::string digest = Sha256(absl::StrCat(name_space, absl::string_view("\0", 1), name));
  Uuid uuid;
  StoreBigEndian(static_cast<uint64_t>(absl::ToUnixMillis(at)), 6, uuid.bytes_.data());
  std::memcpy(uuid.bytes_.data() + 6, digest.data(), 10);
  SetVersion(8, uuid.bytes_.data());
  return uuid;
}

std::optional<Uuid> Uuid::Parse(absl::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string hex;
  hex.reserve(32);
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !absl::ascii_isxdigit(static_cast<unsigned char>(text[i])))
      return std::nullopt;
    if (!dash) hex.push_back(text[i]);
  }
  uint64_t high = 0;
  uint64_t low = 0;
  if (!absl::SimpleHexAtoi(hex.substr(0, 16), &high) || !absl::SimpleHexAtoi(hex.substr(16), &low)) {
    return std::nullopt;
  }
  Uuid uuid;
  StoreBigEndian(high, 8, uuid.bytes_.data());
  StoreBigEndian(low, 8, uuid.bytes_.data() + 8);
  return uuid;
}

std::optional<Uuid> Uuid::FromBytes(absl::string_view bytes) {
  if (bytes.size() != 16) return std::nullopt;
  Uuid uuid;
  std::copy(bytes.begin(), bytes.end(), uuid.bytes_.begin());
  return uuid;
}

std::string Uuid::ToString() const {
  const std::string hex = absl::BytesToHexString(absl::string_view(bytes_.data(), bytes_.size()));
  const absl::string_view view = hex;
  return absl::StrCat(view.substr(0, 8), "-", view.substr(8, 4), "-", view.substr(12, 4), "-",
                      view.substr(16, 4), "-", view.substr(20));
}

}  // namespace zhuqi
