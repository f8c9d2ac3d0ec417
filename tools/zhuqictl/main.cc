#include <iostream>

#include "common/feed/token.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"

namespace {

constexpr char kFooter[] = R"(Examples:
  zhuqictl status
  zhuqictl import records.jsonl --rejected rejected.jsonl
  zhuqictl cases list --unit jinshui --state in_progress
  zhuqictl act jinshui-oa/I-17 accept
  zhuqictl similar --title "地下车库规划条件调整，手续办不下来"
  zhuqictl obligations --months 2024-01..2024-06
  zhuqictl figures --children --year 2024
  zhuqictl explain issues_received --unit jinshui --month 2024-05
Each command has --help of its own.

Read what you wrote: answers to writes end with a token; give it to a later command as --at-least-token, and the
answer includes that write, at any of the services.

Exit codes: 0 done; 1 refused; 2 wrong command line or file; 3 not reachable; 4 some rows were rejected, the
others were taken.)";

// What is wrong with a token that was given; nothing when it is one.
std::string CheckToken(const std::string& token) {
  const auto parsed = zhuqi::feed::ParseToken(token);
  return parsed.ok() ? std::string() : std::string(parsed.status().message());
}

void AddGlobalOptions(CLI::App& app, zhuqi::ctl::GlobalOptions& options) {
  app.add_option("--dir", options.directory, "the stack's directory, as tools/dev makes it")
      ->envname("ZHUQI_DIR")
      ->capture_default_str();
  for (const zhuqi::ctl::Service service : zhuqi::ctl::kAllServices) {
    const std::string name(zhuqi::ctl::ServiceName(service));
    app.add_option("--endpoint-" + name, options.endpoints[service], "HOST:PORT; wins over --dir");
  }
  app.add_option("--token-file", options.token_file, "a file with the bearer token; wins over --dir")
      ->envname("ZHUQI_TOKEN_FILE");
  app.add_option("--output", options.output, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  app.add_option("--language", options.language, "zh or en: names in tables")
      ->envname("ZHUQI_LANGUAGE")
      ->check(CLI::IsMember({"zh", "en"}))
      ->capture_default_str();
  app.add_option("--at-least-token", options.at_least_tokens,
                 "wait until this write can be read; may be repeated")
      ->check(CheckToken)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--timeout", options.timeout_seconds, "seconds for one call")
      ->check(CLI::Range(0.001, 3600.0))
      ->capture_default_str();
  app.add_flag("--quiet", options.quiet, "no progress bars");
}

void AddCommands(CLI::App& app, zhuqi::ctl::Client& client) {
  using namespace zhuqi::ctl;
  AddSubmitCommand(app, client);
  AddImportCommand(app, client);
  AddRecordsCommand(app, client);
  AddSummaryCommand(app, client);
  AddObligationCommands(app, client);
  AddCasesCommand(app, client);
  AddActCommand(app, client);
  AddConsultCommand(app, client);
  AddCatalogueCommand(app, client);
  AddNoticesCommand(app, client);
  AddFiguresCommand(app, client);
  AddExplainCommand(app, client);
  AddReportCommands(app, client);
  AddDirectoryCommands(app, client);
  AddApplyCommand(app, client);
  AddEnterprisesCommand(app, client);
  AddPoliciesCommand(app, client);
  AddVisitsCommand(app, client);
  AddSimilarCommand(app, client);
  AddPracticesCommand(app, client);
  AddThemesCommand(app, client);
  AddTaskForcesCommand(app, client);
  AddSpecialCommand(app, client);
  AddFeedCommand(app, client);
  AddMigrateCommand(app, client);
  AddStatusCommand(app, client);
  AddCompletionCommand(app, client);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("zhuqictl: the command line of zhuqi (助企)", "zhuqictl");
  zhuqi::ctl::Client client;
  app.require_subcommand(1);
  // Global options may stand before or after the command.
  app.fallthrough();
  app.footer(kFooter);
  AddGlobalOptions(app, client.options);
  AddCommands(app, client);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? zhuqi::ctl::kExitOk : zhuqi::ctl::kExitUsage;
  }
  return client.action();
}
