#include "services/routing/knowledge/practice_store.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/db/errors.h"
#include "common/db/multi_row.h"

namespace zhuqi::routing {
namespace {

Uuid IdOf(const v1::Practice& practice) { return Uuid::Parse(practice.practice_id()).value_or(Uuid()); }

}  // namespace

absl::StatusOr<std::optional<PracticeRecord>> ReadPractice(db::Connection& connection,
                                                           const Uuid& practice_id) {
  std::optional<PracticeRecord> found;
  ZHUQI_RETURN_IF_ERROR(connection.Query("SELECT body, version FROM practices WHERE practice_id = ?",
                                         {practice_id}, [&](db::Row& row) {
                                           PracticeRecord& record = found.emplace();
                                           record.version = row.Int64(1);
                                           if (!record.body.ParseFromString(row.Text(0))) {
                                             return absl::DataLossError("a stored practice can not be read");
                                           }
                                           return absl::OkStatus();
                                         }));
  return found;
}

absl::StatusOr<std::map<Uuid, Uuid>> ReadPracticesOfCases(db::Connection& connection,
                                                          const std::vector<Uuid>& case_ids, int state) {
  std::vector<db::Values> keys;
  for (const Uuid& id : std::set<Uuid>(case_ids.begin(), case_ids.end())) keys.push_back({id});
  std::map<Uuid, Uuid> found;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(connection,
                                         "SELECT case_id, practice_id, state FROM practices WHERE case_id IN",
                                         1, keys, [&](db::Row& row) {
                                           const Uuid case_id = row.ReadUuid(0);
                                           const Uuid practice_id = row.ReadUuid(1);
                                           if (state == 0 || row.Int64(2) == state)
                                             found[case_id] = practice_id;
                                           return absl::OkStatus();
                                         }));
  return found;
}

absl::Status InsertPractice(db::Connection& connection, const v1::Practice& practice) {
  const absl::Status status =
      connection
          .Execute(
              "INSERT INTO practices (practice_id, case_id, org_unit_id, category_id, state, version, body) "
              "VALUES (?, ?, ?, ?, ?, 1, ?)",
              {IdOf(practice), Uuid::Parse(practice.case_id()).value_or(Uuid()), practice.org_unit_id(),
               practice.category_id(), static_cast<int>(practice.state()), practice.SerializeAsString()})
          .status();
  if (db::DuplicateKey(status)) return absl::AbortedError("the case was written up at the same time");
  return status;
}

absl::Status UpdatePractice(db::Connection& connection, const v1::Practice& practice, int64_t version) {
  ZHUQI_ASSIGN_OR_RETURN(
      const int64_t matched,
      connection.Execute(
          "UPDATE practices SET state = ?, body = ?, version = version + 1 WHERE practice_id = ? "
          "AND version = ?",
          {static_cast<int>(practice.state()), practice.SerializeAsString(), IdOf(practice), version}));
  if (matched == 0) return absl::AbortedError("the practice was changed at the same time");
  return absl::OkStatus();
}

absl::StatusOr<std::optional<v1::PracticeAdoption>> ReadAdoption(db::Connection& connection,
                                                                 const Uuid& practice_id,
                                                                 const std::string& org_unit_id) {
  std::optional<v1::PracticeAdoption> found;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query("SELECT body FROM practice_adoptions WHERE practice_id = ? AND org_unit_id = ?",
                       {practice_id, org_unit_id}, [&](db::Row& row) {
                         if (!found.emplace().ParseFromString(row.Text(0))) {
                           return absl::DataLossError("a stored adoption can not be read");
                         }
                         return absl::OkStatus();
                       }));
  return found;
}

absl::StatusOr<std::vector<v1::PracticeAdoption>> ReadAdoptions(db::Connection& connection,
                                                                const Uuid& practice_id, int limit) {
  std::vector<v1::PracticeAdoption> found;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      "SELECT body FROM practice_adoptions WHERE practice_id = ? ORDER BY org_unit_id LIMIT ?",
      {practice_id, limit}, [&](db::Row& row) {
        if (!found.emplace_back().ParseFromString(row.Text(0))) {
          return absl::DataLossError("a stored adoption can not be read");
        }
        return absl::OkStatus();
      }));
  return found;
}

absl::Status WriteAdoption(db::Connection& connection, const Uuid& practice_id,
                           const v1::PracticeAdoption& adoption) {
  return connection
      .Execute(
          "INSERT INTO practice_adoptions (practice_id, org_unit_id, body) VALUES (?, ?, ?) ON DUPLICATE KEY "
          "UPDATE body = VALUES(body)",
          {practice_id, adoption.org_unit_id(), adoption.SerializeAsString()})
      .status();
}

absl::StatusOr<std::optional<int32_t>> ReadStars(db::Connection& connection, const Uuid& practice_id,
                                                 const std::string& rater) {
  std::optional<int32_t> stars;
  ZHUQI_RETURN_IF_ERROR(
      connection.Query("SELECT stars FROM practice_ratings WHERE practice_id = ? AND rater = ?",
                       {practice_id, rater}, [&](db::Row& row) {
                         stars = static_cast<int32_t>(row.Int64(0));
                         return absl::OkStatus();
                       }));
  return stars;
}

absl::Status WriteStars(db::Connection& connection, const Uuid& practice_id, const std::string& rater,
                        int32_t stars, absl::Time now) {
  return connection
      .Execute(
          "INSERT INTO practice_ratings (practice_id, rater, stars, rated_at) VALUES (?, ?, ?, ?) ON "
          "DUPLICATE "
          "KEY UPDATE stars = VALUES(stars), rated_at = VALUES(rated_at)",
          {practice_id, rater, stars, now})
      .status();
}

absl::StatusOr<std::vector<v1::Practice>> SelectPractices(db::Connection& connection,
                                                          const PracticeFilter& filter,
                                                          const std::optional<Uuid>& before, int limit) {
  std::string conditions = "WHERE p.state = ?";
  db::Values values = {filter.state};
  const auto add = [&](absl::string_view condition, db::Values more) {
    absl::StrAppend(&conditions, " AND ", condition);
    for (db::Value& value : more) values.push_back(std::move(value));
  };
  if (!filter.org_unit_ids.empty()) {
    std::string units = "p.org_unit_id IN (?";
    for (size_t i = 1; i < filter.org_unit_ids.size(); ++i) units += ",?";
    add(units + ")", db::Values(filter.org_unit_ids.begin(), filter.org_unit_ids.end()));
  }
  if (!filter.category_id.empty()) {
    // '/' is the character after '.': all that begins with "land." lies between the two.
    add("(p.category_id = ? OR (p.category_id > ? AND p.category_id < ?))",
        {filter.category_id, filter.category_id + ".", filter.category_id + "/"});
  }
  if (!filter.adopted_by_org_unit_id.empty()) {
    add("EXISTS (SELECT 1 FROM practice_adoptions a WHERE a.practice_id = p.practice_id AND a.org_unit_id = "
        "?)",
        {filter.adopted_by_org_unit_id});
  }
  // Identities grow with time.
  if (before.has_value()) add("p.practice_id < ?", {*before});
  values.push_back(limit);
  std::vector<v1::Practice> practices;
  ZHUQI_RETURN_IF_ERROR(connection.Query(
      absl::StrCat("SELECT p.body FROM practices p ", conditions, " ORDER BY p.practice_id DESC LIMIT ?"),
      values, [&](db::Row& row) {
        if (!practices.emplace_back().ParseFromString(row.Text(0))) {
          return absl::DataLossError("a stored practice can not be read");
        }
        return absl::OkStatus();
      }));
  return practices;
}

}  // namespace zhuqi::routing
