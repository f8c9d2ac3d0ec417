#include "services/routing/cases/case_timeline.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_words.h"

namespace zhuqi::routing {
namespace {

// The clock's deadline, when it passed unmet or is still to come.
std::optional<v1::TimelineEntry> DeadlineEntry(const v1::CaseClock& clock, bool closed,
                                               const Directory& directory, absl::Time now) {
  if (!clock.has_deadline()) return std::nullopt;
  const absl::Time deadline = TimeFrom(clock.deadline());
  const bool met = clock.has_stopped_at();
  const absl::Time until = met ? TimeFrom(clock.stopped_at()) : now;
  v1::TimelineEntry entry;
  *entry.mutable_at() = clock.deadline();
  entry.set_clock(clock.kind());
  const char* chinese = ClockName(clock.kind(), true);
  const char* english = ClockName(clock.kind(), false);
  if (until > deadline) {
    const int days = directory.calendar().WorkingDaysBetween(CityDay(deadline), CityDay(until));
    entry.set_kind(v1::TIMELINE_KIND_DEADLINE_PASSED);
    entry.set_text_zh(absl::StrCat(chinese, "期限已过，", met ? "超期 " : "至今超期 ", days, " 个工作日"));
    entry.set_text_en(
        absl::StrCat(english, " was due; ", days, met ? " working days late" : " working days ago"));
    return entry;
  }
  if (met || closed) return std::nullopt;
  const int days = directory.calendar().WorkingDaysBetween(CityDay(now), CityDay(deadline));
  entry.set_kind(v1::TIMELINE_KIND_DEADLINE_AHEAD);
  entry.set_text_zh(absl::StrCat(chinese, "期限，还有 ", days, " 个工作日",
                                 clock.deadline_provisional() ? "（暂定）" : ""));
  entry.set_text_en(absl::StrCat(english, " is due in ", days, " working days",
                                 clock.deadline_provisional() ? " (provisional)" : ""));
  return entry;
}

}  // namespace

v1::TimelineEntry EntryOf(const v1::CaseEvent& event, const Directory& directory) {
  BothLanguages told = WordsOf(event, DirectoryNames(directory));
  if (!event.comment().empty()) {
    absl::StrAppend(&told.chinese, "（备注：", event.comment(), "）");
    absl::StrAppend(&told.english, " (", event.comment(), ")");
  }
  v1::TimelineEntry entry;
  entry.set_kind(v1::TIMELINE_KIND_EVENT);
  *entry.mutable_at() = event.occurred_at();
  entry.set_actor(event.actor());
  entry.set_text_zh(std::move(told.chinese));
  entry.set_text_en(std::move(told.english));
  entry.set_sequence(event.sequence());
  entry.set_state_after(event.state_after());
  entry.set_late(event.late());
  return entry;
}

std::vector<v1::TimelineEntry> TimelineOf(const v1::Case& shown, const std::vector<v1::CaseEvent>& history,
                                          const Directory& directory, absl::Time now) {
  std::vector<v1::TimelineEntry> timeline;
  for (const v1::CaseEvent& event : history) timeline.push_back(EntryOf(event, directory));
  for (const v1::CaseClock& clock : shown.clocks()) {
    auto entry = DeadlineEntry(clock, shown.has_closed_at(), directory, now);
    if (entry.has_value()) timeline.push_back(*std::move(entry));
  }
  std::stable_sort(timeline.begin(), timeline.end(),
                   [](const v1::TimelineEntry& left, const v1::TimelineEntry& right) {
                     return TimeFrom(left.at()) < TimeFrom(right.at());
                   });
  return timeline;
}

}  // namespace zhuqi::routing
