#include "server/worker/planner.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/base/digest.hpp"
#include "core/chart/chart.hpp"
#include "core/plan/clean.hpp"
#include "server/task/bell.hpp"

namespace sluice::worker {

namespace asio = boost::asio;
using plan::Action;
using plan::Desired;
using plan::Json;
using plan::Operation;
using plan::Verb;

namespace {

constexpr std::size_t max_objects = 5000;

/// Documents of a file of crds/: separated by lines that begin with three dashes.
std::vector<plan::Document> split_file(const plan::Document& file) {
  std::vector<plan::Document> out;
  std::string_view rest = file.text.view();
  while (!rest.empty()) {
    std::size_t end = rest.starts_with("---") ? 0 : rest.find("\n---");
    const auto text = rest.substr(0, end);
    if (text.find_first_not_of(" \t\r\n") != std::string_view::npos) out.push_back({file.source, Text(text)});
    if (end == std::string_view::npos) break;
    rest.remove_prefix(rest.starts_with("---") ? 0 : end + 1);
    const auto line = rest.find('\n');
    if (line == std::string_view::npos) break;
    rest.remove_prefix(line + 1);
  }
  return out;
}

}  // namespace

bool runs_at_push(const plan::NewRecord::Hook& hook) {
  return std::any_of(hook.events.begin(), hook.events.end(), [](const std::string& event) { return event != "test"; });
}

std::vector<plan::NewRecord::Hook> hooks_of(const Json& record) {
  std::vector<plan::NewRecord::Hook> out;
  const Json* hooks = plan::find(record, "hooks");
  if (!hooks || !hooks->is_array()) return out;
  const auto texts = [](const Json& hook, const char* key) {
    std::vector<std::string> list;
    if (const Json* found = plan::find(hook, key); found && found->is_array()) {
      for (const auto& item : *found) {
        if (item.is_string()) list.push_back(item.get<std::string>());
      }
    }
    return list;
  };
  for (const auto& hook : *hooks) {
    out.push_back({plan::text_at(hook, "name"), plan::text_at(hook, "kind"), plan::text_at(hook, "path"),
                   plan::text_at(hook, "manifest"), texts(hook, "events"), static_cast<int>(plan::int_at(hook, "weight", 0)),
                   texts(hook, "delete_policies")});
  }
  return out;
}

bool Work::is_install() const { return history.revisions.empty() || history.last()->status == "uninstalled"; }

const Desired* Work::find_last(const plan::ObjectId& id) const {
  const auto found = std::find_if(last.begin(), last.end(), [&](const Desired& desired) { return desired.id == id; });
  return found == last.end() ? nullptr : &*found;
}

asio::awaitable<Result<>> Planner::look_at_cluster(const std::list<Work>& works) {
  for (const auto& work : works) heads_[work.input.namespace_];
  std::shared_ptr<const kube::Discovery> served;
  std::array<Result<>, 3> results;  // told in this order, whichever fails first
  std::function<asio::awaitable<Result<>>(std::size_t)> look = [&](std::size_t i) -> asio::awaitable<Result<>> {
    if (i == 0) {
      auto found = co_await cluster_.discovery();
      if (found) served = *found;
      if (!found) results[i] = std::move(found).error();
    } else if (i == 1) {
      auto identity = co_await cluster_.identity();
      if (identity) identity_ = std::move(*identity);
      if (!identity) results[i] = std::move(identity).error();
    } else {
      results[i] = co_await list_heads();
    }
    co_return Result<>();
  };
  auto done = co_await kube::in_parallel(results.size(), results.size(), look);
  for (auto& result : results) {
    if (done && !result) done = std::move(result);
  }
  if (!done) co_return std::move(done).error();
  places_.emplace(std::move(served));
  co_return Result<>();
}

asio::awaitable<Result<>> Planner::list_heads() {
  std::vector<std::string> namespaces;
  for (const auto& [name, heads] : heads_) namespaces.push_back(name);
  std::function<asio::awaitable<Result<>>(std::size_t)> list = [&](std::size_t i) -> asio::awaitable<Result<>> {
    auto heads = co_await list_records(cluster_, namespaces[i]);
    if (!heads) co_return std::move(heads).error();
    heads_[namespaces[i]] = std::move(*heads);
    co_return Result<>();
  };
  auto listed = co_await kube::in_parallel(namespaces.size(), 8, list);
  co_return listed;
}

Result<> Planner::find_histories(std::list<Work>& works) {
  for (auto& work : works) {
    work.history = history_of(heads_[work.input.namespace_], work.input.name, work.input.namespace_);
    const auto* last = work.history.last();
    if (!last) continue;
    if (plan::is_pending(last->status))
      return Error{Errc::conflict,
                   "release " + work.full_name() + ": another operation (install/upgrade/rollback) is in progress: revision " +
                       std::to_string(last->revision) + " is " + last->status +
                       ". If nothing is at work on it any more, `sluice rollback` takes it back to the revision before"};
  }
  return {};
}

asio::awaitable<Result<>> Planner::read_records(std::list<Work>& works) {
  std::vector<Work*> known;
  for (auto& work : works) {
    if (!work.is_install()) known.push_back(&work);
  }
  std::function<asio::awaitable<Result<>>(std::size_t)> read = [&](std::size_t i) -> asio::awaitable<Result<>> {
    Work& work = *known[i];
    const auto* deployed = work.history.deployed();
    const int revision = deployed ? deployed->revision : work.history.last()->revision;
    auto record = co_await read_record(cluster_, work.input.namespace_, work.input.name, revision,
                                       plan::RecordParts::without_chart_content);
    if (!record) co_return std::move(record).error();
    work.current = std::move(*record);
    co_return Result<>();
  };
  auto done = co_await kube::in_parallel(known.size(), 8, read);
  co_return done;
}

asio::awaitable<Result<Json>> Planner::values_to_reuse(const Work& work) {
  const auto* deployed = work.history.deployed();
  const int revision = deployed ? deployed->revision : work.history.last()->revision;
  auto record = co_await read_record(cluster_, work.input.namespace_, work.input.name, revision, plan::RecordParts::all);
  if (!record) co_return std::move(record).error();
  const auto part = [&record](const char* path) {
    const Json* found = plan::find_path(*record, path);
    return found ? *found : Json();
  };
  co_return Json{{"chart", plan::text_at(*record, "chart/metadata/name")}, {"chart_values", part("chart/values")}, {"config", part("config")}};
}

asio::awaitable<Result<>> Planner::render(Work& work) {
  ReleaseFacts facts;
  facts.revision = work.history.last() ? work.history.last()->revision + 1 : 1;
  facts.is_upgrade = !work.is_install();
  if (work.input.reuse_values && facts.is_upgrade) {
    auto last = co_await values_to_reuse(work);
    if (!last) co_return std::move(last).error();
    facts.last = std::move(*last);
  }
  auto rendered = co_await work.input.render(facts);
  if (!rendered) co_return std::move(rendered).error();
  work.rendered = std::move(*rendered);
  co_return Result<>();
}

namespace {

/// Lets one piece of work after the other take its turn.
struct Turns {
  explicit Turns(asio::any_io_executor executor) : bell(std::move(executor)) {}
  asio::awaitable<void> wait_for(std::size_t turn) {
    while (next < turn) co_await bell.wait(bell.rings(), std::chrono::hours(1));
  }
  Bell bell;
  std::size_t next = 0;
  bool failed = false;  ///< what comes after has nothing to do
};

/// Ends a turn, also when it ends by an exception.
struct EndOfTurn {
  Turns& turns;
  std::size_t turn;
  bool failed = true;
  ~EndOfTurn() {
    turns.failed = turns.failed || failed;
    turns.next = std::max(turns.next, turn + 1);
    turns.bell.ring();
  }
};

}  // namespace

asio::awaitable<Result<>> Planner::render_all(std::list<Work>& works) {
  std::vector<Work*> order;
  for (auto& work : works) order.push_back(&work);
  Turns turns(cluster_.executor());
  // the records come first, while the first releases are rendered; then, of each release in its order, what was rendered
  std::function<asio::awaitable<Result<>>(std::size_t)> render_and_read = [&](std::size_t i) -> asio::awaitable<Result<>> {
    Result<> done;
    {
      EndOfTurn end{turns, i};
      if (i == 0) {
        done = co_await read_records(works);
      } else {
        if (order[i - 1]->input.installed) done = co_await render(*order[i - 1]);
        co_await turns.wait_for(i);
        if (done && !turns.failed) done = read_rendered(*order[i - 1]);
      }
      end.failed = !done;
    }
    if (i == 0 && done) co_await read_ahead(works);
    co_return done;
  };
  auto done = co_await kube::in_parallel(order.size() + 1, 3, render_and_read);
  co_return done;
}

asio::awaitable<void> Planner::read_ahead(std::list<Work>& works) {
  std::vector<Live::Wanted> wanted;
  for (const auto& work : works) {
    const Json* manifest = work.current ? plan::find(*work.current, "manifest") : nullptr;
    if (!manifest || !manifest->is_string()) continue;
    for (auto& seen : plan::glimpse(manifest->get_ref<const std::string&>())) {
      std::string group(plan::group_of(seen.api_version));
      const auto is_namespaced = places_->is_namespaced(group, seen.kind);
      if (!is_namespaced) continue;
      std::string space = !*is_namespaced ? "" : seen.namespace_.empty() ? work.input.namespace_ : seen.namespace_;
      wanted.push_back({{std::move(group), std::move(seen.kind), std::move(space), std::move(seen.name)}, std::move(seen.api_version)});
    }
  }
  auto read = co_await live_.read(cluster_, *places_, std::move(wanted));
  (void)read;
}

Result<> Planner::read_rendered(Work& work) {
  if (auto read = read_applied(work); !read) return read;
  return work.input.installed ? read_objects(work) : read_uninstall(work);
}

Result<> Planner::read_objects(Work& work) {
  const std::string& ns = work.input.namespace_;
  std::vector<plan::Document> definitions;
  if (work.is_install() && !work.input.skip_crds) {
    for (const auto& file : work.rendered.crds) {
      for (auto& document : split_file(file)) definitions.push_back(std::move(document));
    }
  }
  // definitions first: what they define decides how everything else is read
  const plan::IsNamespaced known = [this](std::string_view group, std::string_view kind) {
    return places_->is_namespaced(group, kind);
  };
  auto crds = plan::read_objects(definitions, ns, known);
  if (!crds) return std::move(crds).error().during("release " + work.full_name());
  for (auto& crd : *crds) {
    if (auto kind = plan::defined_kind(crd.body)) places_->add(*kind);
    work.crds.emplace_back().wanted = std::move(crd);
  }
  auto first = plan::read_objects(work.rendered.manifests, ns, known);
  if (!first) return std::move(first).error().during("release " + work.full_name());
  bool defines = false;
  for (const auto& object : *first) {
    auto kind = plan::defined_kind(object.body);
    if (kind) places_->add(*kind);
    defines = defines || kind;
  }
  auto objects = defines ? plan::read_objects(work.rendered.manifests, ns, known) : std::move(first);
  if (!objects) return std::move(objects).error();
  if (objects->size() > max_objects)
    return Error{Errc::invalid, "release " + work.full_name() + ": " + std::to_string(objects->size()) + " objects, limit " +
                                    std::to_string(max_objects)};
  const Json* last_manifest = work.current ? plan::find(*work.current, "manifest") : nullptr;
  const bool is_same = last_manifest && last_manifest->is_string() && last_manifest->get_ref<const std::string&>() == work.rendered.manifest;
  if (is_same) work.last = *objects;
  if (is_same) mark_last(work);
  for (auto& object : *objects) {
    plan::set_owner(object.body, work.input.name, ns);
    work.objects.emplace_back().wanted = std::move(object);
  }
  std::vector<plan::Document> documents;
  for (const auto& hook : work.rendered.hooks) {
    documents = {{hook.path, Text(hook.manifest)}};
    auto read = plan::read_objects(documents, ns, known);
    if (!read) return std::move(read).error().during("release " + work.full_name() + ": hook");
    if (read->size() != 1)
      return Error{Errc::unsupported, "release " + work.full_name() + ": hook " + hook.path + " is not one object"};
    work.hooks.push_back(std::move(read->front()));
  }
  if (!work.current || is_same) return {};
  auto last = plan::read_objects(plan::split_manifest(plan::text_at(*work.current, "manifest")), ns, known);
  if (!last) return std::move(last).error().during("release " + work.full_name() + ": the manifest of the last revision");
  work.last = std::move(*last);
  mark_last(work);
  return {};
}

void Planner::mark_last(Work& work) const {
  for (auto& last : work.last) {
    const auto known = known_secrets_.find(last.id);
    last.secret_paths = known == known_secrets_.end() ? std::vector<std::string>() : known->second;
  }
}

Result<> Planner::read_uninstall(Work& work) {
  work.rendered.hooks = hooks_of(*work.current);
  return read_objects(work);
}

Result<> Planner::read_applied(Work& work) {
  const plan::IsNamespaced known = [this](std::string_view group, std::string_view kind) {
    return places_->is_namespaced(group, kind);
  };
  for (std::size_t i = 0; i < work.input.commands.size(); ++i) {
    const CommandToPlan& command = work.input.commands[i];
    const std::string doing = "release " + work.full_name() + ": hook[" + command.command.name + "]";
    for (int round = 0; round < 2; ++round) {  // what the first defines decides how the second reads
      auto objects = plan::read_objects(command.manifests, cluster_.access().namespace_, known);
      if (!objects) return std::move(objects).error().during(doing);
      bool defines = false;
      for (const auto& object : *objects) {
        const auto kind = plan::defined_kind(object.body);
        if (kind && round == 0) places_->add(*kind);
        defines = defines || kind;
      }
      if (defines && round == 0) continue;
      for (auto& object : *objects) {
        const std::string text = plan::to_text(object.body);
        object.body["metadata"]["annotations"][last_applied] = text + "\n";
        Applied& one = work.applied.emplace_back();
        one.command = i;
        one.candidate.wanted = std::move(object);
      }
      break;
    }
  }
  return {};
}

bool Planner::has_unknown_kind(const std::list<Work>& works) const {
  return std::ranges::any_of(works, [this](const Work& work) {
    return std::ranges::any_of(work.objects, [this](const Candidate& one) { return !is_served(one.wanted); });
  });
}

/// Whether a definition in the cluster makes one of the kinds that nobody serves.
asio::awaitable<Result<bool>> Planner::is_being_defined(const std::list<Work>& works) {
  auto listed = co_await cluster_.find("/apis/apiextensions.k8s.io/v1/customresourcedefinitions");
  if (!listed) co_return std::move(listed).error();
  const Json* items = *listed ? plan::find(**listed, "items") : nullptr;
  if (!items || !items->is_array()) co_return false;
  std::set<std::pair<std::string, std::string>> defined;  // api version and kind
  for (Json item : *items) {
    item["kind"] = "CustomResourceDefinition";  // elements of a list do not say it
    const auto kind = plan::defined_kind(item);
    for (const std::string& version : kind->versions) defined.emplace(kind->group + "/" + version, kind->kind);
  }
  for (const auto& work : works) {
    for (const auto& one : work.objects) {
      if (!is_served(one.wanted) && defined.contains({one.wanted.api_version, one.wanted.id.kind})) co_return true;
    }
  }
  co_return false;
}

asio::awaitable<Result<>> Planner::wait_for_young_kinds(std::list<Work>& works) {
  constexpr int most_looks = 20;
  constexpr std::chrono::milliseconds pause{250};
  for (int look = 0; look < most_looks && has_unknown_kind(works); ++look) {
    auto defined = co_await is_being_defined(works);
    if (!defined) co_return std::move(defined).error();
    if (!*defined) co_return Result<>();
    co_await sleep_for(pause);
    cluster_.forget_discovery();
    auto served = co_await cluster_.discovery();
    if (!served) co_return std::move(served).error();
    places_.emplace(std::move(*served));
    for (auto& work : works) {
      work.objects.clear();
      work.crds.clear();
      work.hooks.clear();
      work.last.clear();
      if (auto read = work.input.installed ? read_objects(work) : read_uninstall(work); !read) co_return std::move(read).error();
    }
  }
  co_return Result<>();
}

asio::awaitable<Result<>> Planner::read_live(std::list<Work>& works) {
  std::vector<Live::Wanted> wanted;
  for (const auto& work : works) {
    for (const auto* list : {&work.objects, &work.crds}) {
      for (const auto& candidate : *list) wanted.push_back({candidate.wanted.id, candidate.wanted.api_version});
    }
    for (const auto& last : work.last) wanted.push_back({last.id, last.api_version});
    for (const auto& one : work.applied) wanted.push_back({one.candidate.wanted.id, one.candidate.wanted.api_version});
  }
  std::sort(wanted.begin(), wanted.end(), [](const Live::Wanted& a, const Live::Wanted& b) { return a.id < b.id; });
  wanted.erase(
      std::unique(wanted.begin(), wanted.end(), [](const Live::Wanted& a, const Live::Wanted& b) { return a.id == b.id; }),
      wanted.end());
  auto read = co_await live_.read(cluster_, *places_, std::move(wanted));
  if (!read) co_return std::move(read).error();
  std::vector<Work*> fresh;
  for (auto& work : works) {
    if (work.history.revisions.empty() && work.input.create_namespace && work.input.installed) fresh.push_back(&work);
  }
  for (auto* work : fresh) {
    auto action = co_await namespace_action(work->input.namespace_);
    if (!action) co_return std::move(action).error();
    if (*action) work->out.create_namespace = std::move(**action);
  }
  co_return Result<>();
}

asio::awaitable<Result<std::optional<Action>>> Planner::namespace_action(std::string name) {
  if (new_namespaces_.contains(name)) co_return std::optional<Action>();
  const std::string path = "/api/v1/namespaces/" + name;
  auto found = co_await cluster_.find(path);
  if (!found) co_return std::move(found).error();
  if (*found) co_return std::optional<Action>();
  new_namespaces_.insert(name);
  Desired wanted;
  wanted.id = {"", "Namespace", "", name};
  wanted.api_version = "v1";
  wanted.body = Json{{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name}, {"labels", {{"name", name}}}}}};
  co_return std::optional<Action>(plan::create_action(wanted, {"/api/v1/namespaces", path}));
}

}  // namespace sluice::worker
