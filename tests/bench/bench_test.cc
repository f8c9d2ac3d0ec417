#include <fstream>
#include <set>
#include <string>

#include "common/vocabulary/credit_code.h"
#include "gtest/gtest.h"
#include "tests/bench/issue_source.h"
#include "tests/bench/measurement.h"

namespace zhuqi::bench {
namespace {

constexpr char kPractice[] = ZHUQI_PRACTICE_RECORDS;

TEST(IssueSource, GivesIssuesOfUsualSizeWithKeysThatGrow) {
  auto source = IssueSource::Load(kPractice, absl::FromUnixMillis(1700000000000));
  ASSERT_TRUE(source.ok()) << source.status();
  std::string previous;
  size_t bytes = 0;
  for (int i = 0; i < 1000; ++i) {
    intake::v1::RecordSubmission submission;
    (*source)->Fill(&submission);
    ASSERT_TRUE(submission.has_issue());
    EXPECT_FALSE(submission.issue().has_visit());
    EXPECT_FALSE(vocabulary::CheckCreditCode(submission.issue().enterprise().uscc()).problem.has_value());
    EXPECT_GE(submission.ByteSizeLong(), kIssueBytes);
    EXPECT_GT(submission.key().external_id(), previous);
    previous = submission.key().external_id();
    bytes += submission.ByteSizeLong();
  }
  EXPECT_LT(bytes / 1000, kIssueBytes * 2);
}

TEST(IssueSource, AFileWithoutIssuesIsRefused) {
  const std::string path = testing::TempDir() + "/no_issues.jsonl";
  std::ofstream(path) << R"({"key":{"source_system":"s","external_id":"1"},"visit":{}})"
                      << "\n";
  EXPECT_EQ(IssueSource::Load(path, absl::UnixEpoch()).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(IssueSource::Load(path + ".none", absl::UnixEpoch()).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(Measurement, OnlyWhatEndsWithinTheWindowCounts) {
  const absl::Time start = absl::UnixEpoch();
  Report report(Window::Starting(start, absl::Seconds(2), absl::Seconds(10)));
  Samples samples(report.window());
  samples.Add(start, start + absl::Seconds(1), 7);                     // warm-up
  samples.Add(start + absl::Seconds(1), start + absl::Seconds(3), 5);  // begun before, ended within
  samples.Add(start + absl::Seconds(11), start + absl::Milliseconds(11500), 15);
  samples.Add(start + absl::Seconds(11), start + absl::Seconds(12), 7);  // at the end
  report.Take(samples);
  const absl::StatusOr<Measured> measured = report.Finish();
  ASSERT_TRUE(measured.ok());
  EXPECT_EQ(measured->items, 20);
  EXPECT_EQ(measured->items_per_second, 2.0);
  EXPECT_EQ(measured->p50_milliseconds, 500);
  EXPECT_EQ(measured->p99_milliseconds, 2000);
  EXPECT_EQ(ToJson("submit", *measured),
            R"({"mode":"submit","items":20,"items_per_second":2.0,"p50_ms":500.000,"p99_ms":2000.000})");
}

TEST(Measurement, PercentilesAreByNearestRank) {
  const absl::Time start = absl::UnixEpoch();
  Report report(Window::Starting(start, absl::ZeroDuration(), absl::Seconds(10)));
  for (int i = 100; i >= 1; --i) {
    Samples samples(report.window());
    samples.Add(start, start + absl::Milliseconds(i), 1);
    report.Take(samples);
  }
  const absl::StatusOr<Measured> measured = report.Finish();
  ASSERT_TRUE(measured.ok());
  EXPECT_EQ(measured->p50_milliseconds, 50);
  EXPECT_EQ(measured->p99_milliseconds, 99);
}

TEST(Measurement, ARunWithAnErrorOrWithoutAnythingMeasuresNothing) {
  Report empty(Window::Starting(absl::UnixEpoch(), absl::ZeroDuration(), absl::Seconds(1)));
  EXPECT_EQ(empty.Finish().status().code(), absl::StatusCode::kUnavailable);
  Report failed(Window::Starting(absl::UnixEpoch(), absl::ZeroDuration(), absl::Seconds(1)));
  failed.Fail(absl::InternalError("first"));
  failed.Fail(absl::AbortedError("second"));
  EXPECT_EQ(failed.Finish().status(), absl::InternalError("first"));
}

}  // namespace
}  // namespace zhuqi::bench
