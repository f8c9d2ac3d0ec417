#include "services/intake/summaries/period_writer.h"

#include <vector>

#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/feed/append.h"
#include "common/feed/first_answers.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "services/intake/summaries/period_store.h"

namespace zhuqi::intake {
namespace {

absl::Status PeriodUnknown() {
  return rpc::Error(absl::StatusCode::kNotFound, "PERIOD_UNKNOWN", "the form's month was not opened",
                    "该报表的该月尚未开启");
}

absl::StatusOr<StoredPeriod> LockOne(db::Transaction& transaction, const PeriodKey& key) {
  ZHUQI_ASSIGN_OR_RETURN(Periods periods, LockPeriods(transaction, {key}));
  if (periods.empty()) return PeriodUnknown();
  return std::move(periods.begin()->second);
}

absl::StatusOr<v1::Period> Shown(db::Connection& connection, const StoredPeriod& period, absl::Time now) {
  ZHUQI_ASSIGN_OR_RETURN(auto counts, CountObligations(connection, {period}));
  return intake::Shown(period, counts[KeyOf(period)], now);
}

// Everything that was in the feed at this moment, the new obligations among it. A lock itself stands in no
// feed: whoever reads it reads the database, which has it.
absl::StatusOr<std::string> TokenOfHeads(db::Connection& connection) {
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<common::v1::FeedPosition> heads, feed::ReadHeads(connection));
  std::vector<common::v1::FeedPosition> positions;
  for (const common::v1::FeedPosition& head : heads) {
    if (head.sequence() > 0) positions.push_back(feed::Position("intake", head.partition(), head.sequence()));
  }
  return feed::MakeToken(positions);
}

}  // namespace

absl::StatusOr<v1::LockPeriodResponse> WriteLock(db::Transaction& transaction,
                                                 const v1::LockPeriodRequest& checked,
                                                 const PeriodRequest& request) {
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers,
                         feed::FirstAnswers::Load(transaction, {request.request_id}));
  if (answers.IsNew(request.request_id)) {
    const PeriodKey key(checked.form_id(), CivilMonthFrom(checked.month()).value_or(absl::CivilMonth()));
    ZHUQI_ASSIGN_OR_RETURN(const StoredPeriod current, LockOne(transaction, key));
    const absl::Time now = request.clock->Now();
    ZHUQI_ASSIGN_OR_RETURN(const StoredPeriod after, DecideLock(current, checked, request.actor, now));
    ZHUQI_RETURN_IF_ERROR(UpdatePeriod(transaction, after, now));
    v1::LockPeriodResponse response;
    ZHUQI_ASSIGN_OR_RETURN(*response.mutable_period(), Shown(transaction.connection(), after, now));
    ZHUQI_ASSIGN_OR_RETURN(*response.mutable_consistency_token(), TokenOfHeads(transaction.connection()));
    answers.Remember(request.request_id, "SummaryService.LockPeriod", request.digest,
                     response.SerializeAsString(), now);
    ZHUQI_RETURN_IF_ERROR(answers.Store(transaction));
  }
  return answers.Answer<v1::LockPeriodResponse>(request.request_id, request.digest);
}

absl::StatusOr<v1::OpenPeriodResponse> WriteOpening(db::Transaction& transaction, const PeriodKey& key,
                                                    int32_t created, const PeriodRequest& request) {
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers,
                         feed::FirstAnswers::Load(transaction, {request.request_id}));
  if (answers.IsNew(request.request_id)) {
    ZHUQI_ASSIGN_OR_RETURN(const StoredPeriod period, LockOne(transaction, key));
    const absl::Time now = request.clock->Now();
    v1::OpenPeriodResponse response;
    ZHUQI_ASSIGN_OR_RETURN(*response.mutable_period(), Shown(transaction.connection(), period, now));
    response.set_created(created);
    ZHUQI_ASSIGN_OR_RETURN(*response.mutable_consistency_token(), TokenOfHeads(transaction.connection()));
    answers.Remember(request.request_id, "SummaryService.OpenPeriod", request.digest,
                     response.SerializeAsString(), now);
    ZHUQI_RETURN_IF_ERROR(answers.Store(transaction));
  }
  return answers.Answer<v1::OpenPeriodResponse>(request.request_id, request.digest);
}

}  // namespace zhuqi::intake
