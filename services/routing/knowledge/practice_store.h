// All SQL on practices.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_PRACTICE_STORE_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_PRACTICE_STORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/connection.h"
#include "zhuqi/routing/v1/practice.pb.h"

namespace zhuqi::routing {

// A practice as it is kept. version counts every change, adoptions and ratings too.
struct PracticeRecord {
  v1::Practice body;
  int64_t version = 0;
};

absl::StatusOr<std::optional<PracticeRecord>> ReadPractice(db::Connection& connection,
                                                           const Uuid& practice_id);
// The identity of the practice that was written up from each of these cases, in this state; 0: in any. Cases
// without one are absent.
absl::StatusOr<std::map<Uuid, Uuid>> ReadPracticesOfCases(db::Connection& connection,
                                                          const std::vector<Uuid>& case_ids, int state);

// Aborted when the case got one meanwhile.
absl::Status InsertPractice(db::Connection& connection, const v1::Practice& practice);
// Aborted when it was changed since `version` was read.
absl::Status UpdatePractice(db::Connection& connection, const v1::Practice& practice, int64_t version);

absl::StatusOr<std::optional<v1::PracticeAdoption>> ReadAdoption(db::Connection& connection,
                                                                 const Uuid& practice_id,
                                                                 const std::string& org_unit_id);
absl::StatusOr<std::vector<v1::PracticeAdoption>> ReadAdoptions(db::Connection& connection,
                                                                const Uuid& practice_id, int limit);
absl::Status WriteAdoption(db::Connection& connection, const Uuid& practice_id,
                           const v1::PracticeAdoption& adoption);

absl::StatusOr<std::optional<int32_t>> ReadStars(db::Connection& connection, const Uuid& practice_id,
                                                 const std::string& rater);
absl::Status WriteStars(db::Connection& connection, const Uuid& practice_id, const std::string& rater,
                        int32_t stars, absl::Time now);

// Which practices to list: what is absent or empty is not asked.
struct PracticeFilter {
  int state = 0;
  std::vector<std::string> org_unit_ids;  // any of these
  std::string category_id;                // this or below it
  std::string adopted_by_org_unit_id;
};
// At most `limit` that were written before `before`, the last written first.
absl::StatusOr<std::vector<v1::Practice>> SelectPractices(db::Connection& connection,
                                                          const PracticeFilter& filter,
                                                          const std::optional<Uuid>& before, int limit);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_PRACTICE_STORE_H_
