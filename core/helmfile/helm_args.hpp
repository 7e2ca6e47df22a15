#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/helmfile/release.hpp"

namespace sluice::helmfile {

/// What helm's own flags ask for: those of `helmDefaults.args` and `syncArgs`, and of a command line's --args. What has no
/// meaning without a helm process (--debug, --hide-notes) is taken and changes nothing.
struct HelmArgs {
  std::vector<std::string> api_versions = {};
  std::string kube_version = {};
  std::vector<std::string> values = {};  ///< paths, relative to the state file's folder
  std::vector<SetFlag> sets = {};        ///< of set_file the path is relative to the state file's folder
  std::vector<std::string> show_only = {};
  bool include_crds = false, skip_crds = false, skip_tests = false, no_hooks = false, is_upgrade = false;
  bool skip_schema_validation = false, wait = false, wait_for_jobs = false, atomic = false, cleanup_on_fail = false;
  bool force = false, create_namespace = false, disable_openapi_validation = false, devel = false, enable_dns = false;
  bool take_ownership = false, reuse_values = false, reset_values = false;
  std::optional<std::chrono::seconds> timeout = std::nullopt;
  std::optional<int> history_max = std::nullopt;
};

/// Texts hold one or more words, split at blanks; nothing is unquoted, as helmfile does. `where` stands in errors:
/// "helmDefaults.args". Errors: unsupported, naming the flag; invalid, for a value that is missing or wrong.
Result<HelmArgs> parse_helm_args(const std::vector<std::string>& texts, const std::string& where);

/// The same without `--dry-run` and its value, which ask helm's templates to look into the cluster: a plan always does, and
/// `render` asks no cluster.
std::vector<std::string> without_dry_run(const std::vector<std::string>& texts);

/// What `later` asks for on top of `args`.
void append_args(HelmArgs& args, HelmArgs later);

/// The flags of deploying put into a release's options: a flag that is there beats the file.
void apply_args(const HelmArgs& args, DeployOptions& options);

/// Checks the flags of helm-diff (`diffArgs`). They shape how that program shows a difference, and sluice shows its own.
/// Errors: unsupported, for a flag that changes what is compared.
Result<> check_diff_args(const std::vector<std::string>& texts, const std::string& where);

}  // namespace sluice::helmfile
