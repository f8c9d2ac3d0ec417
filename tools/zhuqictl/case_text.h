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

// How a case stands; ends with a line end. Its story is case_list_text.h's TimelineTable.
std::string DescribeCase(const routing::v1::Case& item);

// Why something went where it went; ends with a line end.
std::string DescribeDecision(const routing::v1::RouteDecision& decision);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_CASE_TEXT_H_
