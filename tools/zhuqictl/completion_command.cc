#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"

namespace zhuqi::ctl {
namespace {

// What may follow a command: its subcommands and its long options.
std::vector<std::string> Words(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    words.push_back(command->get_name());
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  return words;
}

// Calls `each(path, words)` for the command and all below it; the path is "" for the program itself, then
// "cases", "cases list" and so on.
void ForEachCommand(const CLI::App& app, const std::string& path,
                    const std::function<void(const std::string&, const std::vector<std::string>&)>& each) {
  each(path, Words(app));
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    ForEachCommand(*command, absl::StrCat(path, path.empty() ? "" : " ", command->get_name()), each);
  }
}

std::string BashScript(const CLI::App& app) {
  std::string cases;
  ForEachCommand(app, "", [&](const std::string& path, const std::vector<std::string>& words) {
    absl::StrAppend(&cases, "    '", path, "') words='", absl::StrJoin(words, " "), "' ;;\n");
  });
  return absl::StrReplaceAll(R"(# zhuqictl completion for bash: source <(zhuqictl completion bash)
_zhuqictl() {
  local path='' words='' word candidate i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    [[ $word == -* ]] && continue
    candidate="${path:+$path }$word"
    _zhuqictl_words "$candidate" && path=$candidate
  done
  _zhuqictl_words "$path"
  local current=${COMP_WORDS[COMP_CWORD]}
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"; compgen -f -- "$current")
}
_zhuqictl_words() {
  case "$1" in
@CASES@    *) return 1 ;;
  esac
}
complete -o filenames -F _zhuqictl zhuqictl
)",
                             {{"@CASES@", cases}});
}

std::string ZshScript(const CLI::App& app) {
  return absl::StrCat("#compdef zhuqictl\n# zhuqictl completion for zsh: source <(zhuqictl completion zsh)\n",
                      "autoload -U +X bashcompinit && bashcompinit\n", BashScript(app));
}

std::string FishScript(const CLI::App& app) {
  std::string script = "# zhuqictl completion for fish: zhuqictl completion fish | source\n";
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    absl::StrAppend(&script, "complete -c zhuqictl -n __fish_use_subcommand -a ", command->get_name(),
                    " -d '", absl::StrReplaceAll(command->get_description(), {{"'", "\\'"}}), "'\n");
    const std::string below = absl::StrCat("-n '__fish_seen_subcommand_from ", command->get_name(), "'");
    for (const std::string& word : Words(*command)) {
      const bool option = word.rfind("--", 0) == 0;
      absl::StrAppend(&script, "complete -c zhuqictl ", below, option ? " -l " : " -a ",
                      option ? word.substr(2) : word, "\n");
    }
  }
  return script;
}

}  // namespace

void AddCompletionCommand(CLI::App& app, Client& client) {
  const auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Print the completion script of a shell");
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->footer("  source <(zhuqictl completion bash)");
  command->callback([&app, &client, shell] {
    client.action = [&app, shell] {
      std::cout << (*shell == "bash" ? BashScript(app) : *shell == "zsh" ? ZshScript(app) : FishScript(app));
      return kExitOk;
    };
  });
}

}  // namespace zhuqi::ctl
