#include "tools/zhuqictl/filters.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/directory/date_message.h"

namespace zhuqi::ctl {

absl::StatusOr<common::v1::DateSpan> ParseDateSpan(absl::string_view text) {
  common::v1::DateSpan span;
  if (const absl::StatusOr<common::v1::YearMonth> month = ParseMonth(text); month.ok()) {
    const absl::CivilMonth first(month->year(), month->month());
    *span.mutable_first() = DateMessage(absl::CivilDay(first));
    *span.mutable_last() = DateMessage(absl::CivilDay(first + 1) - 1);
    return span;
  }
  const std::vector<absl::string_view> ends = absl::StrSplit(text, absl::MaxSplits("..", 1));
  if (!ends.front().empty()) {
    ZHUQI_ASSIGN_OR_RETURN(*span.mutable_first(), ParseDate(ends.front()));
  }
  if (!ends.back().empty()) {
    ZHUQI_ASSIGN_OR_RETURN(*span.mutable_last(), ParseDate(ends.back()));
  }
  return span;
}

absl::StatusOr<Target> ParseTarget(absl::string_view text) {
  Target target;
  if (Uuid::Parse(text)) {
    target.id = std::string(text);
    return target;
  }
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits('/', 1));
  if (parts.size() != 2 || parts[0].empty() || parts[1].empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", text, "' is neither a UUID nor SOURCE-SYSTEM/EXTERNAL-ID"));
  }
  target.key.set_source_system(parts[0]);
  target.key.set_external_id(parts[1]);
  return target;
}

}  // namespace zhuqi::ctl
