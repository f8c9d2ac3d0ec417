// What the subcommands of `themes` have in common.
#ifndef ZHUQI_TOOLS_ZHUQICTL_THEME_TARGET_H_
#define ZHUQI_TOOLS_ZHUQICTL_THEME_TARGET_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/client.h"
#include "tools/zhuqictl/filters.h"
#include "zhuqi/routing/v1/theme.pb.h"

namespace zhuqi::ctl {

// The theme that an action is on.
struct ThemeToActOn {
  std::string theme_id;
  // Empty: whatever it is now.
  std::string etag;
};
// Does it, and shows the theme afterwards; gives the exit code.
int ActOnTheme(Client& client, const ThemeToActOn& target, const routing::v1::ThemeAction& action);

// Each a UUID or "source-system/external-id".
inline absl::Status SetThemeCases(const std::vector<std::string>& texts,
                                  google::protobuf::RepeatedPtrField<routing::v1::ThemeCaseKey>* cases) {
  for (const std::string& text : texts) {
    ZHUQI_ASSIGN_OR_RETURN(const Target target, ParseTarget(text));
    if (target.id.empty()) {
      *cases->Add()->mutable_issue_key() = target.key;
    } else {
      cases->Add()->set_case_id(target.id);
    }
  }
  return absl::OkStatus();
}

// Empty text leaves the day.
template <class Message>
absl::Status SetDay(const std::string& text, common::v1::Date* (Message::*field)(), Message* message) {
  if (text.empty()) return absl::OkStatus();
  ZHUQI_ASSIGN_OR_RETURN(*(message->*field)(), ParseDate(text));
  return absl::OkStatus();
}

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_THEME_TARGET_H_
