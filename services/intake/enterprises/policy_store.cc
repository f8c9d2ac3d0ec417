#include "services/intake/enterprises/policy_store.h"

#include "common/base/status_macros.h"
#include "common/db/multi_row.h"
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::intake {
namespace {

using Deliveries = absl::flat_hash_map<std::pair<std::string, std::string>, std::vector<Delivery>>;

// Columns: credit code, policy, record, day, body.
absl::Status TakeDelivery(db::Row& row, Deliveries& deliveries) {
  v1::RecordSubmission submission;
  if (!submission.ParseFromString(row.Text(4))) return absl::DataLossError("a stored record can not be read");
  Delivery delivery;
  delivery.record_id = row.ReadUuid(2).ToString();
  delivery.on = row.Day(3);
  delivery.outcome = submission.policy_delivery().outcome();
  delivery.granted_fen = submission.policy_delivery().granted().fen();
  deliveries[{row.Text(0), row.Text(1)}].push_back(std::move(delivery));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DeliverySummaries> ReadDeliveries(db::Connection& connection,
                                                 const std::vector<std::string>& usccs,
                                                 const std::string& policy_id) {
  constexpr int kKind = v1::RECORD_KIND_POLICY_DELIVERY;
  constexpr absl::string_view kAnyPolicy =
      "SELECT e.uscc, e.policy_id, e.record_id, e.on_date, r.body FROM record_enterprises e JOIN records r "
      "ON "
      "r.record_id = e.record_id WHERE e.policy_id <> '' AND (e.uscc, e.kind) IN";
  constexpr absl::string_view kOnePolicy =
      "SELECT e.uscc, e.policy_id, e.record_id, e.on_date, r.body FROM record_enterprises e JOIN records r "
      "ON "
      "r.record_id = e.record_id WHERE (e.uscc, e.kind, e.policy_id) IN";
  const bool any = policy_id.empty();
  std::vector<db::Values> keys;
  keys.reserve(usccs.size());
  for (const std::string& uscc : usccs) {
    keys.push_back(any ? db::Values{uscc, kKind} : db::Values{uscc, kKind, policy_id});
  }
  Deliveries deliveries;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(connection, any ? kAnyPolicy : kOnePolicy, any ? 2 : 3, keys,
                                         [&](db::Row& row) { return TakeDelivery(row, deliveries); }));
  DeliverySummaries summaries;
  summaries.reserve(deliveries.size());
  for (const auto& [key, of_policy] : deliveries) summaries[key] = Summarise(of_policy);
  return summaries;
}

}  // namespace zhuqi::intake
