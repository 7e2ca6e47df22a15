#pragma once

// server/worker/plan.hpp
//
// From rendered releases to a plan, reading the cluster but never writing to it.
//   in:   a Cluster, the releases of a helmfile, each with a function that renders it
//   out:  Planned: the plan with its exact bytes, the masked diff, warnings; or an Error that names every object that cannot be
//   not:  approving (core/deployment), sending (push.hpp), rendering (core/chart, called by the function given)
// A plan rests on dry runs of the very requests it holds, so that defaults, webhooks and immutable fields show before anybody
// approves. An object whose three-way patch is empty costs no request of its own: collections are listed, not objects fetched.
// Read next: tree.hpp (a helmfile's tree), push.hpp.

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/plan/diff.hpp"
#include "core/plan/manifest.hpp"
#include "core/plan/plan.hpp"
#include "core/plan/release.hpp"

namespace sluice::kube {
class Cluster;
}
namespace sluice::chart {
struct Chart;
struct Rendered;
}  // namespace sluice::chart

namespace sluice::worker {

/// A release as its chart rendered it.
struct RenderedRelease {
  std::string chart;  ///< "web-1.2.0", for people
  std::vector<plan::Document> manifests;
  std::vector<plan::Document> crds;
  std::vector<plan::NewRecord::Hook> hooks;  ///< all of them; tests stay in the record alone
  plan::Json config;                         ///< as the release record keeps it
  std::function<plan::Json()> chart_record;  ///< the same of the chart: large, and wanted only if the release changes
  std::string manifest, notes;
};
RenderedRelease to_rendered(std::shared_ptr<const chart::Chart> chart, const chart::Rendered& rendered, plan::Json config);

/// What a render is told about the release in the cluster.
struct ReleaseFacts {
  int revision = 1;
  bool is_upgrade = false;
  /// Of the last release, where its values are to be reused: {"chart": name, "chart_values": ..., "config": ...}.
  plan::Json last = {};
};

/// Something that a tree wants to be done beside a release.
struct CommandToPlan {
  plan::Command command;
  std::string shown;                      ///< "presync: sh -c ...", without secrets
  std::vector<plan::Document> manifests;  ///< instead of a program: what is applied, as `kubectl apply` does
};

struct ReleaseToPlan {
  std::string name, namespace_;
  int group = 0;
  bool installed = true;  ///< false: to be removed if it is there
  plan::PushOptions options;
  bool create_namespace = true;
  bool take_ownership = false;
  bool skip_crds = false;
  plan::Cascade cascade = plan::Cascade::background;  ///< when it is uninstalled
  bool reuse_values = false;
  std::map<std::string, std::string> labels;           ///< for the release record, on top of those it has
  std::vector<CommandToPlan> commands;
  /// Renders it. Called on the caller's executor; may hop to a render thread.
  std::function<boost::asio::awaitable<Result<RenderedRelease>>(ReleaseFacts)> render;
};

/// A Secret that is written before the releases, with exactly these keys.
struct SecretToPlan {
  std::string namespace_, name;
  std::map<std::string, std::string> data;
};

struct PlanRequest {
  std::string environment, commit;
  std::string inputs = "{}";  ///< canonical JSON of what shall be sealed with the plan
  std::vector<SecretToPlan> secrets;
  std::vector<ReleaseToPlan> releases;
  std::vector<CommandToPlan> commands;  ///< of the state files themselves
  Secret mask_key;  ///< for fingerprints in the diff
  plan::SecretPlaces secret_places = {};  ///< of what is deployed now
};

struct Planned {
  plan::Plan plan;
  plan::Diff diff;
};

/// Errors: those of the cluster; invalid, with every object that the server refuses and why; conflict, for an object that
/// belongs to somebody else or a release in the hands of another helm.
boost::asio::awaitable<Result<Planned>> make_plan(kube::Cluster& cluster, PlanRequest request);

struct RollbackRequest {
  std::string name, namespace_;
  int revision = 0;  ///< to go back to; 0: the one before the last
  plan::PushOptions options;
  Secret mask_key;
  int last_revision = 0;  ///< to go back from, although a way back that was cut off has left a later one; 0: the last that is there
};

/// The way back to a revision of a release, as `helm rollback` goes it.
boost::asio::awaitable<Result<Planned>> plan_rollback(kube::Cluster& cluster, RollbackRequest request);

}  // namespace sluice::worker
