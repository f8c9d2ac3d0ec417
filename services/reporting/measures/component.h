// What the cube counts day by day. Measures are made of these; what each of them counts is in
// contributions.cc.
#ifndef ZHUQI_SERVICES_REPORTING_MEASURES_COMPONENT_H_
#define ZHUQI_SERVICES_REPORTING_MEASURES_COMPONENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace zhuqi::reporting {

// A checkpoint keeps components by name, so the order may change; a changed meaning needs a new name.
enum class Component : uint8_t {
  kVisits,
  kPoliciesDelivered,
  kIssuesReceived,
  kOpenChange,    // +1 on the day of receipt, -1 on the day of closing
  kOverdueBegun,  // the day at whose end a case is overdue for the first time
  kOverdueEnded,  // the day on which such a case was closed
  kCasesClosed,
  kCasesResolved,
  kClosedOnTime,
  kHandlingDue,
  kResponseDue,
  kRespondedInTime,
  kEscalations,
  kConsultations,
  kCallBacksAnswered,
  kCallBacksResolved,
  kCallBacksSatisfied,
  kCallBacksNotAnswered,
  kObligationsDue,
  kObligationsMet,
  kObligationsMetOnTime,
};

inline constexpr std::size_t kComponentCount = 21;

absl::string_view ComponentName(Component component);
std::optional<Component> ComponentNamed(absl::string_view name);

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_MEASURES_COMPONENT_H_
