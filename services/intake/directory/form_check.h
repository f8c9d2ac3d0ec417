// What makes a form of monthly summaries good. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_FORM_CHECK_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_FORM_CHECK_H_

#include <string>

#include "common/directory/form_versions.h"
#include "common/rpc/errors.h"
#include "zhuqi/directory/v1/directory.pb.h"

namespace zhuqi::intake {

// Normalises texts, fills in what 0 stands for, and checks everything but the identity and what other forms
// say. `path`: "forms[0]".
void CheckForm(directory::v1::SummaryForm& form, const std::string& path, rpc::Violations& violations);

// Checks what the form says of the form that it sums up; `forms` are those that the request leads to.
void CheckLowerForm(const directory::v1::SummaryForm& form, const FormVersions& forms,
                    const std::string& path, rpc::Violations& violations);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_FORM_CHECK_H_
