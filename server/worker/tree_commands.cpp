#include "server/worker/tree_commands.hpp"

#include "core/helmfile/hooks.hpp"
#include "core/helmfile/paths.hpp"

namespace sluice::worker {

namespace {

/// For people: words with blanks in quotes, secret parts left out.
std::string word(const Text& text) {
  std::string shown;
  std::size_t done = 0;
  for (const auto& mark : text.marks()) {
    shown += std::string(text.view().substr(done, mark.begin - done)) + "(secret)";
    done = mark.end;
  }
  shown += text.view().substr(done);
  if (shown.find_first_of(" \t\n\"") == std::string::npos && !shown.empty()) return shown;
  std::string quoted = "\"";
  for (const char c : shown) quoted += c == '"' ? std::string("\\\"") : std::string(1, c);
  return quoted + "\"";
}

std::vector<std::string> plain(const std::vector<Text>& texts) { return {texts.begin(), texts.end()}; }

Result<CommandToPlan> to_plan(const helmfile::HookCall& call, const ReadManifests& read) {
  CommandToPlan out;
  out.command.event = call.event;
  out.command.name = call.name;
  out.command.folder = call.folder;
  out.command.show_output = call.show_logs;
  const std::string doing = "hook[" + call.name + "]";
  if (!call.apply_kustomize.empty()) {
    return Error{Errc::unsupported, doing + ": kubectlApply of a kustomization is not supported; give `filename`"};
  }
  if (!call.apply_file.empty()) {
    if (helmfile::is_remote(call.apply_file.view())) {
      return Error{Errc::unsupported, doing + ": kubectlApply of \"" + call.apply_file.str() + "\" is not supported: put the file into the repository"};
    }
    auto documents = read(helmfile::join_path(call.folder, call.apply_file.view()));
    if (!documents) return std::move(documents).error().during(doing);
    out.manifests = std::move(*documents);
    out.shown = call.event + ": kubectl apply -f " + word(call.apply_file);
    return out;
  }
  out.command.program = call.program.str();
  out.command.arguments = plain(call.arguments);
  out.shown = call.event + ": " + word(call.program);
  for (const Text& argument : call.arguments) out.shown += " " + word(argument);
  return out;
}

}  // namespace

Result<std::vector<CommandToPlan>> commands_of(const helmfile::State& state, const helmfile::Release* release,
                                               const std::vector<std::string>& events, const helmfile::Outside& outside,
                                               const ReadManifests& read) {
  std::vector<CommandToPlan> all;
  for (const std::string& event : events) {
    const std::string command = event == "preapply" || event == "cleanup" ? "apply" : state.command == "destroy" ? "delete" : "sync";
    auto calls = helmfile::hook_calls(state, release, event, command, "", outside);
    if (!calls) return std::move(calls).error();
    std::vector<helmfile::HookCall> failed;
    if (event == "postsync") {
      auto after = helmfile::hook_calls(state, release, event, command, std::string(plan::failure_mark), outside);
      if (!after) return std::move(after).error();
      failed = std::move(*after);
    }
    for (std::size_t i = 0; i < calls->size(); ++i) {
      auto one = to_plan((*calls)[i], read);
      if (!one) return std::move(one).error();
      if (i < failed.size() && plain(failed[i].arguments) != one->command.arguments) {
        one->command.arguments_on_failure = plain(failed[i].arguments);
      }
      all.push_back(std::move(*one));
    }
  }
  return all;
}

}  // namespace sluice::worker
