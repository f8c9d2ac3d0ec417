#include "services/intake/directory/policy_check.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/intake/directory/field_check.h"

namespace zhuqi::intake {
namespace {

using directory::v1::Policy;
using directory::v1::PolicyEligibility;

constexpr int kMaxTags = 20;
constexpr int kSections = 20;  // 'A' to 'T'

using Tags = google::protobuf::RepeatedPtrField<std::string>;

void CheckTags(const Tags& tags, const std::string& path, rpc::Violations& violations) {
  CheckDistinct(tags, kMaxTags, path, violations);
  for (int i = 0; i < std::min(tags.size(), kMaxTags); ++i) {
    if (IsIdentifier(tags[i], 64, "-")) continue;
    violations.Add(absl::StrCat(path, "[", i, "]"), "IDENTIFIER_INVALID",
                   "must be 1 to 64 of a-z, 0-9 and '-'", "须为 1 至 64 个小写字母、数字或连字符");
  }
}

void CheckSections(const PolicyEligibility& eligibility, const std::string& path,
                   rpc::Violations& violations) {
  CheckDistinct(eligibility.industry_sections(), kSections, path, violations);
  for (int i = 0; i < std::min(eligibility.industry_sections_size(), kSections); ++i) {
    const std::string& section = eligibility.industry_sections(i);
    if (section.size() == 1 && section[0] >= 'A' && section[0] <= 'T') continue;
    violations.Add(absl::StrCat(path, "[", i, "]"), "INDUSTRY_SECTION_UNKNOWN",
                   "must be a section of GB/T 4754, 'A' to 'T'", "须为 GB/T 4754 的门类，A 至 T");
  }
}

void CheckSizes(const PolicyEligibility& eligibility, const std::string& path, rpc::Violations& violations) {
  CheckDistinct(eligibility.sizes(), directory::v1::EnterpriseSize_MAX, path, violations);
  for (int i = 0; i < eligibility.sizes_size(); ++i) {
    if (eligibility.sizes(i) != directory::v1::ENTERPRISE_SIZE_UNSPECIFIED &&
        directory::v1::EnterpriseSize_IsValid(eligibility.sizes(i))) {
      continue;
    }
    violations.Add(absl::StrCat(path, "[", i, "]"), "REQUIRED", "must be a size of enterprises",
                   "须为企业规模类型");
  }
}

void CheckEligibility(const PolicyEligibility& eligibility, const std::string& path,
                      rpc::Violations& violations) {
  CheckSections(eligibility, path + ".industry_sections", violations);
  CheckSizes(eligibility, path + ".sizes", violations);
  CheckTags(eligibility.all_tags(), path + ".all_tags", violations);
  CheckTags(eligibility.any_tags(), path + ".any_tags", violations);
  CheckTags(eligibility.no_tags(), path + ".no_tags", violations);
  if (!eligibility.has_registered()) return;
  const common::v1::DateSpan& span = eligibility.registered();
  const auto first = CheckDay(span.has_first(), span.first(), path + ".registered.first", violations);
  const auto last = CheckDay(span.has_last(), span.last(), path + ".registered.last", violations);
  CheckDays(first, last, path + ".registered.last", violations);
}

void CheckPolicy(Policy& policy, const DesiredState& state, const std::string& path,
                 rpc::Violations& violations) {
  CheckText(*policy.mutable_document_number(), path + ".document_number", 100, false, violations);
  CheckText(*policy.mutable_benefit(), path + ".benefit", 2000, false, violations);
  if (state.FindUnit(policy.org_unit_id()) == nullptr) {
    violations.Add(path + ".org_unit_id", "ORG_UNIT_UNKNOWN",
                   "neither the directory nor the request has this unit", "目录和本次请求中都没有该机构");
  }
  const auto from = CheckDay(policy.has_valid_from(), policy.valid_from(), path + ".valid_from", violations);
  const auto to = CheckDay(policy.has_valid_to(), policy.valid_to(), path + ".valid_to", violations);
  CheckDays(from, to, path + ".valid_to", violations);
  if (policy.has_eligibility()) CheckEligibility(policy.eligibility(), path + ".eligibility", violations);
}

}  // namespace

void CheckPolicies(directory::v1::ApplyDirectoryRequest& request, const DesiredState& state,
                   rpc::Violations& violations) {
  for (int i = 0; i < request.policies_size(); ++i) {
    CheckPolicy(*request.mutable_policies(i), state, absl::StrCat("policies[", i, "]"), violations);
  }
}

}  // namespace zhuqi::intake
