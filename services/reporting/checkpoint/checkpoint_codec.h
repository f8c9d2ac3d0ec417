// The aggregate as bytes and back.
#ifndef ZHUQI_SERVICES_REPORTING_CHECKPOINT_CHECKPOINT_CODEC_H_
#define ZHUQI_SERVICES_REPORTING_CHECKPOINT_CHECKPOINT_CODEC_H_

#include "absl/status/statusor.h"
#include "services/reporting/checkpoint/checkpoint.pb.h"
#include "services/reporting/cube/aggregate.h"

namespace zhuqi::reporting {

// Counts up when a checkpoint's cells no longer mean what they did: another format is rebuilt from the logs.
inline constexpr int32_t kCheckpointFormat = 2;

checkpoint::Checkpoint EncodeCheckpoint(const AggregateState& state);

// FailedPrecondition for another format, DataLoss for what can not be.
absl::StatusOr<AggregateState> DecodeCheckpoint(const checkpoint::Checkpoint& checkpoint);

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_CHECKPOINT_CHECKPOINT_CODEC_H_
