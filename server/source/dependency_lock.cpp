#include "server/source/dependency_lock.hpp"

#include "core/base/digest.hpp"
#include "core/value/json.hpp"

namespace sluice::source {

namespace {

std::string json_of(const Value& value) {
  auto text = to_json(value);
  return text ? text->str() : "null";
}

std::string json_of(const std::string& text) { return json_of(Value::of_string(text)); }

std::string json_of(const std::vector<Value>& items) { return json_of(Value::new_list(items)); }

std::string resolved(const std::string& repository, const std::map<std::string, std::string>& repositories) {
  std::string name;
  if (repository.starts_with("@")) name = repository.substr(1);
  if (repository.starts_with("alias:")) name = repository.substr(6);
  const auto found = repositories.find(name);
  return found == repositories.end() ? repository : found->second;
}

/// The fields in the order of Go's struct, which is not that of a map's keys.
std::string json_of(const chart::Dependency& dependency, const std::map<std::string, std::string>& repositories) {
  std::string out = "{\"name\":" + json_of(dependency.name);
  const auto add = [&out](const char* key, const std::string& json) { out += ",\"" + std::string(key) + "\":" + json; };
  if (!dependency.version.empty()) add("version", json_of(dependency.version));
  add("repository", json_of(resolved(dependency.repository, repositories)));
  if (!dependency.condition.empty()) add("condition", json_of(dependency.condition));
  if (!dependency.tags.empty()) {
    std::vector<Value> tags;
    for (const std::string& tag : dependency.tags) tags.push_back(Value::of_string(tag));
    add("tags", json_of(tags));
  }
  if (dependency.enabled) add("enabled", "true");
  if (!dependency.import_values.empty()) add("import-values", json_of(dependency.import_values));
  if (!dependency.alias.empty()) add("alias", json_of(dependency.alias));
  return out + "}";
}

}  // namespace

std::string dependency_digest(const std::vector<chart::Dependency>& dependencies, const std::vector<LockedDependency>& locked,
                              const std::map<std::string, std::string>& repositories) {
  std::string json = "[[";
  for (std::size_t i = 0; i < dependencies.size(); ++i) json += (i > 0 ? "," : "") + json_of(dependencies[i], repositories);
  json += "],[";
  for (std::size_t i = 0; i < locked.size(); ++i) {
    chart::Dependency entry;
    entry.name = locked[i].name;
    entry.version = locked[i].version;
    entry.repository = locked[i].repository;
    json += (i > 0 ? "," : "") + json_of(entry, {});
  }
  return "sha256:" + to_hex(sha256(json + "]]"));
}

}  // namespace sluice::source
