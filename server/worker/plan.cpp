#include "server/worker/plan.hpp"

#include <nlohmann/json.hpp>

#include "core/chart/chart.hpp"
#include "server/worker/planner.hpp"

namespace sluice::worker {

namespace asio = boost::asio;
using plan::Json;

namespace {

constexpr std::size_t shown_errors = 20;

Result<> errors_of(const std::list<Work>& works) {
  std::string text;
  std::size_t count = 0;
  for (const auto& work : works) {
    for (const auto& error : work.errors) {
      if (++count <= shown_errors) text += (text.empty() ? "" : "\n") + ("release " + work.full_name() + ": " + error);
    }
  }
  if (count == 0) return {};
  if (count > shown_errors) text += "\n... and " + std::to_string(count - shown_errors) + " more";
  return Error{Errc::invalid, std::move(text)};
}

asio::awaitable<Result<>> settle(Planner& planner, std::list<Work>& works) {
  auto known = co_await planner.wait_for_young_kinds(works);
  if (!known) co_return std::move(known).error();
  auto live = co_await planner.read_live(works);
  if (!live) co_return std::move(live).error();
  for (auto& work : works) planner.decide(work);
  if (auto good = errors_of(works); !good) co_return good;
  auto tried = co_await planner.dry_run(works);
  if (!tried) co_return std::move(tried).error();
  if (auto good = errors_of(works); !good) co_return good;
  for (auto& work : works) planner.finish(work);
  co_return Result<>();
}

void collect(std::list<Work>& works, Planned& planned) {
  for (auto& work : works) {
    planned.plan.releases.push_back(std::move(work.out));
    planned.diff.releases.push_back(std::move(work.diff));
    planned.plan.secret_places.merge(work.secret_places);
  }
}

}  // namespace

RenderedRelease to_rendered(std::shared_ptr<const chart::Chart> chart, const chart::Rendered& rendered, Json config) {
  RenderedRelease out;
  out.chart = rendered.metadata.name + "-" + rendered.metadata.version;
  for (const auto& manifest : rendered.manifests) out.manifests.push_back({manifest.source, manifest.text});
  for (const auto& crd : rendered.crds) out.crds.push_back({crd.source, Text(*crd.data)});
  for (const auto& hook : rendered.hooks) {
    plan::NewRecord::Hook kept{hook.name, hook.kind, hook.source, hook.text.str(), {}, hook.weight, hook.delete_policies};
    for (const auto event : hook.events) kept.events.emplace_back(chart::to_string(event));
    out.hooks.push_back(std::move(kept));
  }
  out.chart_record = [chart = std::move(chart), metadata = rendered.metadata, values = rendered.chart_values] {
    chart::Rendered kept;
    kept.metadata = metadata;
    kept.chart_values = values;
    return plan::from_value(chart::to_release_chart(*chart, kept));
  };
  out.config = std::move(config);
  out.manifest = chart::release_manifest(rendered).str();
  out.notes = rendered.notes.str();
  return out;
}

asio::awaitable<Result<Planned>> make_plan(kube::Cluster& cluster, PlanRequest request) {
  Planner planner(cluster, std::move(request.mask_key), std::move(request.secret_places));
  std::list<Work> works;
  for (auto& release : request.releases) works.emplace_back().input = std::move(release);
  auto looked = co_await planner.look_at_cluster(works);
  if (!looked) co_return std::move(looked).error();
  if (auto found = planner.find_histories(works); !found) co_return std::move(found).error();
  works.remove_if([](const Work& work) { return !work.input.installed && work.is_install(); });  // it is not there
  Planned planned;
  // before anything is rendered: a chart may look the secrets up, and a new namespace is theirs to make
  auto secrets = co_await planner.add_secrets(std::move(request.secrets), planned);
  if (!secrets) co_return std::move(secrets).error();
  auto rendered = co_await planner.render_all(works);
  if (!rendered) co_return std::move(rendered).error();
  auto settled = co_await settle(planner, works);
  if (!settled) co_return std::move(settled).error();
  planned.plan.environment = std::move(request.environment);
  planned.plan.commit = std::move(request.commit);
  planned.plan.inputs = std::move(request.inputs);
  planned.plan.cluster_uid = planner.identity().uid;
  planned.plan.cluster_ca = planner.identity().ca_sha256;
  collect(works, planned);
  for (auto& one : request.commands) {
    planned.diff.commands.push_back(one.shown);
    planned.plan.commands.push_back(std::move(one.command));
  }
  co_return planned;
}

asio::awaitable<Result<Planned>> plan_rollback(kube::Cluster& cluster, RollbackRequest request) {
  const std::string name = request.name;
  const std::string namespace_ = request.namespace_;
  Planner planner(cluster, std::move(request.mask_key));
  std::list<Work> works;
  auto looked = co_await planner.look_at_cluster(works);
  if (!looked) co_return std::move(looked).error();
  auto heads = co_await list_records(cluster, namespace_);
  if (!heads) co_return std::move(heads).error();
  Work& work = works.emplace_back();
  work.input.name = name;
  work.input.namespace_ = namespace_;
  work.input.options = request.options;
  work.input.create_namespace = false;
  work.input.take_ownership = true;  // Helm checks nothing on the way back
  work.input.skip_crds = true;
  work.operation = plan::Operation::rollback;
  work.history = history_of(*heads, name, namespace_);
  if (request.last_revision > 0) {
    std::erase_if(work.history.revisions, [&](const plan::RecordHead& head) { return head.revision > request.last_revision; });
  }
  if (work.history.revisions.empty()) co_return Error{Errc::not_found, "release " + work.full_name() + ": release: not found"};
  const int target = request.revision > 0 ? request.revision : work.history.last()->revision - 1;
  if (!work.history.find(target)) co_return Error{Errc::not_found, "release has no " + std::to_string(target) + " version"};
  auto back = co_await read_record(cluster, namespace_, name, target, plan::RecordParts::all);
  if (!back) co_return std::move(back).error();
  auto last =
      co_await read_record(cluster, namespace_, name, work.history.last()->revision, plan::RecordParts::without_chart_content);
  if (!last) co_return std::move(last).error();
  work.current = std::move(*last);
  work.rendered.manifests = plan::split_manifest(plan::text_at(*back, "manifest"));
  work.rendered.manifest = plan::text_at(*back, "manifest");
  work.rendered.notes = plan::text_at(*back, "info/notes");
  work.rendered.hooks = hooks_of(*back);
  work.input.labels = work.history.find(target)->labels;
  if (const Json* chart = plan::find(*back, "chart")) work.rendered.chart_record = [chart = *chart] { return chart; };
  if (const Json* config = plan::find(*back, "config")) work.rendered.config = *config;
  work.rendered.chart = plan::text_at(*back, "chart/metadata/name") + "-" + plan::text_at(*back, "chart/metadata/version");
  if (auto read = planner.read_objects(work); !read) co_return std::move(read).error();
  auto settled = co_await settle(planner, works);
  if (!settled) co_return std::move(settled).error();
  Planned planned;
  planned.plan.cluster_uid = planner.identity().uid;
  planned.plan.cluster_ca = planner.identity().ca_sha256;
  if (work.out.options.description.empty()) work.out.options.description = "Rollback to " + std::to_string(target);
  collect(works, planned);
  co_return planned;
}

}  // namespace sluice::worker
