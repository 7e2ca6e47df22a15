#include "core/helmfile/hooks.hpp"

#include <algorithm>

#include "core/helmfile/release_templates.hpp"
#include "core/helmfile/templates.hpp"

namespace sluice::helmfile {

namespace {

/// What a hook's templates see.
struct Occasion {
  const std::string& event;
  const std::string& command;
  const std::string& failure;
};

Value hook_data(const State& state, const Release* release, const Occasion& occasion) {
  const std::string& failure = occasion.failure;
  const Value data = Value::new_map({{"Environment", state.environment_data},
                                     {"Namespace", Value::of_string(state.name_space)},
                                     {"Event", Value::new_map({{"Name", Value::of_string(occasion.event)},
                                                               {"Error", failure.empty() ? Value() : Value::of_string(failure)}})},
                                     {"HelmfileCommand", Value::of_string(occasion.command)},
                                     {"Values", state.values}});
  if (release != nullptr) {
    const Value context = release_data(context_of(state), record_as_seen(state, *release));
    data.map()->set("Release", *context.find("Release"));
  }
  return data;
}

std::string name_of(const Hook& hook) {
  if (!hook.name.empty()) return hook.name;
  return hook.applies ? "kubectlApply" : hook.command;
}

}  // namespace

Result<std::vector<HookCall>> hook_calls(const State& state, const Release* release, const std::string& event,
                                         const std::string& command, const std::string& failure, const Outside& outside) {
  std::vector<HookCall> calls;
  Templates templates(outside, state.folder);
  const Value dot = hook_data(state, release, {event, command, failure});
  for (const Hook& hook : release == nullptr ? state.hooks : release->hooks) {
    if (std::find(hook.events.begin(), hook.events.end(), event) == hook.events.end()) continue;
    HookCall call{.event = event, .name = name_of(hook), .folder = state.folder, .show_logs = hook.show_logs};
    const std::string doing = "hook[" + call.name + "]";
    const auto render = [&](const std::string& raw) { return templates.render(doing, Text(raw), dot, state.folder); };
    if (hook.applies) {
      if (hook.apply_file.empty() == hook.apply_kustomize.empty()) {
        return Error{Errc::invalid, doing + (hook.apply_file.empty() ? ": either kustomize or filename must be given"
                                                                     : ": kustomize & filename cannot be used together")};
      }
      auto path = render(hook.apply_file.empty() ? hook.apply_kustomize : hook.apply_file);
      if (!path) return std::move(path).error();
      (hook.apply_file.empty() ? call.apply_kustomize : call.apply_file) = std::move(*path);
      calls.push_back(std::move(call));
      continue;
    }
    auto program = render(hook.command);
    if (!program) return std::move(program).error();
    call.program = std::move(*program);
    for (const std::string& raw : hook.arguments) {
      auto argument = render(raw);
      if (!argument) return std::move(argument).error();
      call.arguments.push_back(std::move(*argument));
    }
    calls.push_back(std::move(call));
  }
  return calls;
}

Result<std::string> run_hooks(const State& state, const Release* release, const std::string& event, const std::string& failure,
                              const Outside& outside) {
  auto calls = hook_calls(state, release, event, state.command, failure, outside);
  if (!calls) return std::move(calls).error();
  std::string logs;
  for (const HookCall& hook : *calls) {
    const std::string name = "hook[" + hook.name + "]";
    if (hook.program.empty()) {
      return Error{Errc::unsupported, name + ": kubectlApply at " + event + " is not supported: it would write before anything is " +
                                          "approved; use presync"};
    }
    ExecCall call{.program = hook.program.str(), .directory = hook.folder};
    for (const Text& argument : hook.arguments) call.arguments.push_back(argument.str());
    auto output = outside.exec(call);
    if (!output) return std::move(output).error().during(name);
    if (hook.show_logs && !output->secret) logs += output->out;
    if (output->exit_code != 0) {
      return Error{Errc::invalid, name + ": command `" + call.program + "` exited with status " +
                                      std::to_string(output->exit_code) + (output->secret ? "" : ": " + output->error_text)};
    }
  }
  return logs;
}

}  // namespace sluice::helmfile
