#include "server/sandbox/objects.hpp"

#include <algorithm>

#include "core/base/digest.hpp"
#include "server/base/clock.hpp"
#include "server/base/random.hpp"
#include "server/sandbox/merge.hpp"
#include "server/sandbox/readiness.hpp"

namespace sluice::sandbox {

using Json = nlohmann::json;

namespace {

constexpr std::size_t kept_changes = 10000;
constexpr auto time_to_ready = std::chrono::milliseconds(400);

std::string make_uid() {
  const std::string hex = random_hex(16);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-4" + hex.substr(13, 3) + "-a" + hex.substr(17, 3) + "-" + hex.substr(20);
}

std::string now_text() {
  std::string text = to_rfc3339(system_clock().wall());
  return text.substr(0, 19) + "Z";
}

Json without_bookkeeping(Json object) {
  object.erase("status");
  if (object.contains("metadata")) {
    for (const char* field : {"resourceVersion", "managedFields", "generation"}) object["metadata"].erase(field);
  }
  return object;
}

/// All but metadata and status: what a change of makes a new generation.
Json content(Json object) {
  object.erase("metadata");
  object.erase("status");
  return object;
}

/// Secrets may be written as stringData and are read as data.
void fold_string_data(Json& object) {
  if (object.value("kind", "") != "Secret" || !object.contains("stringData")) return;
  for (const auto& [key, value] : object["stringData"].items()) {
    if (value.is_string()) object["data"][key] = to_base64(value.get<std::string>());
  }
  object.erase("stringData");
}

}  // namespace

Outcome failure(int code, const std::string& reason, const std::string& message, const Json& details) {
  Json body{{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", Json::object()}, {"status", "Failure"}, {"message", message},
            {"reason", reason}, {"code", code}};
  if (!details.is_null()) body["details"] = details;
  return {code, std::move(body)};
}

static Outcome not_found(const Kind& kind, const std::string& name) {
  const std::string resource = kind.plural + (kind.group.empty() ? "" : "." + kind.group);
  return failure(404, "NotFound", resource + " \"" + name + "\" not found",
                 Json{{"name", name}, {"group", kind.group}, {"kind", kind.plural}});
}

Objects::Objects() {
  const Kind& namespaces = *kinds_.find("", "v1", "namespaces");
  for (const char* name : {"default", "kube-system", "kube-public"}) {
    (void)create(namespaces, "", Json{{"metadata", {{"name", name}, {"labels", {{"kubernetes.io/metadata.name", name}}}}}},
                 false);
  }
}

std::optional<Outcome> Objects::refuse_namespace(const Kind& kind, const std::string& namespace_) const {
  if (!kind.namespaced) return std::nullopt;
  const Kind& namespaces = *kinds_.find("", "v1", "namespaces");
  const auto found = collections_.find(collection(namespaces));
  if (found != collections_.end() && found->second.contains({"", namespace_})) return std::nullopt;
  return not_found(namespaces, namespace_);
}

Outcome Objects::get(const Kind& kind, const std::string& namespace_, const std::string& name) const {
  const auto all = collections_.find(collection(kind));
  if (all == collections_.end()) return not_found(kind, name);
  const auto entry = all->second.find({namespace_, name});
  if (entry == all->second.end()) return not_found(kind, name);
  return {200, entry->second.object};
}

bool Objects::has_labels(const Json& object, std::string_view selector) {
  const Json labels = object.value("/metadata/labels"_json_pointer, Json::object());
  const auto value_of = [&](const std::string& key) {
    return labels.contains(key) ? labels[key].get<std::string>() : std::string();
  };
  while (!selector.empty()) {
    std::size_t end = 0;
    for (int depth = 0; end < selector.size() && (depth > 0 || selector[end] != ','); ++end)
      depth += (selector[end] == '(') - (selector[end] == ')');
    const std::string term(selector.substr(0, end));
    selector.remove_prefix(std::min(end + 1, selector.size()));
    if (const auto in = term.find(" in ("); in != std::string::npos) {
      const std::string options = "," + term.substr(in + 5, term.size() - in - 6) + ",";
      if (options.find("," + value_of(term.substr(0, in)) + ",") == std::string::npos) return false;
    } else if (const auto unequal = term.find("!="); unequal != std::string::npos) {
      if (value_of(term.substr(0, unequal)) == term.substr(unequal + 2)) return false;
    } else if (const auto equal = term.find('='); equal != std::string::npos) {
      const auto value = term.find_first_not_of('=', equal);
      if (value_of(term.substr(0, equal)) != (value == std::string::npos ? "" : term.substr(value))) return false;
    } else if (term.starts_with("!")) {
      if (labels.contains(term.substr(1))) return false;
    } else if (!labels.contains(term)) {
      return false;
    }
  }
  return true;
}

/// fieldSelector: metadata.name and metadata.namespace; any other matches nothing, as an Event of nobody.
static bool has_fields(const Json& object, std::string_view selector) {
  while (!selector.empty()) {
    const auto end = std::min(selector.find(','), selector.size());
    const auto term = selector.substr(0, end);
    selector.remove_prefix(std::min(end + 1, selector.size()));
    const auto equal = term.find('=');
    if (equal == std::string_view::npos) continue;
    const auto value = term.substr(term.find_first_not_of('=', equal));
    if (term.starts_with("metadata.name=")) {
      if (object["metadata"].value("name", "") != value) return false;
    } else if (term.starts_with("metadata.namespace=")) {
      if (object["metadata"].value("namespace", "") != value) return false;
    } else {
      return false;
    }
  }
  return true;
}

Outcome Objects::list(const Kind& kind, const std::string& namespace_, const std::string& labels,
                      const std::string& fields) const {
  Json items = Json::array();
  const auto all = collections_.find(collection(kind));
  if (all != collections_.end()) {
    for (const auto& [key, entry] : all->second) {
      if ((namespace_.empty() || key.first == namespace_) && has_labels(entry.object, labels) && has_fields(entry.object, fields))
        items.push_back(entry.object);
    }
  }
  return {200, Json{{"kind", kind.kind + "List"},
                    {"apiVersion", kind.api_version()},
                    {"metadata", {{"resourceVersion", std::to_string(version_)}}},
                    {"items", items}}};
}

void Objects::stamp_new(const Kind& kind, const std::string& namespace_, Json& object) {
  object["apiVersion"] = kind.api_version();
  object["kind"] = kind.kind;
  Json& metadata = object["metadata"];
  if (kind.namespaced) metadata["namespace"] = namespace_;
  metadata["uid"] = make_uid();
  metadata["creationTimestamp"] = now_text();
  metadata["generation"] = 1;
  if (kind.kind == "Service" && object.contains("spec") && object["spec"].value("type", "ClusterIP") != "ExternalName" &&
      !object["spec"].contains("clusterIP")) {
    object["spec"]["clusterIP"] =
        "10.43." + std::to_string(next_address_ / 250 % 250) + "." + std::to_string(next_address_ % 250 + 1);
    ++next_address_;
  }
}

void Objects::record(const char* type, const Kind& kind, const Json& object) {
  history_.push_back({version_, type, collection(kind), object["metadata"].value("namespace", ""), object});
  if (history_.size() > kept_changes) history_.pop_front();
}

/// After an entry's object has changed: readiness, and what a CustomResourceDefinition declares.
void Objects::stored(const Kind& kind, Entry& entry) {
  kind_of_[collection(kind)] = kind;
  begin_status(entry.object);
  Json finished = entry.object;
  if (finish_status(finished)) {
    const bool at_once =
        kind.kind == "Namespace" || kind.kind == "CustomResourceDefinition" || kind.kind.starts_with("Persistent");
    if (at_once) {
      entry.object = std::move(finished);
    } else {
      entry.ready_at = std::chrono::steady_clock::now() + time_to_ready;
    }
  }
  if (kind.kind == "CustomResourceDefinition") kinds_.add_crd(entry.object);
}

Outcome Objects::create(const Kind& kind, const std::string& namespace_, Json object, bool dry_run) {
  const std::string name = object.value("/metadata/name"_json_pointer, "");
  if (name.empty()) return failure(422, "Invalid", "metadata.name: Required value: name is required");
  if (auto refused = refuse_namespace(kind, namespace_)) return *refused;
  auto& all = collections_[collection(kind)];
  if (all.contains({namespace_, name})) {
    return failure(409, "AlreadyExists", kind.plural + " \"" + name + "\" already exists",
                   Json{{"name", name}, {"group", kind.group}, {"kind", kind.plural}});
  }
  const Kind copy = kind;  // a CRD may change the table of kinds
  fold_string_data(object);
  stamp_new(copy, namespace_, object);
  Entry entry;
  entry.object = std::move(object);
  if (dry_run) return {201, entry.object};
  entry.object["metadata"]["resourceVersion"] = std::to_string(++version_);
  stored(copy, entry);
  const auto at = all.emplace(Key{namespace_, name}, std::move(entry)).first;
  record("ADDED", copy, at->second.object);
  return {201, at->second.object};
}

static void edit_object(Json& object, const Edit& edit, const std::map<std::string, Json>& applied) {
  switch (edit.how) {
    case Edit::How::merge: merge_patch(object, edit.body); break;
    case Edit::How::strategic: strategic_merge(object, edit.body); break;
    case Edit::How::apply: {
      const auto before = applied.find(edit.manager);
      apply(object, before == applied.end() ? Json::object() : before->second, edit.body);
      break;
    }
    case Edit::How::replace: {
      Json status = object.value("status", Json());
      const Json metadata = object["metadata"];
      object = edit.body;
      for (const char* field : {"uid", "creationTimestamp", "generation", "namespace"}) {
        if (metadata.contains(field)) object["metadata"][field] = metadata[field];
      }
      if (!status.is_null()) object["status"] = std::move(status);
      break;
    }
  }
  fold_string_data(object);
}

Outcome Objects::edit(const Kind& kind, const std::string& namespace_, const std::string& name, const Edit& edit) {
  if (auto refused = refuse_namespace(kind, namespace_)) return *refused;
  auto& all = collections_[collection(kind)];
  const auto found = all.find({namespace_, name});
  const Kind copy = kind;
  if (found == all.end()) {
    if (edit.how != Edit::How::apply) return not_found(kind, name);
    auto made = create(copy, namespace_, edit.body, edit.dry_run);
    if (made.code == 201 && !edit.dry_run) all[{namespace_, name}].applied[edit.manager] = edit.body;
    return made;
  }
  Entry& entry = found->second;
  const std::string wanted = edit.body.value("/metadata/resourceVersion"_json_pointer, "");
  const std::string present = entry.object["metadata"].value("resourceVersion", "");
  if (!wanted.empty() && wanted != present) {
    return failure(409, "Conflict",
                   "Operation cannot be fulfilled on " + kind.plural + " \"" + name +
                       "\": the object has been modified; please apply your changes to the latest version and try again");
  }
  const std::string uid = edit.body.value("/metadata/uid"_json_pointer, "");
  if (!uid.empty() && uid != entry.object["metadata"].value("uid", "")) {
    return failure(409, "Conflict", "Operation cannot be fulfilled on " + kind.plural + " \"" + name + "\": uid mismatch");
  }
  Json changed = entry.object;
  edit_object(changed, edit, entry.applied);
  const bool same = without_bookkeeping(changed) == without_bookkeeping(entry.object);
  if (!same && content(changed) != content(entry.object))
    changed["metadata"]["generation"] = entry.object["metadata"].value("generation", 1) + 1;
  changed["metadata"]["resourceVersion"] = present;
  if (edit.dry_run) return {200, changed};
  if (edit.how == Edit::How::apply) entry.applied[edit.manager] = edit.body;
  if (same) return {200, entry.object};
  const bool rolls_out = changed["metadata"]["generation"] != entry.object["metadata"]["generation"];
  changed["metadata"]["resourceVersion"] = std::to_string(++version_);
  entry.object = std::move(changed);
  if (rolls_out) stored(copy, entry);
  record("MODIFIED", copy, entry.object);
  return {200, entry.object};
}

void Objects::remove_namespace(const std::string& name) {
  for (auto& [label, all] : collections_) {
    std::erase_if(all, [&](const auto& item) { return item.first.first == name; });
  }
}

Outcome Objects::remove(const Kind& kind, const std::string& namespace_, const std::string& name, const Json& options,
                        bool dry_run) {
  auto& all = collections_[collection(kind)];
  const auto found = all.find({namespace_, name});
  if (found == all.end()) return not_found(kind, name);
  const std::string uid = options.value("/preconditions/uid"_json_pointer, "");
  if (!uid.empty() && uid != found->second.object["metadata"].value("uid", "")) {
    return failure(409, "Conflict",
                   "Precondition failed: UID in precondition: " + uid +
                       ", UID in object meta: " + found->second.object["metadata"].value("uid", ""));
  }
  const Json status{{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", Json::object()}, {"status", "Success"}};
  if (dry_run) return {200, status};
  const Kind copy = kind;
  const Json object = found->second.object;
  ++version_;
  all.erase(found);
  record("DELETED", copy, object);
  if (copy.kind == "CustomResourceDefinition") kinds_.remove_crd(object);
  if (copy.kind == "Namespace") remove_namespace(name);
  return {200, status};
}

std::optional<std::vector<Change>> Objects::changes(const Kind& kind, const std::string& namespace_,
                                                    std::uint64_t version) const {
  if (!history_.empty() && history_.front().version > version + 1 && history_.size() >= kept_changes) return std::nullopt;
  std::vector<Change> after;
  for (const Change& change : history_) {
    if (change.version > version && change.collection == collection(kind) &&
        (namespace_.empty() || change.namespace_ == namespace_))
      after.push_back(change);
  }
  return after;
}

bool Objects::tick(std::chrono::steady_clock::time_point now) {
  bool changed = false;
  for (auto& [label, all] : collections_) {
    for (auto& [key, entry] : all) {
      if (!entry.ready_at || *entry.ready_at > now) continue;
      entry.ready_at.reset();
      if (!finish_status(entry.object)) continue;
      entry.object["metadata"]["resourceVersion"] = std::to_string(++version_);
      record("MODIFIED", kind_of_.at(label), entry.object);
      changed = true;
    }
  }
  return changed;
}

}  // namespace sluice::sandbox
