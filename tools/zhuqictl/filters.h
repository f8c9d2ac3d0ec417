// Filters that several subcommands share.
#ifndef ZHUQI_TOOLS_ZHUQICTL_FILTERS_H_
#define ZHUQI_TOOLS_ZHUQICTL_FILTERS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/common/v1/date.pb.h"
#include "zhuqi/common/v1/source_key.pb.h"

namespace zhuqi::ctl {

// "2024-05-01..2024-05-31", "2024-05-09" (one day), "2024-05" (a month), "2024-05-01.." (open).
absl::StatusOr<common::v1::DateSpan> ParseDateSpan(absl::string_view text);

// How many rows to list, page by page.
struct PageOptions {
  int limit = 50;
  bool all = false;
};

// Either a UUID or "source-system/external-id".
struct Target {
  // Empty: `key` is set.
  std::string id;
  common::v1::SourceKey key;
};
absl::StatusOr<Target> ParseTarget(absl::string_view text);

// Sets an enumeration field of a filter from text; empty text leaves it.
template <class Enum, class Set>
absl::Status SetEnum(absl::string_view text, Set set) {
  if (text.empty()) return absl::OkStatus();
  const absl::StatusOr<Enum> value = ParseEnum<Enum>(text);
  if (!value.ok()) return value.status();
  set(*value);
  return absl::OkStatus();
}

inline absl::Status SetSpan(absl::string_view text, common::v1::DateSpan* span) {
  const absl::StatusOr<common::v1::DateSpan> parsed = ParseDateSpan(text);
  if (!parsed.ok()) return parsed.status();
  *span = *parsed;
  return absl::OkStatus();
}

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_FILTERS_H_
