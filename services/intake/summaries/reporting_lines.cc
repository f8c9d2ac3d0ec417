#include "services/intake/summaries/reporting_lines.h"

#include <algorithm>

#include "services/intake/summaries/month_evidence.h"
#include "services/intake/summaries/record_scope.h"

namespace zhuqi::intake {

using directory::v1::SummaryForm;
using directory::v1::SummaryIndicator;

ReportingLines::ReportingLines(const Directory& directory, absl::string_view org_unit_id,
                               absl::CivilMonth month, Reporting reporting)
    : directory_(directory), org_unit_id_(org_unit_id), month_(month), reporting_(std::move(reporting)) {
  if (reporting_.empty()) return;
  for (const auto& [id, newest] : directory.forms()) {
    const SummaryForm* form = directory.FormFor(id, month);
    if (form != nullptr) forms_.push_back(form);
  }
  below_ = EverBelow(directory, org_unit_id, month);
}

std::set<std::string> ReportingLines::Besides(const SummaryForm& form,
                                              const SummaryIndicator& indicator) const {
  const std::set<Number> reached = Reached({org_unit_id_, form.form_id(), indicator.indicator_id()});
  std::set<std::string> besides;
  for (const auto& [lower_form, lower_indicator] : SummedIn(form, indicator)) {
    for (const std::string& unit : below_) {
      if (!reporting_.contains({unit, lower_form->form_id()})) continue;
      const std::set<Number> brought =
          Reached({unit, lower_form->form_id(), lower_indicator->indicator_id()});
      const bool meet = std::any_of(brought.begin(), brought.end(),
                                    [&](const Number& number) { return reached.contains(number); });
      if (meet) besides.insert(unit);
    }
  }
  return besides;
}

std::set<ReportingLines::Number> ReportingLines::Reached(Number from) const {
  std::set<Number> reached;
  std::vector<Number> newest = {std::move(from)};
  while (!newest.empty()) {
    const Number number = std::move(newest.back());
    newest.pop_back();
    if (reached.insert(number).second) AddAbove(number, newest);
  }
  return reached;
}

void ReportingLines::AddAbove(const Number& number, std::vector<Number>& above) const {
  const auto& [org_unit_id, form_id, indicator_id] = number;
  const directory::v1::OrgUnit* unit = directory_.FindUnit(org_unit_id);
  if (unit == nullptr) return;
  const std::vector<std::string> ancestors = directory_.AncestorsOf(org_unit_id, LastDayIn(*unit, month_));
  for (const SummaryForm* form : forms_) {
    if (form->lower_form_id() != form_id) continue;
    for (const SummaryIndicator& indicator : form->indicators()) {
      if (indicator.lower_indicator_id() != indicator_id) continue;
      for (const std::string& ancestor : ancestors) {
        if (!reporting_.contains({ancestor, form->form_id()})) continue;
        above.emplace_back(ancestor, form->form_id(), indicator.indicator_id());
      }
    }
  }
}

std::vector<ReportingLines::FormIndicator> ReportingLines::SummedIn(const SummaryForm& form,
                                                                    const SummaryIndicator& indicator) const {
  std::vector<FormIndicator> summed;
  FormIndicator upper(&form, &indicator);
  while (!upper.second->lower_indicator_id().empty()) {
    const SummaryForm* lower = directory_.FormFor(upper.first->lower_form_id(), month_);
    // Another version of the form below may be of another level, and may not have the indicator.
    if (lower == nullptr || lower->level() <= upper.first->level()) break;
    upper = {lower, FindIndicator(*lower, upper.second->lower_indicator_id())};
    if (upper.second == nullptr) break;
    summed.push_back(upper);
  }
  return summed;
}

}  // namespace zhuqi::intake
