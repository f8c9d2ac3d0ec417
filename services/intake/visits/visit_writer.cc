#include "services/intake/visits/visit_writer.h"

#include <utility>
#include <vector>

#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/feed/append.h"
#include "common/feed/first_answers.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "services/intake/visits/plan_rules.h"
#include "services/intake/visits/quota_tally.h"
#include "services/intake/visits/visit_store.h"

namespace zhuqi::intake {
namespace {

std::vector<std::string> IdsOf(const v1::ApplyVisitPlansRequest& request) {
  std::vector<std::string> ids;
  for (const v1::VisitPlan& plan : request.plans()) ids.push_back(plan.plan_id());
  return ids;
}

v1::ApplyVisitPlansResponse ResponseOf(PlanChanges& changes) {
  v1::ApplyVisitPlansResponse response;
  for (v1::VisitPlan& plan : changes.shown) *response.add_plans() = std::move(plan);
  return response;
}

// What any replica must have read to find what was written. Plans and quotas are in no feed and are read from
// the database that they were written to; but whose they are is asked of the directory, which each replica
// has for itself, and none may know less of it than the plan rests on.
absl::StatusOr<std::string> TokenOfDirectory(db::Connection& connection) {
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<common::v1::FeedPosition> heads, feed::ReadHeads(connection));
  std::vector<common::v1::FeedPosition> positions;
  for (const common::v1::FeedPosition& head : heads) {
    if (head.partition() != feed::kDirectoryPartition || head.sequence() == 0) continue;
    positions.push_back(feed::Position("intake", head.partition(), head.sequence()));
  }
  return feed::MakeToken(positions);
}

absl::Status Remember(db::Transaction& transaction, feed::FirstAnswers& answers, const Uuid& request_id,
                      absl::string_view method, const std::string& digest, std::string response,
                      absl::Time now) {
  answers.Remember(request_id, method, digest, std::move(response), now);
  return answers.Store(transaction);
}

}  // namespace

absl::StatusOr<db::ChangeOutcome<v1::ApplyVisitPlansResponse>> WritePlans(
    db::Transaction& transaction, const Directory& directory, const v1::ApplyVisitPlansRequest& request,
    const Uuid& request_id, const std::string& digest, absl::Time now) {
  using Outcome = db::ChangeOutcome<v1::ApplyVisitPlansResponse>;
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers, feed::FirstAnswers::Load(transaction, {request_id}));
  if (answers.IsNew(request_id)) {
    ZHUQI_ASSIGN_OR_RETURN(const Plans known, LockPlans(transaction, IdsOf(request)));
    absl::StatusOr<PlanChanges> changes = ChangePlans(request.plans(), known, directory, CityDay(now));
    if (!changes.ok()) return Outcome::Of(changes.status());
    ZHUQI_RETURN_IF_ERROR(InsertPlans(transaction, changes->created, now));
    ZHUQI_RETURN_IF_ERROR(UpdatePlans(transaction, changes->changed, now));
    ZHUQI_RETURN_IF_ERROR(InsertQuotas(transaction, changes->quotas, now));
    v1::ApplyVisitPlansResponse response = ResponseOf(*changes);
    ZHUQI_ASSIGN_OR_RETURN(*response.mutable_consistency_token(), TokenOfDirectory(transaction.connection()));
    ZHUQI_RETURN_IF_ERROR(Remember(transaction, answers, request_id, "VisitPlanService.ApplyVisitPlans",
                                   digest, response.SerializeAsString(), now));
  }
  return Outcome::Of(answers.Answer<v1::ApplyVisitPlansResponse>(request_id, digest));
}

absl::StatusOr<v1::ApplyVisitPlansResponse> PreviewPlans(db::Connection& connection,
                                                         const Directory& directory,
                                                         const v1::ApplyVisitPlansRequest& request,
                                                         absl::Time now) {
  ZHUQI_ASSIGN_OR_RETURN(const Plans known, ReadPlans(connection, IdsOf(request)));
  ZHUQI_ASSIGN_OR_RETURN(PlanChanges changes, ChangePlans(request.plans(), known, directory, CityDay(now)));
  return ResponseOf(changes);
}

absl::StatusOr<v1::WaiveVisitQuotaResponse> WriteWaiver(db::Transaction& transaction,
                                                        const Directory& directory,
                                                        const v1::WaiveVisitQuotaRequest& request,
                                                        const Uuid& request_id, const std::string& digest,
                                                        const std::string& actor, absl::Time now) {
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers, feed::FirstAnswers::Load(transaction, {request_id}));
  if (answers.IsNew(request_id)) {
    const QuotaKey key(request.plan_id(), CivilMonthFrom(request.month()).value_or(absl::CivilMonth()));
    ZHUQI_ASSIGN_OR_RETURN(std::optional<StoredQuota> quota, LockQuota(transaction, key));
    if (!quota.has_value()) {
      return rpc::Error(absl::StatusCode::kNotFound, "QUOTA_UNKNOWN", "the plan owes no visits for the month",
                        "该计划当月没有应走访任务");
    }
    quota->waiver_reason = request.reason();
    ZHUQI_RETURN_IF_ERROR(SetWaiver(transaction, key, request.reason(), actor, now));
    ZHUQI_ASSIGN_OR_RETURN(const std::vector<VisitTally> tallies,
                           CountVisits(transaction.connection(), directory, {*quota}));
    v1::WaiveVisitQuotaResponse response;
    *response.mutable_quota() = Shown(*quota, tallies.front(), directory, CityDay(now));
    ZHUQI_ASSIGN_OR_RETURN(*response.mutable_consistency_token(), TokenOfDirectory(transaction.connection()));
    ZHUQI_RETURN_IF_ERROR(Remember(transaction, answers, request_id, "VisitPlanService.WaiveVisitQuota",
                                   digest, response.SerializeAsString(), now));
  }
  return answers.Answer<v1::WaiveVisitQuotaResponse>(request_id, digest);
}

}  // namespace zhuqi::intake
