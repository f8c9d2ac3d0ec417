// Themes and preventive work items as text for people. Pure.
#ifndef ZHUQI_TOOLS_ZHUQICTL_THEME_TEXT_H_
#define ZHUQI_TOOLS_ZHUQICTL_THEME_TEXT_H_

#include <string>

#include "google/protobuf/repeated_field.h"
#include "zhuqi/routing/v1/theme_service.pb.h"

namespace zhuqi::ctl {

// A line for each, and how many.
std::string ThemeTable(const routing::v1::ListThemesResponse& response, bool chinese);
std::string PreventiveItemList(const routing::v1::ListPreventiveItemsResponse& response, bool chinese);

// Everything that matters about a theme but its cases and history; ends with a line end.
std::string DescribeTheme(const routing::v1::Theme& theme, bool chinese);
// With recurrence, cases, preventive items and history.
std::string DescribeWholeTheme(const routing::v1::GetThemeResponse& response, bool chinese);
std::string DescribePreventiveItem(const routing::v1::PreventiveItem& item, bool chinese);

// "一类问题: …" a line for each; empty when there are none.
std::string ThemeReferences(const google::protobuf::RepeatedPtrField<routing::v1::ThemeReference>& themes,
                            bool chinese);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_THEME_TEXT_H_
