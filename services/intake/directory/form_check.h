// What makes a form of monthly summaries good. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_FORM_CHECK_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_FORM_CHECK_H_

#include <string>

#include "common/rpc/errors.h"
#include "zhuqi/directory/v1/directory.pb.h"

namespace zhuqi::intake {

// Normalises the names and checks everything but the identity. `path`: "forms[0]".
void CheckForm(directory::v1::SummaryForm& form, const std::string& path, rpc::Violations& violations);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_FORM_CHECK_H_
