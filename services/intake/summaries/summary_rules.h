// What a monthly summary may become: sent, returned, sent again, accepted. Pure: the time is an argument.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_RULES_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_RULES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/feed/append.h"
#include "services/intake/summaries/summary_key.h"
#include "zhuqi/directory/v1/directory.pb.h"
#include "zhuqi/feed/v1/facts.pb.h"
#include "zhuqi/intake/v1/summary.pb.h"
#include "zhuqi/intake/v1/summary_service.pb.h"

namespace zhuqi::intake {

// An obligation and the summary that meets it, as it is stored.
struct StoredSummary {
  v1::MonthlySummary summary;  // without its etag, which follows from `sequence`
  int32_t returned_count = 0;
  std::string waiver_reason;  // why it is WAIVED; empty otherwise
  int64_t sequence = 0;       // counts every change from 1
  int32_t partition = 0;      // of the feed; stays when the unit moves
};

SummaryKey KeyOf(const StoredSummary& stored);
std::string EtagOf(const StoredSummary& stored);
// As the contract shows it.
v1::MonthlySummary Shown(const StoredSummary& stored);
// As the feed carries it.
feed::v1::SummaryFacts FactsOf(const StoredSummary& stored);
// The event of a change; `before` is null for a new obligation.
feed::OutgoingEvent EventOf(const StoredSummary* before, const StoredSummary& after,
                            int64_t directory_sequence);

// The request without surrounding white space and with derivations filled in, or InvalidArgument with all
// that is wrong with it whatever the form asks for. The month has begun, and nothing is dated later than
// `now`.
absl::StatusOr<v1::SubmitSummaryRequest> CheckSubmission(const v1::SubmitSummaryRequest& request,
                                                         absl::Time now);
absl::StatusOr<v1::ReviewSummaryRequest> CheckReview(const v1::ReviewSummaryRequest& request, absl::Time now);

// The summary after a checked submission; the same `sequence` when it says what is in force already. A first
// revision may be sent in any state. Errors: InvalidArgument ETAG_REQUIRED and for cells that the form does
// not ask for, Aborted ETAG_MISMATCH.
absl::StatusOr<StoredSummary> Submit(const StoredSummary& current, const directory::v1::SummaryForm& form,
                                     const v1::SubmitSummaryRequest& request, absl::Time now);

// The summary after a checked review. Errors: FailedPrecondition REVISION_SUPERSEDED, DIGEST_MISMATCH, and
// ILLEGAL_TRANSITION with metadata "state" and "allowed"; InvalidArgument for a revision that never was, or a
// time before the revision was sent.
absl::StatusOr<StoredSummary> Review(const StoredSummary& current, const v1::ReviewSummaryRequest& request,
                                     absl::string_view reviewer, absl::Time now);

// SHA-256, in hexadecimal, over whose summary it is, its cells and its words. The same content has the same
// digest on every machine and in every version of this program: reviews name it.
std::string SummaryDigest(const v1::MonthlySummary& summary);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_RULES_H_
