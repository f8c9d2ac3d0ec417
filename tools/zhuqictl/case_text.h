// Cases as text for people.
#ifndef ZHUQI_TOOLS_ZHUQICTL_CASE_TEXT_H_
#define ZHUQI_TOOLS_ZHUQICTL_CASE_TEXT_H_

#include <string>

#include "zhuqi/common/v1/source_key.pb.h"
#include "zhuqi/routing/v1/case.pb.h"
#include "zhuqi/routing/v1/catalogue.pb.h"

namespace zhuqi::ctl {

// "source-system/external-id".
std::string KeyText(const common::v1::SourceKey& key);

// Everything that matters about a case, its history too; ends with a line end.
std::string DescribeCase(const routing::v1::Case& item);

// What was done, in one line: "assign jinshui.planning as lead".
std::string ActionText(const routing::v1::CaseAction& action);

// Why something went where it went; ends with a line end.
std::string DescribeDecision(const routing::v1::RouteDecision& decision);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_CASE_TEXT_H_
