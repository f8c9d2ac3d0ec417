// Writes what is done to periods by hand. Each answers a repeated request as the first time.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_PERIOD_WRITER_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_PERIOD_WRITER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "common/db/transaction.h"
#include "services/intake/summaries/period_rules.h"

namespace zhuqi::intake {

// Who asks for what. The time is taken when the period is locked: a request that waited for another one comes
// after it.
struct PeriodRequest {
  Uuid request_id;
  std::string digest;  // 32 bytes over method and body
  std::string actor;
  const Clock* clock = nullptr;
};

// NotFound PERIOD_UNKNOWN.
absl::StatusOr<v1::LockPeriodResponse> WriteLock(db::Transaction& transaction,
                                                 const v1::LockPeriodRequest& checked,
                                                 const PeriodRequest& request);

// The answer to the opening of a period whose obligations are made, `created` of them by this call.
absl::StatusOr<v1::OpenPeriodResponse> WriteOpening(db::Transaction& transaction, const PeriodKey& key,
                                                    int32_t created, const PeriodRequest& request);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_PERIOD_WRITER_H_
