// Every subcommand, each in a file of its own.
#ifndef ZHUQI_TOOLS_ZHUQICTL_COMMANDS_H_
#define ZHUQI_TOOLS_ZHUQICTL_COMMANDS_H_

#include <CLI/CLI.hpp>

#include "tools/zhuqictl/client.h"

namespace zhuqi::ctl {

// Each adds its subcommands to `app`; when one is chosen, it sets `client.action`. Both outlive the program's
// work.
void AddApplyCommand(CLI::App& app, Client& client);
void AddSubmitCommand(CLI::App& app, Client& client);
void AddImportCommand(CLI::App& app, Client& client);
void AddRecordsCommand(CLI::App& app, Client& client);
void AddSummaryCommand(CLI::App& app, Client& client);
void AddObligationCommands(CLI::App& app, Client& client);
void AddCasesCommand(CLI::App& app, Client& client);
void AddConsultCommand(CLI::App& app, Client& client);
void AddActCommand(CLI::App& app, Client& client);
void AddCatalogueCommand(CLI::App& app, Client& client);
void AddNoticesCommand(CLI::App& app, Client& client);
void AddFiguresCommand(CLI::App& app, Client& client);
void AddExplainCommand(CLI::App& app, Client& client);
// Below `explain`.
void AddExplainRoute(CLI::App& explain, Client& client);
void AddExplainDeadline(CLI::App& explain, Client& client);
void AddReportCommands(CLI::App& app, Client& client);
void AddDirectoryCommands(CLI::App& app, Client& client);
void AddEnterprisesCommand(CLI::App& app, Client& client);
void AddPoliciesCommand(CLI::App& app, Client& client);
void AddVisitsCommand(CLI::App& app, Client& client);
void AddSimilarCommand(CLI::App& app, Client& client);
void AddPracticesCommand(CLI::App& app, Client& client);
void AddThemesCommand(CLI::App& app, Client& client);
// Below `themes`.
void AddThemeActions(CLI::App& themes, Client& client);
void AddThemeItems(CLI::App& themes, Client& client);
void AddTaskForcesCommand(CLI::App& app, Client& client);
void AddSpecialCommand(CLI::App& app, Client& client);
void AddFeedCommand(CLI::App& app, Client& client);
void AddMigrateCommand(CLI::App& app, Client& client);
void AddStatusCommand(CLI::App& app, Client& client);
void AddCompletionCommand(CLI::App& app, Client& client);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_COMMANDS_H_
