#include "core/plan/plan.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <tuple>

#include "core/base/digest.hpp"

namespace sluice::plan {

namespace {

constexpr int format = 1;
constexpr std::array operations = {Operation::unchanged, Operation::install, Operation::upgrade, Operation::uninstall,
                                   Operation::rollback};
constexpr std::array verbs = {Verb::create, Verb::update, Verb::replace, Verb::remove, Verb::unchanged};

Json write(const Action& action) {
  return {{"verb", to_string(action.verb)},
          {"group", action.id.group},
          {"kind", action.id.kind},
          {"namespace", action.id.namespace_},
          {"name", action.id.name},
          {"api_version", action.api_version},
          {"object_path", action.object_path},
          {"method", action.method},
          {"path", action.path},
          {"content_type", action.content_type},
          {"body", action.body},
          {"create_path", action.create_path},
          {"create_body", action.create_body},
          {"live", {{"uid", action.live.uid}, {"content_hash", action.live.content_hash}}},
          {"wanted", action.wanted}};
}

Json write(const HookAction& hook) {
  return {{"path", hook.path},           {"name", hook.name},     {"kind", hook.kind},
          {"events", hook.events},       {"weight", hook.weight}, {"delete_policies", hook.delete_policies},
          {"create", write(hook.create)}};
}

Json write(const Command& command);
Json write(const ReleasePlan& release);

template <class T>
Json write_all(const std::vector<T>& items) {
  Json out = Json::array();
  for (const auto& item : items) out.push_back(write(item));
  return out;
}

Json write(const Command& command) {
  return {{"event", command.event},
          {"name", command.name},
          {"program", command.program},
          {"arguments", command.arguments},
          {"arguments_on_failure", command.arguments_on_failure},
          {"folder", command.folder},
          {"show_output", command.show_output},
          {"apply", write_all(command.apply)}};
}

Json write(const SecretPlaces& places) {
  Json out = Json::array();
  for (const auto& [id, paths] : places)
    out.push_back({{"group", id.group}, {"kind", id.kind}, {"namespace", id.namespace_}, {"name", id.name}, {"paths", paths}});
  return out;
}

Json write(const PushOptions& options) {
  return {{"wait", options.wait},
          {"wait_for_jobs", options.wait_for_jobs},
          {"atomic", options.atomic},
          {"cleanup_on_fail", options.cleanup_on_fail},
          {"no_hooks", options.no_hooks},
          {"wait_for_deletion", options.wait_for_deletion},
          {"history_max", options.history_max},
          {"timeout_seconds", options.timeout.count()},
          {"description", options.description}};
}

Json write(const ReleasePlan& release) {
  Json json = {{"name", release.name},
          {"namespace", release.namespace_},
          {"group", release.group},
          {"operation", to_string(release.operation)},
          {"last_revision", release.last_revision},
          {"last_status", release.last_status},
          {"deployed_revision", release.deployed_revision},
          {"revision", release.revision},
          {"options", write(release.options)},
          {"create_namespace", write(release.create_namespace)},
          {"crds", write_all(release.crds)},
          {"hooks", write_all(release.hooks)},
          {"actions", write_all(release.actions)},
          {"record", release.record}};
  if (!release.commands.empty()) json["commands"] = write_all(release.commands);
  return json;
}

// Reading throws nlohmann's exceptions, which read_plan turns into an Error.

void read(const Json& json, Action& action) {
  const auto verb = json.at("verb").get<std::string>();
  const auto found = std::find_if(verbs.begin(), verbs.end(), [&](Verb v) { return to_string(v) == verb; });
  if (found == verbs.end()) throw std::invalid_argument("verb");
  action.verb = *found;
  json.at("group").get_to(action.id.group);
  json.at("kind").get_to(action.id.kind);
  json.at("namespace").get_to(action.id.namespace_);
  json.at("name").get_to(action.id.name);
  json.at("api_version").get_to(action.api_version);
  json.at("object_path").get_to(action.object_path);
  json.at("method").get_to(action.method);
  json.at("path").get_to(action.path);
  json.at("content_type").get_to(action.content_type);
  json.at("body").get_to(action.body);
  json.at("create_path").get_to(action.create_path);
  json.at("create_body").get_to(action.create_body);
  json.at("live").at("uid").get_to(action.live.uid);
  json.at("live").at("content_hash").get_to(action.live.content_hash);
  json.at("wanted").get_to(action.wanted);
}

void read(const Json& json, SecretPlaces& places) {
  for (const auto& item : json) {
    ObjectId id;
    item.at("group").get_to(id.group);
    item.at("kind").get_to(id.kind);
    item.at("namespace").get_to(id.namespace_);
    item.at("name").get_to(id.name);
    item.at("paths").get_to(places[std::move(id)]);
  }
}

void read(const Json& json, HookAction& hook) {
  json.at("path").get_to(hook.path);
  json.at("name").get_to(hook.name);
  json.at("kind").get_to(hook.kind);
  json.at("events").get_to(hook.events);
  json.at("weight").get_to(hook.weight);
  json.at("delete_policies").get_to(hook.delete_policies);
  read(json.at("create"), hook.create);
}

void read(const Json& json, Command& command);
void read(const Json& json, ReleasePlan& release);

template <class T>
void read_all(const Json& json, std::vector<T>& items) {
  for (const auto& item : json) {
    items.emplace_back();
    read(item, items.back());
  }
}

void read(const Json& json, Command& command) {
  json.at("event").get_to(command.event);
  json.at("name").get_to(command.name);
  json.at("program").get_to(command.program);
  json.at("arguments").get_to(command.arguments);
  json.at("arguments_on_failure").get_to(command.arguments_on_failure);
  json.at("folder").get_to(command.folder);
  json.at("show_output").get_to(command.show_output);
  read_all(json.at("apply"), command.apply);
}

void read(const Json& json, PushOptions& options) {
  json.at("wait").get_to(options.wait);
  json.at("wait_for_jobs").get_to(options.wait_for_jobs);
  json.at("atomic").get_to(options.atomic);
  json.at("cleanup_on_fail").get_to(options.cleanup_on_fail);
  json.at("no_hooks").get_to(options.no_hooks);
  json.at("wait_for_deletion").get_to(options.wait_for_deletion);
  json.at("history_max").get_to(options.history_max);
  options.timeout = std::chrono::seconds(json.at("timeout_seconds").get<long long>());
  json.at("description").get_to(options.description);
}

void read(const Json& json, ReleasePlan& release) {
  json.at("name").get_to(release.name);
  json.at("namespace").get_to(release.namespace_);
  json.at("group").get_to(release.group);
  const auto operation = json.at("operation").get<std::string>();
  const auto found = std::find_if(operations.begin(), operations.end(), [&](Operation o) { return to_string(o) == operation; });
  if (found == operations.end()) throw std::invalid_argument("operation");
  release.operation = *found;
  json.at("last_revision").get_to(release.last_revision);
  json.at("last_status").get_to(release.last_status);
  json.at("deployed_revision").get_to(release.deployed_revision);
  json.at("revision").get_to(release.revision);
  read(json.at("options"), release.options);
  read(json.at("create_namespace"), release.create_namespace);
  read_all(json.at("crds"), release.crds);
  read_all(json.at("hooks"), release.hooks);
  read_all(json.at("actions"), release.actions);
  json.at("record").get_to(release.record);
  if (json.contains("commands")) read_all(json.at("commands"), release.commands);
}

auto parts(const Action& a) {
  return std::tie(a.verb, a.id, a.api_version, a.object_path, a.method, a.path, a.content_type, a.body, a.create_path,
                  a.create_body, a.live, a.wanted);
}

}  // namespace

std::string_view to_string(Operation operation) {
  switch (operation) {
    case Operation::unchanged: return "unchanged";
    case Operation::install: return "install";
    case Operation::upgrade: return "upgrade";
    case Operation::uninstall: return "uninstall";
    case Operation::rollback: return "rollback";
  }
  return "unchanged";
}

bool operator==(const Action& a, const Action& b) { return parts(a) == parts(b); }

bool operator==(const HookAction& a, const HookAction& b) {
  return a.path == b.path && a.name == b.name && a.kind == b.kind && a.events == b.events && a.weight == b.weight &&
         a.delete_policies == b.delete_policies && a.create == b.create;
}

bool Plan::has_changes() const {
  const auto changes = [](const Action& action) { return action.verb != Verb::unchanged; };
  return std::any_of(before.begin(), before.end(), changes) ||
         std::any_of(releases.begin(), releases.end(),
                     [](const ReleasePlan& release) { return release.operation != Operation::unchanged; });
}

std::string to_text(const Plan& plan) {
  Json json = {{"format", format},
                     {"environment", plan.environment},
                     {"commit", plan.commit},
                     {"cluster_uid", plan.cluster_uid},
                     {"cluster_ca", plan.cluster_ca},
                     {"inputs", plan.inputs},
                     {"before", write_all(plan.before)},
                     {"releases", write_all(plan.releases)}};
  if (!plan.commands.empty()) json["commands"] = write_all(plan.commands);
  if (!plan.secret_places.empty()) json["secret_places"] = write(plan.secret_places);
  return to_text(json);
}

Result<Plan> read_plan(std::string_view text) {
  auto json = parse_json(text);
  if (!json) return std::move(json).error().during("reading a plan");
  try {
    if (json->at("format") != format)
      return Error{Errc::unsupported, "reading a plan: its format is not " + std::to_string(format)};
    Plan plan;
    json->at("environment").get_to(plan.environment);
    json->at("commit").get_to(plan.commit);
    json->at("cluster_uid").get_to(plan.cluster_uid);
    json->at("cluster_ca").get_to(plan.cluster_ca);
    json->at("inputs").get_to(plan.inputs);
    read_all(json->at("before"), plan.before);
    read_all(json->at("releases"), plan.releases);
    if (json->contains("commands")) read_all(json->at("commands"), plan.commands);
    if (json->contains("secret_places")) read(json->at("secret_places"), plan.secret_places);
    return plan;
  } catch (const std::exception&) {
    return Error{Errc::invalid, "reading a plan: a field is missing or of the wrong type"};
  }
}

std::string digest_of_text(std::string_view canonical) { return to_hex(sha256(canonical)); }

std::string digest(const Plan& plan) { return digest_of_text(to_text(plan)); }

}  // namespace sluice::plan
