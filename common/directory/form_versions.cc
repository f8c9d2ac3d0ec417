#include "common/directory/form_versions.h"

#include <optional>

#include "common/directory/date_message.h"

namespace zhuqi {

using directory::v1::SummaryForm;

FormVersions::FormVersions(const FormVersions& before, const std::vector<const SummaryForm*>& changed)
    : all_(before.all_) {
  for (const SummaryForm* form : changed) {
    all_.insert_or_assign(std::make_pair(form->form_id(), VersionOf(*form)), *form);
  }
  // In the order of versions, so the last one stays.
  for (const auto& [key, form] : all_) newest_.insert_or_assign(key.first, form);
}

const SummaryForm* FormVersions::Find(absl::string_view form_id, int32_t version) const {
  const auto found = all_.find({std::string(form_id), version == 0 ? 1 : version});
  return found == all_.end() ? nullptr : &found->second;
}

const SummaryForm* FormVersions::For(absl::string_view form_id, absl::CivilMonth month) const {
  const SummaryForm* in_force = nullptr;
  for (auto at = all_.lower_bound({std::string(form_id), 0}); at != all_.end() && at->first.first == form_id;
       ++at) {
    const std::optional<absl::CivilMonth> first = CivilMonthFrom(at->second.first_month());
    if (first.has_value() && *first <= month) in_force = &at->second;
  }
  if (in_force == nullptr || !in_force->has_last_month()) return in_force;
  const std::optional<absl::CivilMonth> last = CivilMonthFrom(in_force->last_month());
  return last.has_value() && *last < month ? nullptr : in_force;
}

}  // namespace zhuqi
