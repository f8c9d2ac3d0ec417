// Plays a file of case actions.
#ifndef ZHUQI_TOOLS_ZHUQICTL_ACT_PLAY_H_
#define ZHUQI_TOOLS_ZHUQICTL_ACT_PLAY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/zhuqictl/client.h"
#include "zhuqi/routing/v1/case_service.pb.h"

namespace zhuqi::ctl {

struct ActPlayOptions {
  std::string file;
  int in_flight = 64;
};

struct ActionLine {
  int64_t line = 0;
  // The case: what has the same lane is done in order.
  std::string lane;
  // With request_id.
  routing::v1::ActOnCaseRequest request;
};

// INVALID_ARGUMENT, naming the line, for what is no ActOnCaseRequest or names no case.
absl::StatusOr<std::vector<ActionLine>> ReadActions(const std::string& file);

// Gives the exit code.
int PlayActions(Client& client, const ActPlayOptions& options);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_ACT_PLAY_H_
