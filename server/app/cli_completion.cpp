// `sluice completion SHELL`: what the shell needs to complete commands, flags and files. Written from the commands themselves.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "server/app/cli.hpp"

namespace sluice::app {

namespace {

std::string flags_of(const CLI::App& command) {
  std::string words;
  for (const CLI::Option* option : command.get_options()) {
    for (const auto& name : option->get_lnames()) words += (words.empty() ? "--" : " --") + name;
    for (const auto& name : option->get_snames()) words += (words.empty() ? "-" : " -") + name;
  }
  return words;
}

/// Calls `with` for the program ("") and each command ("token create"), aliases included.
using Visit = std::function<void(const std::string& path, const CLI::App& command)>;
void walk(const CLI::App& command, const std::string& path, const Visit& visit) {
  visit(path, command);
  for (const CLI::App* below : command.get_subcommands([](const CLI::App*) { return true; })) {
    std::vector<std::string> names = below->get_aliases();
    names.insert(names.begin(), below->get_name());
    for (const auto& name : names) walk(*below, path.empty() ? name : path + " " + name, visit);
  }
}

std::string commands_below(const CLI::App& command) {
  std::string words;
  for (const CLI::App* below : command.get_subcommands([](const CLI::App*) { return true; })) words += (words.empty() ? "" : " ") + below->get_name();
  return words;
}

std::string bash_script(const CLI::App& app) {
  std::string steps, words;
  walk(app, "", [&](const std::string& path, const CLI::App& command) {
    if (!path.empty()) steps += (steps.empty() ? "\"" : "|\"") + path + "\"";
    words += "    \"" + path + "\") commands=\"" + commands_below(command) + "\" flags=\"" + flags_of(command) + "\" ;;\n";
  });
  return "# bash completion of sluice: source <(sluice completion bash)\n"
         "_sluice() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} path= word commands= flags=\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case \"${path:+$path }$word\" in " +
         steps +
         ") path=\"${path:+$path }$word\" ;; esac\n"
         "  done\n"
         "  case \"$path\" in\n" +
         words +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$([[ $current == -* ]] && echo \"$flags\" || echo \"$commands\")\" -- \"$current\"))\n"
         "  [[ $current == -* || -n $commands ]] || COMPREPLY=($(compgen -f -- \"$current\"))\n"
         "}\n"
         "complete -o filenames -F _sluice sluice\n";
}

std::string zsh_script(const CLI::App& app) {
  return "#compdef sluice\n# zsh completion of sluice: source <(sluice completion zsh)\nautoload -U +X bashcompinit && bashcompinit\n" + bash_script(app);
}

std::string in_quotes(std::string text) {
  for (std::size_t at = 0; (at = text.find_first_of("'\\", at)) != std::string::npos; at += 2) text.insert(at, 1, '\\');
  return "'" + text + "'";
}

std::string fish_script(const CLI::App& app) {
  std::string script = "# fish completion of sluice: sluice completion fish | source\n";
  walk(app, "", [&](const std::string& path, const CLI::App& command) {
    // a command is offered when its parents have been typed and none of its siblings
    const std::string parents = path.substr(0, path.rfind(' ') == std::string::npos ? 0 : path.rfind(' '));
    std::string typed;
    for (std::size_t begin = 0; begin < path.size(); begin = path.find(' ', begin) == std::string::npos ? path.size() : path.find(' ', begin) + 1)
      typed += (typed.empty() ? "" : "; and ") + std::string("__fish_seen_subcommand_from ") + path.substr(begin, path.find(' ', begin) - begin);
    if (!path.empty() && parents.empty())
      script += "complete -c sluice -n __fish_use_subcommand -f -a " + path + " -d " + in_quotes(command.get_description()) + "\n";
    else if (!path.empty())
      script += "complete -c sluice -n '__fish_seen_subcommand_from " + parents + "' -f -a " + path.substr(parents.size() + 1) + " -d " + in_quotes(command.get_description()) + "\n";
    if (path.empty()) return;
    for (const CLI::Option* option : command.get_options()) {
      std::string line = "complete -c sluice -n '" + typed + "'";
      for (const auto& name : option->get_snames()) line += " -s " + name;
      for (const auto& name : option->get_lnames()) line += " -l " + name;
      if (option->get_snames().empty() && option->get_lnames().empty()) continue;
      if (option->get_items_expected_max() > 0) line += " -r";
      script += line + " -d " + in_quotes(option->get_description()) + "\n";
    }
  });
  return script;
}

}  // namespace

void add_completion_command(CLI::App& app, int& exit_code) {
  auto shell = std::make_shared<std::string>();
  auto* command = app.add_subcommand("completion", "Print the script by which bash, zsh or fish complete commands and flags");
  command->add_option("shell", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([&app, &exit_code, shell] {
    const std::string script = *shell == "fish" ? fish_script(app) : *shell == "zsh" ? zsh_script(app) : bash_script(app);
    exit_code = std::fputs(script.c_str(), stdout) < 0 ? 1 : 0;
  });
}

}  // namespace sluice::app
