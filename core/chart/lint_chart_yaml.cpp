// What helm lint says about Chart.yaml and about declared dependencies; follows pkg/lint/rules/chartfile.go and dependencies.go.

#include <algorithm>
#include <set>

#include "core/chart/decode.hpp"
#include "core/chart/lint_rules.hpp"
#include "core/functions/semver.hpp"
#include "core/functions/url.hpp"
#include "core/value/text.hpp"
#include "core/value/yaml.hpp"

namespace sluice::chart {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_host_char(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'; }

/// govalidator.IsRequestURL: parses, and has a scheme.
bool is_request_url(std::string_view text) {
  const auto url = functions::parse_url(text);
  return url && !url->scheme.empty();
}

/// govalidator.IsURL, loosely: an optional scheme, then a host with a dot (or localhost), then whatever has no blanks.
bool is_url(std::string_view text) {
  if (text.size() < 3 || text.size() > 2083 || text.starts_with('.') || text.find_first_of(" \t\r\n") != text.npos) return false;
  const std::size_t scheme = text.find("://");
  if (scheme != text.npos) text.remove_prefix(scheme + 3);
  const std::size_t at = text.find('@');
  if (at != text.npos && at < text.find('/')) text.remove_prefix(at + 1);
  const std::string_view host = text.substr(0, text.find_first_of(":/?#"));
  if (host.empty() || !std::all_of(host.begin(), host.end(), is_host_char)) return false;
  return host == "localhost" || (host.find('.') != host.npos && host.front() != '.' && host.find("..") == host.npos);
}

/// govalidator.IsEmail, loosely.
bool is_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == text.npos || at == 0 || text.find_first_of(" \t\r\n<>(),;:\"[]\\") != text.npos || text.find('@') != at) return false;
  const std::string_view host = text.substr(at + 1), user = text.substr(0, at);
  if (user.front() == '.' || user.back() == '.' || user.find("..") != user.npos) return false;
  return host.find('.') != host.npos && host.front() != '.' && host.back() != '.' && host.find("..") == host.npos &&
         std::all_of(host.begin(), host.end(), is_host_char);
}

std::string wrong_type(const Value& data, std::string_view key) {
  const Value* value = data.find(key);
  if (!value || value->is_string()) return {};
  return std::string(key) + " should be of type string but it's of type " + std::string(type_name(*value));
}

std::string wrong_api_version(const Metadata& metadata) {
  constexpr std::string_view must = "The value must be either \"v1\" or \"v2\"";
  if (metadata.api_version.empty()) return "apiVersion is required. " + std::string(must);
  if (metadata.api_version == "v1" || metadata.api_version == "v2") return {};
  return "apiVersion '" + metadata.api_version + "' is not valid. " + std::string(must);
}

/// What a strict reader finds that the lenient one lets pass: keys that are there twice, fields that nobody knows.
std::string not_strict(std::string_view yaml) {
  const std::string start = "failed to strictly parse chart metadata file\n\t";
  const auto value = read_yaml(yaml, {.duplicate_keys = DuplicateKeys::error});
  if (!value) return start + value.error().what;
  using Fields = std::initializer_list<std::string_view>;
  const auto is_known = [](const std::string& key, Fields fields) {
    return std::any_of(fields.begin(), fields.end(), [&key](std::string_view field) { return names_field(key, field); });
  };
  const auto unknown_in = [&](const Value& list, Fields fields) -> std::string {
    for (const Value& item : list.items()) {
      if (!item.map()) continue;
      for (const auto& [key, field] : *item.map())
        if (!is_known(key.str(), fields)) return key.str();
    }
    return {};
  };
  std::string unknown;
  if (!value->map()) return {};
  for (const auto& [key, item] : *value->map()) {
    const std::string name = key.str();
    if (names_field(name, "dependencies")) {
      unknown = unknown_in(item, {"name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias"});
    } else if (names_field(name, "maintainers")) {
      unknown = unknown_in(item, {"name", "email", "url"});
    } else if (!is_known(name, {"name", "home", "sources", "version", "description", "keywords", "icon", "apiVersion", "condition", "tags", "appVersion",
                                "deprecated", "annotations", "kubeVersion", "type"})) {
      unknown = name;
    }
    if (!unknown.empty()) break;
  }
  return unknown.empty() ? "" : start + "error unmarshaling JSON: while decoding JSON: json: unknown field " + quoted(unknown);
}

std::string wrong_version(const Metadata& metadata, HelmVersion helm) {
  if (metadata.version.empty()) return "version is required";
  const auto version = functions::parse_version(metadata.version);
  if (!version) return "version '" + metadata.version + "' is not a valid SemVer";
  const auto lowest = functions::parse_version("0.0.0-0");
  if (lowest && functions::compare(*version, *lowest) <= 0) {
    return helm == HelmVersion::v3 ? "version " + version->text() + " is less than or equal to 0.0.0-0"
                                   : "version " + quoted(version->text()) + " is less than or equal to \"0.0.0-0\"";
  }
  return {};
}

std::string wrong_maintainer(const Metadata& metadata, HelmVersion helm) {
  for (const auto& maintainer : metadata.maintainers) {
    if (!maintainer && helm == HelmVersion::v4) return "a maintainer entry is empty";
    if (!maintainer || maintainer->name.empty()) return "each maintainer requires a name";
    if (!maintainer->email.empty() && !is_email(maintainer->email)) {
      return "invalid email '" + maintainer->email + "' for maintainer '" + maintainer->name + "'";
    }
    if (!maintainer->url.empty() && !is_url(maintainer->url)) {
      return "invalid url '" + maintainer->url + "' for maintainer '" + maintainer->name + "'";
    }
  }
  return {};
}

std::string wrong_source(const Metadata& metadata) {
  for (const std::string& source : metadata.sources)
    if (!is_request_url(source)) return "invalid source URL '" + source + "'";
  return {};
}

std::string wrong_name(const Metadata& metadata) {
  if (metadata.name.empty()) return "name is required";
  return metadata.name.find('/') == std::string::npos ? "" : "chart name " + quoted(metadata.name) + " is invalid";
}

std::string join(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ",") + name;
  return out;
}

void lint_metadata(const Metadata& metadata, const Value& types, HelmVersion helm, LintReport& report) {
  constexpr std::string_view path = "Chart.yaml";
  report.error(path, wrong_name(metadata));
  report.error(path, wrong_api_version(metadata));
  report.error(path, wrong_type(types, "version"));
  report.error(path, wrong_version(metadata, helm));
  report.error(path, wrong_type(types, "appVersion"));
  report.error(path, wrong_maintainer(metadata, helm));
  report.error(path, wrong_source(metadata));
  if (metadata.icon.empty()) report.add(Severity::info, path, "icon is recommended");
  if (!metadata.icon.empty() && !is_request_url(metadata.icon)) report.error(path, "invalid icon URL '" + metadata.icon + "'");
  if (metadata.api_version == "v2") return;
  if (!metadata.type.empty()) {
    report.error(path, "chart type is not valid in apiVersion '" + metadata.api_version + "'. It is valid in apiVersion 'v2'");
  }
  if (!metadata.dependencies.empty()) {
    report.error(path, "dependencies are not valid in the Chart file with apiVersion '" + metadata.api_version +
                           "'. They are valid in apiVersion 'v2'");
  }
}

}  // namespace

void lint_chart_yaml(const Tree& files, HelmVersion helm, LintReport& report) {
  constexpr std::string_view path = "Chart.yaml";
  const auto file = files.find(path);
  if (file == files.end()) return report.error(path, "unable to parse YAML\n\topen Chart.yaml: no such file or directory");
  Metadata metadata;
  if (auto read = read_metadata(file->second, metadata); !read)
    return report.error(path, "unable to parse YAML\n\t" + read.error().what);
  if (helm == HelmVersion::v4) report.add(Severity::warning, path, not_strict(file->second));
  const auto data = read_yaml_map(file->second);
  lint_metadata(metadata, data ? *data : Value(), helm, report);
  if (helm == HelmVersion::v4 && !functions::parse_strict_version(metadata.version, functions::SemverRules::helm4))
    report.add(Severity::warning, path, "version '" + metadata.version + "' is not a valid SemVerV2");
}

void lint_dependencies(const Result<std::shared_ptr<const Chart>>& loaded, const std::string& folder, LintReport& report) {
  if (!loaded) return report.error("", "unable to load chart\n\t" + loaded.error().what);
  const Chart& chart = **loaded;
  std::set<std::string> declared, present, names;
  std::vector<std::string> undeclared, missing, twice;
  for (const auto& dependency : chart.metadata.dependencies) declared.insert(dependency->name);
  for (const auto& dependency : chart.dependencies) {
    present.insert(dependency->metadata.name);
    if (!declared.contains(dependency->metadata.name)) undeclared.push_back(dependency->metadata.name);
  }
  for (const auto& dependency : chart.metadata.dependencies) {
    if (!present.contains(dependency->name)) missing.push_back(dependency->name);
    const std::string& key = dependency->alias.empty() ? dependency->name : dependency->alias;
    if (!names.insert(key).second) twice.push_back(key);
  }
  if (!undeclared.empty()) report.error(folder, "chart metadata is missing these dependencies: " + join(undeclared));
  if (!twice.empty()) report.error(folder, "multiple dependencies with name or alias: " + join(twice));
  if (!missing.empty()) report.add(Severity::warning, folder, "chart directory is missing these dependencies: " + join(missing));
}

}  // namespace sluice::chart
