// The schemas of the services, as built into this program.
#ifndef ZHUQI_TOOLS_ZHUQICTL_SCHEMAS_H_
#define ZHUQI_TOOLS_ZHUQICTL_SCHEMAS_H_

#include <vector>

#include "common/db/migrations.h"

namespace zhuqi::ctl {

// In the order intake, routing, reporting. They live for ever.
std::vector<const db::Schema*> AllSchemas();

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_SCHEMAS_H_
