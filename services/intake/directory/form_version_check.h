// What versions of a form must be to each other and to what stands in force. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_FORM_VERSION_CHECK_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_FORM_VERSION_CHECK_H_

#include "absl/time/civil_time.h"
#include "common/directory/directory.h"
#include "common/rpc/errors.h"
#include "zhuqi/directory/v1/directory_service.pb.h"

namespace zhuqi::intake {

// The forms that the request leads to.
FormVersions FormsAfter(const Directory& directory, const directory::v1::ApplyDirectoryRequest& request);

// Checks that versions begin in the order of their numbers, and that nothing changes silently for months that
// have begun by `today`: a month keeps its version, and what that version asks for (level, indicators,
// sections, rules, the form below) stays. Names and messages may change, and so may terms (due day, lock,
// last month …), which obligations follow visibly. Forms of the request were checked by themselves before,
// and had none of the path's violations.
void CheckFormVersions(const Directory& directory, const directory::v1::ApplyDirectoryRequest& request,
                       const FormVersions& after, absl::CivilDay today, rpc::Violations& violations);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_FORM_VERSION_CHECK_H_
