// Opaque page tokens of lists with a total order: where the page before ended, and a digest of the filter, so
// that a token can not be used with another filter.
#ifndef ZHUQI_COMMON_BASE_PAGE_TOKEN_H_
#define ZHUQI_COMMON_BASE_PAGE_TOKEN_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace zhuqi {

// A page ends at this size, too, though never without a row: a client that receives messages of 4 MiB gets
// every page.
inline constexpr std::size_t kMaxPageBytes = std::size_t{2} << 20;

// `filter`: any text that is the same for the same filter, such as the serialised request without its page
// fields. `position`: the sort key of the last row on the page.
std::string EncodePageToken(absl::string_view filter, const std::vector<std::string>& position);

// The position, of exactly `fields` parts. Nullopt when the token is damaged or belongs to another filter.
std::optional<std::vector<std::string>> DecodePageToken(absl::string_view token, absl::string_view filter,
                                                        std::size_t fields);

// Cuts rows to a page: to `page_size`, and to kMaxPageBytes of what `bytes_of` gives for each. They were read
// with one more than the page holds: true when there is a next page.
template <typename Row, typename BytesOf>
bool CutToPage(std::vector<Row>& rows, int page_size, BytesOf bytes_of) {
  std::size_t held = 0;
  std::size_t bytes = 0;
  for (; held < rows.size() && held < static_cast<std::size_t>(page_size); ++held) {
    bytes += bytes_of(rows[held]);
    if (bytes > kMaxPageBytes && held > 0) break;
  }
  if (held == rows.size()) return false;
  rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(held), rows.end());
  return true;
}

// The same for rows that are messages, which are as large as they are; others count as nothing.
template <typename Row>
bool CutToPage(std::vector<Row>& rows, int page_size) {
  return CutToPage(rows, page_size, []([[maybe_unused]] const Row& row) -> std::size_t {
    if constexpr (requires { row.ByteSizeLong(); }) {
      return row.ByteSizeLong();
    } else {
      return 0;
    }
  });
}

}  // namespace zhuqi

#endif  // ZHUQI_COMMON_BASE_PAGE_TOKEN_H_
