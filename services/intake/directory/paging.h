// The page fields that every list request has: page_size, page_token, at_least_token.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_PAGING_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_PAGING_H_

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/base/page_token.h"
#include "common/rpc/errors.h"

namespace zhuqi::intake {

struct PageQuery {
  int size = 0;
  // The sort key of the last row of the page before. Absent: the first page.
  std::optional<std::vector<std::string>> after;
  // The same for the same filter; goes into the next token.
  std::string filter;
};

// Notes a negative size or a wrong token in `violations`.
template <typename Request>
PageQuery ReadPageQuery(const Request& request, int default_size, int max_size, std::size_t key_parts,
                        rpc::Violations& violations) {
  PageQuery page;
  Request filter = request;
  filter.clear_page_size();
  filter.clear_page_token();
  filter.clear_at_least_token();
  page.filter = filter.SerializeAsString();
  page.size = request.page_size() == 0 ? default_size : std::min(request.page_size(), max_size);
  if (request.page_size() < 0) {
    violations.Add("page_size", "PAGE_SIZE_NEGATIVE", "must not be negative", "每页条数不能为负数");
  }
  if (!request.page_token().empty()) {
    page.after = DecodePageToken(request.page_token(), page.filter, key_parts);
    if (!page.after.has_value()) {
      violations.Add("page_token", "PAGE_TOKEN_INVALID", "the token is damaged or belongs to another filter",
                     "分页令牌已损坏，或属于其他查询条件");
    }
  }
  return page;
}

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_PAGING_H_
