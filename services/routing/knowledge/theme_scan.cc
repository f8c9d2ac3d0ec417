#include "services/routing/knowledge/theme_scan.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/db/multi_row.h"
#include "common/directory/date_message.h"
#include "common/feed/append.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/knowledge/same_cause_store.h"
#include "services/routing/knowledge/similar_cases.h"

namespace zhuqi::routing {
namespace {

constexpr int kScan = 1;
constexpr int kMostSimilar = 100;
constexpr size_t kMostLinked = 200;

// What themes ask of a case, from its narrow row.
struct CaseRow {
  Uuid issue_record_id;
  GrowthCase growth;
};

absl::Status ReadPlaceRow(db::Row& row, ScanPlace& place) {
  common::v1::ConsistencyToken stored;
  if (!stored.ParseFromString(row.Text(1))) return absl::DataLossError("the place of themes can not be read");
  place.version = row.Int64(0);
  for (const auto& position : stored.positions()) place.sequences[position.partition()] = position.sequence();
  return absl::OkStatus();
}

std::string PlaceText(const ScanPlace& place) {
  common::v1::ConsistencyToken message;
  for (const auto& [partition, sequence] : place.sequences) {
    common::v1::FeedPosition& position = *message.add_positions();
    position.set_partition(partition);
    position.set_sequence(sequence);
  }
  return message.SerializeAsString();
}

bool IsToBeLookedAt(const feed::v1::Event& event) {
  if (!event.has_case_changed()) return false;
  const feed::v1::CaseChanged& changed = event.case_changed();
  if (!changed.has_before()) return true;
  const bool was_withdrawn = changed.before().outcome() == v1::OUTCOME_WITHDRAWN;
  return changed.before().category_id() != changed.after().category_id() ||
         (was_withdrawn && changed.after().outcome() != v1::OUTCOME_WITHDRAWN);
}

// By case, without those that are withdrawn; `key` is a column of the table cases.
absl::StatusOr<std::map<Uuid, CaseRow>> ReadRows(db::Connection& connection, const std::string& key,
                                                 const std::set<Uuid>& ids, const Directory& directory) {
  std::vector<db::Values> keys;
  for (const Uuid& id : ids) keys.push_back({id});
  std::map<Uuid, CaseRow> rows;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection,
      absl::StrCat("SELECT case_id, issue_record_id, org_unit_id, enterprise_uscc, received_at FROM cases "
                   "WHERE child_number = 0 AND outcome <> ",
                   static_cast<int>(v1::OUTCOME_WITHDRAWN), " AND ", key, " IN"),
      1, keys, [&](db::Row& row) {
        const Uuid case_id = row.ReadUuid(0);
        CaseRow& found = rows[case_id];
        found.issue_record_id = row.ReadUuid(1);
        found.growth.case_id = case_id;
        found.growth.district_id = directory.DistrictOf(row.Text(2));
        found.growth.uscc = row.Text(3);
        found.growth.received_on = CityDay(row.Time(4));
        return absl::OkStatus();
      }));
  return rows;
}

// Of the same category or below it, alike enough.
absl::StatusOr<std::map<Uuid, double>> FindAlike(const SearchIndex& index, const v1::Case& body,
                                                 const ThemeNumbers& numbers) {
  SearchQuery query;
  AskLike(body, query);
  query.within_category_id = body.issue().category_id();
  query.limit = kMostSimilar;
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<SearchHit> hits, index.Search(query));
  std::map<Uuid, double> alike;
  for (const SearchHit& hit : hits) {
    if (hit.score * 100 >= numbers.least_similarity_percent) alike[hit.case_id] = hit.score;
  }
  return alike;
}

absl::StatusOr<std::vector<GrowthCase>> FindSimilarTo(db::Connection& connection, const SearchIndex& index,
                                                      const v1::Case& body, const Uuid& issue_record_id,
                                                      const Directory& directory,
                                                      const ThemeNumbers& numbers) {
  ZHUQI_ASSIGN_OR_RETURN(const auto alike, FindAlike(index, body, numbers));
  std::set<Uuid> ids;
  for (const auto& [case_id, score] : alike) ids.insert(case_id);
  ZHUQI_ASSIGN_OR_RETURN(auto rows, ReadRows(connection, "case_id", ids, directory));
  for (auto& [case_id, row] : rows) row.growth.similarity = alike.at(case_id);
  ZHUQI_ASSIGN_OR_RETURN(const auto linked, ReadSameCause(connection, issue_record_id, kMostLinked));
  ZHUQI_ASSIGN_OR_RETURN(auto linked_rows, ReadRows(connection, "issue_record_id", linked, directory));
  for (auto& [case_id, row] : linked_rows) {
    row.growth.similarity = 1;
    rows[case_id] = row;
  }
  std::vector<GrowthCase> similar;
  for (auto& [case_id, row] : rows) similar.push_back(std::move(row.growth));
  return similar;
}

}  // namespace

absl::StatusOr<ScanPlace> ReadScanPlace(db::Connection& connection) {
  ScanPlace place;
  ZHUQI_RETURN_IF_ERROR(connection.Query("SELECT version, body FROM theme_scans WHERE scan_id = ?", {kScan},
                                         [&](db::Row& row) { return ReadPlaceRow(row, place); }));
  return place;
}

absl::StatusOr<bool> MoveScanPlace(db::Transaction& transaction, int64_t version, const ScanPlace& to) {
  // The first of all makes the row; whoever comes second finds a version that has moved.
  ZHUQI_RETURN_IF_ERROR(transaction
                            .Execute("INSERT INTO theme_scans (scan_id, version, body) VALUES (?, 0, '') ON "
                                     "DUPLICATE KEY UPDATE scan_id = VALUES(scan_id)",
                                     {kScan})
                            .status());
  ZHUQI_ASSIGN_OR_RETURN(
      const int64_t matched,
      transaction.Execute("UPDATE theme_scans SET version = ?, body = ? WHERE scan_id = ? AND version = ?",
                          {version + 1, PlaceText(to), kScan, version}));
  return matched == 1;
}

absl::StatusOr<ScanPart> ReadScanPart(db::Connection& connection, const ScanPlace& place,
                                      const SearchIndex::Cursors& indexed, int events, int seeds) {
  ScanPart part;
  part.to = place;
  std::map<int32_t, int64_t> ends;
  for (const common::v1::FeedPosition& cursor : indexed) ends[cursor.partition()] = cursor.sequence();
  for (const auto& [partition, sequence] : place.sequences) {
    const auto end = ends.find(partition);
    // This replica's index is behind what another one looked at with its own.
    if (end == ends.end() || end->second < sequence) return part;
  }
  std::set<Uuid> cases;
  for (const auto& [partition, end] : ends) {
    int64_t& sequence = part.to.sequences[partition];
    if (sequence >= end || static_cast<int>(cases.size()) >= seeds) continue;
    ZHUQI_ASSIGN_OR_RETURN(const std::vector<feed::v1::Event> read,
                           feed::ReadEvents(connection, partition, sequence, end, events));
    for (const feed::v1::Event& event : read) {
      if (static_cast<int>(cases.size()) >= seeds) break;
      sequence = event.sequence();
      part.empty = false;
      if (!IsToBeLookedAt(event)) continue;
      if (const auto id = Uuid::Parse(event.case_changed().after().case_id())) cases.insert(*id);
    }
  }
  part.case_ids = {cases.begin(), cases.end()};
  ZHUQI_ASSIGN_OR_RETURN(part.linked_record_ids, ReadSameCauseSeeds(connection, seeds));
  part.empty = part.empty && part.linked_record_ids.empty();
  return part;
}

absl::StatusOr<std::vector<Seed>> ReadSeeds(db::Connection& connection, const ScanPart& part,
                                            const SearchIndex& index, const Directory& directory,
                                            const ThemeNumbers& numbers, absl::Time since) {
  ZHUQI_ASSIGN_OR_RETURN(
      auto rows, ReadRows(connection, "case_id", {part.case_ids.begin(), part.case_ids.end()}, directory));
  ZHUQI_ASSIGN_OR_RETURN(const auto linked,
                         ReadRows(connection, "issue_record_id",
                                  {part.linked_record_ids.begin(), part.linked_record_ids.end()}, directory));
  rows.insert(linked.begin(), linked.end());
  std::vector<Uuid> ids;
  for (const auto& [case_id, row] : rows) {
    if (row.growth.received_on >= CityDay(since)) ids.push_back(case_id);
  }
  ZHUQI_ASSIGN_OR_RETURN(const CaseMap cases, ReadCases(connection, ids));
  std::vector<Seed> seeds;
  // Identities grow with time: those that came first are looked at first.
  for (const auto& [case_id, record] : cases) {
    Seed& seed = seeds.emplace_back();
    seed.body = record.body;
    seed.growth = rows.at(case_id).growth;
    seed.growth.similarity = 1;
    ZHUQI_ASSIGN_OR_RETURN(seed.similar, FindSimilarTo(connection, index, record.body,
                                                       rows.at(case_id).issue_record_id, directory, numbers));
  }
  return seeds;
}

}  // namespace zhuqi::routing
