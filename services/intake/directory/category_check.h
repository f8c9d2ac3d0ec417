// What makes categories, and the version of their tree, good. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_CATEGORY_CHECK_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_CATEGORY_CHECK_H_

#include "common/directory/directory.h"
#include "common/rpc/errors.h"
#include "services/intake/directory/desired_state.h"
#include "zhuqi/directory/v1/directory_service.pb.h"

namespace zhuqi::intake {

// Checks all but names.
void CheckCategories(const directory::v1::ApplyDirectoryRequest& request, const DesiredState& state,
                     rpc::Violations& violations);

// Brings the tree's text to its stored form and checks that its version grows with every change, so that a
// version says what all categories were. Until a first one is declared, categories change without.
void CheckCategoryTree(directory::v1::ApplyDirectoryRequest& request, const Directory& directory,
                       rpc::Violations& violations);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_CATEGORY_CHECK_H_
