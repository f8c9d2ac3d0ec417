// All SQL on the outbox of notices.
//
// A sender takes a due notice by a conditional update of `attempts`, which counts every try: of two senders
// that saw the same row, one finds it changed. What it took is not due again before its claim ends, and it
// settles only what it still holds.
#ifndef ZHUQI_SERVICES_ROUTING_NOTICES_NOTICE_STORE_H_
#define ZHUQI_SERVICES_ROUTING_NOTICES_NOTICE_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/connection.h"
#include "zhuqi/routing/v1/notice.pb.h"
#include "zhuqi/routing/v1/obligation_notice.pb.h"

namespace zhuqi::routing {

// Whether what happens to cases is put into the outbox: it is when a webhook is configured.
enum class Outbox { kOff, kOn };

// Puts `events` into the outbox, due at once. In the transaction of what they tell of, before feed::Append.
absl::Status AppendNotices(db::Connection& connection, absl::Time recorded_at,
                           const std::vector<v1::NoticeEvent>& events);
// The same for what tells of obligations.
absl::Status AppendNotices(db::Connection& connection, absl::Time recorded_at,
                           const std::vector<v1::ObligationNoticeEvent>& events);

// A notice that is to be tried.
struct DueNotice {
  Uuid notice_id;
  Uuid case_id;
  std::string body;
  int64_t attempts = 0;
  // Of these, before the last replay.
  int64_t attempts_before = 0;

  int tries() const { return static_cast<int>(attempts - attempts_before); }
};

// Due notices, the longest due first, at most `limit`. Of each case only the first that is pending: its
// events are sent in order.
absl::StatusOr<std::vector<DueNotice>> FindDueNotices(db::Connection& connection, absl::Time now, int limit);

// Takes `notice` until `until`, and counts the try. False: another sender has it.
absl::StatusOr<bool> ClaimNotice(db::Connection& connection, DueNotice& notice, absl::Time until);

// The receiver took it. False, here and below: the claim was over, and somebody else has it.
absl::StatusOr<bool> SettleSent(db::Connection& connection, const DueNotice& notice, absl::Time now);
// To be tried again at `due_at`; the case's later ones are not looked at before, either.
absl::StatusOr<bool> SettleFailed(db::Connection& connection, const DueNotice& notice, absl::Time due_at,
                                  absl::string_view error);
// Given up: the case's later ones are sent.
absl::StatusOr<bool> SettleDead(db::Connection& connection, const DueNotice& notice, absl::string_view error);

// Sends again at once those named that were given up or sent.
struct ReplayedNotices {
  int64_t replayed = 0;
  std::vector<Uuid> unknown;  // of those named, what is no notice
};
absl::StatusOr<ReplayedNotices> ReplayNamed(db::Connection& connection, const std::vector<Uuid>& notice_ids,
                                            absl::Time now);
// All that were given up, oldest first, at most `limit`. The number of them.
absl::StatusOr<int64_t> ReplayDead(db::Connection& connection, absl::Time now, int limit);

// How many are in `state`, counted up to `most`.
absl::StatusOr<int64_t> CountNotices(db::Connection& connection, v1::NoticeState state, int most);

// Deletes those recorded before `before` that were sent or given up, at most `limit` of each. The number.
absl::StatusOr<int64_t> PurgeNotices(db::Connection& connection, absl::Time before, int limit);

struct NoticeFilter {
  v1::NoticeState state = v1::NOTICE_STATE_UNSPECIFIED;
  std::optional<Uuid> case_id;
  // Only those recorded before this one.
  std::optional<Uuid> before;
};

// Newest first, at most `limit`.
absl::StatusOr<std::vector<v1::Notice>> SelectNotices(db::Connection& connection, const NoticeFilter& filter,
                                                      int limit);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_NOTICES_NOTICE_STORE_H_
