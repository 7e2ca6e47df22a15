#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/secret.hpp"
#include "core/helmfile/selector.hpp"
#include "core/value/value.hpp"

namespace sluice::helmfile {

/// An entry of `repositories`.
struct Repository {
  std::string name = {};
  std::string url = {};  ///< of an OCI registry without its scheme
  bool oci = false;
  std::string user = {};  ///< from the file, else from <NAME>_USERNAME
  Secret password = {};   ///< from the file, else from <NAME>_PASSWORD
  bool pass_credentials = false;
  bool skip_tls_verify = false;
  bool plain_http = false;
  std::string ca_file = {}, certificate_file = {}, key_file = {};  ///< paths as in Files
};

/// An entry of a release's `dependencies`: a chart that is put into the release's own for this release alone.
struct ChartDependency {
  std::string chart = {};  ///< "repository/name", "oci://...", or a folder as the state file says it
  std::string version = {};
  std::string alias = {};
};

/// Where a release's chart comes from.
struct ChartSource {
  enum class From { folder, repository, oci, url, git };
  From from = From::folder;
  std::string reference = {};   ///< as the state file says it: "bitnami/redis", "./web"
  std::string path = {};        ///< folder: as in Files; git: of the chart's folder in the repository
  std::string repository = {};  ///< repository: name of the entry
  std::string url = {};  ///< of the repository, of the archive, "oci://host/path" with the chart's name, or of the git repository
  std::string name = {};  ///< of the chart in its repository
  std::string version =
      {};               ///< a version or a range, after the lock file had its say; "" is the newest; git: branch, tag or commit
  bool locked = false;  ///< `version` is from the lock file
  bool devel = false;   ///< pre-releases count as versions
  bool plain_http = false;       ///< of a registry: it may be spoken to without TLS
  bool skip_tls_verify = false;  ///< asked for, and refused where something is downloaded
  std::vector<ChartDependency> dependencies = {};  ///< on top of those that the chart itself declares
};

/// Values that helm would get with one `--values`: YAML text, with marks on what came from secrets.
struct ValuesLayer {
  std::string source = {};  ///< "values/prod.yaml.gotmpl", "releases[2].values[1]"
  Text yaml = {};
};

/// One `--set`, `--set-string` or `--set-file` argument, escaped as helm's parser wants it.
struct SetFlag {
  enum class How { set, set_string, set_file };
  How how = How::set;
  Text argument = {};  ///< "image.tag=1.10"; for set_file the path is as in Files
};

/// The values of a release from low to high precedence: layers in order, then all `set`, `set_string`, `set_file`.
struct ReleaseValues {
  std::vector<ValuesLayer> layers = {};
  std::vector<SetFlag> sets = {};
};

struct Hook {
  std::string name = {};
  std::vector<std::string> events = {};  ///< prepare, preapply, presync, postsync, preuninstall, postuninstall, cleanup
  std::string command = {};              ///< a template, as `arguments`
  std::vector<std::string> arguments = {};
  bool show_logs = false;
  std::string apply_file = {}, apply_kustomize = {};  ///< of kubectlApply; templates
  bool applies = false;  ///< there is a kubectlApply, whatever is in it

};

/// How a release is written to the cluster: helmDefaults and the release's own fields, resolved.
struct DeployOptions {
  bool wait = false;
  bool wait_for_jobs = false;
  std::chrono::seconds timeout{300};
  bool atomic = false;  ///< implies wait; a failed install is removed, a failed upgrade rolled back
  bool cleanup_on_fail = false;
  bool force = false;  ///< replace instead of patch
  bool recreate_pods = false;
  int history_max = 10;  ///< 0 is unlimited
  bool create_namespace = true;
  bool reuse_values = false;
  bool disable_validation = false;
  bool disable_validation_on_install = false;
  bool disable_openapi_validation = false;
  bool skip_schema_validation = false;
  bool enable_dns = false;
  bool take_ownership = false;
  bool sync_release_labels = false;
  bool suppress_diff = false;
  bool skip_crds = false;     ///< by helm's flag of that name
  bool no_hooks = false;      ///< likewise
  bool skip_deps = false;  ///< dependencies of a chart in a folder are not completed
  bool delete_wait = false;
  std::chrono::seconds delete_timeout{300};  ///< with delete_wait
  std::string cascade = "background";  ///< or "foreground", "orphan"
  std::string description = {};        ///< of the release record; "": helm's own words
  /// What newer helmfiles have Helm 4 do, as they spell it; "" where it is not asked for.
  std::string server_side = {}, track_mode = {}, update_strategy = {};
  bool force_conflicts = false;
};

/// One release of a state file, templates executed, overrides and defaults applied.
struct Release {
  std::string id = {};  ///< "[CONTEXT/][NAMESPACE/]NAME"
  std::string name = {};
  std::string name_space = {};    ///< "" is the one of the kubeconfig's context
  std::string kube_context = {};  ///< "" is the current one
  ChartSource chart = {};
  bool installed = true;                ///< false: to be removed where it exists
  bool enabled = true;                  ///< its `condition` holds
  bool selected = false;                ///< by selectors and condition, not counting needs
  Labels labels = {};                   ///< with commonLabels and the implicit name, namespace, chart
  std::vector<std::string> needs = {};  ///< ids
  DeployOptions deploy = {};
  std::vector<Hook> hooks = {};
  std::vector<std::string> api_versions = {};
  std::string kube_version = {};
  Value spec = {};  ///< the whole entry, for values and hooks
};

}  // namespace sluice::helmfile
