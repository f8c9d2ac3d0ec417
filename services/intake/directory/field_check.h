// What fields of several messages have in common, and how a refusal is worded. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_FIELD_CHECK_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_FIELD_CHECK_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "common/rpc/errors.h"

namespace zhuqi::intake {

// 1 to `max` characters, each a lower case letter, a digit when `digits`, or one of `others`.
bool IsIdentifier(absl::string_view text, std::size_t max, absl::string_view others, bool digits = true);

// Brings `text` to its stored form and refuses what is no text, is longer than `max` characters, or is empty
// though required.
void CheckText(std::string& text, const std::string& path, std::size_t max, bool required,
               rpc::Violations& violations);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_FIELD_CHECK_H_
