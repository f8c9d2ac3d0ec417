// The option --by.
#ifndef ZHUQI_TOOLS_ZHUQICTL_GROUPING_H_
#define ZHUQI_TOOLS_ZHUQICTL_GROUPING_H_

#include <string>

#include "zhuqi/reporting/v1/figure.pb.h"

namespace zhuqi::ctl {

// "kind", "category", "department"; anything else is not grouped.
reporting::v1::GroupBy GroupByOf(const std::string& text);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_GROUPING_H_
