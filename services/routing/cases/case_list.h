// From a list request to the filter that the store asks. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_LIST_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_LIST_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/directory/directory.h"
#include "services/routing/cases/case_store.h"
#include "zhuqi/routing/v1/case_service.pb.h"

namespace zhuqi::routing {

struct CaseList {
  CaseFilter filter;
  int page_size = 0;
  std::optional<ListPlace> after;
  // What page tokens of this list are bound to.
  std::string filter_text;
};

// INVALID_ARGUMENT with everything that is wrong: unknown unit, department, category, impossible days, spans
// in the wrong order, PAGE_SIZE_NEGATIVE, PAGE_TOKEN_INVALID.
absl::StatusOr<CaseList> ReadListRequest(const v1::ListCasesRequest& request, const Directory& directory);

// The token of the page that follows `last`.
std::string NextPageToken(const CaseList& list, const CaseRecord& last);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_LIST_H_
