#include "services/routing/cases/case_watch_store.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/feed/append.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/cases/case_timeline.h"

namespace zhuqi::routing {
namespace {

bool IsOfUnit(const std::string& org_unit_id, const std::string& former_org_unit_id,
              const WatchFilter& filter, const Directory& directory) {
  return filter.org_unit_id.empty() || directory.IsInOrBelow(org_unit_id, filter.org_unit_id) ||
         (!former_org_unit_id.empty() && directory.IsInOrBelow(former_org_unit_id, filter.org_unit_id));
}

// Whose part in the case is in force, or ended with the change or later.
std::vector<std::string> DepartmentsWithPart(const v1::Case& body, const v1::CaseEvent& event) {
  const absl::Time at = TimeFrom(event.late() ? event.recorded_at() : event.occurred_at());
  std::vector<std::string> departments;
  for (const v1::Assignment& part : body.assignments()) {
    if (!part.has_until() || TimeFrom(part.until()) >= at) departments.push_back(part.department_id());
  }
  return departments;
}

v1::CaseUpdate UpdateOf(const feed::v1::CaseFacts& facts, const v1::Case& body, const v1::CaseEvent& event,
                        const Directory& directory) {
  v1::CaseUpdate update;
  update.set_case_id(facts.case_id());
  update.set_sequence(facts.sequence());
  update.set_state(facts.state());
  update.set_outcome(facts.outcome());
  update.set_org_unit_id(facts.org_unit_id());
  *update.mutable_issue_key() = body.issue_key();
  update.set_title(body.issue().title());
  update.set_owner_org_unit_id(body.owner_org_unit_id());
  update.set_lead_department_id(body.lead_department_id());
  *update.mutable_event() = event;
  *update.mutable_entry() = EntryOf(event, directory);
  return update;
}

common::v1::FeedPosition PlaceOf(int32_t partition, const feed::v1::Event& event) {
  common::v1::FeedPosition place;
  place.set_partition(partition);
  place.set_sequence(event.sequence());
  place.set_commit_id(event.commit_id());
  return place;
}

}  // namespace

absl::StatusOr<WatchPlaces> ReadWatchPlaces(db::Connection& connection) {
  ZHUQI_ASSIGN_OR_RETURN(const auto heads, feed::ReadHeads(connection));
  WatchPlaces places;
  for (const common::v1::FeedPosition& head : heads) {
    if (head.partition() == feed::kDirectoryPartition) continue;
    common::v1::FeedPosition& place = places[head.partition()];
    place.set_partition(head.partition());
    place.set_sequence(head.sequence());
    ZHUQI_ASSIGN_OR_RETURN(const auto event, feed::FindEvent(connection, head.partition(), head.sequence()));
    if (event.has_value()) place.set_commit_id(event->commit_id());
  }
  return places;
}

absl::StatusOr<WatchStretch> ReadWatchStretch(db::Connection& connection,
                                              const common::v1::FeedPosition& after, int64_t head, int limit,
                                              const WatchFilter& filter, const Directory& directory) {
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<feed::v1::Event> log,
                         feed::ReadEvents(connection, after.partition(), after.sequence(), head, limit));
  if (log.empty()) return absl::DataLossError("the log has a gap");
  WatchStretch stretch;
  stretch.last = PlaceOf(after.partition(), log.back());
  std::vector<EventKey> wanted;
  std::vector<const feed::v1::Event*> changed;
  std::vector<Uuid> ids;
  for (const feed::v1::Event& entry : log) {
    if (!entry.has_case_changed()) continue;
    const feed::v1::CaseFacts& facts = entry.case_changed().after();
    if (!IsOfUnit(facts.org_unit_id(), entry.case_changed().before().org_unit_id(), filter, directory))
      continue;
    const Uuid id = Uuid::Parse(facts.case_id()).value_or(Uuid());
    wanted.emplace_back(id, facts.sequence());
    changed.push_back(&entry);
    ids.push_back(id);
  }
  ZHUQI_ASSIGN_OR_RETURN(const auto events, ReadEvents(connection, wanted));
  ZHUQI_ASSIGN_OR_RETURN(const CaseMap cases, ReadCases(connection, ids));
  for (size_t i = 0; i < changed.size(); ++i) {
    const auto event = events.find(wanted[i]);
    const auto record = cases.find(ids[i]);
    if (event == events.end() || record == cases.end())
      return absl::DataLossError("the log names a change that the history does not have");
    const feed::v1::CaseChanged& facts = changed[i]->case_changed();
    WatchedChange change;
    change.place = PlaceOf(after.partition(), *changed[i]);
    change.update = UpdateOf(facts.after(), record->second.body, event->second, directory);
    change.former_org_unit_id = facts.before().org_unit_id();
    change.department_ids = DepartmentsWithPart(record->second.body, event->second);
    if (!LetsThrough(filter, change, directory)) continue;
    stretch.changes.push_back(std::make_shared<const WatchedChange>(std::move(change)));
  }
  return stretch;
}

bool LetsThrough(const WatchFilter& filter, const WatchedChange& change, const Directory& directory) {
  if (!IsOfUnit(change.update.org_unit_id(), change.former_org_unit_id, filter, directory)) return false;
  return filter.department_id.empty() || std::find(change.department_ids.begin(), change.department_ids.end(),
                                                   filter.department_id) != change.department_ids.end();
}

}  // namespace zhuqi::routing
