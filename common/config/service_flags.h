// The command line that every service has.
//   --config FILE     the configuration (textproto)
//   --check-config    load and check it, then stop: 0 when it is good
//   --print-config    print it with defaults, then stop
//   --version         print the version, then stop
#ifndef ZHUQI_COMMON_CONFIG_SERVICE_FLAGS_H_
#define ZHUQI_COMMON_CONFIG_SERVICE_FLAGS_H_

#include <iostream>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/config/config.h"

namespace zhuqi::config {

struct ServiceFlags {
  std::string config_path;
  bool check_config = false;
  bool print_config = false;
};

// The version this binary was built as.
absl::string_view Version();

// Fills `flags`. A value means: stop now with this exit code (help, version, or a wrong command line).
std::optional<int> ParseServiceFlags(int argc, const char* const* argv, const std::string& name,
                                     ServiceFlags* flags);

// From the command line to the configuration: fills `config`, or says with which code to stop (0 after
// --check-config and the like, 2 for what is wrong with command line or configuration).
template <class T>
std::optional<int> ConfigFromCommandLine(int argc, const char* const* argv, const std::string& name,
                                         T* config) {
  ServiceFlags flags;
  if (std::optional<int> code = ParseServiceFlags(argc, argv, name, &flags)) return code;
  absl::StatusOr<T> loaded = LoadConfig<T>(flags.config_path);
  if (!loaded.ok()) {
    std::cerr << name << ": " << loaded.status().message() << "\n";
    return 2;
  }
  if (flags.print_config) std::cout << PrintWithDefaults(*loaded);
  if (flags.check_config && !flags.print_config) std::cout << flags.config_path << ": good\n";
  if (flags.check_config || flags.print_config) return 0;
  *config = *std::move(loaded);
  return std::nullopt;
}

}  // namespace zhuqi::config

#endif  // ZHUQI_COMMON_CONFIG_SERVICE_FLAGS_H_
