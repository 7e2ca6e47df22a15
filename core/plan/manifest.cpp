#include "core/plan/manifest.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/digest.hpp"
#include "core/plan/secret_paths.hpp"
#include "core/value/yaml.hpp"

namespace sluice::plan {

namespace {

/// Nulls say nothing to the API server, except that a null entry of a ConfigMap or Secret is an empty one.
void drop_nulls(Json& json) {
  if (json.is_array()) {
    for (auto& item : json) drop_nulls(item);
    return;
  }
  if (!json.is_object()) return;
  for (auto it = json.begin(); it != json.end();) {
    if (it->is_null()) {
      it = json.erase(it);
    } else {
      drop_nulls(*it);
      ++it;
    }
  }
}

void normalise_data(Json& body, const std::string& kind) {
  if (kind != "Secret" && kind != "ConfigMap") return;
  for (const char* map : {"data", "stringData", "binaryData"}) {
    const auto found = body.find(map);
    if (found == body.end() || !found->is_object()) continue;
    for (auto& value : *found) {
      if (value.is_null()) value = "";
    }
  }
  // Why: ownership and removal of keys do not work through stringData, which the server only writes and never shows
  const auto plain = body.find("stringData");
  if (kind != "Secret" || plain == body.end()) return;
  if (plain->is_object()) {
    Json& data = body["data"];
    if (!data.is_object()) data = Json::object();
    for (const auto& [key, value] : plain->items()) {
      if (value.is_string()) data[key] = to_base64(value.get_ref<const std::string&>());
      if (!value.is_string()) return;  // not for us to guess: the server says what is wrong with it
    }
  }
  body.erase("stringData");
}

struct Reader {
  std::string_view namespace_;
  const IsNamespaced& is_namespaced;
  std::vector<Desired> out = {};
  std::set<ObjectId> seen = {};

  Result<> add(Json body, const std::string& source, std::vector<std::string> secret_paths);
  Result<> add_document(const Document& document);
};

Result<> Reader::add(Json body, const std::string& source, std::vector<std::string> secret_paths) {
  if (!body.is_object()) return Error{Errc::invalid, source + ": a Kubernetes object is expected, found something else"};
  const std::string kind = text_at(body, "kind");
  const std::string api_version = text_at(body, "apiVersion");
  if (kind.empty() || api_version.empty())
    return Error{Errc::invalid, source + ": an object without " + (kind.empty() ? "kind" : "apiVersion")};
  const bool is_list = kind.ends_with("List") && body.contains("items");
  if (is_list) {
    if (!body["items"].is_array()) return {};
    for (auto& item : body["items"]) {
      if (auto added = add(std::move(item), source, {}); !added) return added;
    }
    return {};
  }
  normalise_data(body, kind);
  drop_nulls(body);
  body.erase("status");
  const auto known = is_namespaced(group_of(api_version), kind);
  Json& metadata = body["metadata"];
  if (!metadata.is_object()) metadata = Json::object();
  metadata.erase("creationTimestamp");
  if (known && !*known) metadata.erase("namespace");
  if (known.value_or(text_at(metadata, "namespace") != "") && text_at(metadata, "namespace").empty())
    metadata["namespace"] = namespace_;
  Desired desired{id_of(body, {}), api_version, std::move(body), source, std::move(secret_paths)};
  if (desired.id.name.empty()) return Error{Errc::invalid, source + ": " + kind + " without metadata.name"};
  if (!seen.insert(desired.id).second)
    return Error{Errc::invalid, source + ": " + to_string(desired.id) + " is there twice in this release"};
  out.push_back(std::move(desired));
  return {};
}

Result<> Reader::add_document(const Document& document) {
  std::vector<YamlPosition> positions;
  YamlOptions options{.numbers = Numbers::typed};
  if (document.text.has_marks()) options.positions = &positions;
  auto value = read_yaml(document.text, options);
  if (!value) return std::move(value).error().during(document.source);
  if (value->is_nil()) return {};  // only a comment
  Json body = from_value(*value);
  auto secrets = secret_paths(document.text, positions, body);
  return add(std::move(body), document.source, std::move(secrets));
}

}  // namespace

Result<std::vector<Desired>> read_objects(std::span<const Document> documents, std::string_view namespace_,
                                          const IsNamespaced& is_namespaced) {
  Reader reader{namespace_, is_namespaced};
  for (const auto& document : documents) {
    if (auto added = reader.add_document(document); !added) return std::move(added).error();
  }
  return std::move(reader.out);
}

namespace {

/// The plain or quoted scalar after `key`, if `line` begins with it.
bool take_scalar(std::string_view line, std::string_view key, std::string& into) {
  if (!line.starts_with(key)) return false;
  std::string_view value = line.substr(key.size());
  while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\r')) value.remove_suffix(1);
  const bool quoted = value.size() > 1 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front();
  into = quoted ? value.substr(1, value.size() - 2) : value;
  return true;
}

}  // namespace

std::vector<Glimpse> glimpse(std::string_view manifest) {
  std::vector<Glimpse> out;
  Glimpse one;
  bool in_metadata = false;
  const auto finish = [&] {
    if (!one.api_version.empty() && !one.kind.empty() && !one.name.empty()) out.push_back(std::move(one));
    one = {};
    in_metadata = false;
  };
  while (!manifest.empty()) {
    const std::size_t end = manifest.find('\n');
    const std::string_view line = manifest.substr(0, end);
    manifest = end == manifest.npos ? std::string_view() : manifest.substr(end + 1);
    if (line.starts_with("---")) {
      finish();
    } else if (!line.empty() && line.front() != ' ' && line.front() != '#' && line.front() != '-') {
      in_metadata = line.starts_with("metadata:");
      if (!take_scalar(line, "apiVersion:", one.api_version)) take_scalar(line, "kind:", one.kind);
    } else if (in_metadata && !take_scalar(line, "  name:", one.name)) {
      take_scalar(line, "  namespace:", one.namespace_);
    }
  }
  finish();
  return out;
}

std::vector<Document> split_manifest(std::string_view manifest) {
  std::vector<Document> out;
  constexpr std::string_view separator = "\n---\n";
  if (manifest.starts_with("---\n")) manifest.remove_prefix(4);
  while (!manifest.empty()) {
    const auto end = manifest.find(separator);
    const auto text = manifest.substr(0, end);
    manifest = end == std::string_view::npos ? std::string_view{} : manifest.substr(end + separator.size());
    constexpr std::string_view mark = "# Source: ";
    std::string source = "manifest";
    if (text.starts_with(mark)) source = text.substr(mark.size(), text.find('\n') - mark.size());
    if (text.find_first_not_of(" \n\t\r") != std::string_view::npos) out.push_back({std::move(source), Text(text)});
  }
  return out;
}

void set_owner(Json& body, std::string_view release, std::string_view namespace_) {
  Json& metadata = body["metadata"];
  for (const char* part : {"labels", "annotations"}) {
    if (!metadata[part].is_object()) metadata[part] = Json::object();
  }
  metadata["labels"]["app.kubernetes.io/managed-by"] = "Helm";
  metadata["annotations"]["meta.helm.sh/release-name"] = release;
  metadata["annotations"]["meta.helm.sh/release-namespace"] = namespace_;
}

std::string ownership_conflict(const Json& live, const ObjectId& id, std::string_view release, std::string_view namespace_) {
  std::string why;
  const auto check = [&](const char* part, const char* what, const char* key, std::string_view wanted) {
    const Json* map = find_path(live, std::string("metadata/") + part);
    const Json* value = map ? find(*map, key) : nullptr;
    const std::string found = value && value->is_string() ? value->get<std::string>() : "";
    if (found == wanted) return;
    why += std::string("; ") + what + " validation error: ";
    if (!value) why += std::string("missing key \"") + key + "\": must be set to \"" + std::string(wanted) + "\"";
    if (value)
      why += std::string("key \"") + key + "\" must equal \"" + std::string(wanted) + "\": current value is \"" + found + "\"";
  };
  check("labels", "label", "app.kubernetes.io/managed-by", "Helm");
  check("annotations", "annotation", "meta.helm.sh/release-name", release);
  check("annotations", "annotation", "meta.helm.sh/release-namespace", namespace_);
  if (why.empty()) return {};
  return id.kind + " \"" + id.name + "\" in namespace \"" + id.namespace_ +
         "\" exists and cannot be imported into the current release: invalid ownership metadata" + why;
}

bool is_kept(const Json& live) {
  const Json* annotations = find_path(live, "metadata/annotations");
  const Json* policy = annotations ? find(*annotations, "helm.sh/resource-policy") : nullptr;
  return policy && *policy == "keep";
}

}  // namespace sluice::plan
