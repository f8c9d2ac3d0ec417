#include "services/routing/knowledge/theme_proposer.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/db/transaction.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_record.h"
#include "services/routing/knowledge/same_cause_store.h"
#include "services/routing/knowledge/theme_scan.h"
#include "services/routing/knowledge/theme_store.h"

namespace zhuqi::routing {
namespace {

constexpr absl::Duration kProposingTimeout = absl::Seconds(30);
using What = GrowthDecision::What;

// How often what was done.
using DoneCounts = std::map<What, int>;

v1::ThemeEvent EventBySystem(absl::Time now) {
  v1::ThemeEvent event;
  event.set_actor(kBySystem);
  *event.mutable_recorded_at() = TimestampMessage(now);
  return event;
}

absl::Status Propose(db::Transaction& transaction, const Seed& seed, const Growth& growth, absl::Time now) {
  v1::ThemeContent content;
  content.set_title(seed.body.issue().title());
  content.set_category_id(seed.body.issue().category_id());
  ThemeMembers members;
  v1::ThemeEvent event = EventBySystem(now);
  for (const GrowthCase& one : growth.cases) {
    members[one.case_id] = {v1::THEME_CASE_STANDING_MEMBER, one.similarity, now, kBySystem};
    event.mutable_proposed()->add_case_ids(one.case_id.ToString());
  }
  ThemeRecord record = NewTheme(Uuid::NewV7(now).ToString(), content, members, kBySystem, now);
  *record.body.mutable_growth() = growth.message;
  return WriteTheme(transaction, nullptr, record, std::move(event));
}

absl::Status TakeIn(db::Transaction& transaction, const Seed& seed, const GrowthDecision& decision,
                    absl::Time now) {
  ZHUQI_ASSIGN_OR_RETURN(const std::optional<ThemeRecord> before, LockTheme(transaction, decision.theme_id));
  if (!before.has_value()) return absl::AbortedError("the theme is gone");
  ThemeRecord after = *before;
  v1::ThemeEvent event = EventBySystem(now);
  const bool joins = decision.what == What::kJoin;
  after.members[seed.growth.case_id] = {
      joins ? v1::THEME_CASE_STANDING_MEMBER : v1::THEME_CASE_STANDING_SUGGESTED, decision.similarity, now,
      kBySystem};
  (joins ? event.mutable_joined() : event.mutable_suggested())->add_case_ids(seed.growth.case_id.ToString());
  // What somebody judges is the proposal that he saw.
  if (joins) after.body.set_etag(NextRevision(after.body.etag()));
  ++after.sequence;
  return WriteTheme(transaction, &*before, after, std::move(event));
}

// The themes that the seed and what is similar to it stand in, locked: what they are decides.
absl::StatusOr<std::vector<ThemeRecord>> LockThemesAround(db::Transaction& transaction, const Seed& seed) {
  std::vector<Uuid> ids = {seed.growth.case_id};
  for (const GrowthCase& one : seed.similar) ids.push_back(one.case_id);
  ZHUQI_ASSIGN_OR_RETURN(const std::set<Uuid> found, FindThemesOfCases(transaction.connection(), ids));
  std::vector<ThemeRecord> themes;
  for (const Uuid& id : found) {
    ZHUQI_ASSIGN_OR_RETURN(std::optional<ThemeRecord> theme, LockTheme(transaction, id));
    if (theme.has_value() && theme->body.state() != v1::THEME_STATE_MERGED)
      themes.push_back(*std::move(theme));
  }
  return themes;
}

absl::StatusOr<What> LookAt(db::Transaction& transaction, const Seed& seed, const ThemeNumbers& numbers,
                            absl::Time now) {
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<ThemeRecord> themes, LockThemesAround(transaction, seed));
  const GrowthDecision decision = Decide(seed.growth, seed.similar, themes, numbers);
  if (decision.what == What::kPropose) {
    ZHUQI_RETURN_IF_ERROR(Propose(transaction, seed, *decision.growth, now));
  } else if (decision.what != What::kNothing) {
    ZHUQI_RETURN_IF_ERROR(TakeIn(transaction, seed, decision, now));
  }
  return decision.what;
}

const char* WhatName(What what) {
  if (what == What::kPropose) return "proposed";
  return what == What::kJoin ? "joined" : "suggested";
}

}  // namespace

ThemeProposer::ThemeProposer(ThemeProposerOptions options) : options_(options) {}

void ThemeProposer::Start() {
  thread_ = std::thread([this] { Run(); });
}

void ThemeProposer::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool ThemeProposer::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

bool ThemeProposer::Pause() {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&stopping_), options_.interval);
  return !stopping_;
}

absl::StatusOr<bool> ThemeProposer::RunBatch() {
  if (!options_.index->ready()) return false;
  const SearchIndex::Cursors indexed = options_.index->cursors();
  const absl::Time now = options_.clock->Now();
  const std::shared_ptr<const Directory> directory = options_.directory->Get();
  ScanPlace place;
  ScanPart part;
  std::vector<Seed> seeds;
  {
    ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, options_.pool->Acquire(absl::Now() + kProposingTimeout));
    ZHUQI_ASSIGN_OR_RETURN(place, ReadScanPlace(*lease));
    ZHUQI_ASSIGN_OR_RETURN(part, ReadScanPart(*lease, place, indexed, options_.events, options_.seeds));
    if (part.empty) return false;
    ZHUQI_ASSIGN_OR_RETURN(seeds, ReadSeeds(*lease, part, *options_.index, *directory, options_.numbers,
                                            now - absl::Hours(24) * options_.numbers.window_days));
  }
  db::TransactionOptions transaction;
  transaction.deadline = absl::Now() + kProposingTimeout;
  // The place says whether an earlier attempt, whose commit had an unknown outcome, was committed.
  transaction.body_is_idempotent = true;
  DoneCounts done;
  ZHUQI_RETURN_IF_ERROR(
      db::RunTransaction(*options_.pool, transaction, [&](db::Transaction& open) -> absl::Status {
        done.clear();
        ZHUQI_ASSIGN_OR_RETURN(const bool mine, MoveScanPlace(open, place.version, part.to));
        if (!mine) return absl::OkStatus();
        for (const Seed& seed : seeds) {
          ZHUQI_ASSIGN_OR_RETURN(const What what, LookAt(open, seed, options_.numbers, now));
          if (what != What::kNothing) ++done[what];
        }
        return RemoveSameCauseSeeds(open.connection(), part.linked_record_ids);
      }));
  for (const auto& [what, count] : done) {
    options_.metrics
        ->Counter("zhuqi_routing_theme_cases_total",
                  "New cases that made a theme be proposed, joined a proposal or were suggested for a theme.",
                  {{"as", WhatName(what)}})
        .Increment(count);
  }
  return true;
}

absl::Status ThemeProposer::RunAll() {
  bool more = true;
  while (more && !stopping()) {
    ZHUQI_ASSIGN_OR_RETURN(more, RunBatch());
  }
  return absl::OkStatus();
}

void ThemeProposer::Run() {
  bool failing = false;
  while (Pause()) {
    const absl::Status status = RunAll();
    // Said once when it begins: the database may be away for an hour.
    if (!status.ok() && !failing) {
      options_.logger->Warning("new cases wait to be looked at for themes", {{"status", status}});
    }
    failing = !status.ok();
  }
}

}  // namespace zhuqi::routing
