// Whether a batch that failed is to be tried item by item.
#ifndef ZHUQI_COMMON_DB_BATCH_FAILURE_H_
#define ZHUQI_COMMON_DB_BATCH_FAILURE_H_

#include "absl/status/status.h"

namespace zhuqi::db {

// True: it is not the fault of an item (the database is away, too slow, or somebody was faster), so trying
// parts of the batch would only add load where there is trouble already.
bool ConcernsTheWholeBatch(const absl::Status& status);

}  // namespace zhuqi::db

#endif  // ZHUQI_COMMON_DB_BATCH_FAILURE_H_
