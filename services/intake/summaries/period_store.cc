#include "services/intake/summaries/period_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/db/errors.h"
#include "common/db/multi_row.h"

namespace zhuqi::intake {
namespace {

constexpr char kColumns[] = "body, lock_provisional";

absl::StatusOr<StoredPeriod> ToStored(db::Row& row) {
  StoredPeriod stored;
  if (!stored.period.ParseFromString(row.Text(0)))
    return absl::DataLossError("a stored period can not be read");
  stored.lock_provisional = row.Bool(1);
  return stored;
}

absl::StatusOr<Periods> ReadKeys(db::Connection& connection, const std::set<PeriodKey>& keys,
                                 absl::string_view suffix) {
  std::vector<db::Values> values;
  values.reserve(keys.size());
  for (const auto& [form_id, month] : keys) values.push_back({form_id, absl::CivilDay(month)});
  Periods found;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection, absl::StrCat("SELECT ", kColumns, " FROM summary_periods WHERE (form_id, month) IN"), 2,
      values,
      [&](db::Row& row) -> absl::Status {
        ZHUQI_ASSIGN_OR_RETURN(StoredPeriod stored, ToStored(row));
        const PeriodKey key = KeyOf(stored);
        found.insert_or_assign(key, std::move(stored));
        return absl::OkStatus();
      },
      suffix));
  return found;
}

}  // namespace

const v1::Period* FindPeriod(const Periods& periods, const SummaryKey& key) {
  const auto found = periods.find({key.form_id, key.month});
  return found == periods.end() ? nullptr : &found->second.period;
}

absl::StatusOr<Periods> ReadPeriods(db::Connection& connection, const std::set<PeriodKey>& keys) {
  return ReadKeys(connection, keys, "");
}

absl::StatusOr<Periods> LockPeriods(db::Transaction& transaction, const std::set<PeriodKey>& keys) {
  return ReadKeys(transaction.connection(), keys, " ORDER BY form_id, month FOR UPDATE");
}

absl::StatusOr<Periods> LockUnsettled(db::Transaction& transaction) {
  Periods found;
  // Few rows there are: one a form and month.
  ZHUQI_RETURN_IF_ERROR(transaction.Query(
      absl::StrCat("SELECT ", kColumns,
                   " FROM summary_periods WHERE lock_provisional = 1 ORDER BY form_id, month FOR UPDATE"),
      {}, [&](db::Row& row) -> absl::Status {
        ZHUQI_ASSIGN_OR_RETURN(StoredPeriod stored, ToStored(row));
        const PeriodKey key = KeyOf(stored);
        found.insert_or_assign(key, std::move(stored));
        return absl::OkStatus();
      }));
  return found;
}

absl::Status InsertPeriod(db::Transaction& transaction, const StoredPeriod& period, absl::Time now) {
  const auto [form_id, month] = KeyOf(period);
  const absl::Status status = transaction
                                  .Execute(
                                      "INSERT INTO summary_periods (form_id, month, lock_provisional, "
                                      "updated_at, body) VALUES (?,?,?,?,?)",
                                      {form_id, absl::CivilDay(month), period.lock_provisional, now,
                                       period.period.SerializeAsString()})
                                  .status();
  return db::DuplicateKey(status) ? absl::AbortedError("another replica opened this first") : status;
}

absl::Status UpdatePeriod(db::Transaction& transaction, const StoredPeriod& period, absl::Time now) {
  const auto [form_id, month] = KeyOf(period);
  return transaction
      .Execute(
          "UPDATE summary_periods SET lock_provisional = ?, updated_at = ?, body = ? WHERE form_id = ? AND "
          "month = ?",
          {period.lock_provisional, now, period.period.SerializeAsString(), form_id, absl::CivilDay(month)})
      .status();
}

absl::StatusOr<std::vector<StoredPeriod>> ListPeriods(db::Connection& connection, const std::string& form_id,
                                                      const std::optional<PeriodKey>& after, int limit) {
  std::string where = " WHERE 1 = 1";
  db::Values values;
  if (!form_id.empty()) {
    absl::StrAppend(&where, " AND form_id = ?");
    values.emplace_back(form_id);
  }
  if (after.has_value()) {
    const absl::CivilDay month(after->second);
    absl::StrAppend(&where, " AND month <= ? AND (month < ? OR form_id > ?)");
    values.insert(values.end(), {month, month, after->first});
  }
  std::vector<StoredPeriod> list;
  ZHUQI_RETURN_IF_ERROR(connection.Query(absl::StrCat("SELECT ", kColumns, " FROM summary_periods", where,
                                                      " ORDER BY month DESC, form_id LIMIT ", limit),
                                         values, [&](db::Row& row) -> absl::Status {
                                           ZHUQI_ASSIGN_OR_RETURN(StoredPeriod stored, ToStored(row));
                                           list.push_back(std::move(stored));
                                           return absl::OkStatus();
                                         }));
  return list;
}

absl::StatusOr<std::map<PeriodKey, int32_t>> CountObligations(db::Connection& connection,
                                                              const std::vector<StoredPeriod>& periods) {
  std::set<absl::CivilMonth> months;
  for (const StoredPeriod& period : periods) months.insert(KeyOf(period).second);
  std::vector<db::Values> keys;
  keys.reserve(months.size());
  for (const absl::CivilMonth month : months) keys.push_back({absl::CivilDay(month)});
  std::map<PeriodKey, int32_t> counts;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection, "SELECT month, form_id, COUNT(*) FROM obligations WHERE month IN", 1, keys,
      [&](db::Row& row) {
        counts[{row.Text(1), absl::CivilMonth(row.Day(0))}] = static_cast<int32_t>(row.Int64(2));
        return absl::OkStatus();
      },
      " GROUP BY month, form_id"));
  return counts;
}

}  // namespace zhuqi::intake
