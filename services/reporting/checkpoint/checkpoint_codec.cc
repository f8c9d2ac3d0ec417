#include "services/reporting/checkpoint/checkpoint_codec.h"

#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/feed/token.h"

namespace zhuqi::reporting {
namespace {

constexpr DaySpan kAllDays{0, kLastDay};
using google::protobuf::RepeatedPtrField;

template <typename Series>
void EncodeCounts(const std::array<Series, kComponentCount>& counts,
                  RepeatedPtrField<checkpoint::SeriesState>* to) {
  for (std::size_t i = 0; i < kComponentCount; ++i) {
    checkpoint::SeriesState series;
    counts[i].ForEach(kAllDays, [&](DayNumber day, int64_t value) {
      series.add_days(day);
      series.add_values(value);
    });
    if (series.days_size() == 0) continue;
    series.set_component(std::string(ComponentName(static_cast<Component>(i))));
    *to->Add() = std::move(series);
  }
}

// Collects values that come in the order of their days.
class TimesEncoder {
 public:
  explicit TimesEncoder(RepeatedPtrField<checkpoint::TimesState>* to) : to_(to) {}
  void Add(DayNumber day, uint32_t value, int32_t times) {
    if (to_->empty() || to_->rbegin()->day() != day) to_->Add()->set_day(day);
    checkpoint::TimesState& state = (*to_)[to_->size() - 1];
    state.add_values(value);
    state.add_times(times);
  }

 private:
  RepeatedPtrField<checkpoint::TimesState>* to_;
};

void EncodeDurations(const DistributionSeries& durations, RepeatedPtrField<checkpoint::TimesState>* to) {
  TimesEncoder encoder(to);
  durations.ForEachValue([&](DayNumber day, int32_t value, int32_t times) {
    encoder.Add(day, static_cast<uint32_t>(value), times);
  });
}

checkpoint::UnitState EncodeUnit(const std::string& org_unit_id, const UnitCells& cells) {
  checkpoint::UnitState unit;
  unit.set_org_unit_id(org_unit_id);
  EncodeCounts(cells.counts, unit.mutable_counts());
  TimesEncoder reached(unit.mutable_reached());
  cells.reached.ForEachKey([&](DayNumber day, uint32_t key, int32_t times) { reached.Add(day, key, times); });
  EncodeDurations(cells.durations, unit.mutable_durations());
  for (std::size_t dimension = 0; dimension < kGroupDimensions; ++dimension) {
    for (const auto& [name, group] : cells.groups[dimension]) {
      checkpoint::GroupState& state = *unit.add_groups();
      state.set_dimension(static_cast<int32_t>(dimension));
      state.set_group(name);
      EncodeCounts(group.counts, state.mutable_counts());
      EncodeDurations(group.durations, state.mutable_durations());
    }
  }
  return unit;
}

absl::Status Damaged(const std::string& what) {
  return absl::DataLossError(absl::StrCat("checkpoint: ", what));
}

template <typename Series>
absl::Status DecodeCounts(const RepeatedPtrField<checkpoint::SeriesState>& from,
                          std::array<Series, kComponentCount>& to) {
  for (const checkpoint::SeriesState& series : from) {
    const auto component = ComponentNamed(series.component());
    if (!component.has_value()) return Damaged(absl::StrCat("unknown component ", series.component()));
    if (series.days_size() != series.values_size()) return Damaged("lists of unequal length");
    for (int i = 0; i < series.days_size(); ++i) {
      const int64_t value = series.values(i);
      if (!IsCountedDay(series.days(i)) || value < std::numeric_limits<int32_t>::min() ||
          value > std::numeric_limits<int32_t>::max()) {
        return Damaged("a cell out of range");
      }
      to[static_cast<std::size_t>(*component)].Add(series.days(i), static_cast<int32_t>(value));
    }
  }
  return absl::OkStatus();
}

// `each`: absl::Status(day, value, times).
template <typename Each>
absl::Status DecodeTimes(const RepeatedPtrField<checkpoint::TimesState>& from, Each each) {
  for (const checkpoint::TimesState& state : from) {
    if (!IsCountedDay(state.day()) || state.values_size() != state.times_size())
      return Damaged("a day's list");
    for (int i = 0; i < state.values_size(); ++i) {
      if (state.times(i) < 1) return Damaged("a count below one");
      ZHUQI_RETURN_IF_ERROR(each(state.day(), state.values(i), state.times(i)));
    }
  }
  return absl::OkStatus();
}

absl::Status DecodeDurations(const RepeatedPtrField<checkpoint::TimesState>& from, DistributionSeries& to) {
  return DecodeTimes(from, [&](DayNumber day, uint32_t value, int32_t times) {
    if (value > static_cast<uint32_t>(std::numeric_limits<int32_t>::max())) return Damaged("a duration");
    to.Add(day, static_cast<int32_t>(value), times);
    return absl::OkStatus();
  });
}

absl::Status DecodeUnit(const checkpoint::UnitState& unit, std::size_t enterprises, UnitCells& cells) {
  ZHUQI_RETURN_IF_ERROR(DecodeCounts(unit.counts(), cells.counts));
  ZHUQI_RETURN_IF_ERROR(DecodeTimes(unit.reached(), [&](DayNumber day, uint32_t key, int32_t times) {
    if (key >= enterprises) return Damaged("an enterprise that is not listed");
    cells.reached.Add(day, key, times);
    return absl::OkStatus();
  }));
  ZHUQI_RETURN_IF_ERROR(DecodeDurations(unit.durations(), cells.durations));
  for (const checkpoint::GroupState& state : unit.groups()) {
    if (state.dimension() < 0 || state.dimension() >= static_cast<int32_t>(kGroupDimensions)) {
      return Damaged("a dimension");
    }
    GroupCells& group = cells.groups[static_cast<std::size_t>(state.dimension())][state.group()];
    ZHUQI_RETURN_IF_ERROR(DecodeCounts(state.counts(), group.counts));
    ZHUQI_RETURN_IF_ERROR(DecodeDurations(state.durations(), group.durations));
  }
  return absl::OkStatus();
}

}  // namespace

checkpoint::Checkpoint EncodeCheckpoint(const AggregateState& state) {
  checkpoint::Checkpoint checkpoint;
  checkpoint.set_format(kCheckpointFormat);
  for (const auto& [key, sequence] : state.places) {
    common::v1::FeedPosition& position = *checkpoint.add_positions();
    position = feed::Position(key.first, key.second, sequence);
    const auto commit_id = state.commit_ids.find(key);
    if (commit_id != state.commit_ids.end()) position.set_commit_id(commit_id->second);
  }
  if (state.newest_event_at > absl::InfinitePast()) {
    *checkpoint.mutable_newest_event_at() = TimestampMessage(state.newest_event_at);
  }
  for (feed::v1::DirectoryChanged& change : state.directory->AsChanges()) {
    *checkpoint.add_directory() = std::move(change);
  }
  checkpoint.set_directory_sequence(state.directory->sequence());
  for (Cube::UnitIndex unit = 0; unit < state.cube.unit_count(); ++unit) {
    *checkpoint.add_units() = EncodeUnit(state.cube.unit_id(unit), state.cube.tally().Own(unit));
  }
  for (const std::string& uscc : state.cube.tally().enterprises()) checkpoint.add_enterprises(uscc);
  for (const auto& [key, facts] : state.cube.obligations()) *checkpoint.add_obligations() = facts;
  return checkpoint;
}

absl::StatusOr<AggregateState> DecodeCheckpoint(const checkpoint::Checkpoint& checkpoint) {
  if (checkpoint.format() != kCheckpointFormat) {
    return absl::FailedPreconditionError(
        absl::StrCat("checkpoint of format ", checkpoint.format(), ", not ", kCheckpointFormat));
  }
  AggregateState state;
  for (const auto& position : checkpoint.positions()) {
    state.places[{position.source(), position.partition()}] = position.sequence();
    if (position.commit_id() != 0)
      state.commit_ids[{position.source(), position.partition()}] = position.commit_id();
  }
  if (checkpoint.has_newest_event_at()) state.newest_event_at = TimeFrom(checkpoint.newest_event_at());
  const std::vector<feed::v1::DirectoryChanged> changes(checkpoint.directory().begin(),
                                                        checkpoint.directory().end());
  ZHUQI_ASSIGN_OR_RETURN(state.directory, Directory().With(changes, checkpoint.directory_sequence()));
  state.cube.SetDirectory(*state.directory);
  Tally& tally = state.cube.Restore();
  for (const std::string& uscc : checkpoint.enterprises()) tally.InternEnterprise(uscc);
  const std::size_t enterprises = tally.enterprises().size();
  if (enterprises != static_cast<std::size_t>(checkpoint.enterprises_size())) {
    return Damaged("an enterprise listed twice");
  }
  for (const checkpoint::UnitState& unit : checkpoint.units()) {
    ZHUQI_RETURN_IF_ERROR(DecodeUnit(unit, enterprises, tally.RestoreOwn(unit.org_unit_id())));
  }
  for (const feed::v1::SummaryFacts& facts : checkpoint.obligations()) tally.RestoreObligation(facts);
  state.cube.RollUp();
  return state;
}

}  // namespace zhuqi::reporting
