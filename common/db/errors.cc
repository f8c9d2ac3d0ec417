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
    // Run it all again: record changed since the snapshot, lock wait timeout (rolls nothing back), deadlock,
    // table
    // changed since the snapshot, statement stale while its table is being changed, lock given up for a
    // change of
    // the table; on MySQL also a conflict between group members and NOWAIT.
    {1020, absl::StatusCode::kAborted, kKeep},
    {1205, absl::StatusCode::kAborted, kKeep},
    {1213, absl::StatusCode::kAborted, kKeep},
    {1412, absl::StatusCode::kAborted, kKeep},
    {1615, absl::StatusCode::kAborted, kKeep},
    {1689, absl::StatusCode::kAborted, kKeep},
    {3101, absl::StatusCode::kAborted, kKeep},
    {3572, absl::StatusCode::kAborted, kKeep},
    // Took too long or was interrupted: KILL QUERY, max_execution_time (MySQL), max_statement_time (MariaDB).
    {1317, absl::StatusCode::kDeadlineExceeded, kKeep},
    {3024, absl::StatusCode::kDeadlineExceeded, kKeep},
    {1969, absl::StatusCode::kDeadlineExceeded, kKeep},
    // Full, and the statement alone had no effect: sort memory, table, active transactions.
    {1038, absl::StatusCode::kResourceExhausted, kKeep},
    {1114, absl::StatusCode::kResourceExhausted, kKeep},
    {1637, absl::StatusCode::kResourceExhausted, kKeep},
    // Full, and more than the statement may be undone, or the session itself is what takes the room: disk,
    // memory,
    // lock table (undoes the transaction), prepared statements, memory of the client.
    {1021, absl::StatusCode::kResourceExhausted, kDrop},
    {1037, absl::StatusCode::kResourceExhausted, kDrop},
    {1041, absl::StatusCode::kResourceExhausted, kDrop},
    {1206, absl::StatusCode::kResourceExhausted, kDrop},
    {1461, absl::StatusCode::kResourceExhausted, kDrop},
    {2008, absl::StatusCode::kResourceExhausted, kDrop},
    // The server is away, leaving, full, not part of its cluster, or no longer the one that takes writes.
    {1040, absl::StatusCode::kUnavailable, kDrop},
    {1047, absl::StatusCode::kUnavailable, kDrop},
    {1053, absl::StatusCode::kUnavailable, kDrop},
    {1135, absl::StatusCode::kUnavailable, kDrop},
    {1203, absl::StatusCode::kUnavailable, kDrop},
    {1226, absl::StatusCode::kUnavailable, kDrop},
    {1290, absl::StatusCode::kUnavailable, kDrop},
    {1836, absl::StatusCode::kUnavailable, kDrop},
    {1927, absl::StatusCode::kUnavailable, kDrop},
    {4031, absl::StatusCode::kUnavailable, kDrop},
    // It does not let this service in: our deployment's fault or a change of passwords under way, never the
    // caller's, who must not learn whom the database knows.
    {1042, absl::StatusCode::kUnavailable, kDrop},
    {1043, absl::StatusCode::kUnavailable, kDrop},
    {1044, absl::StatusCode::kUnavailable, kDrop},
    {1045, absl::StatusCode::kUnavailable, kDrop},
    {1049, absl::StatusCode::kUnavailable, kDrop},
    {1129, absl::StatusCode::kUnavailable, kDrop},
    {1130, absl::StatusCode::kUnavailable, kDrop},
    {1251, absl::StatusCode::kUnavailable, kDrop},
    {1698, absl::StatusCode::kUnavailable, kDrop},
    {1820, absl::StatusCode::kUnavailable, kDrop},
    {1862, absl::StatusCode::kUnavailable, kDrop},
    {4151, absl::StatusCode::kUnavailable, kDrop},
    {2049, absl::StatusCode::kUnavailable, kDrop},
    {2059, absl::StatusCode::kUnavailable, kDrop},
    {2061, absl::StatusCode::kUnavailable, kDrop},
    // It can not be reached, or the connection broke: name, network, handshake, TLS, packets.
    {1152, absl::StatusCode::kUnavailable, kDrop},
    {1158, absl::StatusCode::kUnavailable, kDrop},
    {1159, absl::StatusCode::kUnavailable, kDrop},
    {1160, absl::StatusCode::kUnavailable, kDrop},
    {1161, absl::StatusCode::kUnavailable, kDrop},
    {1184, absl::StatusCode::kUnavailable, kDrop},
    {2001, absl::StatusCode::kUnavailable, kDrop},
    {2002, absl::StatusCode::kUnavailable, kDrop},
    {2003, absl::StatusCode::kUnavailable, kDrop},
    {2004, absl::StatusCode::kUnavailable, kDrop},
    {2005, absl::StatusCode::kUnavailable, kDrop},
    {2006, absl::StatusCode::kUnavailable, kDrop},
    {2007, absl::StatusCode::kUnavailable, kDrop},
    {2012, absl::StatusCode::kUnavailable, kDrop},
    {2013, absl::StatusCode::kUnavailable, kDrop},
    {2026, absl::StatusCode::kUnavailable, kDrop},
    {2027, absl::StatusCode::kUnavailable, kDrop},
    {2055, absl::StatusCode::kUnavailable, kDrop},
    // What became of the commit is not said; the dropped connection makes the transaction ask.
    {1180, absl::StatusCode::kUnavailable, kDrop},
    // Faults of ours that leave the session as it was: a statement that does not parse, names what is not
    // there or is
    // not granted, a value that its column refuses. One bad item of a batch must not cost the connection.
    {1048, absl::StatusCode::kInternal, kKeep},
    {1050, absl::StatusCode::kInternal, kKeep},
    {1051, absl::StatusCode::kInternal, kKeep},
    {1052, absl::StatusCode::kInternal, kKeep},
    {1054, absl::StatusCode::kInternal, kKeep},
    {1060, absl::StatusCode::kInternal, kKeep},
    {1061, absl::StatusCode::kInternal, kKeep},
    {1064, absl::StatusCode::kInternal, kKeep},
    {1091, absl::StatusCode::kInternal, kKeep},
    {1109, absl::StatusCode::kInternal, kKeep},
    {1110, absl::StatusCode::kInternal, kKeep},
    {1118, absl::StatusCode::kInternal, kKeep},
    {1136, absl::StatusCode::kInternal, kKeep},
    {1142, absl::StatusCode::kInternal, kKeep},
    {1143, absl::StatusCode::kInternal, kKeep},
    {1146, absl::StatusCode::kInternal, kKeep},
    {1193, absl::StatusCode::kInternal, kKeep},
    {1210, absl::StatusCode::kInternal, kKeep},
    {1227, absl::StatusCode::kInternal, kKeep},
    {1241, absl::StatusCode::kInternal, kKeep},
    {1242, absl::StatusCode::kInternal, kKeep},
    {1264, absl::StatusCode::kInternal, kKeep},
    {1265, absl::StatusCode::kInternal, kKeep},
    {1267, absl::StatusCode::kInternal, kKeep},
    {1292, absl::StatusCode::kInternal, kKeep},
    {1305, absl::StatusCode::kInternal, kKeep},
    {1364, absl::StatusCode::kInternal, kKeep},
    {1365, absl::StatusCode::kInternal, kKeep},
    {1366, absl::StatusCode::kInternal, kKeep},
    {1370, absl::StatusCode::kInternal, kKeep},
    {1390, absl::StatusCode::kInternal, kKeep},
    {1406, absl::StatusCode::kInternal, kKeep},
    {1411, absl::StatusCode::kInternal, kKeep},
    {1441, absl::StatusCode::kInternal, kKeep},
    {1451, absl::StatusCode::kInternal, kKeep},
    {1452, absl::StatusCode::kInternal, kKeep},
    {1690, absl::StatusCode::kInternal, kKeep},
    {1792, absl::StatusCode::kInternal, kKeep},
    {1918, absl::StatusCode::kInternal, kKeep},
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
