// Secrets stand in files of their own; configuration only names the files.
#ifndef ZHUQI_COMMON_CONFIG_SECRET_FILE_H_
#define ZHUQI_COMMON_CONFIG_SECRET_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace zhuqi::config {

// Who may have access to the file beside its owner.
enum class SecretReaders {
  kOwnerAndGroup,  // as mounted secrets have it
  kOwnerAlone,
};

// The content of `path` without trailing line ends, at most 64 KiB. FAILED_PRECONDITION when others than
// `readers` may read or write it, or it is empty; NOT_FOUND when it does not exist. Messages never show the
// content.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path,
                                           SecretReaders readers = SecretReaders::kOwnerAndGroup);

}  // namespace zhuqi::config

#endif  // ZHUQI_COMMON_CONFIG_SECRET_FILE_H_
