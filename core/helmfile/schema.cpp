#include "core/helmfile/schema.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace sluice::helmfile {

namespace {

enum class Shape { text, boolean, integer, texts, text_map, values, any, record, records, record_map };

struct Field {
  std::string_view name;
  Shape shape;
  std::span<const Field> fields{};  ///< of a record
  std::string_view refusal{};       ///< why a value here is an error; empty where it is not
};

constexpr std::string_view no_programs = "sluice runs no program on rendered manifests";
constexpr std::string_view no_verify = "sluice checks archives by digest (lock file or index), not by provenance file";

constexpr std::array set_fields = std::to_array<Field>({
    {"name", Shape::text},
    {"value", Shape::text},
    {"file", Shape::text},
    {"values", Shape::texts},
});
constexpr std::array inherit_fields = std::to_array<Field>({{"template", Shape::text}, {"except", Shape::texts}});
constexpr std::array hook_fields = std::to_array<Field>({
    {"name", Shape::text},
    {"events", Shape::texts},
    {"command", Shape::text},
    {"args", Shape::texts},
    {"showlogs", Shape::boolean},
    {"kubectlApply", Shape::text_map},
});
constexpr std::array dependency_fields = std::to_array<Field>({
    {"chart", Shape::text},
    {"version", Shape::text},
    {"alias", Shape::text},
});
constexpr std::array git_branch_fields = std::to_array<Field>({{"ignoreMissingGitBranch", Shape::boolean}});
constexpr std::array environment_fields = std::to_array<Field>({
    {"values", Shape::values},
    {"secrets", Shape::texts},
    {"kubeContext", Shape::text},
    {"missingFileHandler", Shape::text},
    {"missingFileHandlerConfig", Shape::record, git_branch_fields},
    {"mergeStrategy", Shape::text},
});
constexpr std::array nested_fields = std::to_array<Field>({
    {"path", Shape::text},
    {"selectors", Shape::texts},
    {"selectorsInherited", Shape::boolean},
    {"values", Shape::values},
    {"inherits", Shape::texts},
});
constexpr std::array repository_fields = std::to_array<Field>({
    {"name", Shape::text},
    {"url", Shape::text},
    {"caFile", Shape::text},
    {"certFile", Shape::text},
    {"keyFile", Shape::text},
    {"username", Shape::text},
    {"password", Shape::text},
    {"registryConfig", Shape::text, {}, "give username and password, or the variables <NAME>_USERNAME and <NAME>_PASSWORD"},
    {"managed", Shape::text, {}, "give username and password of the registry instead"},
    {"oci", Shape::boolean},
    {"verify", Shape::boolean, {}, no_verify},
    {"keyring", Shape::text},
    {"passCredentials", Shape::boolean},
    {"skipTLSVerify", Shape::boolean},
    {"plainHttp", Shape::boolean},
});
constexpr std::array default_fields = std::to_array<Field>({
    {"kubeContext", Shape::text},
    {"args", Shape::texts},
    {"diffArgs", Shape::texts},
    {"syncArgs", Shape::texts},
    {"verify", Shape::boolean, {}, no_verify},
    {"keyring", Shape::text},
    {"enableDNS", Shape::boolean},
    {"skipSchemaValidation", Shape::boolean},
    {"devel", Shape::boolean},
    {"wait", Shape::boolean},
    {"waitRetries", Shape::integer},
    {"waitForJobs", Shape::boolean},
    {"timeout", Shape::integer},
    {"recreatePods", Shape::boolean},
    {"force", Shape::boolean},
    {"atomic", Shape::boolean},
    {"cleanupOnFail", Shape::boolean},
    {"historyMax", Shape::integer},
    {"createNamespace", Shape::boolean},
    {"skipDeps", Shape::boolean},
    {"skipRefresh", Shape::boolean},
    {"reuseValues", Shape::boolean},
    {"postRenderer", Shape::text, {}, no_programs},
    {"postRendererArgs", Shape::texts, {}, no_programs},
    {"cascade", Shape::text},
    {"suppressOutputLineRegex", Shape::texts},
    {"disableValidation", Shape::boolean},
    {"disableOpenAPIValidation", Shape::boolean},
    {"insecureSkipTLSVerify", Shape::boolean},
    {"plainHttp", Shape::boolean},
    {"deleteWait", Shape::boolean},
    {"deleteTimeout", Shape::integer},
    {"syncReleaseLabels", Shape::boolean},
    {"takeOwnership", Shape::boolean},
    // of helmfiles after 1.0.0
    {"templateArgs", Shape::texts},
    {"skipCRDs", Shape::boolean},
    {"rollbackOnFailure", Shape::boolean},
    {"forceConflicts", Shape::boolean},
    {"serverSide", Shape::text},
    {"trackMode", Shape::text},
    {"resolveOCIVersions", Shape::boolean},
    {"disableAutoDetectedKubeVersionForDiff", Shape::boolean},
    {"helmStuckGrace", Shape::integer},
});
constexpr std::array release_fields = std::to_array<Field>({
    {"chart", Shape::text},
    {"chartPath", Shape::text, {}, "helmfile sets it for itself; give `chart`"},
    {"directory", Shape::text, {}, "give `chart`"},
    {"version", Shape::text},
    {"verify", Shape::boolean, {}, no_verify},
    {"keyring", Shape::text},
    {"enableDNS", Shape::boolean},
    {"devel", Shape::boolean},
    {"wait", Shape::boolean},
    {"waitRetries", Shape::integer},
    {"waitForJobs", Shape::boolean},
    {"timeout", Shape::integer},
    {"recreatePods", Shape::boolean},
    {"force", Shape::boolean},
    {"installed", Shape::boolean},
    {"atomic", Shape::boolean},
    {"cleanupOnFail", Shape::boolean},
    {"historyMax", Shape::integer},
    {"condition", Shape::text},
    {"createNamespace", Shape::boolean},
    {"reuseValues", Shape::boolean},
    {"disableOpenAPIValidation", Shape::boolean},
    {"disableValidation", Shape::boolean},
    {"disableValidationOnInstall", Shape::boolean},
    {"missingFileHandler", Shape::text},
    {"needs", Shape::texts},
    {"hooks", Shape::records, hook_fields},
    {"name", Shape::text},
    {"namespace", Shape::text},
    {"labels", Shape::text_map},
    {"values", Shape::values},
    {"secrets", Shape::values},
    {"set", Shape::records, set_fields},
    {"setString", Shape::records, set_fields},
    {"valuesTemplate", Shape::values},
    {"setTemplate", Shape::records, set_fields},
    {"apiVersions", Shape::texts},
    {"kubeVersion", Shape::text},
    {"env", Shape::records, set_fields},
    {"valuesPathPrefix", Shape::text},
    {"kubeContext", Shape::text},
    {"insecureSkipTLSVerify", Shape::boolean},
    {"plainHttp", Shape::boolean},
    {"verifyTemplate", Shape::text},
    {"waitTemplate", Shape::text},
    {"installedTemplate", Shape::text},
    {"dependencies", Shape::records, dependency_fields},
    {"jsonPatches", Shape::values},
    {"strategicMergePatches", Shape::values},
    {"transformers", Shape::values},
    {"adopt", Shape::texts, {}, "use `takeOwnership: true`"},
    {"forceGoGetter", Shape::boolean},
    {"forceNamespace", Shape::text},
    {"skipDeps", Shape::boolean},
    {"skipRefresh", Shape::boolean},
    {"postRenderer", Shape::text, {}, no_programs},
    {"skipSchemaValidation", Shape::boolean},
    {"postRendererArgs", Shape::texts, {}, no_programs},
    {"cascade", Shape::text},
    {"suppressOutputLineRegex", Shape::texts},
    {"inherit", Shape::records, inherit_fields},
    {"suppressDiff", Shape::boolean},
    {"deleteWait", Shape::boolean},
    {"deleteTimeout", Shape::integer},
    {"syncReleaseLabels", Shape::boolean},
    {"takeOwnership", Shape::boolean},
    // of helmfiles after 1.0.0; the tracking of `trackMode: kubedog` is refused with that
    {"conditionTemplate", Shape::text},
    {"missingFileHandlerConfig", Shape::record, git_branch_fields},
    {"description", Shape::text},
    {"rollbackOnFailure", Shape::boolean},
    {"forceConflicts", Shape::boolean},
    {"serverSide", Shape::text},
    {"updateStrategy", Shape::text},
    {"trackMode", Shape::text},
    {"trackTimeout", Shape::integer},
    {"trackLogs", Shape::boolean},
    {"trackFailedLogs", Shape::boolean},
    {"trackFailOnError", Shape::boolean},
    {"trackKinds", Shape::texts},
    {"skipKinds", Shape::texts},
    {"trackResources", Shape::values},
    {"kubedogQPS", Shape::any},
    {"kubedogBurst", Shape::integer},
    {"helmStuckGrace", Shape::integer},
    {"resolveOCIVersions", Shape::boolean},
    {"disableAutoDetectedKubeVersionForDiff", Shape::boolean},
    {"unitTests", Shape::texts},
});
constexpr std::array state_fields = std::to_array<Field>({
    {"helmBinary", Shape::text},
    {"kustomizeBinary", Shape::text},
    {"values", Shape::values},
    {"environments", Shape::record_map, environment_fields},
    {"bases", Shape::texts},
    {"helmDefaults", Shape::record, default_fields},
    {"helmfiles", Shape::records, nested_fields},
    {"kubeContext", Shape::text},
    {"namespace", Shape::text},
    {"chart", Shape::text},
    {"repositories", Shape::records, repository_fields},
    {"commonLabels", Shape::text_map},
    {"releases", Shape::records, release_fields},
    {"apiVersions", Shape::texts},
    {"kubeVersion", Shape::text},
    {"hooks", Shape::records, hook_fields},
    {"templates", Shape::record_map, release_fields},
    {"missingFileHandler", Shape::text},
    {"missingFileHandlerConfig", Shape::record, git_branch_fields},
    {"lockFilePath", Shape::text},
    {"defaultInherit", Shape::texts},  // this and the next: of helmfiles after 1.0.0
    {"llm", Shape::any},               // for its command `doctor` alone
    {"filepath", Shape::text},       // `helmfile build` prints these two, and reads
    {"renderedvalues", Shape::any},  // its own output back without regard to them
});

const Field* find_field(std::span<const Field> fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(), [name](const Field& f) { return f.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// How many letters have to be put in, taken out, changed or swapped with their neighbour to make one of the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t k = 0; k <= b.size(); ++k) {
      if (i == 0 || k == 0) {
        rows[i][k] = i + k;
        continue;
      }
      const bool same = lower(a[i - 1]) == lower(b[k - 1]);
      rows[i][k] = std::min({rows[i - 1][k] + 1, rows[i][k - 1] + 1, rows[i - 1][k - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && k > 1 && lower(a[i - 1]) == lower(b[k - 2]) && lower(a[i - 2]) == lower(b[k - 1]);
      if (swapped) rows[i][k] = std::min(rows[i][k], rows[i - 2][k - 2] + 1);
    }
  }
  return rows[a.size()][b.size()];
}

/// What was probably meant, or nothing.
std::string suggestion(std::span<const Field> fields, std::string_view name) {
  if (name.size() > 40) return {};
  const auto nearest = std::min_element(fields.begin(), fields.end(), [name](const Field& a, const Field& b) {
    return distance(a.name, name) < distance(b.name, name);
  });
  const std::size_t off = nearest == fields.end() ? 9 : distance(nearest->name, name);
  return off <= 2 && off * 2 < name.size() ? ": did you mean \"" + std::string(nearest->name) + "\"?" : std::string();
}

std::string described(const Value& value) {
  if (value.is_map()) return "a map";
  if (value.is_list()) return "a list";
  if (value.secret_bit() || (value.is_string() && value.text().has_marks())) return "a secret text";
  const std::string text = scalar_text(value).str();
  return value.is_string() ? "\"" + text + "\"" : text;
}

class Checker {
 public:
  Checker(std::string_view file, const KeyLines& lines) : file_(file), lines_(lines) {}

  Result<> record(const Value& value, std::span<const Field> fields, const std::string& where) {
    Map& map = *value.map();
    std::vector<std::string> nulls;
    for (Map::Entry& entry : map.mutable_entries()) {
      const std::string at = place(&map, entry.key.view());
      const Field* field = find_field(fields, entry.key.view());
      if (field == nullptr) {
        return Error{Errc::invalid, at + "unknown field \"" + entry.key.str() + "\"" + (where.empty() ? "" : " in " + where) +
                                        suggestion(fields, entry.key.view())};
      }
      const std::string inside = where.empty() ? std::string(field->name) : where + "." + std::string(field->name);
      if (entry.value.is_nil() && field->shape != Shape::text) {
        nulls.push_back(entry.key.str());
        continue;
      }
      if (!field->refusal.empty() && !is_zero(entry.value)) {
        return Error{Errc::unsupported, at + inside + " is not supported: " + std::string(field->refusal)};
      }
      auto checked = shape(entry.value, *field, at, inside);
      if (!checked) return checked;
    }
    for (const std::string& key : nulls) map.erase(key);
    return {};
  }

 private:
  std::string place(const Map* map, std::string_view key) const {
    std::string at(file_);
    if (const auto found = lines_.find(map); found != lines_.end()) {
      if (const auto line = found->second.find(key); line != found->second.end()) at += ":" + std::to_string(line->second);
    }
    return at + ": ";
  }

  static Error wrong(const std::string& at, const std::string& inside, std::string_view expected, const Value& found) {
    return {Errc::invalid, at + inside + " must be " + std::string(expected) + ", found " + described(found)};
  }

  Result<> shape(Value& value, const Field& field, const std::string& at, const std::string& inside) {
    switch (field.shape) {
      case Shape::any: return {};
      case Shape::text:
        if (value.is_map() || value.is_list()) return wrong(at, inside, "a text", value);
        value = Value::of_string(scalar_text(value));
        return {};
      case Shape::boolean:
        if (!value.is_bool()) return wrong(at, inside, "true or false", value);
        return {};
      case Shape::integer:
        if (value.kind() != Kind::uint64 && !value.is_integer()) return wrong(at, inside, "a whole number", value);
        return {};
      case Shape::texts:
        if (field.name == "defaultInherit" && value.is_string()) value = Value::new_list({value});
        return texts(value, at, inside);
      case Shape::text_map: return text_map(value, at, inside);
      case Shape::values:
        if (!value.is_list()) return wrong(at, inside, "a list", value);
        return {};
      case Shape::record:
        if (!value.is_map()) return wrong(at, inside, "a map", value);
        return record(value, field.fields, inside);
      case Shape::records: return records(value, field, at, inside);
      case Shape::record_map: return record_map(value, field, at, inside);
    }
    return {};
  }

  static Result<> texts(Value& value, const std::string& at, const std::string& inside) {
    if (!value.is_list()) return wrong(at, inside, "a list of texts", value);
    for (std::size_t i = 0; i < value.size(); ++i) {
      Value& item = value.list()->items[i];
      if (item.is_map() || item.is_list()) return wrong(at, inside + "[" + std::to_string(i) + "]", "a text", item);
      item = Value::of_string(scalar_text(item));
    }
    return {};
  }

  static Result<> text_map(Value& value, const std::string& at, const std::string& inside) {
    if (!value.is_map()) return wrong(at, inside, "a map of texts", value);
    for (Map::Entry& entry : value.map()->mutable_entries()) {
      if (entry.value.is_map() || entry.value.is_list()) return wrong(at, inside + "." + entry.key.str(), "a text", entry.value);
      entry.value = Value::of_string(scalar_text(entry.value));
    }
    return {};
  }

  Result<> records(Value& value, const Field& field, const std::string& at, const std::string& inside) {
    if (field.name == "inherit" && value.is_map()) value = Value::new_list({value});
    if (!value.is_list()) return wrong(at, inside, "a list", value);
    for (std::size_t i = 0; i < value.size(); ++i) {
      Value& item = value.list()->items[i];
      const std::string one = inside + "[" + std::to_string(i) + "]";
      if (field.name == "helmfiles" && item.is_string()) item = Value::new_map({{"path", item}});
      if (!item.is_map()) return wrong(at, one, "a map", item);
      if (item.map() == nullptr) item = Value::new_map();
      auto checked = record(item, field.fields, one);
      if (!checked) return checked;
    }
    return {};
  }

  Result<> record_map(Value& value, const Field& field, const std::string& at, const std::string& inside) {
    if (!value.is_map()) return wrong(at, inside, "a map", value);
    for (Map::Entry& entry : value.map()->mutable_entries()) {
      const std::string one = inside + "." + entry.key.str();
      if (entry.value.is_nil()) entry.value = Value::new_map();
      if (!entry.value.is_map()) return wrong(at, one, "a map", entry.value);
      auto checked = record(entry.value, field.fields, one);
      if (!checked) return checked;
    }
    return {};
  }

  std::string_view file_;
  const KeyLines& lines_;
};

void append_items(Value& target, const Value& source) {
  std::vector<Value> items(target.items().begin(), target.items().end());
  items.insert(items.end(), source.items().begin(), source.items().end());
  target = Value::new_list(std::move(items));
}

}  // namespace

bool is_zero(const Value& value) {
  switch (value.kind()) {
    case Kind::nil: return true;
    case Kind::boolean: return !value.as_bool();
    case Kind::int_:
    case Kind::int64: return value.as_int() == 0;
    case Kind::uint64: return value.as_uint() == 0;
    case Kind::float64: return value.as_float() == 0;
    case Kind::string:
    case Kind::list:
    case Kind::map: return value.size() == 0;
    default: return false;
  }
}

Result<> conform_to_schema(const Value& document, std::string_view file, const KeyLines& lines) {
  if (document.is_nil()) return {};
  if (!document.is_map())
    return Error{Errc::invalid, std::string(file) + ": a state file must be a map, found " + described(document)};
  return Checker(file, lines).record(document, state_fields, "");
}

void override_parts(const Value& target, const Value& source) {
  if (!source.is_map()) return;
  for (const Map::Entry& entry : *source.map()) {
    if (is_zero(entry.value)) continue;
    const Field* field = find_field(state_fields, entry.key.view());
    const Value* there = target.find(entry.key.view());
    const bool by_key = field != nullptr &&
                        (field->shape == Shape::record || field->shape == Shape::record_map || field->shape == Shape::text_map);
    if (there == nullptr || !by_key) {
      target.map()->set(entry.key, entry.value);
      continue;
    }
    for (const Map::Entry& inner : *entry.value.map()) {
      const bool wins = field->shape != Shape::record || !is_zero(inner.value) || there->find(inner.key.view()) == nullptr;
      if (wins) there->map()->set(inner.key, inner.value);
    }
  }
}

void append_layers(const Value& target, const Value& source) {
  if (!source.is_map()) return;
  for (const Map::Entry& entry : *source.map()) {
    Value& there = target.map()->at_or_add(entry.key);
    if (is_zero(there)) {
      there = entry.value;
    } else if (there.is_list() && entry.value.is_list()) {
      append_items(there, entry.value);
    } else if (there.is_map() && entry.value.is_map() && entry.key.view() != "environments" && entry.key.view() != "templates") {
      append_layers(there, entry.value);
    } else if (there.is_map() && entry.value.is_map()) {
      for (const Map::Entry& inner : *entry.value.map()) {
        if (there.find(inner.key.view()) == nullptr) there.map()->set(inner.key, inner.value);
      }
    }
  }
}

void inherit_into(const Value& target, const Value& release) {
  for (const Map::Entry& entry : *release.map()) {
    if (is_zero(entry.value) && target.find(entry.key.view()) != nullptr) continue;
    Value& there = target.map()->at_or_add(entry.key);
    if (there.is_list() && entry.value.is_list()) {
      append_items(there, entry.value);
    } else if (there.is_map() && entry.value.is_map()) {
      there = deep_copy(there);
      for (const Map::Entry& inner : *entry.value.map()) there.map()->set(inner.key, inner.value);
    } else {
      there = entry.value;
    }
  }
}

void fill_state_values(const Value& target, const Value& source) {
  if (!source.is_map() || source.map() == nullptr) return;
  for (const Map::Entry& entry : *source.map()) {
    const Value* there = target.find(entry.key.view());
    if (there == nullptr || there->is_nil()) {
      target.map()->set(entry.key, deep_copy(entry.value));
    } else if (there->is_map() && entry.value.is_map() && there->map() != nullptr) {
      fill_state_values(*there, entry.value);
    }
  }
}

void merge_state_values(const Value& target, const Value& source) {
  if (!source.is_map() || source.map() == nullptr) return;
  for (const Map::Entry& entry : *source.map()) {
    const Value* there = target.find(entry.key.view());
    if (there != nullptr && there->is_map() && entry.value.is_map() && there->map() != nullptr) {
      merge_state_values(*there, entry.value);
    } else {
      target.map()->set(entry.key, deep_copy(entry.value));
    }
  }
}

}  // namespace sluice::helmfile
