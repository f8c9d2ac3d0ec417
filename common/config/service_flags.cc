#include "common/config/service_flags.h"

#include "CLI/CLI.hpp"

namespace zhuqi::config {

absl::string_view Version() { return ZHUQI_VERSION; }

std::optional<int> ParseServiceFlags(int argc, const char* const* argv, const std::string& name,
                                     ServiceFlags* flags) {
  CLI::App app("A service of zhuqi (助企).", name);
  app.set_version_flag("--version", name + " " + std::string(Version()));
  app.add_option("--config", flags->config_path, "Configuration file (textproto)")->required();
  app.add_flag("--check-config", flags->check_config, "Check the configuration, then stop");
  app.add_flag("--print-config", flags->print_config, "Print the configuration with defaults, then stop");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and version come this way too, with code 0.
    return app.exit(error) == 0 ? 0 : 2;
  }
  return std::nullopt;
}

}  // namespace zhuqi::config
