// Task forces and what is followed to the end, as text for people.
#ifndef ZHUQI_TOOLS_ZHUQICTL_TASK_FORCE_TEXT_H_
#define ZHUQI_TOOLS_ZHUQICTL_TASK_FORCE_TEXT_H_

#include <string>

#include "zhuqi/routing/v1/special_item.pb.h"
#include "zhuqi/routing/v1/task_force.pb.h"
#include "zhuqi/routing/v1/task_force_service.pb.h"

namespace zhuqi::ctl {

// A line for each, and how many.
std::string TaskForceTable(const routing::v1::ListTaskForcesResponse& response);
std::string SpecialTable(const routing::v1::ListSpecialItemsResponse& response);

// Everything that matters about a task force, without its cases and history; ends with a line end.
std::string DescribeTaskForce(const routing::v1::TaskForce& task_force);
// Its cases and the entries of its history, a line each.
std::string TaskForceCases(const routing::v1::GetTaskForceResponse& response);
std::string TaskForceHistory(const routing::v1::GetTaskForceResponse& response);

// "followed by …, next report due …": one line without its end.
std::string SpecialText(const routing::v1::SpecialItem& special);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_TASK_FORCE_TEXT_H_
