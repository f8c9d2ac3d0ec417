#include "tools/zhuqictl/request_ids.h"

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/sha256.h"
#include "common/base/uuid.h"

namespace zhuqi::ctl {

std::string NewRequestId() { return Uuid::NewV7(Clock::System().Now()).ToString(); }

std::string LineIds::Next(absl::string_view line, absl::Time at) {
  const std::string digest = Sha256(line);
  const int64_t occurrence = ++seen_[digest];
  return Uuid::Derived(absl::StrCat("zhuqictl.", purpose_), absl::StrCat(digest, "#", occurrence), at)
      .ToString();
}

std::string ImportIdOf(std::istream& input, absl::string_view variant) {
  // A chain over blocks of 1 MiB: the digest function takes whole texts, the file may be of any size.
  std::string block(1 << 20, '\0');
  std::string chain;
  while (input.read(block.data(), static_cast<std::streamsize>(block.size())) || input.gcount() > 0) {
    chain = Sha256(
        absl::StrCat(chain, absl::string_view(block.data(), static_cast<std::size_t>(input.gcount()))));
  }
  return Uuid::Derived("zhuqictl.import", absl::StrCat(chain, "\n", variant), absl::UnixEpoch()).ToString();
}

}  // namespace zhuqi::ctl
