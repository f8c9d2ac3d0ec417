#include "services/reporting/measures/component.h"

#include <array>

namespace zhuqi::reporting {
namespace {
constexpr std::array<absl::string_view, kComponentCount> kNames = {
    "visits",
    "policies_delivered",
    "issues_received",
    "open_change",
    "overdue_begun",
    "overdue_ended",
    "cases_closed",
    "cases_resolved",
    "closed_on_time",
    "handling_due",
    "response_due",
    "responded_in_time",
    "escalations",
    "consultations",
    "call_backs_answered",
    "call_backs_resolved",
    "call_backs_satisfied",
    "call_backs_not_answered",
    "obligations_due",
    "obligations_met",
    "obligations_met_on_time",
};
}  // namespace

absl::string_view ComponentName(Component component) { return kNames[static_cast<std::size_t>(component)]; }

std::optional<Component> ComponentNamed(absl::string_view name) {
  for (std::size_t i = 0; i < kComponentCount; ++i) {
    if (kNames[i] == name) return static_cast<Component>(i);
  }
  return std::nullopt;
}

}  // namespace zhuqi::reporting
