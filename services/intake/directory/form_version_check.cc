#include "services/intake/directory/form_version_check.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "services/intake/directory/difference.h"

namespace zhuqi::intake {
namespace {

using directory::v1::ApplyDirectoryRequest;
using directory::v1::SummaryForm;

// Places in the request by form and version; of one that is named twice the first.
using Places = std::map<std::pair<std::string, int32_t>, int>;

Places PlacesOf(const ApplyDirectoryRequest& request) {
  Places places;
  for (int i = 0; i < request.forms_size(); ++i) {
    places.try_emplace({request.forms(i).form_id(), VersionOf(request.forms(i))}, i);
  }
  return places;
}

void CheckOrder(const FormVersions& after, const Places& places, rpc::Violations& violations) {
  const SummaryForm* before = nullptr;
  for (const auto& [key, form] : after.all()) {
    const SummaryForm* lower = before != nullptr && before->form_id() == form.form_id() ? before : nullptr;
    before = &form;
    if (lower == nullptr) continue;
    const auto first = CivilMonthFrom(form.first_month());
    const auto lower_first = CivilMonthFrom(lower->first_month());
    if (!first.has_value() || !lower_first.has_value() || *lower_first < *first) continue;
    // Of two that stand wrong, the one that the request names is at fault.
    auto place = places.find(key);
    if (place == places.end()) place = places.find({lower->form_id(), VersionOf(*lower)});
    if (place == places.end()) continue;
    violations.Add(absl::StrCat("forms[", place->second, "].first_month"), "VERSIONS_OUT_OF_ORDER",
                   "versions of a form must begin in different months, in the order of their numbers",
                   "报表各版本须按版本号先后在不同月份启用");
  }
}

// What the form asks for, without what people call it and without its terms.
SummaryForm WhatIsAsked(const SummaryForm& form) {
  SummaryForm asked = form;
  asked.clear_name();
  asked.clear_first_month();
  asked.clear_last_month();
  asked.clear_due_working_day();
  asked.clear_due_minute();
  asked.clear_lock_working_day();
  asked.clear_return_working_days();
  asked.clear_remind_working_days();
  for (auto& indicator : *asked.mutable_indicators()) indicator.clear_name();
  for (auto& section : *asked.mutable_sections()) section.clear_name();
  for (auto& rule : *asked.mutable_rules()) {
    rule.clear_message();
    rule.clear_message_zh();
  }
  return asked;
}

void AddInForce(const std::string& path, absl::CivilMonth month, rpc::Violations& violations) {
  const std::string text = absl::FormatCivilTime(month);
  violations.Add(
      path, "FORM_VERSION_IN_FORCE",
      absl::StrCat("it would change for ", text, ", which has begun; make a version for later months"),
      absl::StrCat(text, " 已开始，不能更改；请为以后的月份建立新版本"));
}

// Versions that are in force for a month that has begun, each with the first such month.
std::map<int32_t, absl::CivilMonth> CheckBegunMonths(const Directory& directory, const FormVersions& after,
                                                     const std::string& form_id, const Places& places,
                                                     absl::CivilMonth last, rpc::Violations& violations) {
  std::map<int32_t, absl::CivilMonth> in_force;
  std::set<int32_t> said;
  const auto first_version = directory.form_versions().lower_bound({form_id, 0});
  if (first_version == directory.form_versions().end() || first_version->first.first != form_id)
    return in_force;
  const absl::CivilMonth first = CivilMonthFrom(first_version->second.first_month()).value_or(last);
  for (absl::CivilMonth month = first; month <= last; ++month) {
    const SummaryForm* was = directory.FormFor(form_id, month);
    if (was == nullptr) continue;
    in_force.try_emplace(VersionOf(*was), month);
    const SummaryForm* becomes = after.For(form_id, month);
    if (becomes == nullptr || VersionOf(*becomes) == VersionOf(*was)) continue;
    const auto place = places.find({form_id, VersionOf(*becomes)});
    if (place == places.end() || !said.insert(VersionOf(*becomes)).second) continue;
    AddInForce(absl::StrCat("forms[", place->second, "].first_month"), month, violations);
  }
  return in_force;
}

}  // namespace

FormVersions FormsAfter(const Directory& directory, const ApplyDirectoryRequest& request) {
  std::vector<const SummaryForm*> forms;
  for (const auto& [key, form] : directory.form_versions()) forms.push_back(&form);
  // Backwards, for of a version that is named twice the first counts.
  for (int i = request.forms_size() - 1; i >= 0; --i) forms.push_back(&request.forms(i));
  return FormVersions(FormVersions(), forms);
}

void CheckFormVersions(const Directory& directory, const ApplyDirectoryRequest& request,
                       const FormVersions& after, absl::CivilDay today, rpc::Violations& violations) {
  const Places places = PlacesOf(request);
  CheckOrder(after, places, violations);
  std::set<std::string> form_ids;
  for (const auto& [key, index] : places) form_ids.insert(key.first);
  for (const std::string& form_id : form_ids) {
    for (const auto& [version, month] :
         CheckBegunMonths(directory, after, form_id, places, absl::CivilMonth(today), violations)) {
      const auto place = places.find({form_id, version});
      if (place == places.end()) continue;
      const std::vector<Difference> differences = DifferencesOf(
          WhatIsAsked(*directory.FormVersion(form_id, version)), WhatIsAsked(request.forms(place->second)));
      if (differences.empty()) continue;
      AddInForce(absl::StrCat("forms[", place->second, "].", differences.front().field), month, violations);
    }
  }
}

}  // namespace zhuqi::intake
