// A deadline's explanation as text for people.
#ifndef ZHUQI_TOOLS_ZHUQICTL_DEADLINE_TEXT_H_
#define ZHUQI_TOOLS_ZHUQICTL_DEADLINE_TEXT_H_

#include <string>

#include "zhuqi/routing/v1/deadline_service.pb.h"

namespace zhuqi::ctl {

// The deadline, what it was reckoned with, and every day in a line; ends with a line end.
std::string DescribeDeadline(const routing::v1::ExplainDeadlineResponse& response);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_DEADLINE_TEXT_H_
