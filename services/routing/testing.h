// A small city for the tests of this service.
#ifndef ZHUQI_SERVICES_ROUTING_TESTING_H_
#define ZHUQI_SERVICES_ROUTING_TESTING_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "zhuqi/feed/v1/event.pb.h"
#include "zhuqi/routing/v1/catalogue.pb.h"

namespace zhuqi::routing::testing {

// The city "zz" with the districts "js" and "zm" (which has no fire department), and the township "js-t" in
// js. Departments "<unit>.<function>": planning, fire, office, tax at zz; planning, fire, office at js;
// planning, office at zm. Categories land, land.change-of-use, fire, tax.
feed::v1::DirectoryChanged CityChange();
// The city at sequence 1, with the announced holidays of 2024 at the beginning of October.
std::shared_ptr<const Directory> City();

// The change that makes Tuesday 2024-05-14 a day off: version 2 of the calendar.
feed::v1::DirectoryChanged CalendarChange();
// The city with it, at sequence 2.
std::shared_ptr<const Directory> CityWithNewCalendar();

// Version 1. Rules: "legacy-land" (legacy land issues that name two departments: planning at the CITY, the
// named ones co-handle), "land" (planning), "fire" (fire, co-handler planning). Default: office. Response in
// 60 minutes by the wall clock, handling in 7 working days.
v1::Catalogue CityCatalogue();

// The same as version 2 with the ladder "watch" for every target. RESPONSE: "remind" 30 minutes by the wall
// clock before, "supervise" (function office) at the deadline. HANDLING: "remind" 3 working days before,
// "supervise" (planning, from the unit above) at the deadline, "escalate" 1 working day after, "bulletin" 5
// working days after.
v1::Catalogue LadderCatalogue();

// An instant in Asia/Shanghai: At("2024-05-06 09:30").
absl::Time At(absl::string_view text);

// A new issue of js, category land.change-of-use, raised Monday 2024-05-06 at 09:30.
feed::v1::RecordChanged Issue(absl::string_view record_id = "018f4a10-0000-7000-8000-000000000001",
                              absl::string_view external_id = "issue-1");

}  // namespace zhuqi::routing::testing

#endif  // ZHUQI_SERVICES_ROUTING_TESTING_H_
