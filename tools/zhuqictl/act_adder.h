// Adds actions on cases to a command: each makes its part of the request, and what is common to all is done
// once.
#ifndef ZHUQI_TOOLS_ZHUQICTL_ACT_ADDER_H_
#define ZHUQI_TOOLS_ZHUQICTL_ACT_ADDER_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "tools/zhuqictl/client.h"
#include "zhuqi/routing/v1/case.pb.h"

namespace zhuqi::ctl {

struct ActOptions {
  std::string target;
  std::string cases_file;
  std::string acting_department;
  std::string etag;
  std::string comment;
  std::string occurred_at;
};

// What the options of one action make of it.
using FillAction = std::function<absl::Status(routing::v1::CaseAction*)>;

// Does it to the case of `options`, or to each of its file. Gives the exit code.
int RunAction(Client& client, const ActOptions& options, const FillAction& fill);

class ActionAdder {
 public:
  ActionAdder(CLI::App& act, Client& client, std::shared_ptr<ActOptions> common)
      : act_(act), client_(client), common_(std::move(common)) {}

  // Those that are added from now on stand under this heading.
  void Group(std::string group) { group_ = std::move(group); }

  CLI::App* Add(const char* name, const char* help, FillAction fill) {
    CLI::App* command = act_.add_subcommand(name, help);
    command->group(group_);
    command->callback([&client = client_, common = common_, fill = std::move(fill)] {
      client.action = [&client, common, fill] { return RunAction(client, *common, fill); };
    });
    return command;
  }

  // An action without options.
  CLI::App* AddPlain(const char* name, const char* help, void (*set)(routing::v1::CaseAction*)) {
    return Add(name, help, [set](routing::v1::CaseAction* action) {
      set(action);
      return absl::OkStatus();
    });
  }

  // An action with one text.
  CLI::App* AddWithText(const char* name, const char* help, const char* text_help,
                        void (*set)(routing::v1::CaseAction*, const std::string&)) {
    const auto text = std::make_shared<std::string>();
    CLI::App* command = Add(name, help, [text, set](routing::v1::CaseAction* action) {
      set(action, *text);
      return absl::OkStatus();
    });
    command->add_option("TEXT", *text, text_help)->required();
    return command;
  }

 private:
  CLI::App& act_;
  Client& client_;
  const std::shared_ptr<ActOptions> common_;
  std::string group_;
};

// Actions that say who is responsible, and those on the clocks.
void AddResponsibilityActions(ActionAdder& adder);
void AddTimeActions(ActionAdder& adder);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_ACT_ADDER_H_
