#include "services/routing/cases/case_bulk.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/page_token.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"

namespace zhuqi::routing {
namespace {

constexpr int kMaximumViolations = 20;

v1::ActionRefusal RefusalOf(const absl::Status& status) {
  v1::ActionRefusal refusal;
  refusal.set_code(static_cast<int>(status.code()));
  refusal.set_reason(rpc::ReasonOf(status));
  refusal.set_message(rpc::BoundedText(status.message()));
  if (const auto message = rpc::LocalizedMessageOf(status)) refusal.set_message_zh(message->message());
  if (const auto info = rpc::ErrorInfoOf(status)) *refusal.mutable_metadata() = info->metadata();
  const auto request = rpc::BadRequestOf(status);
  if (!request.has_value()) return refusal;
  for (int i = 0; i < std::min(request->field_violations_size(), kMaximumViolations); ++i) {
    common::v1::FieldViolation& violation = *refusal.add_violations();
    violation.set_field(request->field_violations(i).field());
    // A description reads "REASON: english".
    const std::string& description = request->field_violations(i).description();
    const size_t colon = description.find(": ");
    if (colon == std::string::npos) {
      violation.set_message(description);
    } else {
      violation.set_reason(description.substr(0, colon));
      violation.set_message(description.substr(colon + 2));
    }
  }
  return refusal;
}

}  // namespace

absl::Status CheckBulk(const v1::ActOnCasesRequest& request) {
  rpc::Violations violations;
  if (request.actions().empty() || request.actions_size() > kMaximumActions) {
    violations.Add("actions", "ACTIONS_OUT_OF_RANGE", absl::StrCat("1 to ", kMaximumActions, " actions"),
                   absl::StrCat("操作须为1至", kMaximumActions, "个"));
    return violations.ToStatus();
  }
  std::set<std::string> seen;
  for (int i = 0; i < request.actions_size(); ++i) {
    // One without an id is refused by itself.
    const std::string& id = request.actions(i).request_id();
    if (id.empty() || seen.insert(id).second) continue;
    violations.Add(absl::StrCat("actions[", i, "].request_id"), "REQUEST_ID_REPEATED",
                   "another action of this call has the same request_id", "request_id 重复");
  }
  return violations.ToStatus();
}

v1::ActOnCasesResponse BulkAnswer(std::vector<absl::StatusOr<v1::ActOnCaseResponse>> outcomes) {
  v1::ActOnCasesResponse answer;
  size_t bytes = 0;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    v1::ActOnCaseResult& result = *answer.add_results();
    result.set_index(static_cast<int32_t>(i));
    if (!outcomes[i].ok()) {
      *result.mutable_refusal() = RefusalOf(outcomes[i].status());
      continue;
    }
    v1::ActOnCaseResponse& done = *result.mutable_done();
    done = *std::move(outcomes[i]);
    bytes += done.case_().ByteSizeLong();
    if (bytes > kMaxPageBytes) done.clear_case_();
    const auto merged = feed::MergeTokens(answer.consistency_token(), done.consistency_token());
    if (merged.ok()) answer.set_consistency_token(*merged);
  }
  return answer;
}

}  // namespace zhuqi::routing
