#include "services/intake/enterprises/enterprise_store.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/db/errors.h"
#include "common/db/multi_row.h"
#include "common/directory/date_message.h"
#include "common/vocabulary/text.h"

namespace zhuqi::intake {
namespace {

// Answered by the key of record_enterprises alone. Withdrawn visits have no rows there.
constexpr char kLastVisit[] =
    "(SELECT MAX(v.on_date) FROM record_enterprises v WHERE v.uscc = e.uscc AND v.kind = 1)";
// The last one until a day.
constexpr char kLastVisitUntil[] =
    "(SELECT MAX(v.on_date) FROM record_enterprises v WHERE v.uscc = e.uscc AND v.kind = 1 AND v.on_date <= "
    "?)";
static_assert(v1::RECORD_KIND_VISIT == 1);

// Another replica was first: run the whole transaction again, which then sees what the other wrote.
absl::Status AbortedIfDuplicate(const absl::Status& status) {
  return db::DuplicateKey(status) ? absl::AbortedError("another replica wrote this first") : status;
}

absl::StatusOr<v1::Enterprise> ParseEnterprise(const std::string& body) {
  v1::Enterprise enterprise;
  if (!enterprise.ParseFromString(body)) {
    return absl::DataLossError("a stored enterprise can not be read");
  }
  return enterprise;
}

// Columns: body, revision, updated_at, last visit.
absl::StatusOr<v1::Enterprise> Shown(db::Row& row) {
  ZHUQI_ASSIGN_OR_RETURN(v1::Enterprise enterprise, ParseEnterprise(row.Text(0)));
  enterprise.set_revision(row.Int64(1));
  *enterprise.mutable_updated_at() = TimestampMessage(row.Time(2));
  const std::optional<absl::CivilDay> visited = row.OptionalDay(3);
  if (visited.has_value()) *enterprise.mutable_last_visited_on() = DateMessage(*visited);
  return enterprise;
}

std::string ShownColumns() { return absl::StrCat("e.body, e.revision, e.updated_at, ", kLastVisit); }

absl::StatusOr<std::map<std::string, StoredEnterprise>> ReadStored(db::Connection& connection,
                                                                   const std::vector<std::string>& usccs,
                                                                   absl::string_view suffix) {
  std::vector<std::string> sorted = usccs;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<db::Values> keys;
  keys.reserve(sorted.size());
  for (std::string& uscc : sorted) keys.push_back({std::move(uscc)});
  std::map<std::string, StoredEnterprise> found;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection, "SELECT uscc, body, revision, partition_number FROM enterprises WHERE uscc IN", 1, keys,
      [&](db::Row& row) -> absl::Status {
        StoredEnterprise& stored = found[row.Text(0)];
        stored.body = row.Text(1);
        stored.revision = row.Int64(2);
        stored.partition = static_cast<int32_t>(row.Int64(3));
        ZHUQI_ASSIGN_OR_RETURN(stored.enterprise, ParseEnterprise(stored.body));
        return absl::OkStatus();
      },
      suffix));
  return found;
}

std::optional<absl::CivilDay> DayOf(const common::v1::Date& date, bool given) {
  return given ? CivilDayFrom(date) : std::nullopt;
}

void AddRow(const StoredEnterprise& stored, absl::Time now, db::MultiRowInsert& insert) {
  const v1::Enterprise& enterprise = stored.enterprise;
  insert.Add({enterprise.uscc(), enterprise.org_unit_id(), enterprise.industry_section(),
              static_cast<int>(enterprise.size()),
              DayOf(enterprise.registered_on(), enterprise.has_registered_on()),
              DayOf(enterprise.closed_on(), enterprise.has_closed_on()),
              vocabulary::FoldForSearch(enterprise.name()).value_or(enterprise.name()), stored.revision,
              stored.partition, now, stored.body});
}

db::MultiRowInsert InsertOf(absl::string_view suffix) {
  return db::MultiRowInsert("enterprises",
                            {"uscc", "org_unit_id", "industry_section", "size", "registered_on", "closed_on",
                             "search_name", "revision", "partition_number", "updated_at", "body"},
                            suffix);
}

absl::Status WriteTags(db::Transaction& transaction, const std::map<std::string, EnterpriseRow>& rows) {
  std::vector<std::pair<std::string, std::string>> added;  // tag, credit code: the order of the key
  for (const auto& [uscc, row] : rows) {
    const auto& tags = row.now.enterprise.tags();
    for (const std::string& tag : tags) {
      if (!std::binary_search(row.former_tags.begin(), row.former_tags.end(), tag))
        added.emplace_back(tag, uscc);
    }
    for (const std::string& tag : row.former_tags) {
      if (std::binary_search(tags.begin(), tags.end(), tag)) continue;
      // Marks are rarely taken away, so a statement each is fast enough.
      ZHUQI_RETURN_IF_ERROR(
          transaction.Execute("DELETE FROM enterprise_tags WHERE tag = ? AND uscc = ?", {tag, uscc})
              .status());
    }
  }
  std::sort(added.begin(), added.end());
  db::MultiRowInsert insert("enterprise_tags", {"tag", "uscc"});
  for (const auto& [tag, uscc] : added) insert.Add({tag, uscc});
  return insert.Run(transaction.connection()).status();
}

// What stands after FROM, with the values in the order of its places. `e` is the enterprise.
struct Source {
  std::string text;
  db::Values values;
};

Source SourceOf(const EnterpriseFilter& filter, const std::string& after) {
  std::vector<std::string> conditions;
  db::Values values;
  const auto add = [&](std::string condition, std::initializer_list<db::Value> bound) {
    conditions.push_back(std::move(condition));
    values.insert(values.end(), bound.begin(), bound.end());
  };
  // With a tag its table leads: it is in the order of credit codes too.
  const absl::string_view key = filter.tag.empty() ? "e.uscc" : "t.uscc";
  if (!filter.tag.empty()) add("t.tag = ?", {filter.tag});
  if (!after.empty()) add(absl::StrCat(key, " > ?"), {after});
  if (filter.overdue.has_value()) {
    add("(e.closed_on IS NULL OR e.closed_on > ?)", {filter.overdue->on});
    add(absl::StrCat("COALESCE(", kLastVisitUntil, ", e.registered_on, '1000-01-01') < ?"),
        {filter.overdue->on, filter.overdue->since});
  } else if (!filter.with_closed) {
    add("e.closed_on IS NULL", {});
  }
  if (!filter.org_unit_ids.empty()) {
    const std::vector<absl::string_view> places(filter.org_unit_ids.size(), "?");
    conditions.push_back(absl::StrCat("e.org_unit_id IN (", absl::StrJoin(places, ","), ")"));
    for (const std::string& id : filter.org_unit_ids) values.emplace_back(id);
  }
  if (!filter.industry_section.empty()) add("e.industry_section = ?", {filter.industry_section});
  if (filter.size != directory::v1::ENTERPRISE_SIZE_UNSPECIFIED) {
    add("e.size = ?", {static_cast<int>(filter.size)});
  }
  if (!filter.folded_text.empty() && !filter.code_prefix.empty()) {
    // '~' follows all characters of a code.
    add("(INSTR(e.search_name, ?) > 0 OR (e.uscc >= ? AND e.uscc < ?))",
        {filter.folded_text, filter.code_prefix, filter.code_prefix + "~"});
  } else if (!filter.folded_text.empty()) {
    add("INSTR(e.search_name, ?) > 0", {filter.folded_text});
  }
  if (filter.not_visited_since.has_value()) {
    add(absl::StrCat("COALESCE(", kLastVisit, ", '1000-01-01') < ?"), {*filter.not_visited_since});
  }
  std::string text =
      filter.tag.empty() ? "enterprises e" : "enterprise_tags t JOIN enterprises e ON e.uscc = t.uscc";
  if (!conditions.empty()) absl::StrAppend(&text, " WHERE ", absl::StrJoin(conditions, " AND "));
  return {std::move(text), std::move(values)};
}

}  // namespace

absl::StatusOr<std::map<std::string, StoredEnterprise>> LockEnterprises(
    db::Transaction& transaction, const std::vector<std::string>& usccs) {
  return ReadStored(transaction.connection(), usccs, " ORDER BY uscc FOR UPDATE");
}

absl::StatusOr<std::map<std::string, StoredEnterprise>> ReadStoredEnterprises(
    db::Connection& connection, const std::vector<std::string>& usccs) {
  return ReadStored(connection, usccs, "");
}

absl::Status WriteEnterprises(db::Transaction& transaction, const std::map<std::string, EnterpriseRow>& rows,
                              absl::Time now) {
  db::MultiRowInsert created = InsertOf("");
  db::MultiRowInsert changed = InsertOf(
      "ON DUPLICATE KEY UPDATE org_unit_id = VALUES(org_unit_id), industry_section = "
      "VALUES(industry_section), size = VALUES(size), registered_on = VALUES(registered_on), closed_on = "
      "VALUES(closed_on), search_name = VALUES(search_name), revision = VALUES(revision), updated_at = "
      "VALUES(updated_at), body = VALUES(body)");
  for (const auto& [uscc, row] : rows) AddRow(row.now, now, row.is_new ? created : changed);
  ZHUQI_RETURN_IF_ERROR(AbortedIfDuplicate(created.Run(transaction.connection()).status()));
  ZHUQI_RETURN_IF_ERROR(changed.Run(transaction.connection()).status());
  return WriteTags(transaction, rows);
}

absl::StatusOr<std::optional<v1::Enterprise>> ReadEnterprise(db::Connection& connection,
                                                             const std::string& uscc) {
  std::optional<v1::Enterprise> found;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query(absl::StrCat("SELECT ", ShownColumns(), " FROM enterprises e WHERE e.uscc = ?"),
                       {uscc}, [&](db::Row& row) -> absl::Status {
                         ZHUQI_ASSIGN_OR_RETURN(found, Shown(row));
                         return absl::OkStatus();
                       }));
  return found;
}

absl::StatusOr<std::vector<v1::Enterprise>> ListEnterprises(db::Connection& connection,
                                                            const EnterpriseFilter& filter,
                                                            const std::string& after, int limit) {
  Source source = SourceOf(filter, after);
  source.values.emplace_back(limit);
  std::vector<v1::Enterprise> enterprises;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query(absl::StrCat("SELECT ", ShownColumns(), " FROM ", source.text, " ORDER BY ",
                                    filter.tag.empty() ? "e.uscc" : "t.uscc", " LIMIT ?"),
                       source.values, [&](db::Row& row) -> absl::Status {
                         ZHUQI_ASSIGN_OR_RETURN(v1::Enterprise enterprise, Shown(row));
                         enterprises.push_back(std::move(enterprise));
                         return absl::OkStatus();
                       }));
  return enterprises;
}

absl::StatusOr<int64_t> CountEnterprises(db::Connection& connection, const EnterpriseFilter& filter) {
  const Source source = SourceOf(filter, "");
  int64_t total = 0;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query(absl::StrCat("SELECT COUNT(*) FROM ", source.text), source.values, [&](db::Row& row) {
        total = row.Int64(0);
        return absl::OkStatus();
      }));
  return total;
}

absl::StatusOr<std::vector<v1::Enterprise>> ReadEnterprises(db::Connection& connection,
                                                            const std::vector<std::string>& usccs) {
  std::vector<db::Values> keys;
  keys.reserve(usccs.size());
  for (const std::string& uscc : usccs) keys.push_back({uscc});
  absl::flat_hash_map<std::string, v1::Enterprise> found;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection, absl::StrCat("SELECT ", ShownColumns(), " FROM enterprises e WHERE e.uscc IN"), 1, keys,
      [&](db::Row& row) -> absl::Status {
        ZHUQI_ASSIGN_OR_RETURN(v1::Enterprise enterprise, Shown(row));
        std::string uscc = enterprise.uscc();
        found.insert_or_assign(std::move(uscc), std::move(enterprise));
        return absl::OkStatus();
      }));
  std::vector<v1::Enterprise> enterprises;
  enterprises.reserve(found.size());
  for (const std::string& uscc : usccs) {
    const auto one = found.find(uscc);
    if (one != found.end()) enterprises.push_back(std::move(one->second));
  }
  return enterprises;
}

absl::StatusOr<std::vector<std::string>> ReadLongestUnvisited(db::Connection& connection,
                                                              const std::vector<std::string>& org_unit_ids,
                                                              int limit) {
  EnterpriseFilter filter;
  filter.org_unit_ids = org_unit_ids;
  Source source = SourceOf(filter, "");
  source.values.emplace_back(limit);
  std::vector<std::string> usccs;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query(absl::StrCat("SELECT e.uscc FROM ", source.text, " ORDER BY COALESCE(", kLastVisit,
                                    ", '1000-01-01'), e.uscc LIMIT ?"),
                       source.values, [&](db::Row& row) {
                         usccs.push_back(row.Text(0));
                         return absl::OkStatus();
                       }));
  return usccs;
}

}  // namespace zhuqi::intake
