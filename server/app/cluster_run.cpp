#include "server/app/cluster_run.hpp"

namespace sluice::app {

Result<std::unique_ptr<ClusterRun>> ClusterRun::make(const std::string& kubeconfig, const std::string& context) {
  auto access = kube::load_kubeconfig(kubeconfig, context);
  if (!access) return std::move(access).error();
  std::unique_ptr<ClusterRun> run(new ClusterRun());
  auto cluster = kube::Cluster::make(run->context_.get_executor(), std::move(*access), {});
  if (!cluster) return std::move(cluster).error();
  run->cluster_ = std::move(*cluster);
  return run;
}

}  // namespace sluice::app
