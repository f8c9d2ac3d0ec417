// Reads what is known about a unit's month beside its summary.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_EVIDENCE_STORE_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_EVIDENCE_STORE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/db/connection.h"
#include "common/directory/directory.h"
#include "services/intake/summaries/month_evidence.h"
#include "services/intake/summaries/stored_summary.h"

namespace zhuqi::intake {

// Which indicators are counted from the records: a draft wants all that can be, a check those that rules
// name.
enum class Counted { kAll, kNamedByRules };

// Unavailable when this replica's directory does not have the form yet; FailedPrecondition
// TOO_MANY_LOWER_UNITS.
absl::StatusOr<MonthEvidence> ReadEvidence(db::Connection& connection,
                                           std::shared_ptr<const Directory> directory,
                                           const StoredSummary& current, Counted counted);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_EVIDENCE_STORE_H_
