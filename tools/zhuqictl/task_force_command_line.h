// What the subcommands of `zhuqictl task-forces` have in common.
#ifndef ZHUQI_TOOLS_ZHUQICTL_TASK_FORCE_COMMAND_LINE_H_
#define ZHUQI_TOOLS_ZHUQICTL_TASK_FORCE_COMMAND_LINE_H_

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "tools/zhuqictl/client.h"
#include "zhuqi/routing/v1/task_force_service.pb.h"

namespace zhuqi::ctl {

// What every action on a task force has.
struct ForceOptions {
  std::string target;
  std::string etag;
  std::string acting_department;
};

// Names the task force by its UUID, or else by its name.
template <class Request>
void SetForce(const std::string& text, Request* request) {
  if (Uuid::Parse(text).has_value()) {
    request->set_task_force_id(text);
  } else {
    request->set_name(text);
  }
}

// Acts on the task force and shows it; gives the exit code.
int ActOnForce(Client& client, const ForceOptions& options, const routing::v1::TaskForceAction& action);

template <class Request>
void AddParts(const std::vector<std::string>& ids, routing::v1::TaskForceRole role, Request* request) {
  for (const std::string& id : ids) {
    routing::v1::TaskForceDepartment* part = request->add_departments();
    part->set_department_id(id);
    part->set_role(role);
  }
}

absl::StatusOr<routing::v1::ChecklistTemplate> LoadChecklist(const std::string& file);

// "acceptance=2024-06-05" for a milestone of the template; its name is the template's.
absl::StatusOr<routing::v1::Milestone> ParseMilestone(const std::string& text,
                                                      const routing::v1::ChecklistTemplate& checklist);

// A subcommand with options of its own that `run` is given.
template <class Options>
std::pair<CLI::App*, std::shared_ptr<Options>> AddForce(CLI::App& forces, Client& client, const char* name,
                                                        const char* help,
                                                        int (*run)(Client&, const Options&)) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = forces.add_subcommand(name, help);
  command->callback(
      [&client, options, run] { client.action = [&client, options, run] { return run(client, *options); }; });
  return {command, options};
}

// The same, for what acts on one task force.
template <class Options>
std::pair<CLI::App*, std::shared_ptr<Options>> AddForceAction(CLI::App& forces, Client& client,
                                                              const char* name, const char* help,
                                                              int (*run)(Client&, const Options&)) {
  auto added = AddForce<Options>(forces, client, name, help, run);
  added.first->add_option("TASK-FORCE", added.second->target, "its name or its UUID")->required();
  added.first->add_option("--etag", added.second->etag, "refuse if it changed since");
  added.first->add_option("--as", added.second->acting_department,
                          "the department on whose behalf: what its part does not let it do is refused");
  return added;
}

// The subcommands that act on a task force itself, and on its checklist.
void AddForceActions(CLI::App& forces, Client& client);
void AddForceItems(CLI::App& forces, Client& client);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_TASK_FORCE_COMMAND_LINE_H_
