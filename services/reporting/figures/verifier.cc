#include "services/reporting/figures/verifier.h"

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/rpc/errors.h"
#include "services/reporting/cube/cube_compare.h"
#include "services/reporting/figures/log_replay.h"

namespace zhuqi::reporting {
namespace {

constexpr absl::Duration kRetryAfter = absl::Seconds(5);
// Names taken up under one lock: readers wait no longer than these take.
constexpr std::size_t kNamesAtOnce = 4096;

absl::Status AlreadyRunning() {
  return rpc::WithRetryAfter(rpc::Error(absl::StatusCode::kResourceExhausted, "VERIFICATION_RUNNING",
                                        "another verification is running", "已有核对正在进行，请稍后再试"),
                             kRetryAfter);
}

absl::Status Stopping() { return absl::UnavailableError("the service is stopping"); }

// Takes one part of the figures and the places that it stands at, brings the recount to these places, and
// compares; then the next part. So the figures go on meanwhile, and no copy of them all is made.
class Verification {
 public:
  Verification(const Aggregate& aggregate, const Clock& clock, LogReplay& intake, LogReplay& routing,
               absl::Time deadline, const rpc::Cancellation& stop)
      : aggregate_(aggregate),
        clock_(clock),
        intake_(intake),
        routing_(routing),
        deadline_(deadline),
        stop_(stop) {}

  absl::StatusOr<v1::VerifyFiguresResponse> Run() {
    ZHUQI_RETURN_IF_ERROR(TakeAllNames());
    ZHUQI_RETURN_IF_ERROR(CompareUnits());
    for (MonthNumber month = 0; month <= kLastMonth; ++month) {
      ZHUQI_RETURN_IF_ERROR(CompareObligations(month));
    }
    v1::VerifyFiguresResponse response;
    response.set_events(intake_.events() + routing_.events());
    response.set_cells(comparer_.result().cells);
    response.set_differences_total(comparer_.result().found);
    for (v1::FigureDifference& difference : comparer_.result().differences) {
      *response.add_differences() = std::move(difference);
    }
    *response.mutable_freshness() = std::move(freshness_);
    return response;
  }

 private:
  // Calls `take` with what is served, then brings the recount to where that stands.
  template <typename Take>
  absl::Status At(Take take) {
    if (stop_.cancelled()) return absl::CancelledError("nobody waits for the verification");
    if (absl::Now() > deadline_) {
      return absl::DeadlineExceededError("the verification did not end before the deadline");
    }
    AggregateState::Places places;
    aggregate_.Read([&](const AggregateState& state) {
      take(state);
      places = state.places;
      freshness_ = FreshnessOf(state, clock_.Now());
    });
    const auto apply = [this](const feed::v1::Event& event) { return Apply(event); };
    ZHUQI_RETURN_IF_ERROR(intake_.ReadTo(places, apply));
    return routing_.ReadTo(places, apply);
  }

  absl::Status Apply(const feed::v1::Event& event) {
    tally_.Apply(event);
    if (!event.has_directory()) return absl::OkStatus();
    ZHUQI_ASSIGN_OR_RETURN(directory_, directory_->With(event.directory(), event.sequence()));
    return absl::OkStatus();
  }

  // The recount knows most names by then, from the logs.
  absl::Status TakeAllNames() {
    ZHUQI_RETURN_IF_ERROR(At([](const AggregateState&) {}));
    for (bool all = false; !all;) {
      ZHUQI_RETURN_IF_ERROR(At(
          [&](const AggregateState& state) { all = comparer_.TakeNames(state.cube.tally(), kNamesAtOnce); }));
    }
    return absl::OkStatus();
  }

  absl::Status CompareUnits() {
    for (Cube::UnitIndex next = 0; true; ++next) {
      std::optional<ServedUnit> unit;
      ZHUQI_RETURN_IF_ERROR(At([&](const AggregateState& state) {
        if (next < state.cube.unit_count()) unit = Take(state.cube, state.cube.unit_id(next));
      }));
      if (!unit.has_value()) break;
      comparer_.CompareUnit(*unit, *directory_);
    }
    for (const std::string& id : UnitsNotServed()) {
      std::optional<ServedUnit> unit;
      ZHUQI_RETURN_IF_ERROR(At([&](const AggregateState& state) { unit = Take(state.cube, id); }));
      comparer_.CompareUnit(*unit, *directory_);
    }
    return absl::OkStatus();
  }

  ServedUnit Take(const Cube& cube, const std::string& org_unit_id) {
    comparer_.TakeNames(cube.tally(), std::numeric_limits<std::size_t>::max());
    return ServedUnitOf(cube, org_unit_id);
  }

  // Units that the logs name and the figures do not have at all.
  std::vector<std::string> UnitsNotServed() const {
    return aggregate_.Read([this](const AggregateState& state) {
      std::vector<std::string> units;
      for (Tally::UnitIndex unit = 0; unit < tally_.unit_count(); ++unit) {
        const std::string& id = tally_.unit_id(unit);
        if (!state.cube.FindUnit(id).has_value()) units.push_back(id);
      }
      for (const auto& [id, unit] : directory_->units()) {
        if (!state.cube.FindUnit(id).has_value() && !tally_.FindUnit(id).has_value()) units.push_back(id);
      }
      return units;
    });
  }

  absl::Status CompareObligations(MonthNumber month) {
    Obligations served;
    ZHUQI_RETURN_IF_ERROR(
        At([&](const AggregateState& state) { served = state.cube.tally().ObligationsOf(month); }));
    comparer_.CompareObligations(month, served);
    return absl::OkStatus();
  }

  const Aggregate& aggregate_;
  const Clock& clock_;
  LogReplay& intake_;
  LogReplay& routing_;
  const absl::Time deadline_;
  const rpc::Cancellation& stop_;
  // The recount: what the logs add up to, and the tree that they tell of.
  Tally tally_;
  std::shared_ptr<const Directory> directory_ = std::make_shared<const Directory>();
  CubeComparer comparer_{tally_, kMaxDifferences};
  common::v1::Freshness freshness_;
};

}  // namespace

Verifier::Verifier(const std::shared_ptr<grpc::Channel>& intake,
                   const std::shared_ptr<grpc::Channel>& routing, const Aggregate& aggregate,
                   const Clock& clock)
    : intake_(feed::v1::FeedService::NewStub(intake)),
      routing_(feed::v1::FeedService::NewStub(routing)),
      aggregate_(aggregate),
      clock_(clock) {}

Verifier::~Verifier() {
  Stop();
  std::thread last;
  {
    absl::MutexLock lock(&mutex_);
    last = std::move(thread_);
  }
  if (last.joinable()) last.join();
}

void Verifier::Stop() {
  std::shared_ptr<rpc::Cancellation> running;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    running = running_;
  }
  if (running != nullptr) running->Cancel();
}

Task<absl::StatusOr<v1::VerifyFiguresResponse>> Verifier::Verify(const rpc::CallContext& call) {
  auto finished = AwaitCallback<Result>(
      [this, &call](AwaitCallback<Result>::Resume resume) { Begin(call, std::move(resume)); });
  Result result = co_await finished;
  co_return result;
}

void Verifier::Begin(const rpc::CallContext& call, AwaitCallback<Result>::Resume resume) {
  const auto stop = std::make_shared<rpc::Cancellation>();
  absl::Status refused = absl::OkStatus();
  std::thread last;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) {
      refused = Stopping();
    } else if (running_ != nullptr) {
      refused = AlreadyRunning();
    } else {
      running_ = stop;
      last = std::move(thread_);
    }
  }
  if (!refused.ok()) return resume(refused);
  // The thread of the recount before has given its answer and is about to end.
  if (last.joinable()) last.join();
  call.cancellation.OnCancel([stop] { stop->Cancel(); });
  absl::MutexLock lock(&mutex_);
  thread_ = std::thread([this, deadline = call.deadline, stop, resume = std::move(resume)] {
    Result result = Recount(deadline, *stop);
    {
      absl::MutexLock done(&mutex_);
      running_ = nullptr;
      if (!result.ok() && stopping_) result = Stopping();
    }
    resume(std::move(result));
  });
}

Verifier::Result Verifier::Recount(absl::Time deadline, rpc::Cancellation& stop) {
  LogReplay intake(*intake_, kIntake, deadline, stop);
  LogReplay routing(*routing_, kRouting, deadline, stop);
  return Verification(aggregate_, clock_, intake, routing, deadline, stop).Run();
}

}  // namespace zhuqi::reporting
