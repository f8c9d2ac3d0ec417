#include "services/routing/families/family_store.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/db/multi_row.h"

namespace zhuqi::routing {
namespace {

constexpr int kMostShown = 100;

Uuid RelativeId(const std::string& text) { return Uuid::Parse(text).value_or(Uuid()); }

std::vector<db::Values> FamilyKeys(const std::vector<Uuid>& ids) {
  std::vector<db::Values> keys;
  for (const Uuid& id : std::set<Uuid>(ids.begin(), ids.end())) keys.push_back({id});
  return keys;
}

// Reads those of `ids` that are not there yet.
absl::Status AddCases(db::Connection& connection, std::vector<Uuid> ids, CaseMap& cases) {
  std::erase_if(ids, [&cases](const Uuid& id) { return cases.contains(id); });
  if (ids.empty()) return absl::OkStatus();
  ZHUQI_ASSIGN_OR_RETURN(CaseMap read, ReadCases(connection, ids));
  cases.merge(read);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<DuplicateLink>> SelectLinks(db::Connection& connection, absl::string_view column,
                                                       const std::vector<Uuid>& records,
                                                       absl::string_view suffix) {
  std::vector<DuplicateLink> links;
  ZHUQI_RETURN_IF_ERROR(db::SelectByKeys(
      connection,
      absl::StrCat(
          "SELECT duplicate_record_id, first_record_id, linked_at, linked_by FROM case_duplicates WHERE ",
          column, " IN"),
      1, FamilyKeys(records),
      [&](db::Row& row) {
        links.push_back({row.ReadUuid(0), row.ReadUuid(1), row.Time(2), row.Text(3)});
        return absl::OkStatus();
      },
      suffix));
  return links;
}

v1::RelatedCase InShort(const CaseRecord& record) {
  const v1::Case& body = record.body;
  v1::RelatedCase related;
  related.set_case_id(body.case_id());
  *related.mutable_issue_key() = body.issue_key();
  related.set_number(body.parent().number());
  related.set_title(body.has_parent() ? body.issue().text() : body.issue().title());
  related.set_org_unit_id(body.org_unit_id());
  related.set_owner_org_unit_id(body.owner_org_unit_id());
  related.set_lead_department_id(body.lead_department_id());
  related.set_state(body.state());
  related.set_outcome(body.outcome());
  if (record.facts.has_handling_due_at()) *related.mutable_handling_due_at() = record.facts.handling_due_at();
  if (body.has_closed_at()) *related.mutable_closed_at() = body.closed_at();
  related.set_stands_still(body.stands_still());
  return related;
}

absl::Status AddShownDuplicates(db::Connection& connection, const Uuid& first_record,
                                v1::CaseFamily& family) {
  return connection.Query(
      absl::StrCat(
          "SELECT ", kCaseColumns,
          "FROM case_duplicates d JOIN cases c ON c.issue_record_id = d.duplicate_record_id AND "
          "c.child_number = 0 JOIN case_bodies b ON b.case_id = c.case_id WHERE d.first_record_id = ? "
          "ORDER BY d.linked_at, d.duplicate_record_id LIMIT ?"),
      {first_record, kMostShown}, [&family](db::Row& row) -> absl::Status {
        ZHUQI_ASSIGN_OR_RETURN(const CaseRecord record, CaseRecordFrom(row));
        *family.add_duplicates() = InShort(record);
        return absl::OkStatus();
      });
}

absl::Status AddDuplicates(db::Connection& connection, CaseMap& cases) {
  std::vector<Uuid> firsts;
  for (const auto& [id, record] : cases) {
    if (record.body.duplicate_count() > 0) firsts.push_back(RelativeId(record.body.issue_record_id()));
  }
  if (firsts.empty()) return absl::OkStatus();
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<DuplicateLink> links,
                         SelectLinks(connection, "first_record_id", firsts, ""));
  std::vector<Uuid> records;
  for (const DuplicateLink& link : links) records.push_back(link.duplicate_record);
  ZHUQI_ASSIGN_OR_RETURN(CaseMap duplicates, ReadCasesOfIssues(connection, records));
  cases.merge(duplicates);
  return absl::OkStatus();
}

}  // namespace

absl::Status AddRelatives(db::Connection& connection, CaseMap& cases) {
  std::vector<Uuid> near;
  for (const auto& [id, record] : cases) {
    if (record.body.has_parent()) near.push_back(RelativeId(record.body.parent().case_id()));
    for (const v1::ChildCase& child : record.body.children()) near.push_back(RelativeId(child.case_id()));
  }
  ZHUQI_RETURN_IF_ERROR(AddCases(connection, std::move(near), cases));
  std::vector<Uuid> firsts;
  for (const auto& [id, record] : cases) {
    if (record.body.has_duplicate()) firsts.push_back(RelativeId(record.body.duplicate().first_case_id()));
  }
  ZHUQI_RETURN_IF_ERROR(AddDuplicates(connection, cases));
  return AddCases(connection, std::move(firsts), cases);
}

absl::Status PutLink(db::Connection& connection, const DuplicateLink& link) {
  return connection
      .Execute(
          "INSERT INTO case_duplicates (duplicate_record_id, first_record_id, linked_at, linked_by) VALUES "
          "(?, ?, ?, ?) "
          "ON DUPLICATE KEY UPDATE first_record_id = VALUES(first_record_id), linked_at = VALUES(linked_at), "
          "linked_by = VALUES(linked_by)",
          {link.duplicate_record, link.first_record, link.linked_at, link.linked_by})
      .status();
}

absl::Status RemoveLink(db::Connection& connection, const Uuid& duplicate_record, const Uuid& first_record) {
  return connection
      .Execute("DELETE FROM case_duplicates WHERE duplicate_record_id = ? AND first_record_id = ?",
               {duplicate_record, first_record})
      .status();
}

absl::StatusOr<std::vector<DuplicateLink>> LockLinksOf(db::Connection& connection,
                                                       const std::vector<Uuid>& records) {
  ZHUQI_ASSIGN_OR_RETURN(std::vector<DuplicateLink> links,
                         SelectLinks(connection, "duplicate_record_id", records, " FOR UPDATE"));
  ZHUQI_ASSIGN_OR_RETURN(std::vector<DuplicateLink> to,
                         SelectLinks(connection, "first_record_id", records, " FOR UPDATE"));
  std::move(to.begin(), to.end(), std::back_inserter(links));
  return links;
}

absl::Status LockCasesOf(db::Connection& connection, const std::vector<Uuid>& records) {
  return db::SelectByKeys(
      connection, "SELECT case_id FROM cases WHERE child_number = 0 AND issue_record_id IN", 1,
      FamilyKeys(records), [](db::Row&) { return absl::OkStatus(); }, " ORDER BY issue_record_id FOR UPDATE");
}

absl::StatusOr<v1::CaseFamily> ReadFamily(db::Connection& connection, const v1::Case& body) {
  v1::CaseFamily family;
  std::vector<Uuid> ids;
  if (body.has_parent()) ids.push_back(RelativeId(body.parent().case_id()));
  if (body.has_duplicate()) ids.push_back(RelativeId(body.duplicate().first_case_id()));
  for (const v1::ChildCase& child : body.children()) ids.push_back(RelativeId(child.case_id()));
  CaseMap cases;
  ZHUQI_RETURN_IF_ERROR(AddCases(connection, std::move(ids), cases));
  const auto show = [&cases](const std::string& case_id, v1::RelatedCase* (*add)(v1::CaseFamily&),
                             v1::CaseFamily& to) {
    const auto found = cases.find(RelativeId(case_id));
    if (found != cases.end()) *add(to) = InShort(found->second);
  };
  show(
      body.parent().case_id(), [](v1::CaseFamily& to) { return to.mutable_parent(); }, family);
  show(
      body.duplicate().first_case_id(), [](v1::CaseFamily& to) { return to.mutable_first(); }, family);
  for (const v1::ChildCase& child : body.children()) {
    show(
        child.case_id(), [](v1::CaseFamily& to) { return to.add_children(); }, family);
  }
  if (body.duplicate_count() == 0) return family;
  ZHUQI_RETURN_IF_ERROR(AddShownDuplicates(connection, RelativeId(body.issue_record_id()), family));
  return family;
}

}  // namespace zhuqi::routing
