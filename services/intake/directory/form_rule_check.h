// What makes the rules between numbers of a form good. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_FORM_RULE_CHECK_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_FORM_RULE_CHECK_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "common/rpc/errors.h"
#include "zhuqi/directory/v1/directory.pb.h"

namespace zhuqi::intake {

// Normalises messages, fills in what 0 stands for, and checks everything but terms of the lower form.
void CheckFormRules(directory::v1::SummaryForm& form, const std::string& path, rpc::Violations& violations);

// Checks that every term of the lower level names an indicator that `has_lower` knows.
void CheckLowerTerms(const directory::v1::SummaryForm& form,
                     absl::FunctionRef<bool(const std::string&)> has_lower, const std::string& path,
                     rpc::Violations& violations);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_FORM_RULE_CHECK_H_
