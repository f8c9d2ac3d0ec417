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

// Cuts rows to a page. They were read with one more than it holds: true when there is a next page.
template <typename Row>
bool CutToPage(std::vector<Row>& rows, int page_size) {
  if (rows.size() <= static_cast<std::size_t>(page_size)) return false;
  rows.erase(rows.begin() + page_size, rows.end());
  return true;
}

}  // namespace zhuqi

#endif  // ZHUQI_COMMON_BASE_PAGE_TOKEN_H_
