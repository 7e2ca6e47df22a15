#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/helmfile/helmfile.hpp"

namespace sluice::helmfile {

/// One hook with its templates executed. Parts that came from secrets are marked.
struct HookCall {
  std::string event = {};
  std::string name = {};  ///< for people
  Text program = {};
  std::vector<Text> arguments = {};
  std::string folder = {};  ///< where it runs: the state file's
  bool show_logs = false;
  Text apply_file = {};       ///< kubectlApply: instead of a program, the objects of this file or folder
  Text apply_kustomize = {};  ///< the same of a kustomization
};

/// The hooks of `event`, of the release or of the file if null, in their order. `command` is what `.HelmfileCommand` says;
/// `failure` what `.Event.Error` tells.
/// Errors: the templates'; invalid, for a kubectlApply without file.
/// Follows: helmfile v1.0.0, pkg/event.
Result<std::vector<HookCall>> hook_calls(const State& state, const Release* release, const std::string& event,
                                         const std::string& command, const std::string& failure, const Outside& outside);

}  // namespace sluice::helmfile
