#include "services/routing/knowledge/recurrence.h"

#include <memory>
#include <set>
#include <utility>

#include "common/base/status_macros.h"
#include "common/feed/token.h"
#include "services/routing/cases/case_batch.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/follow/followed_directory.h"
#include "services/routing/knowledge/recurrence_rules.h"
#include "services/routing/knowledge/recurrence_store.h"

namespace zhuqi::routing {
namespace {

std::set<Uuid> IdsOf(const std::map<Uuid, const v1::Theme*>& concerned) {
  std::set<Uuid> ids;
  for (const auto& [case_id, theme] : concerned) ids.insert(case_id);
  return ids;
}

}  // namespace

void RecurrenceChanges::Add(const ThemeRecord& before, const ThemeRecord& after) {
  for (const Uuid& case_id : CasesConcerned(before, after)) concerned_[case_id] = &after.body;
}

absl::Status RecurrenceChanges::Lock(db::Transaction& transaction) const {
  return LockStandings(transaction.connection(), IdsOf(concerned_));
}

absl::StatusOr<std::vector<common::v1::FeedPosition>> RecurrenceChanges::Tell(db::Transaction& transaction,
                                                                              const ThemeSurroundings& given,
                                                                              const std::string& actor,
                                                                              absl::Time now) const {
  std::vector<common::v1::FeedPosition> places;
  if (concerned_.empty()) return places;
  db::Connection& connection = transaction.connection();
  ZHUQI_ASSIGN_OR_RETURN(const std::shared_ptr<const Directory> directory,
                         DirectoryInForce(connection, *given.directory));
  const std::set<Uuid> ids = IdsOf(concerned_);
  ZHUQI_ASSIGN_OR_RETURN(auto spans, ReadRecurrenceSpans(connection, ids));
  ZHUQI_ASSIGN_OR_RETURN(CaseMap known, ReadCases(connection, {ids.begin(), ids.end()}));
  const std::shared_ptr<const CompiledCatalogue> catalogue = given.catalogue->GetOrEmpty();
  CaseBatch batch(&connection, std::move(known), directory, {catalogue, &catalogue->message()}, now,
                  given.outbox);
  for (const auto& [case_id, theme] : concerned_) {
    const CaseRecord* record = batch.Find(case_id);
    if (record == nullptr) return absl::DataLossError("a theme has a case that is not there");
    if (KnowsSpans(*record, spans[case_id])) continue;
    record = batch.FindForChange(case_id);
    batch.Take(FollowThemes(*record, *theme, spans[case_id], actor, now, *directory));
  }
  if (batch.events().empty()) return places;
  ZHUQI_RETURN_IF_ERROR(batch.Write(transaction));
  for (const feed::OutgoingEvent& event : batch.events()) {
    places.push_back(feed::Position("routing", event.partition, event.event.sequence()));
  }
  return places;
}

}  // namespace zhuqi::routing
