#include "common/config/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace zhuqi::config {
namespace {

constexpr std::size_t kMaxBytes = 64 * 1024;

class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

absl::Status SystemError(const std::string& path, int error) {
  const std::string text = absl::StrCat("secret file ", path, ": ", std::strerror(error));
  return error == ENOENT ? absl::NotFoundError(text) : absl::FailedPreconditionError(text);
}

}  // namespace

absl::StatusOr<std::string> ReadSecretFile(const std::string& path, SecretReaders readers) {
  const OpenFile file(path);
  if (file.descriptor() < 0) return SystemError(path, errno);
  // The open file is asked, not the name: the name may be given to another file in between.
  struct stat information {};
  if (::fstat(file.descriptor(), &information) != 0) return SystemError(path, errno);
  if (!S_ISREG(information.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat("secret file ", path, ": not a regular file"));
  }
  const mode_t forbidden =
      S_IROTH | S_IWOTH | (readers == SecretReaders::kOwnerAlone ? S_IRGRP | S_IWGRP : 0);
  if ((information.st_mode & forbidden) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("secret file ", path, ": other users can read or write it; use chmod 600"));
  }
  std::string content;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t count = ::read(file.descriptor(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError(path, errno);
    if (count == 0) break;
    content.append(buffer.data(), static_cast<std::size_t>(count));
    if (content.size() > kMaxBytes) {
      return absl::FailedPreconditionError(absl::StrCat("secret file ", path, ": longer than 64 KiB"));
    }
  }
  while (!content.empty() && (content.back() == '\n' || content.back() == '\r')) content.pop_back();
  if (content.empty()) return absl::FailedPreconditionError(absl::StrCat("secret file ", path, ": empty"));
  return content;
}

}  // namespace zhuqi::config
