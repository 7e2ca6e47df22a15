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
constexpr const char* last_applied = "kubectl.kubernetes.io/last-applied-configuration";

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

bool runs_at_push(const plan::NewRecord::Hook& hook) {
  return std::any_of(hook.events.begin(), hook.events.end(), [](const std::string& event) { return event != "test"; });
}

bool same_hooks(const std::vector<plan::NewRecord::Hook>& a, const std::vector<plan::NewRecord::Hook>& b) {
  const auto texts = [](const std::vector<plan::NewRecord::Hook>& hooks) {
    std::vector<std::string> out;
    for (const auto& hook : hooks) {
      if (runs_at_push(hook)) out.push_back(hook.path + "\n" + hook.manifest);
    }
    std::sort(out.begin(), out.end());
    return out;
  };
  return texts(a) == texts(b);
}

}  // namespace

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
  const kube::Discovery* served = nullptr;
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
  places_.emplace(*served);
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

asio::awaitable<Result<>> Planner::render(Work& work) {
  ReleaseFacts facts;
  facts.revision = work.history.last() ? work.history.last()->revision + 1 : 1;
  facts.is_upgrade = !work.is_install();
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
  for (auto& last : work.last) last.secret_paths.clear();
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
  return {};
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

bool Planner::names_new_kind(const Desired& wanted) const { return places_->is_new(wanted.id.group, wanted.id.kind); }

Result<plan::Place> Planner::place_of(const Desired& wanted) const {
  const auto* resource = places_->resource(wanted.id, wanted.api_version);
  const bool served = resource && (names_new_kind(wanted) || resource->version == plan::version_of(wanted.api_version));
  if (!served)
    return Error{Errc::invalid, wanted.source + ": no matches for kind \"" + wanted.id.kind + "\" in version \"" +
                                    wanted.api_version + "\": ensure its CustomResourceDefinition is installed first"};
  return *places_->find(wanted.id, wanted.api_version);
}

void Planner::decide(Work& work) {
  for (auto& candidate : work.crds) {
    auto place = place_of(candidate.wanted);
    if (!place) {
      work.errors.push_back(place.error().what);
      continue;
    }
    candidate.place = *place;
    candidate.live = live_.find(candidate.wanted.id);
    // Helm installs definitions and never touches them again
    candidate.action = candidate.live ? plan::unchanged_action(candidate.wanted, *candidate.live, *place)
                                      : plan::create_action(candidate.wanted, *place);
  }
  for (auto& candidate : work.objects) decide_one(work, candidate);
  for (auto& one : work.applied) decide_applied(work, one);
  decide_removals(work);
}

void Planner::decide_one(Work& work, Candidate& candidate) {
  auto place = place_of(candidate.wanted);
  if (!place) {
    work.errors.push_back(place.error().what);
    return;
  }
  candidate.place = *place;
  candidate.live = live_.find(candidate.wanted.id);
  candidate.last = work.find_last(candidate.wanted.id);
  if (!candidate.live) {
    candidate.action = plan::create_action(candidate.wanted, *place);
    return;
  }
  if (!plan::text_at(*candidate.live, "metadata/deletionTimestamp").empty()) {
    work.errors.push_back(plan::to_string(candidate.wanted.id) + " is being deleted; plan again once it is gone");
    return;
  }
  if (!candidate.last && !work.input.take_ownership) {
    const auto conflict = plan::ownership_conflict(*candidate.live, candidate.wanted.id, work.input.name, work.input.namespace_);
    if (!conflict.empty()) {
      work.errors.push_back(conflict);
      return;
    }
  }
  candidate.action = plan::update_action(candidate.wanted, candidate.last, *candidate.live, *place);
}

/// Follows: kubectl apply: three-way, with the last configuration from the annotation; whose the object is does not matter.
void Planner::decide_applied(Work& work, Applied& applied) {
  Candidate& candidate = applied.candidate;
  auto place = place_of(candidate.wanted);
  if (!place) {
    work.errors.push_back(place.error().what);
    return;
  }
  candidate.place = *place;
  candidate.live = live_.find(candidate.wanted.id);
  if (!candidate.live) {
    candidate.action = plan::create_action(candidate.wanted, *place);
    return;
  }
  applied.last = candidate.wanted;
  const Json* annotations = plan::find_path(*candidate.live, "metadata/annotations");
  const Json* text = annotations ? plan::find(*annotations, last_applied) : nullptr;
  if (auto last = text && text->is_string() ? plan::parse_json(text->get<std::string>()) : Result<Json>(Error{}); last) {
    applied.last.body = std::move(*last);
    candidate.last = &applied.last;
  }
  candidate.action = plan::update_action(candidate.wanted, candidate.last, *candidate.live, *place);
}

void Planner::decide_removals(Work& work) {
  std::set<plan::ObjectId> wanted;
  for (const auto& candidate : work.objects) wanted.insert(candidate.wanted.id);
  std::vector<const Desired*> gone;
  for (const auto& last : work.last) {
    if (!wanted.contains(last.id)) gone.push_back(&last);
  }
  if (!work.input.installed) {
    std::stable_sort(gone.begin(), gone.end(),
                     [](const Desired* a, const Desired* b) { return chart::uninstalls_before(a->id.kind, b->id.kind); });
  }
  for (const auto* last : gone) {
    const Json* live = live_.find(last->id);
    const auto place = places_->find(last->id, last->api_version);
    if (!live || !place) continue;
    if (plan::is_kept(*live) || plan::is_kept(last->body)) {
      work.diff.notes.push_back(plan::to_string(last->id) + " is kept: its annotation helm.sh/resource-policy says so");
      continue;
    }
    if (!plan::ownership_conflict(*live, last->id, work.input.name, work.input.namespace_).empty()) {
      work.diff.notes.push_back(plan::to_string(last->id) + " is left alone: it no longer belongs to this release");
      continue;
    }
    work.removals.push_back(plan::remove_action(last->id, last->api_version, *live, *place));
  }
}

asio::awaitable<Result<>> Planner::dry_run(std::list<Work>& works) {
  std::vector<std::pair<Work*, Candidate*>> trials;
  for (auto& work : works) {
    for (auto* list : {&work.crds, &work.objects}) {
      for (auto& candidate : *list) {
        if (candidate.action.verb == Verb::create || candidate.action.verb == Verb::update)
          trials.emplace_back(&work, &candidate);
      }
    }
    for (auto& one : work.applied) {
      if (one.candidate.action.verb != Verb::unchanged) trials.emplace_back(&work, &one.candidate);
    }
  }
  std::function<asio::awaitable<Result<>>(std::size_t)> work = [&](std::size_t i) -> asio::awaitable<Result<>> {
    auto [release, candidate] = trials[i];
    auto done = co_await try_out(*release, *candidate);
    co_return done;
  };
  auto done = co_await kube::in_parallel(trials.size(), 8, work);
  co_return done;
}

asio::awaitable<Result<>> Planner::try_out(Work& work, Candidate& candidate) {
  const std::string& ns = candidate.wanted.id.namespace_;
  if (names_new_kind(candidate.wanted)) {
    candidate.notes.push_back("not validated by the server: its definition is created by this plan");
    co_return Result<>();
  }
  if (new_namespaces_.contains(ns)) {
    candidate.notes.push_back("not validated by the server: its namespace is created by this plan");
    co_return Result<>();
  }
  kube::Call call;
  call.method = candidate.action.method;
  call.path = plan::dry_run_path(candidate.action.path);
  call.content_type = candidate.action.content_type;
  call.body = candidate.action.body;
  call.repeat = kube::Repeat::safe;
  auto answer = co_await cluster_.ask(std::move(call));
  if (!answer) co_return std::move(answer).error().during("trying out " + plan::to_string(candidate.wanted.id));
  candidate.notes.insert(candidate.notes.end(), answer->warnings.begin(), answer->warnings.end());
  if (answer->refusal) {
    judge_refusal(work, candidate, *answer->refusal);
    co_return Result<>();
  }
  auto result = plan::parse_json(answer->text);
  if (!result) co_return std::move(result).error().during("trying out " + plan::to_string(candidate.wanted.id));
  const bool same = candidate.live && plan::clean(*result) == plan::clean(*candidate.live);
  if (same) candidate.action = plan::unchanged_action(candidate.wanted, *candidate.live, candidate.place);
  if (!same) candidate.result = std::move(*result);
  co_return Result<>();
}

void Planner::judge_refusal(Work& work, Candidate& candidate, const kube::Refusal& refusal) {
  const std::string name = plan::to_string(candidate.wanted.id);
  if (refusal.is_immutable_field()) {
    if (auto replaced = plan::replace_action(candidate.action, candidate.wanted, candidate.place)) {
      candidate.action = std::move(*replaced);
      return;
    }
    work.errors.push_back(name + ": " + refusal.message + " (delete the object to let it be created anew)");
    return;
  }
  const bool webhook = refusal.is_transient() && refusal.message.find("webhook") != std::string::npos;
  if (webhook) {
    candidate.notes.push_back("not validated by the server: " + refusal.message);
    return;
  }
  work.errors.push_back(to_error(refusal, name).what);
}

bool Planner::is_changed(const Work& work) const {
  const auto changes = [](const Candidate& candidate) { return candidate.action.verb != Verb::unchanged; };
  if (work.is_install() || work.history.last()->status != "deployed") return true;
  if (std::any_of(work.objects.begin(), work.objects.end(), changes) || !work.removals.empty()) return true;
  return !same_hooks(hooks_of(*work.current), work.rendered.hooks);
}

plan::HookAction Planner::hook_action(const plan::NewRecord::Hook& hook, const Desired& object) const {
  plan::HookAction out{hook.path, hook.name, hook.kind, hook.events, hook.weight, hook.delete_policies, {}};
  if (const auto place = places_->find(object.id, object.api_version)) out.create = plan::create_action(object, *place);
  return out;
}

void Planner::add_shown(Work& work, const Candidate& candidate, const plan::Masker& masker) {
  auto shown = plan::show(
      {candidate.action, &candidate.wanted, candidate.last, candidate.live, candidate.result ? &*candidate.result : nullptr},
      masker);
  shown.notes.insert(shown.notes.end(), candidate.notes.begin(), candidate.notes.end());
  work.diff.objects.push_back(std::move(shown));
}

void Planner::finish(Work& work) {
  const plan::Masker masker(mask_key_, work.full_name());
  auto& out = work.out;
  out.name = work.input.name;
  out.namespace_ = work.input.namespace_;
  out.group = work.input.group;
  out.options = work.input.options;
  const auto* last = work.history.last();
  out.last_revision = last ? last->revision : 0;
  out.last_status = last ? last->status : "";
  out.deployed_revision = work.history.deployed() ? work.history.deployed()->revision : 0;
  if (work.operation) {
    out.operation = *work.operation;
  } else if (!work.input.installed) {
    out.operation = Operation::uninstall;
  } else {
    out.operation = !is_changed(work) ? Operation::unchanged : work.is_install() ? Operation::install : Operation::upgrade;
  }
  work.diff.release = out.name;
  work.diff.namespace_ = out.namespace_;
  work.diff.operation = plan::to_string(out.operation);
  work.diff.chart = work.rendered.chart;
  for (auto* list : {&work.crds, &work.objects}) {
    for (const auto& candidate : *list) add_shown(work, candidate, masker);
  }
  for (const auto& removal : work.removals)
    work.diff.objects.push_back(plan::show({removal, nullptr, nullptr, live_.find(removal.id), nullptr}, masker));
  finish_commands(work, masker);
  if (out.operation == Operation::unchanged) return;

  for (auto& crd : work.crds) out.crds.push_back(std::move(crd.action));
  for (auto& candidate : work.objects) out.actions.push_back(std::move(candidate.action));
  std::move(work.removals.begin(), work.removals.end(), std::back_inserter(out.actions));
  for (std::size_t i = 0; i < work.hooks.size(); ++i) {
    if (!runs_at_push(work.rendered.hooks[i])) continue;
    out.hooks.push_back(hook_action(work.rendered.hooks[i], work.hooks[i]));
  }
  if (out.operation == Operation::uninstall) return;
  out.revision = out.last_revision + 1;
  work.diff.revision = out.revision;
  plan::NewRecord record;
  record.name = out.name;
  record.namespace_ = out.namespace_;
  record.revision = out.revision;
  record.chart = work.rendered.chart_record ? work.rendered.chart_record() : Json();
  record.config = std::move(work.rendered.config);
  record.manifest = std::move(work.rendered.manifest);
  record.notes = std::move(work.rendered.notes);
  record.hooks = std::move(work.rendered.hooks);
  out.record = plan::to_text(plan::to_json(record));
}

/// Which of its commands the release's operation comes by.
static bool comes_by(const std::string& event, Operation operation) {
  if (event == "preapply" || event == "cleanup") return true;
  if (event == "preuninstall" || event == "postuninstall") return operation == Operation::uninstall;
  return operation != Operation::unchanged && operation != Operation::rollback;
}

void Planner::finish_commands(Work& work, const plan::Masker& masker) {
  for (std::size_t i = 0; i < work.input.commands.size(); ++i) {
    CommandToPlan& command = work.input.commands[i];
    if (!comes_by(command.command.event, work.out.operation)) continue;
    work.diff.commands.push_back(std::move(command.shown));
    for (auto& one : work.applied) {
      if (one.command != i) continue;
      one.candidate.notes.push_back("applied by the hook " + command.command.name + " at " + command.command.event);
      add_shown(work, one.candidate, masker);
      command.command.apply.push_back(std::move(one.candidate.action));
    }
    work.out.commands.push_back(std::move(command.command));
  }
}

asio::awaitable<Result<>> Planner::add_secrets(std::vector<SecretToPlan> secrets, Planned& planned) {
  if (secrets.empty()) co_return Result<>();
  plan::ReleaseDiff diff;
  diff.release = "secrets";
  diff.operation = "unchanged";
  const plan::Masker masker(mask_key_, "secrets");
  for (auto& secret : secrets) {
    auto ns = co_await namespace_action(secret.namespace_);
    if (!ns) co_return std::move(ns).error();
    if (*ns) planned.plan.before.push_back(std::move(**ns));
    Desired wanted;
    wanted.id = {"", "Secret", secret.namespace_, secret.name};
    wanted.api_version = "v1";
    wanted.source = "secret_objects";
    wanted.body = Json{{"apiVersion", "v1"},
                       {"kind", "Secret"},
                       {"type", "Opaque"},
                       {"metadata", {{"name", secret.name}, {"namespace", secret.namespace_}}}};
    wanted.body["data"] = Json::object();
    for (const auto& [key, value] : secret.data) wanted.body["data"][key] = to_base64(value);
    const plan::Place place{"/api/v1/namespaces/" + secret.namespace_ + "/secrets",
                            "/api/v1/namespaces/" + secret.namespace_ + "/secrets/" + secret.name};
    auto live = co_await cluster_.find(place.object);
    if (!live) co_return std::move(live).error();
    Candidate candidate;
    candidate.wanted = wanted;
    candidate.action = plan::create_action(wanted, place);
    Desired all_ours = wanted;  // every key that is there now is ours to remove
    if (*live) {
      candidate.live = &**live;
      if (const Json* data = plan::find(**live, "data")) all_ours.body["data"] = *data;
      candidate.last = &all_ours;
      candidate.action = plan::update_action(wanted, candidate.last, **live, place);
      const auto type = plan::text_at(**live, "type");
      if (type != "Opaque")
        co_return Error{Errc::conflict, plan::to_string(wanted.id) + " is there with type " + type + ", expected Opaque"};
    }
    auto shown = plan::show({candidate.action, &candidate.wanted, candidate.last, candidate.live, nullptr}, masker);
    if (candidate.action.verb == Verb::update) {
      // what the merge leaves behind is exactly what is wanted
      plan::Json merged = **live;
      merged["data"] = wanted.body["data"];
      shown = plan::show({candidate.action, &candidate.wanted, candidate.last, candidate.live, &merged}, masker);
    }
    if (candidate.action.verb != Verb::unchanged) diff.operation = "upgrade";
    diff.objects.push_back(std::move(shown));
    planned.plan.before.push_back(std::move(candidate.action));
  }
  planned.diff.releases.insert(planned.diff.releases.begin(), std::move(diff));
  co_return Result<>();
}

}  // namespace sluice::worker
