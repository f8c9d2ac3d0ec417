// The names that zhuqictl gives to its own columns and members in files that it writes and reads back.
#ifndef ZHUQI_TOOLS_ZHUQICTL_MARKS_H_
#define ZHUQI_TOOLS_ZHUQICTL_MARKS_H_

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace zhuqi::ctl {

// All begin so, and are no part of what a sender says.
inline constexpr absl::string_view kMarkPrefix = "__";
inline bool IsMark(absl::string_view name) { return absl::StartsWith(name, kMarkPrefix); }

// Of a file of rejected rows.
inline constexpr absl::string_view kRowMark = "__row";
inline constexpr absl::string_view kViolationsMark = "__violations";
inline constexpr absl::string_view kRawLineMark = "__line";

// Of any CSV: its cells are guarded as formula_guard.h says.
inline constexpr absl::string_view kGuardMark = "__formulas_guarded";

// Of an export, beside each record. import looks at the last two (export_marks.h).
inline constexpr absl::string_view kRecordIdMark = "__record_id";
inline constexpr absl::string_view kRevisionMark = "__revision";
inline constexpr absl::string_view kUpdatedAtMark = "__updated_at";
inline constexpr absl::string_view kStateMark = "__state";
inline constexpr absl::string_view kHasContactMark = "__has_contact";

// Whether a file of rejected rows makes the mark anew. Others, such as those of an export, stay in it: what
// they say of a row is still so when the row is mended.
inline bool IsMadeAnew(absl::string_view name) {
  return name == kRowMark || name == kViolationsMark || name == kRawLineMark || name == kGuardMark;
}

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_MARKS_H_
