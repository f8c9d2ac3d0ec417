// The words of all cases, on disk, as a cache: what is damaged, missing or of another version is thrown away
// and built anew. The one place that knows Xapian.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_SEARCH_INDEX_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_SEARCH_INDEX_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/routing/knowledge/search_text_rules.h"
#include "zhuqi/common/v1/consistency.pb.h"

namespace zhuqi::routing {

// What to look for, texts as SearchableText gives them.
struct SearchQuery {
  std::string title;
  std::string text;
  // Cases of it and of those above it count for more. May be empty.
  std::string category_id;
  // Not in the answer.
  std::optional<Uuid> except;
  // Filters: what is absent or empty is not asked.
  std::vector<std::string> org_unit_ids;  // any of these
  std::string within_category_id;         // this or below it
  int outcome = 0;                        // 0: all but WITHDRAWN
  std::optional<absl::Time> received_from;
  std::optional<absl::Time> received_before;
  int limit = 10;
};

struct SearchHit {
  Uuid case_id;
  // Above 0, at most 1.
  double score = 0;
};

// One thread writes; any number read meanwhile, each what was last committed, and none makes the writer wait.
class SearchIndex {
 public:
  // Places in routing's log, with the commit_id of the event at each.
  using Cursors = std::vector<common::v1::FeedPosition>;

  explicit SearchIndex(std::string directory);
  ~SearchIndex();
  SearchIndex(const SearchIndex&) = delete;
  SearchIndex& operator=(const SearchIndex&) = delete;

  // ---- The writer's ----
  // Takes the folder for this process alone, until this is gone, and closes it to other users of the machine.
  // Open and BeginAnew do so, too. FailedPrecondition: something is in it that is no index, which might be
  // somebody's. Unavailable: another process has it.
  absl::Status TakeFolder();
  // Opens what is there, unless it is open: the cursors that it was last committed with. NotFound: there is
  // none of this version, or it is damaged, and it is to be built. Unavailable: another process has it.
  absl::StatusOr<Cursors> Open();
  // Throws away what is there. Not ready until Commit.
  absl::Status BeginAnew();
  // Replaces the entries of these cases.
  absl::Status Put(const std::vector<SearchEntry>& entries);
  // Makes what was put durable, as a part of an index that is not whole yet.
  absl::Status CommitPart();
  // Makes what was put durable, together with the places up to which the index is whole now.
  absl::Status Commit(const Cursors& cursors);

  // ---- Anybody's ----
  // Whether it can be searched: it is whole, and nobody has found it damaged.
  bool ready() const { return whole_.load() && !damaged_.load(); }
  // The best first; of equals the newest. Unavailable when it is not ready.
  absl::StatusOr<std::vector<SearchHit>> Search(const SearchQuery& query) const;
  // The cursors of the last commit.
  Cursors cursors() const;

 private:
  class Writer;
  class Reader;
  std::unique_ptr<Reader> TakeReader() const;
  void GiveBack(std::unique_ptr<Reader> reader) const;
  absl::Status Write(absl::FunctionRef<void(Writer&)> work);
  void SetCursors(const Cursors& cursors);

  const std::string folder_;     // what the operator named
  const std::string directory_;  // within it, the index, which is deleted as a whole
  int lock_ = -1;                // the open lock file; -1: the folder is not taken
  std::unique_ptr<Writer> writer_;
  std::atomic<bool> whole_{false};
  mutable std::atomic<bool> damaged_{false};
  mutable absl::Mutex mutex_;
  Cursors cursors_ ABSL_GUARDED_BY(mutex_);
  mutable std::vector<std::unique_ptr<Reader>> readers_ ABSL_GUARDED_BY(mutex_);
};

// UNAVAILABLE SEARCH_INDEX_BUILDING.
absl::Status IndexIsBeingBuilt();

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_SEARCH_INDEX_H_
