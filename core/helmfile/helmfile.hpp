#pragma once

// core/helmfile/helmfile.hpp
//
// Reads a helmfile as helmfile v1.0.0 does and says which releases it asks for, in which order, with which values.
//   in:   Options (state file, environment, selectors), Outside (files, variables, programs)
//   out:  Loaded: state files in the order they are worked on, each with its releases and its groups of selected ones;
//         the values of a release on request; or an Error that names file, line and field
//   not:  fetching charts (server/source), rendering them (core/chart), talking to a cluster
// Follows helmfile's pkg/app, pkg/state and pkg/tmpl. A known field that would change the outcome and is not supported is an
// error that names it; nothing is ignored in silence.
// Why values come on request: helmfile renders the values files of selected releases only, and each may run programs.
// Read next: release.hpp, outside.hpp, load.cpp, needs.hpp.

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/helmfile/helm_args.hpp"
#include "core/helmfile/needs.hpp"
#include "core/helmfile/outside.hpp"
#include "core/helmfile/release.hpp"

namespace sluice::helmfile {

/// What helmfile takes on its command line.
struct Options {
  std::string file = {};                ///< -f: state file or folder, as in Files; "" looks for helmfile.yaml and the like in "."
  std::string environment = "default";  ///< -e
  std::vector<std::string> selectors = {};                ///< -l
  std::vector<std::string> state_values_files = {};       ///< --state-values-file, relative to the state file's folder
  std::vector<std::string> state_values_set = {};         ///< --state-values-set
  std::vector<std::string> state_values_set_string = {};  ///< --state-values-set-string
  std::string name_space = {};                            ///< -n, over every release's own
  std::string kube_context = {};
  std::string chart = {};  ///< --chart
  HelmArgs args = {};      ///< --args, --set, --values and the like: of every release, after its own
  NeedsRule needs = NeedsRule::skip;
  bool include_transitive_needs = false;  ///< needs come in even where selectors or a condition exclude them
  std::string command = "template";       ///< `.HelmfileCommand` of hooks
  bool reverse = false;                   ///< state files and groups in the order of removal
  bool use_lock = true;                   ///< pin charts of repositories to the lock file where there is one
};

/// One state file.
struct State {
  std::string file = {};       ///< as in Files
  std::string folder = {};     ///< what its paths are relative to
  std::string lock_file = {};  ///< as in Files; need not exist
  std::string environment = {};
  Value values = {};  ///< `.Values` of its templates
  Value spec = {};    ///< the merged parts, for what is not below
  std::vector<Repository> repositories = {};
  std::vector<Release> releases = {};                 ///< all of them, in the order of definition
  std::vector<std::vector<std::size_t>> groups = {};  ///< indices of the releases to work on; each group after the one before
  std::vector<Hook> hooks = {};                       ///< the file's own `prepare` and `cleanup`
  HelmArgs args = {};                                 ///< of the command line, then of helmDefaults; deployment flags are in the releases

  /// For rendering values and hooks.
  std::string command = {};                                    ///< `.HelmfileCommand`
  Value environment_data = {};                                 ///< `.Environment`
  std::string kube_context = {}, name_space = {}, chart = {};  ///< overrides, by flag or by the file
};

struct Loaded {
  std::vector<State> states = {};       ///< nested files before (reverse: after) the file that names them
  std::vector<std::string> notes = {};  ///< warnings, one line each
  bool matched = false;                 ///< some release was selected
};

/// Errors: invalid, not_found (a file), denied (a path or program), unsupported (a field), with the place.
/// An environment that a file does not define is no Error: the file is left out, and `matched` stays false (helmfile's exit 3).
Result<Loaded> load(const Options& options, const Outside& outside);

/// What helmfile says, with exit code 3, when nothing matched.
std::string no_match_text(const Options& options);

/// Renders the values of one release: valuesTemplate, values, secrets, then set, setString and setTemplate.
Result<ReleaseValues> values_of(const State& state, const Release& release, const Outside& outside);

/// Runs the hooks of `event` (of the release, or of the file if null), in order, and returns what they print when they ask
/// for it. `failure` is what `.Event.Error` tells. Errors: what Outside::exec said, or the exit code with the output.
Result<std::string> run_hooks(const State& state, const Release* release, const std::string& event, const std::string& failure,
                              const Outside& outside);

}  // namespace sluice::helmfile
