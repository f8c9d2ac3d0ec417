// What requests of several services have in common. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_ENTERPRISES_REQUEST_FIELDS_H_
#define ZHUQI_SERVICES_INTAKE_ENTERPRISES_REQUEST_FIELDS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/base/uuid.h"
#include "common/directory/directory.h"
#include "common/rpc/errors.h"
#include "zhuqi/common/v1/date.pb.h"

namespace zhuqi::intake {

inline constexpr int kDefaultPageSize = 50;
inline constexpr int kMaxPageSize = 500;

// A request id. When `needed` is false it may be empty, and then nothing is returned.
std::optional<Uuid> ReadRequestId(const std::string& text, bool needed, rpc::Violations& violations);

// A month that may be absent; one that does not exist is noted.
std::optional<absl::CivilMonth> ReadMonth(const common::v1::YearMonth& month, bool given,
                                          absl::string_view field, rpc::Violations& violations);

// A credit code in any writing, in normal form; empty and noted when it is none.
std::string ReadCreditCode(const std::string& text, absl::string_view field, rpc::Violations& violations);

// The unit and all below it, for a condition of SQL. Empty: no condition, for no unit or the root: a list of
// all units could be longer than a statement may be. A unit that is not known is noted.
std::vector<std::string> ReadUnits(const Directory& directory, const std::string& org_unit_id,
                                   absl::string_view field, rpc::Violations& violations);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_ENTERPRISES_REQUEST_FIELDS_H_
