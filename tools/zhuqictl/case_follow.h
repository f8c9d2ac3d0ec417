// Following what happens to cases, over lost connections too.
#ifndef ZHUQI_TOOLS_ZHUQICTL_CASE_FOLLOW_H_
#define ZHUQI_TOOLS_ZHUQICTL_CASE_FOLLOW_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tools/zhuqictl/client.h"
#include "zhuqi/routing/v1/case_service.pb.h"

namespace zhuqi::ctl {

struct CaseFollowOptions {
  // Filter, and the cursor to begin at.
  routing::v1::WatchCasesRequest request;
  // Holds the cursor after each message that was dealt with. Empty: it is kept nowhere.
  std::string cursor_file;
  // Ends after so many updates. 0: never.
  int64_t limit = 0;
  // How long to try when the service is away.
  absl::Duration patience = absl::Seconds(120);
  // Called once when the stream stands: what is read then, and the stream, leave nothing out between them.
  std::function<absl::Status()> begin = [] { return absl::OkStatus(); };
  // Which updates to show.
  std::function<bool(const routing::v1::CaseUpdate&)> wanted = [](const routing::v1::CaseUpdate&) {
    return true;
  };
};

// Shows updates until the limit, or for ever. Gives the exit code.
int FollowCases(Client& client, CaseFollowOptions options);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_CASE_FOLLOW_H_
