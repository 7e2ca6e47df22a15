#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/helmfile/dialect.hpp"
#include "core/helmfile/helmfile.hpp"
#include "core/helmfile/render.hpp"

namespace sluice::helmfile::test {

/// A commit with a helmfile in it, and a world that answers as the test says.
struct World {
  Tree tree = {};
  std::map<std::string, Variable> variables = {};
  std::map<std::string, ExecOutput> programs = {};  ///< "sh -c date" -> what it prints
  std::vector<std::string> ran = {};                ///< "folder: sh -c date"

  Outside outside() {
    Outside outside;
    outside.files = files_of(tree);
    outside.variable = [this](const std::string& name) -> std::optional<Variable> {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    outside.exec = [this](const ExecCall& call) -> Result<ExecOutput> {
      std::string line = call.program;
      for (const std::string& argument : call.arguments) line += " " + argument;
      for (const auto& [name, value] : call.environment) line = name + "=" + value + " " + line;
      if (!call.input.empty()) line += " < " + call.input;
      ran.push_back(call.directory + ": " + line);
      const auto found = programs.find(line);
      if (found == programs.end()) return Error{Errc::denied, "exec-denied: no rule of this environment allows it"};
      return found->second;
    };
    return outside;
  }

  /// "ns/web ./web@1.0 [x]" for each selected release of each group, groups separated by " | ", states by lines; or the error.
  std::string order(const Options& options = {}) {
    auto loaded = load(options, outside());
    if (!loaded) return std::string(to_string(loaded.error().code)) + ": " + loaded.error().what;
    std::string text;
    for (const State& state : loaded->states) {
      std::string line;
      for (const auto& group : state.groups) {
        if (!line.empty()) line += " | ";
        for (std::size_t i = 0; i < group.size(); ++i) line += (i > 0 ? " " : "") + state.releases[group[i]].id;
      }
      text += state.file + ": " + line + "\n";
    }
    return loaded->matched ? text : text + no_match_text(options);
  }

  /// The merged values of the release of that name as YAML, or the error.
  std::string values(const std::string& name, const Options& options = {}) {
    auto loaded = load(options, outside());
    if (!loaded) return std::string(to_string(loaded.error().code)) + ": " + loaded.error().what;
    for (const State& state : loaded->states) {
      for (const Release& release : state.releases) {
        if (release.name != name) continue;
        auto values = values_of(state, release, outside());
        if (!values) return std::string(to_string(values.error().code)) + ": " + values.error().what;
        auto merged = merge_values(*values, [this](std::string_view path) { return files_of(tree).read(std::string(path)); });
        if (!merged) return std::string(to_string(merged.error().code)) + ": " + merged.error().what;
        return write_yaml(*merged).str();
      }
    }
    return "no such release";
  }

  /// The state's values as YAML.
  std::string state_values(const Options& options = {}) {
    auto loaded = load(options, outside());
    if (!loaded) return std::string(to_string(loaded.error().code)) + ": " + loaded.error().what;
    return loaded->states.empty() ? "left out" : write_yaml(loaded->states.back().values).str();
  }

  Release release(const std::string& name, const Options& options = {}) {
    auto loaded = load(options, outside());
    if (loaded) {
      for (const State& state : loaded->states) {
        for (const Release& release : state.releases) {
          if (release.name == name) return release;
        }
      }
    }
    return {};
  }
};

}  // namespace sluice::helmfile::test
