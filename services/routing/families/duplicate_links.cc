#include "services/routing/families/duplicate_links.h"

#include <map>
#include <utility>

#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_batch.h"
#include "services/routing/families/family_store.h"

namespace zhuqi::routing {
namespace {

// A link that is made or removed.
struct LinkChange {
  DuplicateLink link;
  bool removed = false;
  absl::Time at;
};

LinkChange ChangeIn(const feed::v1::Event& event, absl::Time now) {
  const intake::v1::RecordLink& link = event.record_link().link();
  LinkChange change;
  change.link.duplicate_record = Uuid::Parse(link.from_record_id()).value_or(Uuid());
  change.link.first_record = Uuid::Parse(link.to_record_id()).value_or(Uuid());
  change.link.linked_at = link.has_linked_at() ? TimeFrom(link.linked_at()) : now;
  change.link.linked_by = link.actor();
  change.removed = event.record_link().removed();
  change.at = event.has_recorded_at() ? TimeFrom(event.recorded_at()) : now;
  return change;
}

absl::Status StoreLink(db::Connection& connection, const LinkChange& change) {
  return change.removed ? RemoveLink(connection, change.link.duplicate_record, change.link.first_record)
                        : PutLink(connection, change.link);
}

absl::Status CarryOutLinks(db::Transaction& transaction, const std::vector<LinkChange>& changes,
                           const LinkSurroundings& given) {
  db::Connection& connection = transaction.connection();
  std::vector<Uuid> records;
  for (const LinkChange& change : changes) {
    records.push_back(change.link.duplicate_record);
    records.push_back(change.link.first_record);
  }
  ZHUQI_RETURN_IF_ERROR(LockCasesOf(connection, records));
  ZHUQI_ASSIGN_OR_RETURN(CaseMap cases, ReadCasesOfIssues(connection, records));
  std::map<Uuid, Uuid> case_of;
  for (const auto& [id, record] : cases) {
    case_of[Uuid::Parse(record.body.issue_record_id()).value_or(Uuid())] = id;
  }
  ZHUQI_RETURN_IF_ERROR(AddRelatives(connection, cases));
  CaseBatch batch(&connection, std::move(cases), given.directory, given.catalogue, given.now, given.outbox);
  for (const LinkChange& change : changes) {
    const auto duplicate = case_of.find(change.link.duplicate_record);
    const auto first = case_of.find(change.link.first_record);
    // No issue, or no case of it yet: the link waits in the table.
    if (duplicate == case_of.end() || first == case_of.end()) continue;
    if (change.removed) {
      batch.Unlink(duplicate->second, first->second, change.at);
    } else {
      batch.Link(duplicate->second, first->second, change.link, change.at);
    }
  }
  return batch.Write(transaction);
}

}  // namespace

bool IsDuplicateLink(const feed::v1::Event& event) {
  return event.record_link().link().kind() == intake::v1::RECORD_LINK_KIND_DUPLICATE_OF;
}

absl::Status ApplyDuplicateLinks(db::Transaction& transaction,
                                 const google::protobuf::RepeatedPtrField<feed::v1::Event>& events,
                                 const std::vector<Uuid>& new_records, const LinkSurroundings& given) {
  std::vector<LinkChange> changes;
  if (!new_records.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(std::vector<DuplicateLink> waiting,
                           LockLinksOf(transaction.connection(), new_records));
    for (DuplicateLink& link : waiting) changes.push_back({std::move(link), false, given.now});
  }
  for (const feed::v1::Event& event : events) {
    if (!IsDuplicateLink(event)) continue;
    changes.push_back(ChangeIn(event, given.now));
    ZHUQI_RETURN_IF_ERROR(StoreLink(transaction.connection(), changes.back()));
  }
  if (changes.empty()) return absl::OkStatus();
  return CarryOutLinks(transaction, changes, given);
}

}  // namespace zhuqi::routing
