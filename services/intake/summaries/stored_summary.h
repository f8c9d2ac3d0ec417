// An obligation and the summary that meets it: what is stored, what callers see of it, what the feed carries.
// Pure.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_STORED_SUMMARY_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_STORED_SUMMARY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/feed/append.h"
#include "services/intake/summaries/summary_key.h"
#include "zhuqi/feed/v1/facts.pb.h"
#include "zhuqi/intake/v1/summary.pb.h"
#include "zhuqi/intake/v1/summary_service.pb.h"

namespace zhuqi::intake {

struct StoredSummary {
  // Without etag and locks_at: the one follows from `sequence`, the other from the period.
  v1::MonthlySummary summary;
  int32_t returned_count = 0;
  int64_t sequence = 0;   // counts every change from 1
  int32_t partition = 0;  // of the feed; stays when the unit moves
  // NextReminderAt by the directory that it was written with; what finds it. Not read for its history.
  std::optional<absl::Time> remind_at;
};

SummaryKey KeyOf(const StoredSummary& stored);
// Reminders do not change it: nobody has to read again what only the clock did.
std::string EtagOf(const StoredSummary& stored);
// What a request with another etag is answered.
absl::Status EtagMismatch(const StoredSummary& current);
// As the contract shows it. `period` may be null: then nothing is said of the lock.
v1::MonthlySummary Shown(const StoredSummary& stored, const v1::Period* period);

// The unit has to act: nothing has come, or it was returned.
bool IsOpen(v1::SummaryState state);
// What was reported counts: it was sent and not returned.
bool Counts(v1::SummaryState state);

// When it is to be sent first: the due date, or what it was extended to.
absl::Time DueWithExtension(const v1::MonthlySummary& summary);
// Whether it was due before anybody was asked for it: only then does a sender's own time say what was in
// time.
bool IsHistory(const v1::MonthlySummary& summary);
// Whether a first revision of `at` is late. An extension that was kept makes it timely; one that lapsed does
// nothing.
bool IsLate(const v1::MonthlySummary& summary, absl::Time at);
// The day that counts while the unit has to act, or would have if it were not waived: of what was sent, the
// end of the time to send it again.
absl::Time ClockOf(const v1::MonthlySummary& summary);
// By when the unit has to act; absent while it has not to.
std::optional<absl::Time> ActBy(const v1::MonthlySummary& summary);

// As the feed carries it.
feed::v1::SummaryFacts FactsOf(const StoredSummary& stored);
// The event of a change; `before` is null for a new obligation.
feed::OutgoingEvent EventOf(const StoredSummary* before, const StoredSummary& after,
                            int64_t directory_sequence);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_STORED_SUMMARY_H_
