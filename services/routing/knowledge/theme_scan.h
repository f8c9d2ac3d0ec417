// What the proposer of themes reads: how far new cases were looked at, which are to be looked at next, and
// what is similar to them.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_SCAN_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_SCAN_H_

#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/db/connection.h"
#include "common/db/transaction.h"
#include "common/directory/directory.h"
#include "services/routing/knowledge/search_index.h"
#include "services/routing/knowledge/theme_growth_rules.h"
#include "zhuqi/routing/v1/case.pb.h"

namespace zhuqi::routing {

// Places in routing's log by partition.
struct ScanPlace {
  int64_t version = 0;
  std::map<int32_t, int64_t> sequences;
};
absl::StatusOr<ScanPlace> ReadScanPlace(db::Connection& connection);
// Moves the place from `version` on. False: another replica has moved it. Waits for one that is about to, and
// keeps others waiting until the transaction ends.
absl::StatusOr<bool> MoveScanPlace(db::Transaction& transaction, int64_t version, const ScanPlace& to);

// A part of the log, and the cases in it that are to be looked at.
struct ScanPart {
  ScanPlace to;
  std::vector<Uuid> case_ids;
  // Issues of theirs with a new link.
  std::vector<Uuid> linked_record_ids;
  bool empty = true;
};
// From `place` on and not beyond `indexed`, at most so many events and about so many cases. Cases are looked
// at when they are new, get another category, or are brought back.
absl::StatusOr<ScanPart> ReadScanPart(db::Connection& connection, const ScanPlace& place,
                                      const SearchIndex::Cursors& indexed, int events, int seeds);

// A case that is looked at, and what is similar to it.
struct Seed {
  v1::Case body;
  GrowthCase growth;
  std::vector<GrowthCase> similar;
};
// Without those that are withdrawn or were received before `since`.
absl::StatusOr<std::vector<Seed>> ReadSeeds(db::Connection& connection, const ScanPart& part,
                                            const SearchIndex& index, const Directory& directory,
                                            const ThemeNumbers& numbers, absl::Time since);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_SCAN_H_
