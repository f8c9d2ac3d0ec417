// What fields of several messages have in common, and how a refusal is worded. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_FIELD_CHECK_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_FIELD_CHECK_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "zhuqi/common/v1/date.pb.h"

namespace zhuqi::intake {

// 1 to `max` characters, each a lower case letter, a digit when `digits`, or one of `others`.
bool IsIdentifier(absl::string_view text, std::size_t max, absl::string_view others, bool digits = true);

// Brings `text` to its stored form and refuses what is no text, is longer than `max` characters, or is empty
// though required.
void CheckText(std::string& text, const std::string& path, std::size_t max, bool required,
               rpc::Violations& violations);

// The first `count` characters of `text`, which is UTF-8.
std::string FirstCharacters(absl::string_view text, std::size_t count);

// The day that `date` names; absent when it is absent, or does not exist, which is noted.
std::optional<absl::CivilDay> CheckDay(bool given, const common::v1::Date& date, const std::string& path,
                                       rpc::Violations& violations);

// Checks both days, each of which may be absent, and that `last` is not before `first`.
void CheckDays(std::optional<absl::CivilDay> first, std::optional<absl::CivilDay> last,
               const std::string& last_path, rpc::Violations& violations);

// Refuses an end that is still to come: a thing is open or closed, and never closed ahead of time.
void CheckEndHasCome(std::optional<absl::CivilDay> end, absl::CivilDay today, const std::string& path,
                     rpc::Violations& violations);

// Refuses more than `max` entries and entries that stand there twice. `Entries`: a repeated field of texts or
// numbers.
template <typename Entries>
void CheckDistinct(const Entries& entries, int max, const std::string& path, rpc::Violations& violations) {
  if (entries.size() > max) {
    violations.Add(path, "OUT_OF_RANGE", absl::StrCat("at most ", max, " entries"),
                   absl::StrCat("最多 ", max, " 项"));
  }
  absl::flat_hash_set<typename Entries::value_type> seen;
  for (int i = 0; i < entries.size(); ++i) {
    if (seen.insert(entries.Get(i)).second) continue;
    violations.Add(absl::StrCat(path, "[", i, "]"), "DUPLICATE", "is there twice", "重复");
  }
}

// What was so before, oldest first: the last days grow from entry to entry and have all passed. `Former`:
// FormerParent or FormerName.
inline constexpr int kMaxFormer = 100;
template <typename Former>
void CheckFormer(const google::protobuf::RepeatedPtrField<Former>& former,
                 std::optional<absl::CivilDay> opened, absl::CivilDay today, const std::string& path,
                 rpc::Violations& violations) {
  if (former.size() > kMaxFormer) {
    violations.Add(path, "OUT_OF_RANGE", absl::StrCat("at most ", kMaxFormer, " entries"),
                   absl::StrCat("最多 ", kMaxFormer, " 项"));
    return;
  }
  std::optional<absl::CivilDay> before = opened;
  for (int i = 0; i < former.size(); ++i) {
    const std::string until_path = absl::StrCat(path, "[", i, "].until");
    const std::optional<absl::CivilDay> until = CivilDayFrom(former[i].until());
    if (!until.has_value()) {
      violations.Add(until_path, "DATE_INVALID", "must be a date that exists, 2000 to 2100",
                     "须为 2000 至 2100 年间存在的日期");
      continue;
    }
    const bool too_early = before.has_value() && (i == 0 ? *until < *before : *until <= *before);
    if (too_early) {
      violations.Add(until_path, "DATES_OUT_OF_ORDER", "must come after what was before it",
                     "日期须逐项递增");
    } else if (*until >= today) {
      violations.Add(until_path, "DATE_IN_FUTURE", "must have passed", "须为今天以前的日期");
    }
    before = until;
  }
}

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_FIELD_CHECK_H_
