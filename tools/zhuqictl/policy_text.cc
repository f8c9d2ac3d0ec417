#include "tools/zhuqictl/policy_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tools/zhuqictl/table.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {

std::string EligibilityText(const directory::v1::Policy& policy) {
  const directory::v1::PolicyEligibility& asked = policy.eligibility();
  std::vector<std::string> parts;
  if (!asked.industry_sections().empty()) parts.push_back(absl::StrJoin(asked.industry_sections(), ", "));
  if (!asked.sizes().empty()) {
    parts.push_back(absl::StrJoin(asked.sizes(), ", ", [](std::string* out, int size) {
      absl::StrAppend(out, EnumText(static_cast<directory::v1::EnterpriseSize>(size)));
    }));
  }
  if (!asked.all_tags().empty())
    parts.push_back(absl::StrCat("tags: ", absl::StrJoin(asked.all_tags(), ", ")));
  if (!asked.any_tags().empty())
    parts.push_back(absl::StrCat("any tag: ", absl::StrJoin(asked.any_tags(), ", ")));
  if (!asked.no_tags().empty())
    parts.push_back(absl::StrCat("without: ", absl::StrJoin(asked.no_tags(), ", ")));
  if (asked.has_registered()) {
    parts.push_back(absl::StrCat("registered ", DateText(asked.registered().first()), "..",
                                 DateText(asked.registered().last())));
  }
  return parts.empty() ? "all" : absl::StrJoin(parts, "; ");
}

std::string YuanText(int64_t fen) { return fen == 0 ? "" : absl::StrFormat("%d.%02d", fen / 100, fen % 100); }

std::string ObstaclesText(const intake::v1::PolicyMatch& match) {
  std::string text;
  for (const intake::v1::PolicyCondition& one : match.conditions()) {
    if (one.verdict() == intake::v1::PolicyMatch::VERDICT_ELIGIBLE) continue;
    const bool unknown = one.verdict() == intake::v1::PolicyMatch::VERDICT_UNKNOWN;
    absl::StrAppend(&text, text.empty() ? "" : "; ", one.condition(), ": ", one.wanted(),
                    unknown ? " = ?" : " ≠ ", unknown ? "" : one.found());
  }
  return text;
}

std::string MatchTable(const google::protobuf::RepeatedPtrField<intake::v1::PolicyMatch>& matches,
                       bool by_enterprise) {
  Table table({{by_enterprise ? "credit code" : "policy"},
               {by_enterprise ? "name" : "title", Align::kLeft, 40},
               {"may claim"},
               {"why not, or not known", Align::kLeft, 50},
               {"brought on"},
               {"came of it"},
               {"granted (yuan)", Align::kRight}});
  for (const intake::v1::PolicyMatch& match : matches) {
    table.AddRow({by_enterprise ? match.uscc() : match.policy_id(),
                  by_enterprise ? match.enterprise_name() : match.policy_title(), EnumText(match.verdict()),
                  ObstaclesText(match), DateText(match.brought_on()), EnumText(match.outcome()),
                  YuanText(match.granted_fen())});
  }
  return table.ToString();
}

}  // namespace zhuqi::ctl
