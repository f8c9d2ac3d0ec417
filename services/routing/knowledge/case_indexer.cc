#include "services/routing/knowledge/case_indexer.h"

#include <sys/resource.h>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/feed/append.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/knowledge/knowledge_store.h"

namespace zhuqi::routing {
namespace {

constexpr char kRouting[] = "routing";
constexpr absl::Duration kIndexingTimeout = absl::Seconds(30);
constexpr absl::Duration kFirstPauseAfterFailure = absl::Seconds(2);
constexpr absl::Duration kLongestPauseAfterFailure = absl::Minutes(5);
constexpr int kEventsAtOnce = 500;
constexpr int kPagesInAPart = 20;
constexpr int kNiceness = 10;

Uuid IdOf(const v1::Case& body) { return Uuid::Parse(body.case_id()).value_or(Uuid()); }

std::vector<Uuid> CasesOf(const std::vector<feed::v1::Event>& events, int64_t after) {
  std::set<Uuid> ids;
  for (const feed::v1::Event& event : events) {
    if (event.sequence() <= after || !event.has_case_changed()) continue;
    const std::optional<Uuid> id = Uuid::Parse(event.case_changed().after().case_id());
    if (id.has_value()) ids.insert(*id);
  }
  return {ids.begin(), ids.end()};
}

}  // namespace

absl::Duration PauseAfterFailures(int failures) {
  constexpr int kDoublings = 10;  // after which the pause is the longest
  return std::min(kLongestPauseAfterFailure,
                  kFirstPauseAfterFailure * (1 << std::clamp(failures - 1, 0, kDoublings)));
}

CaseIndexer::CaseIndexer(CaseIndexerOptions options) : options_(options) {
  gauge_ =
      options_.metrics->CallbackGauge("zhuqi_routing_search_index_ready",
                                      "1 while similar cases can be searched, 0 while the index is built.",
                                      {}, [this] { return options_.index->ready() ? 1.0 : 0.0; });
}

void CaseIndexer::Start() {
  thread_ = std::thread([this] { Run(); });
}

void CaseIndexer::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool CaseIndexer::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

bool CaseIndexer::Pause(absl::Duration duration) {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&stopping_), duration);
  return !stopping_;
}

void CaseIndexer::Run() {
  // This thread alone, as Linux has it: while the service is busy, what is written and answered goes first.
  setpriority(PRIO_PROCESS, 0, kNiceness);
  int failures = 0;
  while (!stopping()) {
    const absl::Status status = CatchUp();
    // Said once when it begins: the database may be away for an hour, or the disk full.
    if (!status.ok() && failures == 0) {
      options_.logger->Warning("the index of similar cases stays behind", {{"status", status}});
    }
    failures = status.ok() ? 0 : failures + 1;
    if (!Pause(failures > 0 ? PauseAfterFailures(failures) : options_.pause)) return;
  }
}

absl::Status CaseIndexer::CatchUp() {
  const feed::TailSnapshot snapshot = options_.tail->Get();
  absl::StatusOr<SearchIndex::Cursors> opened = options_.index->Open();
  if (!opened.ok() && !absl::IsNotFound(opened.status())) return opened.status();
  bool followed = false;
  if (opened.ok()) {
    cursors_ = *std::move(opened);
    ZHUQI_ASSIGN_OR_RETURN(followed, Follow(snapshot));
    if (!followed)
      options_.logger->Warning("the log is another one: the index of similar cases is built anew");
  } else {
    options_.logger->Info("the index of similar cases is built", {{"why", opened.status()}});
  }
  if (!followed) ZHUQI_RETURN_IF_ERROR(Build(snapshot));
  if (stopping()) return absl::OkStatus();
  // All that these places of intake's log brought about stands in what was indexed up to the snapshot's
  // heads.
  for (const common::v1::FeedPosition& applied : snapshot.upstream) {
    options_.positions->Advance(applied.source(), applied.partition(), applied.sequence());
  }
  return absl::OkStatus();
}

absl::Status CaseIndexer::Build(const feed::TailSnapshot& snapshot) {
  ZHUQI_RETURN_IF_ERROR(options_.index->BeginAnew());
  ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, options_.pool->Acquire(absl::Now() + kIndexingTimeout));
  // Places first: what changes while the cases are read comes after them, and is read again.
  cursors_.clear();
  for (const auto& [partition, head] : snapshot.heads) {
    common::v1::FeedPosition& cursor = cursors_.emplace_back();
    cursor.set_source(kRouting);
    cursor.set_partition(partition);
    cursor.set_sequence(head);
    ZHUQI_ASSIGN_OR_RETURN(const std::optional<feed::v1::Event> at, feed::FindEvent(*lease, partition, head));
    if (at.has_value()) cursor.set_commit_id(at->commit_id());
  }
  Uuid after;
  for (int page = 1; !stopping(); ++page) {
    ZHUQI_ASSIGN_OR_RETURN(const std::vector<v1::Case> cases,
                           ReadCasesAfter(*lease, after, options_.page_size));
    ZHUQI_RETURN_IF_ERROR(PutCases(*lease, cases));
    if (static_cast<int>(cases.size()) < options_.page_size) {
      ZHUQI_RETURN_IF_ERROR(options_.index->Commit(cursors_));
      SayHowFar();
      options_.logger->Info("the index of similar cases is built");
      return absl::OkStatus();
    }
    after = IdOf(cases.back());
    if (page % kPagesInAPart == 0) ZHUQI_RETURN_IF_ERROR(options_.index->CommitPart());
  }
  return absl::OkStatus();
}

absl::Status CaseIndexer::PutCases(db::Connection& connection, std::vector<v1::Case> cases) {
  // An issue is found once: its children read as it does, and what they answered is its solution.
  std::erase_if(cases, [](const v1::Case& body) { return body.has_parent(); });
  std::vector<Uuid> ids;
  for (const v1::Case& body : cases) ids.push_back(IdOf(body));
  ZHUQI_ASSIGN_OR_RETURN(auto solutions, ReadSolutions(connection, ids));
  std::vector<SearchEntry> entries;
  for (size_t i = 0; i < cases.size(); ++i) entries.push_back(SearchEntryOf(cases[i], solutions[ids[i]]));
  return options_.index->Put(entries);
}

absl::StatusOr<bool> CaseIndexer::Follow(const feed::TailSnapshot& snapshot) {
  for (const auto& [partition, head] : snapshot.heads) {
    ZHUQI_ASSIGN_OR_RETURN(const bool same_log, FollowPartition(partition, head));
    if (!same_log) return false;
  }
  SayHowFar();
  return true;
}

absl::StatusOr<bool> CaseIndexer::FollowPartition(int32_t partition, int64_t head) {
  const auto cursor = std::find_if(cursors_.begin(), cursors_.end(), [partition](const auto& position) {
    return position.partition() == partition;
  });
  if (cursor == cursors_.end() || cursor->sequence() > head) return false;
  while (cursor->sequence() < head && !stopping()) {
    const int64_t after = cursor->sequence();
    ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, options_.pool->Acquire(absl::Now() + kIndexingTimeout));
    // From the event at the cursor on: it says whether this is the log that was followed.
    ZHUQI_ASSIGN_OR_RETURN(
        const std::vector<feed::v1::Event> events,
        feed::ReadEvents(*lease, partition, std::max<int64_t>(after - 1, 0), head, kEventsAtOnce));
    if (events.empty()) return false;
    if (after > 0 && (events[0].sequence() != after || events[0].commit_id() != cursor->commit_id())) {
      return false;
    }
    ZHUQI_ASSIGN_OR_RETURN(const CaseMap changed, ReadCases(*lease, CasesOf(events, after)));
    std::vector<v1::Case> cases;
    for (const auto& [id, record] : changed) cases.push_back(record.body);
    ZHUQI_RETURN_IF_ERROR(PutCases(*lease, std::move(cases)));
    cursor->set_sequence(events.back().sequence());
    cursor->set_commit_id(events.back().commit_id());
    ZHUQI_RETURN_IF_ERROR(options_.index->Commit(cursors_));
  }
  return true;
}

void CaseIndexer::SayHowFar() {
  for (const common::v1::FeedPosition& cursor : cursors_) {
    options_.positions->Advance(kRouting, cursor.partition(), cursor.sequence());
  }
}

}  // namespace zhuqi::routing
