#include "services/routing/notices/notice_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/db/multi_row.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/routing/notices/notice_rules.h"
#include "services/routing/notices/obligation_notice.h"

namespace zhuqi::routing {
namespace {

constexpr size_t kMostErrorBytes = 255;
// How the types begin of what tells of a case.
constexpr char kOfCases[] = "zhuqi.case.";

// Changes a notice that `notice` still holds.
absl::StatusOr<bool> Settle(db::Connection& connection, const DueNotice& notice,
                            absl::string_view assignments, db::Values values) {
  values.push_back(notice.notice_id);
  values.push_back(notice.attempts);
  ZHUQI_ASSIGN_OR_RETURN(
      const int64_t rows,
      connection.Execute(absl::StrCat("UPDATE notices SET ", assignments,
                                      " WHERE notice_id = ? AND state = 1 AND attempts = ?"),
                         values));
  return rows == 1;
}

// The first identity of an instant: identities of notices begin with their time in milliseconds.
Uuid FirstIdOf(absl::Time instant) {
  const std::string derived = Uuid::Derived("notice", "", instant).ToBytes();
  return Uuid::FromBytes(derived.substr(0, 6) + std::string(10, '\0')).value_or(Uuid());
}

absl::StatusOr<bool> IsNotice(db::Connection& connection, const Uuid& id) {
  bool found = false;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query("SELECT 1 FROM notices WHERE notice_id = ?", {id}, [&](db::Row& /*row*/) {
        found = true;
        return absl::OkStatus();
      }));
  return found;
}

v1::Notice NoticeFrom(db::Row& row) {
  v1::Notice notice;
  notice.set_notice_id(row.ReadUuid(0).ToString());
  notice.set_sequence(row.Int64(2));
  notice.set_type(row.Text(3));
  if (absl::StartsWith(notice.type(), kOfCases)) notice.set_case_id(row.ReadUuid(1).ToString());
  notice.set_body(row.Text(4));
  notice.set_state(static_cast<v1::NoticeState>(row.Int64(5)));
  if (const auto due_at = row.OptionalTime(6)) *notice.mutable_due_at() = TimestampMessage(*due_at);
  notice.set_attempts(static_cast<int32_t>(row.Int64(7)));
  notice.set_last_error(row.Text(8));
  *notice.mutable_recorded_at() = TimestampMessage(row.Time(9));
  if (const auto sent_at = row.OptionalTime(10)) *notice.mutable_sent_at() = TimestampMessage(*sent_at);
  return notice;
}

// `subject` gives what is told of: of each, one at a time is sent.
template <typename Event, typename Subject>
absl::Status AppendEvents(db::Connection& connection, absl::Time recorded_at,
                          const std::vector<Event>& events, Subject subject) {
  std::vector<std::pair<Uuid, const Event*>> sorted;
  for (const Event& event : events) sorted.emplace_back(Uuid::Parse(event.id()).value_or(Uuid()), &event);
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  db::MultiRowInsert insert("notices", {"notice_id", "case_id", "sequence", "type", "body", "state", "due_at",
                                        "attempts", "attempts_before", "last_error", "recorded_at"});
  for (const auto& [id, event] : sorted) {
    int64_t sequence = 0;
    if (!absl::SimpleAtoi(event->sequence(), &sequence)) {
      return absl::InternalError("a notice without the sequence of what it tells of");
    }
    insert.Add({id, subject(*event), sequence, event->type(), NoticeBody(*event),
                static_cast<int>(v1::NOTICE_STATE_PENDING), recorded_at, 0, 0, "", recorded_at});
  }
  return insert.Run(connection).status();
}

}  // namespace

absl::Status AppendNotices(db::Connection& connection, absl::Time recorded_at,
                           const std::vector<v1::NoticeEvent>& events) {
  return AppendEvents(connection, recorded_at, events, [](const v1::NoticeEvent& event) {
    return Uuid::Parse(event.subject()).value_or(Uuid());
  });
}

absl::Status AppendNotices(db::Connection& connection, absl::Time recorded_at,
                           const std::vector<v1::ObligationNoticeEvent>& events) {
  return AppendEvents(connection, recorded_at, events, SubjectId);
}

absl::StatusOr<std::vector<DueNotice>> FindDueNotices(db::Connection& connection, absl::Time now, int limit) {
  std::vector<DueNotice> due;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      "SELECT n.notice_id, n.case_id, n.body, n.attempts, n.attempts_before FROM notices n FORCE INDEX "
      "(by_due) "
      "WHERE n.due_at <= ? AND NOT EXISTS (SELECT 1 FROM notices e WHERE e.case_id = n.case_id AND e.state = "
      "1 "
      "AND (e.sequence < n.sequence OR (e.sequence = n.sequence AND e.notice_id < n.notice_id))) "
      "ORDER BY n.due_at, n.notice_id LIMIT ?",
      {now, limit}, [&](db::Row& row) {
        DueNotice& notice = due.emplace_back();
        notice.notice_id = row.ReadUuid(0);
        notice.case_id = row.ReadUuid(1);
        notice.body = row.Text(2);
        notice.attempts = row.Int64(3);
        notice.attempts_before = row.Int64(4);
        return absl::OkStatus();
      }));
  return due;
}

absl::StatusOr<bool> ClaimNotice(db::Connection& connection, DueNotice& notice, absl::Time until) {
  ZHUQI_ASSIGN_OR_RETURN(const bool taken,
                         Settle(connection, notice, "due_at = ?, attempts = attempts + 1", {until}));
  if (taken) ++notice.attempts;
  return taken;
}

absl::StatusOr<bool> SettleSent(db::Connection& connection, const DueNotice& notice, absl::Time now) {
  return Settle(connection, notice, "state = 2, due_at = NULL, sent_at = ?, last_error = ''", {now});
}

absl::StatusOr<bool> SettleFailed(db::Connection& connection, const DueNotice& notice, absl::Time due_at,
                                  absl::string_view error) {
  ZHUQI_ASSIGN_OR_RETURN(const bool held, Settle(connection, notice, "due_at = ?, last_error = ?",
                                                 {due_at, rpc::BoundedText(error, kMostErrorBytes)}));
  if (!held) return false;
  // They wait for this one anyway: left due, they would be passed over at every look at what is due.
  ZHUQI_RETURN_IF_ERROR(
      connection
          .Execute("UPDATE notices SET due_at = ? WHERE case_id = ? AND state = 1 AND due_at < ?",
                   {due_at, notice.case_id, due_at})
          .status());
  return true;
}

absl::StatusOr<bool> SettleDead(db::Connection& connection, const DueNotice& notice,
                                absl::string_view error) {
  return Settle(connection, notice, "state = 3, due_at = NULL, last_error = ?",
                {rpc::BoundedText(error, kMostErrorBytes)});
}

absl::StatusOr<ReplayedNotices> ReplayNamed(db::Connection& connection, const std::vector<Uuid>& notice_ids,
                                            absl::Time now) {
  ReplayedNotices result;
  for (const Uuid& id : notice_ids) {
    ZHUQI_ASSIGN_OR_RETURN(
        const int64_t rows,
        connection.Execute(
            "UPDATE notices SET state = 1, due_at = ?, attempts_before = attempts, sent_at = NULL "
            "WHERE notice_id = ? AND state IN (2, 3)",
            {now, id}));
    result.replayed += rows;
    if (rows > 0) continue;
    ZHUQI_ASSIGN_OR_RETURN(const bool pending, IsNotice(connection, id));
    if (!pending) result.unknown.push_back(id);
  }
  return result;
}

absl::StatusOr<int64_t> ReplayDead(db::Connection& connection, absl::Time now, int limit) {
  return connection.Execute(
      "UPDATE notices SET state = 1, due_at = ?, attempts_before = attempts WHERE state = 3 ORDER BY "
      "notice_id "
      "LIMIT ?",
      {now, limit});
}

absl::StatusOr<int64_t> CountNotices(db::Connection& connection, v1::NoticeState state, int most) {
  int64_t count = 0;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query("SELECT COUNT(*) FROM (SELECT 1 FROM notices WHERE state = ? LIMIT ?) counted",
                       {static_cast<int>(state), most}, [&](db::Row& row) {
                         count = row.Int64(0);
                         return absl::OkStatus();
                       }));
  return count;
}

absl::StatusOr<int64_t> PurgeNotices(db::Connection& connection, absl::Time before, int limit) {
  int64_t purged = 0;
  for (const v1::NoticeState state : {v1::NOTICE_STATE_SENT, v1::NOTICE_STATE_DEAD}) {
    ZHUQI_ASSIGN_OR_RETURN(
        const int64_t rows,
        connection.Execute("DELETE FROM notices WHERE state = ? AND notice_id < ? ORDER BY notice_id LIMIT ?",
                           {static_cast<int>(state), FirstIdOf(before), limit}));
    purged += rows;
  }
  return purged;
}

absl::StatusOr<std::vector<v1::Notice>> SelectNotices(db::Connection& connection, const NoticeFilter& filter,
                                                      int limit) {
  std::string sql =
      "SELECT notice_id, case_id, sequence, type, body, state, due_at, attempts, last_error, recorded_at, "
      "sent_at "
      "FROM notices WHERE TRUE";
  db::Values values;
  const auto add = [&](absl::string_view condition, db::Value value) {
    absl::StrAppend(&sql, " AND ", condition, " ?");
    values.push_back(std::move(value));
  };
  if (filter.state != v1::NOTICE_STATE_UNSPECIFIED) add("state =", static_cast<int>(filter.state));
  if (filter.case_id.has_value()) add("case_id =", *filter.case_id);
  if (filter.before.has_value()) add("notice_id <", *filter.before);
  absl::StrAppend(&sql, " ORDER BY notice_id DESC LIMIT ?");
  values.push_back(limit);
  std::vector<v1::Notice> notices;
  ZHUQI_RETURN_IF_ERROR(connection.Query(sql, values, [&](db::Row& row) {
    notices.push_back(NoticeFrom(row));
    return absl::OkStatus();
  }));
  return notices;
}

}  // namespace zhuqi::routing
