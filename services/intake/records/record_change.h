// What is done to single records beside sending them: withdrawing one, linking two. Each is one transaction
// with the first answer to its request; a refusal writes nothing.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_CHANGE_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_CHANGE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/change_outcome.h"
#include "common/db/transaction.h"
#include "zhuqi/intake/v1/record_service.pb.h"

namespace zhuqi::intake {

// What every change comes with.
struct ChangeInput {
  Uuid request_id;
  std::string digest;  // of the request
  std::string actor;
  int64_t directory_sequence = 0;
  absl::Time now;
};

// Refusals: RECORD_UNKNOWN, ETAG_MISMATCH, ALREADY_WITHDRAWN, REQUEST_ID_REUSED.
absl::StatusOr<db::ChangeOutcome<v1::WithdrawRecordResponse>> WriteWithdrawal(
    db::Transaction& transaction, const v1::WithdrawRecordRequest& checked, const ChangeInput& input);

// Refusals: RECORD_UNKNOWN, LINK_CIRCLE, DUPLICATE_ALREADY_LINKED, TOO_MANY_LINKS, LINK_UNKNOWN,
// REQUEST_ID_REUSED.
absl::StatusOr<db::ChangeOutcome<v1::LinkRecordsResponse>> WriteLink(db::Transaction& transaction,
                                                                     const v1::LinkRecordsRequest& checked,
                                                                     const ChangeInput& input);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_CHANGE_H_
