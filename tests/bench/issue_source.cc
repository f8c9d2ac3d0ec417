#include "tests/bench/issue_source.h"

#include <fstream>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/protobuf/util/json_util.h"

namespace zhuqi::bench {
namespace {

// Practice issues are short. What enterprises send in is not: the text goes on until the record has its usual
// size.
void DrawOut(intake::v1::Issue* issue, size_t missing) {
  static constexpr char kMore[] =
      "企业表示已多次与有关部门沟通，材料已按清单备齐并补正两次，目前仍未明确办理时限。"
      "希望由牵头部门召集相关单位现场研究，列出办理步骤和责任人，对因政策调整形成的历史问题给出书面意见，"
      "避免影响年内投产和订单交付。";
  for (size_t added = 0; added < missing; added += sizeof(kMore) - 1) issue->mutable_text()->append(kMore);
}

void SetKey(intake::v1::RecordSubmission* submission, const std::string& run, uint64_t number) {
  submission->mutable_key()->set_source_system("bench");
  submission->mutable_key()->set_external_id(absl::StrFormat("%s-%09d", run, number));
}

}  // namespace

absl::StatusOr<std::unique_ptr<IssueSource>> IssueSource::Load(const std::string& path, absl::Time now) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat("can not read ", path));
  const std::string run = absl::StrFormat("%013d", absl::ToUnixMillis(now));
  std::vector<intake::v1::RecordSubmission> issues;
  for (std::string line; std::getline(file, line);) {
    intake::v1::RecordSubmission submission;
    if (!google::protobuf::util::JsonStringToMessage(line, &submission).ok()) {
      return absl::InvalidArgumentError(absl::StrCat(path, " has a line that is no RecordSubmission"));
    }
    if (!submission.has_issue()) continue;
    // The visit stands under the practice's key, and need not be in the database.
    submission.mutable_issue()->clear_visit();
    SetKey(&submission, run, issues.size());
    const size_t size = submission.ByteSizeLong();
    if (size < kIssueBytes) DrawOut(submission.mutable_issue(), kIssueBytes - size);
    issues.push_back(std::move(submission));
  }
  if (issues.empty()) return absl::InvalidArgumentError(absl::StrCat(path, " has no issue"));
  return absl::WrapUnique(new IssueSource(std::move(issues), run));
}

void IssueSource::Fill(intake::v1::RecordSubmission* submission) {
  const uint64_t number = next_.fetch_add(1, std::memory_order_relaxed);
  *submission = issues_[number % issues_.size()];
  SetKey(submission, run_, number);
}

}  // namespace zhuqi::bench
