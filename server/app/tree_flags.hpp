#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/helmfile/helmfile.hpp"
#include "server/source/charts.hpp"

namespace CLI {
class App;
}

namespace sluice::app {

/// The flags of every command that works on a helmfile tree, spelled as helmfile's.
struct TreeFlags {
  std::string file;
  std::string environment = "default";
  std::vector<std::string> selectors;
  std::vector<std::string> state_values_files, state_values_set, state_values_set_string;
  std::string name_space, kube_context, chart;
  bool include_needs = false, include_transitive_needs = false, skip_needs = true;
  bool skip_deps = false;
  bool allow_no_matching_release = false;
  bool quiet = false;
  int concurrency = 0;                     ///< 0: as many as there are
  std::vector<std::string> values, set;    ///< of every release, after its own
  std::string kube_version;                ///< for templates, over what the file says
  std::vector<std::string> args;           ///< helm's flags, in texts with blanks between them
  std::vector<std::string> chart_mirrors;  ///< FROM=TO
};

/// Adds the flags to a command. `flags` must outlive `command`.
void add_tree_flags(CLI::App& command, TreeFlags& flags);

/// Errors: unsupported, naming a flag in --args that sluice does not have.
Result<helmfile::Options> to_options(const TreeFlags& flags);
/// A cache in the user's own folder; any address may be asked, as the user could by hand.
/// Errors: invalid, for a mirror that is not FROM=TO.
Result<source::ChartsOptions> to_charts_options(const TreeFlags& flags);

/// The files and programs of a person at a shell, and files from other addresses.
helmfile::Outside to_outside(const TreeFlags& flags, const functions::Outside* functions);

/// Loads the tree; prints its notes to stderr unless quiet.
Result<helmfile::Loaded> load_tree(const TreeFlags& flags, const helmfile::Options& options, const helmfile::Outside& outside);

}  // namespace sluice::app
