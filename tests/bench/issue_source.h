// Issues to send, as districts write them: those of the practice, each under a key of its own.
#ifndef ZHUQI_TESTS_BENCH_ISSUE_SOURCE_H_
#define ZHUQI_TESTS_BENCH_ISSUE_SOURCE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::bench {

// Serialised size that short issues are drawn out to, in bytes.
inline constexpr size_t kIssueBytes = 600;

// Thread-safe.
class IssueSource {
 public:
  // Takes the issues of a file with one RecordSubmission a line (protobuf JSON). `now` goes into the keys:
  // two runs on one database send different records, and keys grow with time as they do in real systems.
  static absl::StatusOr<std::unique_ptr<IssueSource>> Load(const std::string& path, absl::Time now);

  // The next issue; no two have the same key.
  void Fill(intake::v1::RecordSubmission* submission);

 private:
  IssueSource(std::vector<intake::v1::RecordSubmission> issues, std::string run)
      : issues_(std::move(issues)), run_(std::move(run)) {}

  const std::vector<intake::v1::RecordSubmission> issues_;
  const std::string run_;
  std::atomic<uint64_t> next_{0};
};

}  // namespace zhuqi::bench

#endif  // ZHUQI_TESTS_BENCH_ISSUE_SOURCE_H_
