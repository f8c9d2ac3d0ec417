#include "services/intake/enterprises/policy_rules.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/directory/date_message.h"

namespace zhuqi::intake {
namespace {

using directory::v1::Policy;
using directory::v1::PolicyEligibility;
using Verdict = v1::PolicyMatch::Verdict;

constexpr Verdict kEligible = v1::PolicyMatch::VERDICT_ELIGIBLE;
constexpr Verdict kNotEligible = v1::PolicyMatch::VERDICT_NOT_ELIGIBLE;
constexpr Verdict kUnknown = v1::PolicyMatch::VERDICT_UNKNOWN;

template <typename List, typename Value>
bool Has(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

Verdict Holds(bool holds) { return holds ? kEligible : kNotEligible; }

bool IsWithin(absl::CivilDay day, const common::v1::Date* first, const common::v1::Date* last) {
  if (first != nullptr && day < CivilDayFrom(*first).value_or(day)) return false;
  return last == nullptr || day <= CivilDayFrom(*last).value_or(day);
}

std::string DayText(const common::v1::Date* date) {
  const auto day = date == nullptr ? std::nullopt : CivilDayFrom(*date);
  return day.has_value() ? absl::FormatCivilTime(*day) : "";
}

// "2024-01-01..2024-12-31", open where there is no bound.
std::string SpanText(const common::v1::Date* first, const common::v1::Date* last) {
  return absl::StrCat(DayText(first), "..", DayText(last));
}

std::string SizeText(int size) {
  const std::string& name =
      directory::v1::EnterpriseSize_Name(static_cast<directory::v1::EnterpriseSize>(size));
  return absl::AsciiStrToLower(absl::StripPrefix(name, "ENTERPRISE_SIZE_"));
}

template <typename List>
std::string ListText(const List& list) {
  return absl::StrJoin(list, ", ");
}

// Looks at every condition that the policy has. `see(name, verdict, wanted, found)` is given the texts as
// functions, for who wants the verdict alone.
template <typename See>
void LookAtConditions(const Policy& policy, const v1::Enterprise& enterprise, absl::CivilDay day,
                      const Directory& directory, See see) {
  see(
      "org_unit", Holds(directory.IsInOrBelow(enterprise.org_unit_id(), policy.org_unit_id())),
      [&] { return policy.org_unit_id(); }, [&] { return enterprise.org_unit_id(); });
  see(
      "in_force", Holds(IsInForce(policy, day)),
      [&] {
        return SpanText(policy.has_valid_from() ? &policy.valid_from() : nullptr,
                        policy.has_valid_to() ? &policy.valid_to() : nullptr);
      },
      [&] { return absl::FormatCivilTime(day); });
  const PolicyEligibility& asked = policy.eligibility();
  if (!asked.industry_sections().empty()) {
    const std::string& section = enterprise.industry_section();
    see(
        "industry_sections", section.empty() ? kUnknown : Holds(Has(asked.industry_sections(), section)),
        [&] { return ListText(asked.industry_sections()); }, [&] { return section; });
  }
  if (!asked.sizes().empty()) {
    const bool known = enterprise.size() != directory::v1::ENTERPRISE_SIZE_UNSPECIFIED;
    see(
        "sizes", known ? Holds(Has(asked.sizes(), static_cast<int>(enterprise.size()))) : kUnknown,
        [&] {
          return absl::StrJoin(asked.sizes(), ", ",
                               [](std::string* out, int size) { absl::StrAppend(out, SizeText(size)); });
        },
        [&] { return known ? SizeText(enterprise.size()) : ""; });
  }
  // Marks are always known: an enterprise that is not marked with a tag does not have it.
  const auto& tags = enterprise.tags();
  const auto has = [&](const std::string& tag) { return Has(tags, tag); };
  const auto found_tags = [&] { return tags.empty() ? "-" : ListText(tags); };
  if (const auto& all = asked.all_tags(); !all.empty()) {
    see(
        "all_tags", Holds(std::all_of(all.begin(), all.end(), has)), [&] { return ListText(all); },
        found_tags);
  }
  if (const auto& any = asked.any_tags(); !any.empty()) {
    see(
        "any_tags", Holds(std::any_of(any.begin(), any.end(), has)), [&] { return ListText(any); },
        found_tags);
  }
  if (const auto& none = asked.no_tags(); !none.empty()) {
    see(
        "no_tags", Holds(std::none_of(none.begin(), none.end(), has)), [&] { return ListText(none); },
        found_tags);
  }
  if (asked.has_registered()) {
    const common::v1::Date* first = asked.registered().has_first() ? &asked.registered().first() : nullptr;
    const common::v1::Date* last = asked.registered().has_last() ? &asked.registered().last() : nullptr;
    const auto registered =
        enterprise.has_registered_on() ? CivilDayFrom(enterprise.registered_on()) : std::nullopt;
    see(
        "registered", registered.has_value() ? Holds(IsWithin(*registered, first, last)) : kUnknown,
        [&] { return SpanText(first, last); },
        [&] { return registered.has_value() ? absl::FormatCivilTime(*registered) : ""; });
  }
}

// How far an outcome goes.
int RankOf(v1::PolicyOutcome outcome) {
  switch (outcome) {
    case v1::POLICY_OUTCOME_GRANTED:
      return 4;
    case v1::POLICY_OUTCOME_APPLIED:
      return 3;
    case v1::POLICY_OUTCOME_NOT_ELIGIBLE:
      return 2;
    case v1::POLICY_OUTCOME_EXPLAINED:
      return 1;
    default:
      return 0;
  }
}

Verdict Worse(Verdict left, Verdict right) {
  if (left == kNotEligible || right == kNotEligible) return kNotEligible;
  return left == kUnknown || right == kUnknown ? kUnknown : kEligible;
}

}  // namespace

bool IsInForce(const Policy& policy, absl::CivilDay day) {
  return IsWithin(day, policy.has_valid_from() ? &policy.valid_from() : nullptr,
                  policy.has_valid_to() ? &policy.valid_to() : nullptr);
}

Verdict VerdictOf(const Policy& policy, const v1::Enterprise& enterprise, absl::CivilDay day,
                  const Directory& directory) {
  Verdict verdict = kEligible;
  LookAtConditions(
      policy, enterprise, day, directory,
      [&](absl::string_view, Verdict one, const auto&, const auto&) { verdict = Worse(verdict, one); });
  return verdict;
}

v1::PolicyMatch MatchOf(const Policy& policy, const v1::Enterprise& enterprise, absl::CivilDay day,
                        const Directory& directory) {
  v1::PolicyMatch match;
  match.set_uscc(enterprise.uscc());
  match.set_enterprise_name(enterprise.name());
  match.set_policy_id(policy.policy_id());
  match.set_policy_title(policy.title());
  match.set_verdict(kEligible);
  LookAtConditions(policy, enterprise, day, directory,
                   [&](absl::string_view name, Verdict one, const auto& wanted, const auto& found) {
                     match.set_verdict(Worse(match.verdict(), one));
                     v1::PolicyCondition& condition = *match.add_conditions();
                     condition.set_condition(std::string(name));
                     condition.set_verdict(one);
                     condition.set_wanted(wanted());
                     condition.set_found(found());
                   });
  return match;
}

DeliverySummary Summarise(const std::vector<Delivery>& deliveries) {
  DeliverySummary summary;
  summary.first_on = deliveries.front().on;
  const Delivery* newest = &deliveries.front();
  for (const Delivery& delivery : deliveries) {
    summary.first_on = std::min(summary.first_on, delivery.on);
    if (std::tie(delivery.on, delivery.record_id) > std::tie(newest->on, newest->record_id))
      newest = &delivery;
    if (RankOf(delivery.outcome) > RankOf(summary.outcome)) summary.outcome = delivery.outcome;
    // Each is at most 10^17, so that a hundred of them could pass the largest number.
    summary.granted_fen +=
        std::min(delivery.granted_fen, std::numeric_limits<int64_t>::max() - summary.granted_fen);
  }
  summary.newest_record_id = newest->record_id;
  return summary;
}

bool IsClaimed(v1::PolicyOutcome outcome) {
  return outcome == v1::POLICY_OUTCOME_APPLIED || outcome == v1::POLICY_OUTCOME_GRANTED;
}

void SetDeliveries(const DeliverySummary& deliveries, v1::PolicyMatch& match) {
  *match.mutable_brought_on() = DateMessage(deliveries.first_on);
  match.set_outcome(deliveries.outcome);
  match.set_record_id(deliveries.newest_record_id);
  match.set_granted_fen(deliveries.granted_fen);
}

}  // namespace zhuqi::intake
