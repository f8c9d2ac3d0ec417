#include "common/identity/personal_data.h"

#include <algorithm>

#include "common/rpc/errors.h"

namespace zhuqi::identity {

absl::Status MaySeePersonalData(const Principal& principal) {
  const bool may = std::any_of(principal.roles.begin(), principal.roles.end(), [](const std::string& role) {
    return role == "personal-data" || role == "developer";
  });
  if (may) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kPermissionDenied, "PERSONAL_DATA_DENIED",
                    "the caller may not see personal data", "无权查看个人信息");
}

}  // namespace zhuqi::identity
