#include "services/routing/knowledge/recurrence_rules.h"

#include <algorithm>

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_facts.h"

namespace zhuqi::routing {
namespace {

RecurrenceSpan SpanFrom(const common::v1::DateSpan& span) {
  return {CivilDayFrom(span.first()).value_or(absl::CivilDay::max()),
          CivilDayFrom(span.last()).value_or(absl::CivilDay::min())};
}

bool IsJudged(v1::ThemeState state) {
  return state == v1::THEME_STATE_CONFIRMED || state == v1::THEME_STATE_FIX_UNDER_WAY ||
         state == v1::THEME_STATE_FIXED;
}

bool IsMemberOf(const ThemeRecord& theme, const Uuid& case_id) {
  const auto member = theme.members.find(case_id);
  return member != theme.members.end() && member->second.standing == v1::THEME_CASE_STANDING_MEMBER;
}

}  // namespace

RecurrenceSpans UnionOf(std::vector<RecurrenceSpan> spans) {
  std::erase_if(spans, [](const RecurrenceSpan& span) { return span.first > span.last; });
  std::sort(spans.begin(), spans.end(),
            [](const auto& left, const auto& right) { return left.first < right.first; });
  RecurrenceSpans joined;
  for (const RecurrenceSpan& span : spans) {
    if (joined.empty() || span.first > joined.back().last + 1) {
      joined.push_back(span);
    } else {
      joined.back().last = std::max(joined.back().last, span.last);
    }
  }
  return joined;
}

bool IsIn(const RecurrenceSpans& spans, absl::CivilDay day) {
  return std::any_of(spans.begin(), spans.end(),
                     [day](const RecurrenceSpan& span) { return day >= span.first && day <= span.last; });
}

RecurrenceSpans SpansOf(const google::protobuf::RepeatedPtrField<common::v1::DateSpan>& messages) {
  RecurrenceSpans spans;
  for (const common::v1::DateSpan& span : messages) spans.push_back(SpanFrom(span));
  return spans;
}

google::protobuf::RepeatedPtrField<common::v1::DateSpan> SpanMessages(const RecurrenceSpans& spans) {
  google::protobuf::RepeatedPtrField<common::v1::DateSpan> messages;
  for (const RecurrenceSpan& span : spans) {
    common::v1::DateSpan& message = *messages.Add();
    *message.mutable_first() = DateMessage(span.first);
    *message.mutable_last() = DateMessage(span.last);
  }
  return messages;
}

RecurrenceSpans RecurrenceSpansOf(const v1::Theme& theme) {
  if (!IsJudged(theme.state())) return {};
  RecurrenceSpans spans = SpansOf(theme.ended_recurrence());
  if (theme.has_fixed_on()) {
    const absl::CivilDay fixed_on = CivilDayFrom(theme.fixed_on()).value_or(absl::CivilDay());
    spans.push_back({fixed_on + 1, CivilDayFrom(theme.recurrence_until()).value_or(fixed_on)});
  }
  return UnionOf(std::move(spans));
}

bool IsRecurrence(const v1::Theme& theme, const v1::ThemeCase& item) {
  return item.standing() == v1::THEME_CASE_STANDING_MEMBER && item.outcome() != v1::OUTCOME_WITHDRAWN &&
         IsIn(RecurrenceSpansOf(theme), CityDay(TimeFrom(item.received_at())));
}

std::set<Uuid> CasesConcerned(const ThemeRecord& before, const ThemeRecord& after) {
  const RecurrenceSpans spans_before = RecurrenceSpansOf(before.body);
  const RecurrenceSpans spans_after = RecurrenceSpansOf(after.body);
  std::set<Uuid> concerned;
  if (spans_before.empty() && spans_after.empty()) return concerned;
  const auto look_at = [&](const Uuid& case_id) {
    const bool was_in = IsMemberOf(before, case_id);
    const bool is_in = IsMemberOf(after, case_id);
    if (was_in != is_in || (is_in && spans_before != spans_after)) concerned.insert(case_id);
  };
  for (const auto& [case_id, member] : before.members) look_at(case_id);
  for (const auto& [case_id, member] : after.members) look_at(case_id);
  return concerned;
}

CaseChange FollowThemes(const CaseRecord& before, const v1::Theme& theme, const RecurrenceSpans& spans,
                        const std::string& actor, absl::Time now, const Directory& directory) {
  CaseChange change;
  change.record = before;
  v1::RecurrenceChanged& told = *change.event.mutable_recurrence_changed();
  told.set_theme_id(theme.theme_id());
  told.set_theme_title(theme.content().title());
  *told.mutable_spans() = SpanMessages(spans);
  told.set_recurrence(before.body.outcome() != v1::OUTCOME_WITHDRAWN &&
                      IsIn(spans, CityDay(TimeFrom(before.body.received_at()))));
  // latest_at stays: what somebody judges of the cause makes nothing late that departments did before it.
  change.event.MergeFrom(NextEvent(change.record, now, now, actor));
  change.event.set_state_after(change.record.body.state());
  *change.record.facts.mutable_recurrence_spans() = SpanMessages(spans);
  change.record.facts = FactsOf(change.record, directory);
  return change;
}

bool KnowsSpans(const CaseRecord& record, const RecurrenceSpans& spans) {
  return SpansOf(record.facts.recurrence_spans()) == spans;
}

}  // namespace zhuqi::routing
