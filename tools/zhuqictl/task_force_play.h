// Plays a file of task forces: what was set up, and what became of it.
#ifndef ZHUQI_TOOLS_ZHUQICTL_TASK_FORCE_PLAY_H_
#define ZHUQI_TOOLS_ZHUQICTL_TASK_FORCE_PLAY_H_

#include <string>

#include "absl/status/statusor.h"
#include "tools/zhuqictl/client.h"
#include "zhuqi/common/v1/source_key.pb.h"

namespace zhuqi::ctl {

struct TaskForcePlayOptions {
  std::string file;
  // The folder of templates. A set-up that names one and lists no items begins with TEMPLATE-ID.textproto of
  // it.
  std::string templates;
};

// Each line is {"set_up": SetUpTaskForceRequest}, {"act": ActOnTaskForceRequest} that names its task force,
// or
// {"link_visit": {"name": …, "visit": SourceKey}}. Lines of one task force come one after the other. The
// request ids are made from the lines, so playing a file again repeats nothing. Gives the exit code.
int PlayTaskForces(Client& client, const TaskForcePlayOptions& options);

// The identity of the record with this natural key, as intake gave it.
absl::StatusOr<std::string> VisitRecordId(Client& client, const common::v1::SourceKey& key);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_TASK_FORCE_PLAY_H_
