#include "tools/zhuqictl/bulk.h"

#include <algorithm>
#include <iostream>
#include <thread>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/feed/token.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/failure.h"
#include "tools/zhuqictl/json_text.h"
#include "tools/zhuqictl/patience.h"

namespace zhuqi::ctl {
namespace {

// How long a service that is away is waited for.
constexpr absl::Duration kPatience = absl::Minutes(2);

using Lane = std::vector<BulkItem>;

std::vector<Lane> LanesOf(std::vector<BulkItem> items) {
  std::vector<Lane> lanes;
  absl::flat_hash_map<std::string, std::size_t> index;
  for (BulkItem& item : items) {
    const auto [found, is_new] = index.try_emplace(item.lane, lanes.size());
    if (is_new) lanes.emplace_back();
    lanes[found->second].push_back(std::move(item));
  }
  return lanes;
}

class Runner {
 public:
  Runner(std::vector<Lane> lanes, int64_t total, Progress& progress)
      : lanes_(std::move(lanes)), total_(total), progress_(progress) {}

  BulkResult Run(int in_flight) {
    const auto count = std::min(static_cast<std::size_t>(std::max(in_flight, 1)), lanes_.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i) threads.emplace_back([this] { TakeLanes(); });
    for (std::thread& thread : threads) thread.join();
    std::sort(result_.failures.begin(), result_.failures.end(),
              [](const BulkFailure& a, const BulkFailure& b) { return a.line < b.line; });
    return std::move(result_);
  }

 private:
  void TakeLanes() {
    while (true) {
      std::size_t lane = 0;
      {
        absl::MutexLock lock(&mutex_);
        if (next_lane_ >= lanes_.size()) return;
        lane = next_lane_++;
      }
      RunLane(lanes_[lane]);
    }
  }

  void RunLane(const Lane& lane) {
    for (std::size_t i = 0; i < lane.size(); ++i) {
      const absl::StatusOr<std::string> token = RunItem(lane[i]);
      absl::MutexLock lock(&mutex_);
      if (token.ok()) {
        ++result_.done;
        if (absl::StatusOr<std::string> merged = feed::MergeTokens(result_.token, *token); merged.ok())
          result_.token = *std::move(merged);
      } else {
        const auto rest = static_cast<int64_t>(lane.size() - i - 1);
        result_.failures.push_back({lane[i].line, token.status(), rest});
        result_.not_tried += rest;
      }
      const int64_t behind = result_.done + result_.not_tried + static_cast<int64_t>(result_.failures.size());
      progress_.Update(std::min(behind, total_), behind);
      if (!token.ok()) return;
    }
  }

  absl::StatusOr<std::string> RunItem(const BulkItem& item) {
    Patience patience(kPatience, [this](absl::string_view message) { progress_.Say(message); });
    while (true) {
      absl::StatusOr<std::string> token = item.run();
      if (token.ok() || !patience.TryAgain(token.status())) return token;
    }
  }

  const std::vector<Lane> lanes_;
  const int64_t total_;
  Progress& progress_;
  absl::Mutex mutex_;
  std::size_t next_lane_ ABSL_GUARDED_BY(mutex_) = 0;
  BulkResult result_;
};

}  // namespace

BulkResult RunBulk(std::vector<BulkItem> items, int in_flight, Progress& progress) {
  const auto total = static_cast<int64_t>(items.size());
  Runner runner(LanesOf(std::move(items)), total, progress);
  BulkResult result = runner.Run(in_flight);
  progress.Finish();
  return result;
}

int ShowBulkResult(const BulkResult& result, bool json) {
  std::string failures_json;
  bool unreachable = false;
  for (const BulkFailure& failure : result.failures) {
    unreachable = unreachable || ExitCodeOf(failure.status) == kExitUnreachable;
    absl::StrAppend(&failures_json, failures_json.empty() ? "" : ",", "{\"line\":", failure.line,
                    ",\"not_tried\":", failure.not_tried, ",\"error\":", FailureJson(failure.status), "}");
    if (json) continue;
    std::cerr << "line " << failure.line << ": " << FailureInShort(failure.status);
    if (failure.not_tried > 0)
      std::cerr << " (" << failure.not_tried << " later lines of the same matter not tried)";
    std::cerr << "\n";
  }
  const auto failed = static_cast<int64_t>(result.failures.size());
  if (json) {
    std::cout << "{\"done\":" << result.done << ",\"failed\":" << failed
              << ",\"not_tried\":" << result.not_tried
              << ",\"consistency_token\":" << JsonString(result.token) << ",\"failures\":[" << failures_json
              << "]}\n";
  } else {
    std::cout << "done " << WithSeparators(result.done) << ", failed " << WithSeparators(failed)
              << ", not tried " << WithSeparators(result.not_tried) << "\n";
    if (!result.token.empty()) std::cout << "token: " << result.token << "\n";
  }
  std::cout << std::flush;
  if (unreachable) return kExitUnreachable;
  if (failed > 0) return result.done > 0 ? kExitPartlyRejected : kExitRefused;
  return kExitOk;
}

}  // namespace zhuqi::ctl
