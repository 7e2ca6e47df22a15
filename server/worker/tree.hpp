#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/functions/outside.hpp"
#include "core/helmfile/helmfile.hpp"
#include "server/config/config.hpp"
#include "server/source/charts.hpp"
#include "server/worker/kubectl.hpp"
#include "server/worker/plan.hpp"

namespace sluice {
class WorkThread;
}

namespace sluice::worker {

/// What is to be planned: a helmfile, or one chart, or a folder of manifests.
struct TreeRequest {
  config::Layout layout = config::Layout::helmfile;
  helmfile::Options options;        ///< of a helmfile; `file` is its path
  std::string path;                 ///< of a chart or of manifests
  std::vector<std::string> values;  ///< values files of a chart
  std::string release, namespace_;  ///< of a chart or of manifests
  helmfile::Outside outside;        ///< files, variables, programs
  source::ChartsOptions charts;
  /// What is written before the releases: templates find these Secrets as they will be, not as they are.
  std::vector<SecretToPlan> secrets;
  /// Told before anything is rendered what `kubectl get` is answered from; may be empty.
  std::function<void(KubectlWorld)> connect_kubectl;
  /// Told each value of a Secret that is read; may be empty.
  std::function<void(std::string_view value)> on_secret;
  functions::Outside world;         ///< clock and random bytes; `lookup` is the cluster's, set by the tree
  /// The sluice program whose process renders, shut off from the world; empty: this process renders.
  std::string render_program;
};

/// The releases of a tree, ready to be planned. What they were rendered from is recorded for the plan.
class Tree {
 public:
  /// Loads the helmfile and gets the charts, on `thread`; asks the cluster what it can do.
  /// Errors: the helmfile's and the charts'; unsupported, for a field that would change the outcome and is not there, by name;
  /// not_found, when nothing matches.
  static boost::asio::awaitable<Result<std::shared_ptr<Tree>>> load(kube::Cluster& cluster, TreeRequest request, WorkThread& thread);
  ~Tree();

  /// In the order of `needs`. Each renders on the thread that loaded the tree; the Tree lives as long as they do.
  std::vector<ReleaseToPlan> releases();
  const std::vector<std::string>& notes() const;
  std::vector<CommandToPlan> commands() const;  ///< of the state files themselves
  /// Runs the hooks of `cleanup`: for a plan that nothing follows.
  boost::asio::awaitable<Result<>> clean_up();
  /// Canonical JSON for PlanRequest::inputs: the charts' versions and digests, and the recorded answers of clock, random
  /// source, lookups. To be called after rendering. May hold secret values: it is sealed with the plan.
  boost::asio::awaitable<Result<std::string>> inputs() const;

  struct State;
  explicit Tree(std::shared_ptr<State> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<State> state_;
};

}  // namespace sluice::worker
