#include "services/reporting/checkpoint/checkpointer.h"

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "services/reporting/checkpoint/checkpoint_codec.h"

namespace zhuqi::reporting {
namespace {
constexpr absl::Duration kTimeout = absl::Seconds(60);
// How often a save that lost against another replica tries again with the version it found.
constexpr int kAttempts = 3;
}  // namespace

absl::StatusOr<LoadedAggregate> LoadAggregate(db::Pool& pool, telemetry::Logger& log) {
  ZHUQI_ASSIGN_OR_RETURN(const StoredCheckpoint stored, ReadCheckpoint(pool, absl::Now() + kTimeout));
  if (stored.head.version == 0) return LoadedAggregate();
  checkpoint::Checkpoint message;
  if (!stored.content.has_value() || !message.ParseFromString(*stored.content)) {
    log.Warning("the checkpoint is damaged; the figures are rebuilt from the logs",
                {{"checkpoint", stored.head.version}});
    return LoadedAggregate{AggregateState(), stored.head.version};
  }
  absl::StatusOr<AggregateState> state = DecodeCheckpoint(message);
  if (!state.ok()) {
    log.Warning("the checkpoint can not be used; the figures are rebuilt from the logs",
                {{"checkpoint", stored.head.version}, {"error", state.status()}});
    return LoadedAggregate{AggregateState(), stored.head.version};
  }
  log.Info("started from a checkpoint", {{"checkpoint", stored.head.version},
                                         {"events", stored.head.events},
                                         {"saved_at", stored.head.saved_at}});
  return LoadedAggregate{*std::move(state), 0};
}

Checkpointer::Checkpointer(const CheckpointerOptions& options)
    : options_(options),
      saved_(options.metrics->Counter("zhuqi_reporting_checkpoints_total", "Checkpoints saved.")),
      failed_(options.metrics->Counter("zhuqi_reporting_checkpoint_failures_total",
                                       "Checkpoints that could not be saved.")),
      seconds_(
          options.metrics->Histogram("zhuqi_reporting_checkpoint_seconds", "Time that a checkpoint took.")),
      saved_at_(options.clock->Now()),
      age_(options.metrics->CallbackGauge("zhuqi_reporting_checkpoint_age_seconds",
                                          "Time since all that was applied was last known to be saved.", {},
                                          [this] {
                                            absl::MutexLock lock(&mutex_);
                                            return absl::ToDoubleSeconds(options_.clock->Now() - saved_at_);
                                          })) {}

Checkpointer::~Checkpointer() {
  age_.reset();
  Halt();
}

void Checkpointer::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Checkpointer::Halt() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Checkpointer::Stop() {
  Halt();
  const absl::StatusOr<bool> saved = SaveNow();
  if (!saved.ok()) {
    options_.logger->Warning("the last checkpoint was not saved; the next start reads more of the logs",
                             {{"error", saved.status()}});
  }
}

void Checkpointer::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), options_.interval)) return;
    }
    const absl::StatusOr<bool> saved = SaveNow();
    if (saved.ok()) continue;
    failed_.Increment();
    options_.logger->Warning("the checkpoint was not saved and is tried again", {{"error", saved.status()}});
  }
}

absl::StatusOr<bool> Checkpointer::SaveNow() {
  const absl::Time begun = absl::Now();
  uint64_t version = 0;
  int64_t events = 0;
  checkpoint::Checkpoint message;
  options_.aggregate->Read([&](const AggregateState& state) {
    version = state.version;
    if (saved_version_ == version) return;
    events = state.EventCount();
    message = EncodeCheckpoint(state);
  });
  bool wrote = false;
  if (saved_version_ != version && events > 0) {
    ZHUQI_ASSIGN_OR_RETURN(wrote, Replace(events, message.SerializeAsString()));
    if (wrote) {
      saved_.Increment();
      seconds_.Observe(absl::ToDoubleSeconds(absl::Now() - begun));
    }
  }
  saved_version_ = version;
  absl::MutexLock lock(&mutex_);
  saved_at_ = options_.clock->Now();
  return wrote;
}

absl::StatusOr<bool> Checkpointer::Replace(int64_t events, const std::string& content) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const absl::Time deadline = absl::Now() + kTimeout;
    ZHUQI_ASSIGN_OR_RETURN(const CheckpointHead head, ReadCheckpointHead(*options_.pool, deadline));
    // A replica that lags must not put an older state in the place of a newer one.
    if (head.version > 0 && head.version != options_.unusable_version && head.events >= events) return false;
    ZHUQI_ASSIGN_OR_RETURN(const bool wrote, WriteCheckpoint(*options_.pool, head.version, events, content,
                                                             options_.clock->Now(), deadline));
    if (wrote) return true;
  }
  return absl::AbortedError("other replicas saved first each time");
}

}  // namespace zhuqi::reporting
