#pragma once

// Rendering a tree, apart from the world: what it is made from is plain data, what it asks goes through functions. So it can
// happen in this process or in one that can reach nothing (render_process.hpp).

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/chart/chart.hpp"
#include "core/functions/outside.hpp"
#include "core/helmfile/helmfile.hpp"
#include "server/config/config.hpp"
#include "server/source/charts.hpp"
#include "server/worker/plan.hpp"

namespace sluice::worker {

/// What a tree is rendered from.
struct TreeInput {
  config::Layout layout = config::Layout::helmfile;
  helmfile::Options options;        ///< of a helmfile; `file` is its path
  std::string path;                 ///< of a chart or of manifests
  std::vector<std::string> values;  ///< values files of a chart
  std::string release, namespace_;  ///< of a chart or of manifests
  std::string context;              ///< of the cluster's kubeconfig: a release that names another one is refused
  std::string context_namespace;    ///< for releases that name none
  chart::Capabilities capabilities;
};

/// What is asked while a tree is rendered.
struct TreeWorld {
  helmfile::Outside outside;     ///< without `functions`
  functions::Outside functions;  ///< without `lookup`
  /// An object as it will be once the plan's Secrets are written; with an empty name the list; nothing if there is none.
  std::function<Result<std::optional<plan::Json>>(const functions::ObjectQuery&)> find_object;
  std::function<Result<source::ObtainedChart>(const helmfile::State&, const helmfile::Release&)> chart_of;
};

struct TreeContents {
  std::vector<ReleaseToPlan> releases;  ///< in the order of `needs`; without `render`
  std::vector<CommandToPlan> commands;  ///< of the state files themselves
  std::vector<std::string> notes;
};

/// Renders one tree. All calls block, come from one thread at a time, and `load` is the first.
class TreeRenderer {
 public:
  virtual ~TreeRenderer() = default;
  /// Errors: as Tree::load.
  virtual Result<TreeContents> load() = 0;
  /// The release at that place in TreeContents::releases.
  virtual Result<RenderedRelease> render(std::size_t index, const ReleaseFacts& facts) = 0;
  /// As Tree::inputs and Tree::clean_up.
  virtual Result<std::string> inputs() = 0;
  virtual Result<> clean_up() = 0;
};

/// Renders in this process, on the caller's thread.
std::unique_ptr<TreeRenderer> make_tree_renderer(TreeInput input, TreeWorld world);

}  // namespace sluice::worker
