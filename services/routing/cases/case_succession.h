// Who takes over a case when units and departments are reorganized. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_SUCCESSION_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_SUCCESSION_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "services/routing/cases/case_record.h"
#include "zhuqi/routing/v1/case.pb.h"

namespace zhuqi::routing {

// Who is accountable for the case and leads it by the directory as it is now, and why that changed; absent
// when it did not, and when nobody could take it over.
//
// - The owner ended: the unit that took over and has the lead department now; else the one that the case's
// own unit is
//   below; else the first that was named; when nobody took over, the nearest open unit above.
// - The unit was moved away from the owner: the unit of the owner's level that it is below now.
// - The lead stays while it is open and of the owner or a unit above it. Else it is the department with its
// function at
//   the owner, or at the nearest unit above that has one; else the one with `default_function`. The unit of a
//   new lead is accountable.
// - Owner and lead are there, and another department or team with a part in the case ended: owner and lead
//   stay. An assistant that ended stays while nobody else gives assistance there or above, as the lead does
//   while nobody could take over.
std::optional<v1::HandedOver> SuccessionOf(const v1::Case& body, const Directory& directory,
                                           const std::string& default_function);

// Carries it out: assignments of departments that were closed end and go to those with their function, and
// `succession` says so. Not the last assistant's: whoever writes the change chooses another by load
// (assistant_rules.h), and until then that one stays. A new lead is to accept the case; what was said of it
// already stands.
void HandOver(v1::HandedOver& succession, const Directory& directory, absl::Time at, CaseRecord& record);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_SUCCESSION_H_
