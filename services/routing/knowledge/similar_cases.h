// Similar cases: from the request to the query, from hits to the answer.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_SIMILAR_CASES_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_SIMILAR_CASES_H_

#include "absl/status/statusor.h"
#include "common/db/connection.h"
#include "common/directory/directory.h"
#include "services/routing/knowledge/search_index.h"
#include "zhuqi/routing/v1/knowledge_service.pb.h"

namespace zhuqi::routing {

// The filters of a request, and the text if it gives one. INVALID_ARGUMENT with all that is wrong.
absl::StatusOr<SearchQuery> ReadSimilarRequest(const v1::FindSimilarCasesRequest& request,
                                               const Directory& directory);

// Sets what to look for: cases like this one, without itself.
void AskLike(const v1::Case& body, SearchQuery& query);

// Finds, and shows the cases as they are. `query` as ReadSimilarRequest gives it; a case that the request
// names is read for its text. Blocks. NOT_FOUND CASE_UNKNOWN.
absl::StatusOr<v1::FindSimilarCasesResponse> FindSimilar(db::Connection& connection, const SearchIndex& index,
                                                         const v1::FindSimilarCasesRequest& request,
                                                         SearchQuery query);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_SIMILAR_CASES_H_
