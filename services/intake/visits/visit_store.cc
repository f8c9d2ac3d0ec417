#include "services/intake/visits/visit_store.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/db/errors.h"
#include "common/db/multi_row.h"
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::intake {
namespace {

constexpr char kPlanColumns[] = "plan_id, body, sequence, decided_through";
constexpr char kQuotaColumns[] = "month, waiver_reason, body";
// Rows of visits that are in memory at once.
constexpr int kVisitedAtOnce = 20000;

// Another replica was first: run the whole transaction again, which then sees what the other wrote.
absl::Status AbortedIfDuplicate(const absl::Status& status) {
  return db::DuplicateKey(status) ? absl::AbortedError("another replica wrote this first") : status;
}

absl::StatusOr<v1::VisitPlan> ParsePlan(const std::string& body) {
  v1::VisitPlan plan;
  if (!plan.ParseFromString(body)) return absl::DataLossError("a stored visit plan can not be read");
  return plan;
}

absl::StatusOr<StoredPlan> ToPlan(db::Row& row) {
  StoredPlan stored;
  ZHUQI_ASSIGN_OR_RETURN(stored.plan, ParsePlan(row.Text(1)));
  stored.sequence = row.Int64(2);
  const std::optional<absl::CivilDay> decided = row.OptionalDay(3);
  if (decided.has_value()) stored.decided_through = absl::CivilMonth(*decided);
  return stored;
}

absl::StatusOr<StoredQuota> ToQuota(db::Row& row) {
  StoredQuota quota;
  quota.month = absl::CivilMonth(row.Day(0));
  quota.waiver_reason = row.Text(1);
  ZHUQI_ASSIGN_OR_RETURN(quota.plan, ParsePlan(row.Text(2)));
  return quota;
}

absl::StatusOr<std::map<std::string, StoredPlan>> ReadPlansBy(db::Connection& connection,
                                                              std::vector<std::string> plan_ids,
                                                              absl::string_view suffix) {
  std::sort(plan_ids.begin(), plan_ids.end());
  plan_ids.erase(std::unique(plan_ids.begin(), plan_ids.end()), plan_ids.end());
  std::vector<db::Values> keys;
  for (std::string& id : plan_ids) keys.push_back({std::move(id)});
  std::map<std::string, StoredPlan> plans;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection, absl::StrCat("SELECT ", kPlanColumns, " FROM visit_plans WHERE plan_id IN"), 1, keys,
      [&](db::Row& row) -> absl::Status {
        ZHUQI_ASSIGN_OR_RETURN(plans[row.Text(0)], ToPlan(row));
        return absl::OkStatus();
      },
      suffix));
  return plans;
}

absl::StatusOr<std::vector<StoredPlan>> ReadPlanList(db::Connection& connection, const std::string& rest,
                                                     const db::Values& values) {
  std::vector<StoredPlan> plans;
  ZHUQI_RETURN_IF_ERROR(connection.Query(absl::StrCat("SELECT ", kPlanColumns, " FROM visit_plans ", rest),
                                         values, [&](db::Row& row) -> absl::Status {
                                           ZHUQI_ASSIGN_OR_RETURN(StoredPlan plan, ToPlan(row));
                                           plans.push_back(std::move(plan));
                                           return absl::OkStatus();
                                         }));
  return plans;
}

absl::StatusOr<std::vector<StoredQuota>> ReadQuotaList(db::Connection& connection, const std::string& rest,
                                                       const db::Values& values) {
  std::vector<StoredQuota> quotas;
  ZHUQI_RETURN_IF_ERROR(connection.Query(absl::StrCat("SELECT ", kQuotaColumns, " FROM visit_quotas ", rest),
                                         values, [&](db::Row& row) -> absl::Status {
                                           ZHUQI_ASSIGN_OR_RETURN(StoredQuota quota, ToQuota(row));
                                           quotas.push_back(std::move(quota));
                                           return absl::OkStatus();
                                         }));
  return quotas;
}

absl::Status WritePlans(db::Transaction& transaction, const Plans& plans, absl::Time now,
                        absl::string_view suffix) {
  db::MultiRowInsert insert(
      "visit_plans", {"plan_id", "org_unit_id", "decided_through", "sequence", "updated_at", "body"}, suffix);
  for (const auto& [id, stored] : plans) {
    std::optional<absl::CivilDay> decided;
    if (stored.decided_through.has_value()) decided = absl::CivilDay(*stored.decided_through);
    insert.Add(
        {id, stored.plan.org_unit_id(), decided, stored.sequence, now, stored.plan.SerializeAsString()});
  }
  return insert.Run(transaction.connection()).status();
}

// " AND org_unit_id IN (?,…)", or nothing for all units.
std::string AndUnits(const std::vector<std::string>& org_unit_ids, db::Values& values) {
  if (org_unit_ids.empty()) return "";
  for (const std::string& id : org_unit_ids) values.emplace_back(id);
  const std::vector<absl::string_view> places(org_unit_ids.size(), "?");
  return absl::StrCat(" AND org_unit_id IN (", absl::StrJoin(places, ","), ")");
}

}  // namespace

absl::StatusOr<std::map<std::string, StoredPlan>> LockPlans(db::Transaction& transaction,
                                                            const std::vector<std::string>& plan_ids) {
  return ReadPlansBy(transaction.connection(), plan_ids, " ORDER BY plan_id FOR UPDATE");
}

absl::StatusOr<std::map<std::string, StoredPlan>> ReadPlans(db::Connection& connection,
                                                            const std::vector<std::string>& plan_ids) {
  return ReadPlansBy(connection, plan_ids, "");
}

absl::StatusOr<std::vector<StoredPlan>> LockUndecidedPlans(db::Transaction& transaction,
                                                           absl::CivilMonth month, const std::string& after,
                                                           int limit) {
  return ReadPlanList(
      transaction.connection(),
      "WHERE plan_id > ? AND (decided_through IS NULL OR decided_through < ?) ORDER BY plan_id "
      "LIMIT ? FOR UPDATE",
      {after, absl::CivilDay(month), limit});
}

absl::Status InsertPlans(db::Transaction& transaction, const Plans& plans, absl::Time now) {
  return AbortedIfDuplicate(WritePlans(transaction, plans, now, ""));
}

absl::Status UpdatePlans(db::Transaction& transaction, const Plans& plans, absl::Time now) {
  return WritePlans(
      transaction, plans, now,
      "ON DUPLICATE KEY UPDATE org_unit_id = VALUES(org_unit_id), decided_through = "
      "VALUES(decided_through), sequence = VALUES(sequence), updated_at = VALUES(updated_at), body = "
      "VALUES(body)");
}

absl::Status InsertQuotas(db::Transaction& transaction, const std::vector<StoredQuota>& quotas,
                          absl::Time now) {
  std::vector<const StoredQuota*> sorted;
  for (const StoredQuota& quota : quotas) sorted.push_back(&quota);
  std::sort(sorted.begin(), sorted.end(), [](const StoredQuota* left, const StoredQuota* right) {
    return std::make_pair(left->plan.plan_id(), left->month) <
           std::make_pair(right->plan.plan_id(), right->month);
  });
  db::MultiRowInsert insert("visit_quotas", {"plan_id", "month", "org_unit_id", "waiver_reason", "waived_by",
                                             "made_at", "updated_at", "body"});
  for (const StoredQuota* quota : sorted) {
    insert.Add({quota->plan.plan_id(), absl::CivilDay(quota->month), quota->plan.org_unit_id(), "", "", now,
                now, quota->plan.SerializeAsString()});
  }
  return AbortedIfDuplicate(insert.Run(transaction.connection()).status());
}

absl::StatusOr<std::vector<StoredPlan>> ListPlans(db::Connection& connection,
                                                  const std::vector<std::string>& org_unit_ids,
                                                  const std::string& after, int limit) {
  db::Values values = {after};
  const std::string units = AndUnits(org_unit_ids, values);
  values.emplace_back(limit);
  return ReadPlanList(connection, absl::StrCat("WHERE plan_id > ?", units, " ORDER BY plan_id LIMIT ?"),
                      values);
}

absl::StatusOr<std::vector<StoredQuota>> ListQuotas(db::Connection& connection, const QuotaFilter& filter,
                                                    const std::optional<QuotaKey>& after, int limit) {
  db::Values values;
  std::string rest = "WHERE TRUE";
  const auto add = [&](absl::string_view condition, std::initializer_list<db::Value> bound) {
    absl::StrAppend(&rest, " AND ", condition);
    values.insert(values.end(), bound.begin(), bound.end());
  };
  if (!filter.plan_id.empty()) add("plan_id = ?", {filter.plan_id});
  if (filter.first_month.has_value()) add("month >= ?", {absl::CivilDay(*filter.first_month)});
  if (filter.last_month.has_value()) add("month <= ?", {absl::CivilDay(*filter.last_month)});
  if (after.has_value()) {
    const absl::CivilDay month(after->second);
    add("month <= ? AND (month < ? OR plan_id > ?)", {month, month, after->first});
  }
  absl::StrAppend(&rest, AndUnits(filter.org_unit_ids, values), " ORDER BY month DESC, plan_id LIMIT ?");
  values.emplace_back(limit);
  return ReadQuotaList(connection, rest, values);
}

absl::StatusOr<std::optional<StoredQuota>> LockQuota(db::Transaction& transaction, const QuotaKey& key) {
  ZHUQI_ASSIGN_OR_RETURN(std::vector<StoredQuota> quotas,
                         ReadQuotaList(transaction.connection(), "WHERE plan_id = ? AND month = ? FOR UPDATE",
                                       {key.first, absl::CivilDay(key.second)}));
  if (quotas.empty()) return std::optional<StoredQuota>();
  return std::make_optional(std::move(quotas.front()));
}

absl::Status SetWaiver(db::Transaction& transaction, const QuotaKey& key, const std::string& reason,
                       const std::string& actor, absl::Time now) {
  return transaction
      .Execute(
          "UPDATE visit_quotas SET waiver_reason = ?, waived_by = ?, updated_at = ? WHERE plan_id = ? AND "
          "month = ?",
          {reason, reason.empty() ? "" : actor, now, key.first, absl::CivilDay(key.second)})
      .status();
}

absl::Status ForEachVisited(db::Connection& connection, absl::CivilDay first, absl::CivilDay last,
                            const std::vector<std::string>& org_unit_ids,
                            absl::FunctionRef<void(const VisitedEnterprise&)> each) {
  VisitedEnterprise row_before{first, "", Uuid(), "", "", ""};  // before all rows of the first day
  for (int rows = kVisitedAtOnce; rows == kVisitedAtOnce;) {
    db::Values values = {row_before.on,        last,           row_before.on, row_before.org_unit_id,
                         row_before.record_id, row_before.uscc};
    const std::string units = AndUnits(org_unit_ids, values);
    rows = 0;
    ZHUQI_RETURN_IF_ERROR(connection.Query(
        absl::StrCat(
            "SELECT on_date, org_unit_id, record_id, uscc, team_id, department_id FROM "
            "visited_enterprises WHERE on_date BETWEEN ? AND ? AND (on_date, org_unit_id, record_id, "
            "uscc) > (?, ?, ?, ?)",
            units, " ORDER BY on_date, org_unit_id, record_id, uscc LIMIT ", kVisitedAtOnce),
        values, [&](db::Row& row) {
          row_before = {row.Day(0), row.Text(1), row.ReadUuid(2), row.Text(3), row.Text(4), row.Text(5)};
          each(row_before);
          ++rows;
          return absl::OkStatus();
        }));
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::flat_hash_map<std::string, std::vector<absl::CivilDay>>> ReadIssueDays(
    db::Connection& connection, const std::vector<std::string>& usccs, absl::CivilDay since) {
  std::vector<db::Values> keys;
  keys.reserve(usccs.size());
  for (const std::string& uscc : usccs) keys.push_back({uscc, static_cast<int>(v1::RECORD_KIND_ISSUE)});
  absl::flat_hash_map<std::string, std::vector<absl::CivilDay>> days;
  ZHUQI_RETURN_IF_ERROR(
      db::SelectByKeys(connection,
                       absl::StrCat("SELECT uscc, on_date FROM record_enterprises WHERE on_date >= '",
                                    absl::FormatCivilTime(since), "' AND (uscc, kind) IN"),
                       2, keys, [&](db::Row& row) {
                         days[row.Text(0)].push_back(row.Day(1));
                         return absl::OkStatus();
                       }));
  return days;
}

}  // namespace zhuqi::intake
