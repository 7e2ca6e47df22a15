#pragma once

// core/chart/chart.hpp
//
// Turns a chart and its values into Kubernetes manifests, as `helm template` does.
//   in:   the chart's files (Tree, a list of files, or the bytes of a .tgz), the user's values (values.hpp), a RenderRequest
//   out:  manifests in install order, hooks, CRDs, notes, as text with the secret parts marked; or an Error in Helm's words
//   not:  fetching charts or reading folders (server/source), talking to a cluster (server/kube)
// Follows Helm 3.17's pkg/chart, pkg/chartutil, pkg/engine and pkg/releaseutil; HelmVersion::v4 follows Helm 4 where it differs.
// Read next: load.cpp, dependencies.hpp, coalesce.hpp, render.cpp, manifests.hpp.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/tree.hpp"
#include "core/chart/metadata.hpp"
#include "core/value/marked_text.hpp"
#include "core/value/value.hpp"

namespace sluice::functions {
struct Outside;
}
namespace sluice::gotemplate {
struct TracedText;
}

namespace sluice::chart {

class ParsedTemplates;

enum class HelmVersion { v3, v4 };

/// A file of a chart; `name` is its slash path relative to the chart's root.
struct File {
  std::string name;
  std::string data;
};

/// What a chart may weigh. Past any of these: invalid.
struct Limits {
  std::size_t packed = 20U << 20;     ///< bytes of an archive
  std::size_t unpacked = 100U << 20;  ///< bytes of all files together
  std::size_t file = 5U << 20;        ///< bytes of one file
  std::size_t files = 10'000;
  std::size_t ratio = 200;  ///< unpacked to packed, looked at from 1 MiB unpacked on
  int nesting = 16;         ///< of subcharts in subcharts
};

/// A chart as it was loaded. Never changes after that; rendering works on copies of what it changes.
struct Chart : std::enable_shared_from_this<Chart> {
  Metadata metadata;
  Value lock = {};  ///< Chart.lock or requirements.lock; nil if there is none
  Value values;     ///< values.yaml: a map, maybe an empty one; nil map if there is none
  std::string values_yaml = {};  ///< its text
  std::optional<std::string> schema;
  std::vector<File> templates;
  std::vector<File> files;  ///< all that has no place of its own: what .Files shows
  std::vector<std::shared_ptr<const Chart>> dependencies;
  std::vector<std::string> notes;  ///< what loading wants the user to know (warnings)

  /// Templates parsed once, shared by every render of this chart. Used on one thread at a time.
  mutable std::shared_ptr<ParsedTemplates> parsed;
};

/// From the files of a chart's folder, of which .helmignore is obeyed.
Result<std::shared_ptr<const Chart>> load_chart(const Tree& folder, HelmVersion helm = HelmVersion::v3,
                                                const Limits& limits = {});
/// From files that are all meant, in the order in which Helm would find them.
Result<std::shared_ptr<const Chart>> load_files(std::vector<File> files, HelmVersion helm = HelmVersion::v3,
                                                const Limits& limits = {});
/// From the bytes of a .tgz.
Result<std::shared_ptr<const Chart>> load_archive(std::string_view bytes, HelmVersion helm = HelmVersion::v3,
                                                  const Limits& limits = {});

/// The version of a cluster as templates see it: text "v1.32.4".
struct KubeVersion {
  std::string version = "v1.32.0", major = "1", minor = "32";
  std::string normalized = "v1.32.0";  ///< Helm 4: without what vendors append
};
/// Errors: invalid, "invalid kube version 'abc': Invalid Semantic Version".
Result<KubeVersion> parse_kube_version(std::string_view text, HelmVersion helm = HelmVersion::v3);

/// The group/versions that a Helm without a cluster believes in.
const std::vector<std::string>& default_api_versions(HelmVersion helm = HelmVersion::v3);

struct Capabilities {
  KubeVersion kube_version;
  std::vector<std::string> api_versions = default_api_versions();  ///< "apps/v1", from a cluster also "apps/v1/Deployment"
};

/// What Helm believes in when there is no cluster to ask.
Capabilities default_capabilities(HelmVersion helm);

enum class Linting { no, yes };

/// What a render tells besides its result; also of one that failed.
struct RenderLog {
  std::vector<std::string> warnings;  ///< what Helm would print to stderr, one line each
  bool reached_values = false;        ///< dependencies and values fit together
  bool reached_templates = false;     ///< it failed, if it did, when `helm template` appends its hint about --debug
};

struct RenderRequest {
  std::string release = "release-name";
  std::string namespace_ = "default";
  int revision = 1;
  bool is_upgrade = false;
  Value values = {};  ///< the user's, merged (values.hpp); a map or nil
  Capabilities capabilities = {};
  HelmVersion helm = HelmVersion::v3;
  /// lookup, time, random bytes. Null: there is no outside, and a template that needs it fails.
  const functions::Outside* outside = nullptr;
  bool skip_schema = false;
  bool strict = false;  ///< a missing key is an error, as with Helm's Engine.Strict, which no command of Helm's sets
  /// All of the subcharts' notes besides the chart's own.
  bool subchart_notes = false;
  Linting linting = Linting::no;
  bool wants_source_map = false;  ///< fills `traced` of manifests and `value_paths`, for source_lines.hpp
  std::uint64_t max_steps = 50'000'000;     ///< of the template interpreter
  std::size_t max_output = 16U << 20;       ///< bytes rendered in all
  const std::atomic<bool>* stop = nullptr;  ///< looked at now and then, if given: true ends the render with Errc::cancelled
  RenderLog* log = nullptr;
};

/// One document of a rendered file.
struct Manifest {
  std::string source;  ///< "chart/templates/web.yaml"
  Text text;           ///< as rendered, without separator and Source line
  std::string api_version, kind, name, namespace_;
  std::shared_ptr<const gotemplate::TracedText> traced = {};  ///< the rendered file, if a source map was wanted
  std::size_t traced_at = 0;                                  ///< where in it `text` begins
};

/// Where in the values a map or list stands that templates saw there, by its Value::identity().
using ValuePaths = std::unordered_map<const void*, std::vector<std::string>>;

enum class HookEvent {
  pre_install,
  post_install,
  pre_delete,
  post_delete,
  pre_upgrade,
  post_upgrade,
  pre_rollback,
  post_rollback,
  test
};
/// "pre-install"
std::string_view to_string(HookEvent event);

/// A document that is not part of the release but runs at its events.
struct Hook : Manifest {
  std::vector<HookEvent> events;  ///< as listed, repetitions included
  int weight = 0;
  std::vector<std::string>
      delete_policies;  ///< as listed, lower case; "before-hook-creation", "hook-succeeded", "hook-failed" have a meaning
  std::vector<std::string> log_policies;  ///< Helm 4: helm.sh/hook-output-log-policy

  bool has_event(HookEvent event) const;
};

/// A file of crds/, which is neither a template nor part of the release's manifest.
struct CrdFile {
  std::string source;                       ///< "chart/crds/widgets.yaml"
  std::shared_ptr<const std::string> data;  ///< the bytes, maybe several documents; shared with the chart
};

struct Rendered {
  std::vector<Manifest> manifests;  ///< in install order
  std::vector<Hook> hooks;          ///< in Helm's order of output; execution sorts by weight and name first
  std::vector<CrdFile> crds;        ///< the chart's own, then those of its subcharts
  Text notes;                       ///< untrimmed
  Metadata metadata;                ///< of the root chart after dependency processing: only what is enabled, aliases as names
  Value chart_values;  ///< of the root chart after dependency processing: what a release record holds as chart.values
  Value values;        ///< what the templates saw as .Values
  ValuePaths value_paths = {};  ///< if a source map was wanted
};

/// Renders `chart` with everything that belongs to it.
/// Errors: in Helm's words.
Result<Rendered> render(const Chart& chart, const RenderRequest& request);

enum class Crds { leave_out, include };

/// The manifest of a release: "---\n# Source: ...\n..." of each; empty if there are none.
Text release_manifest(const Rendered& rendered, Crds crds = Crds::leave_out);

struct TemplateOutput {
  Crds crds = Crds::leave_out;
  bool no_hooks = false;
  bool skip_tests = false;
  bool hide_secrets = false;
  std::vector<std::string> show_only = {};  ///< path patterns below the chart's folder
  HelmVersion helm = HelmVersion::v3;
};
/// What `helm template` prints to stdout.
/// Errors: not_found, "could not find template X in chart".
Result<Text> print_template_output(const Rendered& rendered, const TemplateOutput& options);
/// The same in pieces, for output that need not be held as a whole.
Result<> print_template_output(const Rendered& rendered, const TemplateOutput& options,
                               const std::function<void(const Text&)>& print);

/// The chart as a release record keeps it: metadata, lock, templates, values, schema, files.
Value to_release_chart(const Chart& chart, const Rendered& rendered);

/// The order of kinds in which Helm installs and, not quite reversed, uninstalls; unknown kinds come after all others, by name.
/// True if `a` comes before `b`.
bool installs_before(std::string_view a, std::string_view b, HelmVersion helm = HelmVersion::v3);
bool uninstalls_before(std::string_view a, std::string_view b, HelmVersion helm = HelmVersion::v3);

/// Errors: invalid, "release name "X": invalid release name, must match regex ...".
Result<> check_release_name(std::string_view name, HelmVersion helm = HelmVersion::v3);

/// Errors: invalid, for a chart that cannot be installed itself (type library), or whose declared dependencies are not all there.
Result<> check_installable(const Chart& chart, HelmVersion helm = HelmVersion::v3);

}  // namespace sluice::chart
