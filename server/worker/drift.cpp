#include "server/worker/drift.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "server/worker/planner.hpp"

namespace sluice::worker {

namespace asio = boost::asio;
using plan::Json;

namespace {

/// The releases that are asked for and have a record, in the order of their names.
std::list<Work> works_of(const DriftRequest& request, const std::vector<plan::RecordHead>& heads) {
  std::set<ReleaseName> names;
  for (const auto& head : heads) {
    ReleaseName name{head.namespace_, head.name};
    const bool wanted = request.releases.empty() || std::ranges::find(request.releases, name) != request.releases.end();
    if (wanted) names.insert(std::move(name));
  }
  std::list<Work> works;
  for (const auto& name : names) {
    Work work;
    work.input.name = name.name;
    work.input.namespace_ = name.namespace_;
    work.input.create_namespace = false;
    work.input.take_ownership = true;
    work.input.skip_crds = true;
    work.operation = plan::Operation::unchanged;
    work.history = history_of(heads, name.name, name.namespace_);
    if (work.history.last()->status == "uninstalled") continue;
    if (!work.history.deployed())
      work.diff.notes.push_back("nothing of it is deployed: revision " + std::to_string(work.history.last()->revision) + " is " +
                                work.history.last()->status);
    works.push_back(std::move(work));
  }
  return works;
}

/// The deployed record as that which is wanted.
asio::awaitable<Result<>> take_record(kube::Cluster& cluster, Work& work) {
  const auto* deployed = work.history.deployed();
  if (!deployed) co_return Result<>();
  const int revision = deployed->revision;
  auto record = co_await read_record(cluster, work.input.namespace_, work.input.name, revision, plan::RecordParts::without_chart_content);
  if (!record) {
    work.diff.notes.push_back(record.error().what);
    co_return Result<>();
  }
  work.diff.revision = revision;
  work.rendered.manifest = plan::text_at(*record, "manifest");
  work.rendered.manifests = plan::split_manifest(work.rendered.manifest);
  work.rendered.chart = plan::text_at(*record, "chart/metadata/name") + "-" + plan::text_at(*record, "chart/metadata/version");
  work.current = std::move(*record);
  co_return Result<>();
}

/// What went wrong with single objects is told, and the rest compared.
void tell_errors(std::list<Work>& works) {
  for (auto& work : works) {
    std::move(work.errors.begin(), work.errors.end(), std::back_inserter(work.diff.notes));
    work.errors.clear();
    work.objects.remove_if([](const Candidate& candidate) { return candidate.action.object_path.empty(); });
  }
}

}  // namespace

asio::awaitable<Result<plan::Diff>> find_drift(kube::Cluster& cluster, DriftRequest request) {
  Planner planner(cluster, std::move(request.mask_key), std::move(request.secret_places));
  std::list<Work> works;
  auto looked = co_await planner.look_at_cluster(works);
  if (!looked) co_return std::move(looked).error();
  auto heads = co_await list_records(cluster, request.namespace_);
  if (!heads) co_return std::move(heads).error();
  works = works_of(request, *heads);
  std::vector<Work*> order;
  for (auto& work : works) order.push_back(&work);
  std::function<asio::awaitable<Result<>>(std::size_t)> read = [&](std::size_t i) { return take_record(cluster, *order[i]); };
  auto done = co_await kube::in_parallel(order.size(), 8, read);
  if (!done) co_return std::move(done).error();
  for (auto& work : works) {
    if (auto good = planner.read_objects(work); !good) work.diff.notes.push_back(good.error().what);
  }
  done = co_await planner.read_live(works);
  if (!done) co_return std::move(done).error();
  for (auto& work : works) planner.decide(work);
  tell_errors(works);
  done = co_await planner.dry_run(works);
  if (!done) co_return std::move(done).error();
  tell_errors(works);
  plan::Diff drift;
  for (auto& work : works) {
    planner.finish(work);
    drift.releases.push_back(std::move(work.diff));
  }
  co_return drift;
}

}  // namespace sluice::worker
