// From a list request to the filter that the store asks. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_LIST_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_LIST_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/directory/directory.h"
#include "services/routing/cases/case_list_store.h"
#include "zhuqi/routing/v1/case_service.pb.h"

namespace zhuqi::routing {

struct CaseList {
  CaseFilter filter;
  v1::CaseOrder order = v1::CASE_ORDER_UNSPECIFIED;
  int page_size = 0;
  std::optional<ListPlace> after;
  // What page tokens of this list are bound to.
  std::string filter_text;
};

// What `request` means at `now`. INVALID_ARGUMENT with everything that is wrong: unknown unit, department,
// category, tab or order, impossible days, spans in the wrong order, texts that are too long,
// PAGE_SIZE_NEGATIVE, PAGE_TOKEN_INVALID.
absl::StatusOr<CaseList> ReadListRequest(const v1::ListCasesRequest& request, const Directory& directory,
                                         absl::Time now);

// The token of the page that follows the case at `last`.
std::string NextPageToken(const CaseList& list, const ListPlace& last);

// A tab, and what ListCases lists with it.
struct TabList {
  v1::CaseTab tab;
  CaseFilter filter;
};

// All tabs of the scope that `request` names. INVALID_ARGUMENT SCOPE_REQUIRED, and for an unknown unit or
// department.
absl::StatusOr<std::vector<TabList>> ReadCountRequest(const v1::CountCasesRequest& request,
                                                      const Directory& directory, absl::Time now);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_LIST_H_
