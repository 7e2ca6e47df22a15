#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "server/kube/cluster.hpp"
#include "server/net/client.hpp"
#include "server/source/git.hpp"
#include "server/task/task.hpp"
#include "server/worker/checkout.hpp"
#include "server/worker/drift.hpp"
#include "server/worker/redactor.hpp"
#include "server/worker/push.hpp"
#include "server/worker/worker.hpp"

// What the files of the worker share. Not for other folders.

namespace sluice::worker {

/// Does something when a task ends, however it ends.
template <class Do>
struct Always {
  Do what;
  ~Always() { what(); }
};
template <class Do>
Always(Do) -> Always<Do>;

/// What planning came to.
struct NewPlanOrNone {
  std::string missing_image;  ///< not in its registry yet: to be looked for again later
  bool has_changes = false;
  store::NewPlan plan;
};

struct Worker::Impl {
  explicit Impl(Parts given);

  Parts parts;
  std::shared_ptr<const config::Config> config;
  Bell bell;
  TaskGroup tasks;
  WorkThread source{"sluice-source"};  ///< git
  WorkThread render{"sluice-render"};  ///< charts
  WorkThread hooks{"sluice-hooks"};    ///< programs beside a push
  std::map<std::string, std::shared_ptr<source::GitMirror>> mirrors;        ///< by repository; used on `source` alone
  std::map<std::string, std::shared_ptr<kube::Cluster>> clusters;           ///< by name
  std::set<std::string> planning_on;                                         ///< clusters for which a plan is being made
  std::set<store::DeploymentId> pushing;                                     ///< those that a task of ours pushes
  std::set<store::DeploymentId> stopping;                                    ///< those that shall stop after the release in hand
  bool leaving = false;

  /// The client of a cluster, made at its first use with the kubeconfig of now.
  Result<std::shared_ptr<kube::Cluster>> cluster(const std::string& name);

  /// One of the tasks below that run as long as the daemon: when it ends for want of memory, it begins again.
  boost::asio::awaitable<void> forever(std::string name, boost::asio::awaitable<void> (Impl::*work)());

  // deliveries
  boost::asio::awaitable<void> take_deliveries();
  // planning
  boost::asio::awaitable<void> plan_deployments();
  boost::asio::awaitable<void> plan_next(store::Deployment one);
  boost::asio::awaitable<void> plan(store::Deployment one);
  boost::asio::awaitable<Result<NewPlanOrNone>> make(const config::Config& settings, const store::Deployment& one, Stale& stale);
  /// The same; `known` learns the values of all secrets on the way.
  boost::asio::awaitable<Result<NewPlanOrNone>> make(const config::Config& settings, const store::Deployment& one, Stale& stale, std::shared_ptr<Redactor> known);
  boost::asio::awaitable<Result<Checkout>> fetch(const config::Repository& repository, const store::Deployment& one, Stale& stale);
  /// The image that the target waits for, if it is not there yet; empty otherwise.
  boost::asio::awaitable<Result<std::string>> missing_image(const config::Target& target, const store::Deployment& one, std::string sha);
  boost::asio::awaitable<void> look_for_images();
  boost::asio::awaitable<Result<>> check_identity(const config::Config& settings, const std::string& name, kube::Cluster& client);
  boost::asio::awaitable<void> follow_head(const config::Config& settings, const store::Deployment& one, std::string head);
  // pushing
  boost::asio::awaitable<void> push_deployments();
  boost::asio::awaitable<void> push(store::Lease lease, store::Deployment deployment);
  /// Runs a program of the plan under the policy that its environment has now.
  boost::asio::awaitable<Result<CommandOutput>> run_command(store::Deployment deployment, plan::Command command);
  boost::asio::awaitable<void> give_up(const store::Deployment& one, std::string reason);
  // looking
  struct Look {
    bool running = false;
    std::chrono::steady_clock::time_point at;
    std::string drift;  ///< JSON; empty: none yet
  };
  std::map<std::string, Look> looks;  ///< by environment
  /// The last deployment that succeeded, and its releases.
  struct Deployed {
    std::optional<store::DeploymentId> id;
    std::vector<ReleaseName> releases;
  };
  boost::asio::awaitable<Result<Deployed>> last_deployed(std::string environment);
  /// What was made from secrets in what the repository last deployed to the environment; of no repository (""), in what anyone did.
  boost::asio::awaitable<Result<plan::SecretPlaces>> secrets_in_place(std::string environment, std::string repository);
  boost::asio::awaitable<Result<std::shared_ptr<kube::Cluster>>> cluster_of(std::string environment);
  boost::asio::awaitable<Result<plan::Json>> look_at_releases(std::string environment);
  boost::asio::awaitable<Result<plan::Json>> look_for_drift(std::string environment);
  // upkeep
  boost::asio::awaitable<void> sweep();

  // messages
  /// What came of sending a message: what the receiver calls the deployment (mostly nothing), or why it failed and how long to wait.
  struct Sent {
    Result<std::string> outcome = std::string();
    std::chrono::seconds pause{0};
  };
  boost::asio::awaitable<void> announce_changes();
  boost::asio::awaitable<void> send_messages();
  boost::asio::awaitable<Sent> send(const store::Message& message);
  boost::asio::awaitable<Sent> send_to_receiver(const store::Message& message);
  boost::asio::awaitable<Sent> send_to_github(const store::Message& message);
  /// Errors and their pauses as a Sent; the body of a good answer.
  boost::asio::awaitable<Sent> ask_github(net::Request request);
  std::unique_ptr<net::Client> outgoing;  ///< made at the first message
  std::unique_ptr<net::Client> github;    ///< the same
  std::chrono::steady_clock::time_point last_write_to_github;

  boost::asio::awaitable<Result<>> transition(store::Transition change);
  void log_line(store::DeploymentId id, std::string kind, std::string text);
};

}  // namespace sluice::worker
