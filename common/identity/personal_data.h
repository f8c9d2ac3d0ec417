#ifndef ZHUQI_COMMON_IDENTITY_PERSONAL_DATA_H_
#define ZHUQI_COMMON_IDENTITY_PERSONAL_DATA_H_

#include "absl/status/status.h"
#include "common/identity/identity.h"

namespace zhuqi::identity {

// OK when the principal may be shown what the contract marks as personal data: the role "personal-data" says
// so, and the developer's on loopback. Else PERMISSION_DENIED PERSONAL_DATA_DENIED.
absl::Status MaySeePersonalData(const Principal& principal);

}  // namespace zhuqi::identity

#endif  // ZHUQI_COMMON_IDENTITY_PERSONAL_DATA_H_
