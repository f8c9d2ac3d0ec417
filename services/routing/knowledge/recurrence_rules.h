// Which new cases are recurrence of a theme (一类问题), and what the facts of its cases are told of it. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_RECURRENCE_RULES_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_RECURRENCE_RULES_H_

#include <set>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/directory/directory.h"
#include "services/routing/cases/case_rules.h"
#include "services/routing/knowledge/theme_rules.h"
#include "zhuqi/routing/v1/theme.pb.h"

namespace zhuqi::routing {

// Days, both included, on which a new case of a theme is recurrence.
struct RecurrenceSpan {
  absl::CivilDay first;
  absl::CivilDay last;
  friend bool operator==(const RecurrenceSpan&, const RecurrenceSpan&) = default;
};
// In order, none empty, none next to another: a day is in one of them or in none.
using RecurrenceSpans = std::vector<RecurrenceSpan>;

// The same days, so put.
RecurrenceSpans UnionOf(std::vector<RecurrenceSpan> spans);
bool IsIn(const RecurrenceSpans& spans, absl::CivilDay day);
RecurrenceSpans SpansOf(const google::protobuf::RepeatedPtrField<common::v1::DateSpan>& messages);
google::protobuf::RepeatedPtrField<common::v1::DateSpan> SpanMessages(const RecurrenceSpans& spans);

// Of all fixes of the theme. Empty while nobody has confirmed it, and after its end: what the service
// proposes has no cause yet that could have been mended.
RecurrenceSpans RecurrenceSpansOf(const v1::Theme& theme);
bool IsRecurrence(const v1::Theme& theme, const v1::ThemeCase& item);

// The cases whose recurrence a change of their theme may change: those that join or leave it, and all of its
// members when the days are others.
std::set<Uuid> CasesConcerned(const ThemeRecord& before, const ThemeRecord& after);

// The case when new cases of all its themes together are recurrence on `spans`; `theme`: the one by which
// that changed.
CaseChange FollowThemes(const CaseRecord& before, const v1::Theme& theme, const RecurrenceSpans& spans,
                        const std::string& actor, absl::Time now, const Directory& directory);
// Whether its facts say so already.
bool KnowsSpans(const CaseRecord& record, const RecurrenceSpans& spans);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_RECURRENCE_RULES_H_
