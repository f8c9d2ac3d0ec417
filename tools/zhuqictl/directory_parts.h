// A desired state that is larger than one call may be, in parts. Pure.
#ifndef ZHUQI_TOOLS_ZHUQICTL_DIRECTORY_PARTS_H_
#define ZHUQI_TOOLS_ZHUQICTL_DIRECTORY_PARTS_H_

#include <cstddef>
#include <vector>

#include "zhuqi/directory/v1/directory_service.pb.h"

namespace zhuqi::ctl {

// What one call may have, and what keeps it well below the largest message.
inline constexpr int kMaxDirectoryEntries = 2000;
inline constexpr std::size_t kMaxDirectoryBytes = 3 << 20;

// Parts that together are `whole`, each of which can be applied, or compared, by itself: whatever an entry
// refers to (the unit above, the department's unit) stands in its part too, so some entries are in several
// parts. Units of one branch stay together. One part when all of it fits.
std::vector<directory::v1::ApplyDirectoryRequest> DirectoryParts(
    const directory::v1::ApplyDirectoryRequest& whole, int max_entries = kMaxDirectoryEntries,
    std::size_t max_bytes = kMaxDirectoryBytes);

// How many entries there are.
int DirectoryEntries(const directory::v1::ApplyDirectoryRequest& request);

// What the answers to the parts say of the whole: each difference once.
directory::v1::ApplyDirectoryResponse MergedAnswer(
    const directory::v1::ApplyDirectoryRequest& whole,
    const std::vector<directory::v1::ApplyDirectoryResponse>& answers);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_DIRECTORY_PARTS_H_
