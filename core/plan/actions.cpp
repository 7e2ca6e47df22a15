#include "core/plan/actions.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/plan/clean.hpp"
#include "core/plan/managed_fields.hpp"
#include "core/plan/merge_keys.hpp"
#include "core/plan/patch.hpp"

namespace sluice::plan {

namespace {

constexpr const char* json_type = "application/json";

std::string with_manager(const std::string& path) { return path + "?fieldManager=" + std::string(field_manager); }

LiveFact fact_of(const Json& live) { return {text_at(live, "metadata/uid"), content_hash(live)}; }

Action base_of(const Desired& wanted, const Place& place) {
  Action action;
  action.id = wanted.id;
  action.api_version = wanted.api_version;
  action.object_path = place.object;
  action.wanted = to_text(wanted.body);
  return action;
}

std::string_view propagation_policy(Cascade cascade) {
  if (cascade == Cascade::foreground) return "Foreground";
  return cascade == Cascade::orphan ? "Orphan" : "Background";
}

std::string delete_body(const std::string& uid, Cascade cascade) {
  return to_text(Json{{"apiVersion", "v1"},
                      {"kind", "DeleteOptions"},
                      {"propagationPolicy", propagation_policy(cascade)},
                      {"preconditions", {{"uid", uid}}}});
}

}  // namespace

Action create_action(const Desired& wanted, const Place& place) {
  Action action = base_of(wanted, place);
  action.verb = Verb::create;
  action.method = "POST";
  action.path = with_manager(place.collection);
  action.content_type = json_type;
  action.body = action.wanted;
  return action;
}

Action unchanged_action(const Desired& wanted, const Json& live, const Place& place) {
  Action action = base_of(wanted, place);
  action.live = fact_of(live);
  return action;
}

Action update_action(const Desired& wanted, const Desired* last, const Json& live, const Place& place) {
  static const Json none = Json::object();
  const Json& original = last ? last->body : none;
  const ThreeWay versions{original, wanted.body, live};
  // apiVersion may differ from the live object's: the same object is served under every version of its group
  const bool strategic = is_built_in(wanted.id.group, wanted.id.kind);
  Json patch = strategic ? strategic_patch(wanted.id.kind, versions) : json_patch(versions);
  patch.erase("apiVersion");
  patch.erase("kind");
  Action action = unchanged_action(wanted, live, place);
  if (patch.empty()) return action;
  patch["metadata"]["uid"] = action.live.uid;
  action.verb = Verb::update;
  action.method = "PATCH";
  action.path = with_manager(place.object);
  action.content_type = strategic ? "application/strategic-merge-patch+json" : "application/merge-patch+json";
  action.body = to_text(patch);
  return action;
}

Action remove_action(const ObjectId& id, std::string_view api_version, const Json& live, const Place& place, Cascade cascade) {
  Action action;
  action.verb = Verb::remove;
  action.id = id;
  action.api_version = api_version;
  action.object_path = place.object;
  action.live = fact_of(live);
  action.method = "DELETE";
  action.path = place.object;
  action.content_type = json_type;
  action.body = delete_body(action.live.uid, cascade);
  return action;
}

std::optional<Action> replace_action(const Action& update, const Desired& wanted, const Place& place) {
  constexpr std::array<std::string_view, 3> kinds = {"Job", "RoleBinding", "ClusterRoleBinding"};
  if (std::find(kinds.begin(), kinds.end(), wanted.id.kind) == kinds.end()) return std::nullopt;
  Action action = update;
  action.verb = Verb::replace;
  action.method = "DELETE";
  action.path = place.object;
  action.content_type = json_type;
  action.body = delete_body(action.live.uid, Cascade::background);
  action.create_path = with_manager(place.collection);
  action.create_body = action.wanted;
  return action;
}

std::string dry_run_path(std::string_view path) {
  return std::string(path) + (path.find('?') == std::string_view::npos ? "?" : "&") + "dryRun=All";
}

namespace {

/// The bookkeeping that both sides of a diff carry and that says nothing.
void drop_defaults_of_owner(Json& object) {
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || !metadata->is_object()) return;
  const auto annotations = metadata->find("annotations");
  if (annotations == metadata->end() || !annotations->is_object()) return;
  annotations->erase("meta.helm.sh/release-name");
  annotations->erase("meta.helm.sh/release-namespace");
  if (annotations->empty()) metadata->erase(annotations);
}

void name_managers(std::vector<Change>& changes, const Json& live) {
  for (Change& change : changes) {
    if (change.cause != Cause::drift) continue;
    auto manager = manager_of(live, change.path);
    if (!manager) continue;
    change.by = std::move(manager->name);
    change.at = std::move(manager->time);
  }
}

}  // namespace

ObjectDiff show(const Shown& shown, const Masker& masker) {
  ObjectDiff out;
  out.verb = shown.action.verb;
  out.id = shown.action.id;
  if (shown.wanted) out.source = shown.wanted->source;
  if (out.verb == Verb::unchanged) return out;
  std::vector<std::string> secrets;
  for (const Desired* one : {shown.wanted, shown.last})
    if (one) secrets.insert(secrets.end(), one->secret_paths.begin(), one->secret_paths.end());
  const auto prepare = [&](const Json& object) {
    Json copy = clean(object);
    drop_defaults_of_owner(copy);
    masker.mask(copy, out.id, secrets);
    return copy;
  };
  if (shown.live) out.before = prepare(*shown.live);
  if (shown.wanted) out.after = prepare(shown.result ? *shown.result : shown.wanted->body);
  if (out.verb == Verb::update || out.verb == Verb::replace) {
    out.changes = changes_between(out.before, out.after);
    Json original = shown.last ? prepare(shown.last->body) : Json::object();
    attribute(out.changes, original, prepare(shown.wanted->body));
    name_managers(out.changes, *shown.live);
  }
  return out;
}

std::optional<DefinedKind> defined_kind(const Json& object) {
  if (text_at(object, "kind") != "CustomResourceDefinition") return std::nullopt;
  DefinedKind out;
  out.group = text_at(object, "spec/group");
  out.kind = text_at(object, "spec/names/kind");
  out.plural = text_at(object, "spec/names/plural");
  out.namespaced = text_at(object, "spec/scope") == "Namespaced";
  if (const Json* versions = find_path(object, "spec/versions"); versions && versions->is_array()) {
    for (const auto& version : *versions) out.versions.push_back(text_at(version, "name"));
  }
  if (const auto version = text_at(object, "spec/version"); !version.empty()) out.versions.push_back(version);
  return out;
}

}  // namespace sluice::plan
