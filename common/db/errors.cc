#include "common/db/errors.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace zhuqi::db {
namespace {

constexpr bool kDrop = true;
constexpr bool kKeep = false;

constexpr ErrorMeaning kErrors[] = {
    // A key that is there already. The statement had no effect.
    {1062, absl::StatusCode::kAlreadyExists, kKeep},
    // Run it all again: record changed since the snapshot, lock wait timeout (rolls nothing back), deadlock.
    {1020, absl::StatusCode::kAborted, kKeep},
    {1205, absl::StatusCode::kAborted, kKeep},
    {1213, absl::StatusCode::kAborted, kKeep},
    // Took too long or was interrupted: KILL QUERY, max_execution_time (MySQL), max_statement_time (MariaDB).
    {1317, absl::StatusCode::kDeadlineExceeded, kKeep},
    {3024, absl::StatusCode::kDeadlineExceeded, kKeep},
    {1969, absl::StatusCode::kDeadlineExceeded, kKeep},
    // The server is away, leaving, full, not part of its cluster, or no longer the one that takes writes.
    {1040, absl::StatusCode::kUnavailable, kDrop},
    {1047, absl::StatusCode::kUnavailable, kDrop},
    {1053, absl::StatusCode::kUnavailable, kDrop},
    {1290, absl::StatusCode::kUnavailable, kDrop},
    {1836, absl::StatusCode::kUnavailable, kDrop},
    {1927, absl::StatusCode::kUnavailable, kDrop},
    {2002, absl::StatusCode::kUnavailable, kDrop},
    {2003, absl::StatusCode::kUnavailable, kDrop},
    {2006, absl::StatusCode::kUnavailable, kDrop},
    {2013, absl::StatusCode::kUnavailable, kDrop},
    // Faults of ours that leave the session as it was: a statement that does not parse or names what is not
    // there,
    // a value that its column refuses. One bad item of a batch must not cost the connection.
    {1048, absl::StatusCode::kInternal, kKeep},
    {1050, absl::StatusCode::kInternal, kKeep},
    {1051, absl::StatusCode::kInternal, kKeep},
    {1054, absl::StatusCode::kInternal, kKeep},
    {1060, absl::StatusCode::kInternal, kKeep},
    {1061, absl::StatusCode::kInternal, kKeep},
    {1064, absl::StatusCode::kInternal, kKeep},
    {1091, absl::StatusCode::kInternal, kKeep},
    {1136, absl::StatusCode::kInternal, kKeep},
    {1146, absl::StatusCode::kInternal, kKeep},
    {1264, absl::StatusCode::kInternal, kKeep},
    {1265, absl::StatusCode::kInternal, kKeep},
    {1292, absl::StatusCode::kInternal, kKeep},
    {1364, absl::StatusCode::kInternal, kKeep},
    {1366, absl::StatusCode::kInternal, kKeep},
    {1406, absl::StatusCode::kInternal, kKeep},
    {1451, absl::StatusCode::kInternal, kKeep},
    {1452, absl::StatusCode::kInternal, kKeep},
    {1690, absl::StatusCode::kInternal, kKeep},
    {1792, absl::StatusCode::kInternal, kKeep},
    {3819, absl::StatusCode::kInternal, kKeep},
    {4025, absl::StatusCode::kInternal, kKeep},
};

constexpr absl::string_view kPrefix = "database error ";

}  // namespace

absl::Span<const ErrorMeaning> KnownErrors() { return kErrors; }

ErrorMeaning MeaningOf(int number) {
  const auto* const found =
      std::find_if(std::begin(kErrors), std::end(kErrors),
                   [number](const ErrorMeaning& error) { return error.number == number; });
  if (found != std::end(kErrors)) return *found;
  return {number, absl::StatusCode::kInternal, kDrop};
}

absl::Status DatabaseError(int number, absl::string_view sql_state) {
  return absl::Status(MeaningOf(number).code, absl::StrCat(kPrefix, number, " (", sql_state, ")"));
}

int DatabaseErrorNumber(const absl::Status& status) {
  absl::string_view text = status.message();
  if (!absl::ConsumePrefix(&text, kPrefix)) return 0;
  int number = 0;
  return absl::SimpleAtoi(text.substr(0, text.find(' ')), &number) ? number : 0;
}

bool DuplicateKey(const absl::Status& status) {
  return absl::IsAlreadyExists(status) && DatabaseErrorNumber(status) == 1062;
}

}  // namespace zhuqi::db
