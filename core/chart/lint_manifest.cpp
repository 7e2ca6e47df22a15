// What helm lint says about one rendered template; follows pkg/lint/rules/template.go and the name rules of k8s.io/apimachinery.

#include <algorithm>
#include <array>

#include "core/chart/decode.hpp"
#include "core/chart/deprecations.hpp"
#include "core/chart/lint_rules.hpp"
#include "core/chart/runes.hpp"
#include "core/value/text.hpp"
#include "core/value/yaml.hpp"

namespace sluice::chart {

namespace {

struct Object {
  std::string api_version, kind, name;
};

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// [a-z0-9]([-a-z0-9]*[a-z0-9])?, or beginning with a letter only.
bool is_label(std::string_view text, bool letter_first) {
  if (text.empty() || !is_lower_or_digit(text.front()) || !is_lower_or_digit(text.back())) return false;
  if (letter_first && text.front() <= '9') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

bool is_subdomain(std::string_view text) {
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot), false)) return false;
    if (dot == text.npos) return true;
    text.remove_prefix(dot + 1);
  }
}

using Complaints = std::vector<std::string>;

Complaints wrong_subdomain(std::string_view name) {
  Complaints out;
  if (name.size() > 253) out.push_back("must be no more than 253 characters");
  if (!is_subdomain(name)) {
    out.push_back(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end "
        "with an "
        "alphanumeric character (e.g. 'example.com', regex used for validation is "
        R"('[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'))");
  }
  return out;
}

Complaints wrong_label(std::string_view name, bool letter_first) {
  Complaints out;
  if (name.size() > 63) out.push_back("must be no more than 63 characters");
  if (is_label(name, letter_first)) return out;
  out.push_back(
      letter_first
          ? "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and "
            "end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
            "'[a-z]([-a-z0-9]*[a-z0-9])?')"
          : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
            "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
            "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')");
  return out;
}

Complaints wrong_path_segment(std::string_view name) {
  if (name == "." || name == "..") return {"may not be '" + std::string(name) + "'"};
  Complaints out;
  for (const char c : {'/', '%'})
    if (name.find(c) != name.npos) out.push_back(std::string("may not contain '") + c + "'");
  return out;
}

Complaints wrong_name(std::string_view kind, std::string_view name) {
  const auto is = [&](std::initializer_list<std::string_view> kinds) {
    return std::any_of(kinds.begin(), kinds.end(), [&](std::string_view known) { return names_field(kind, known); });
  };
  if (is({"service"})) return wrong_label(name, true);
  if (is({"namespace"})) return wrong_label(name, false);
  if (is({"certificatesigningrequest"})) return {};
  if (is({"role", "clusterrole", "rolebinding", "clusterrolebinding"})) return wrong_path_segment(name);
  return wrong_subdomain(name);
}

std::string name_warning(const Object& object) {
  Complaints complaints = wrong_name(object.kind, object.name);
  if (complaints.empty()) return {};
  for (std::string& complaint : complaints) complaint = "metadata.name: Invalid value: " + quoted(object.name) + ": " + complaint;
  std::string list = complaints.front();
  if (complaints.size() > 1) {
    list = "[" + list;
    for (std::size_t i = 1; i < complaints.size(); ++i) list += ", " + complaints[i];
    list += "]";
  }
  return "object name does not conform to Kubernetes naming requirements: " + quoted(object.name) + ": " + list;
}

std::string indent_warning(std::string_view text) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trim_space(line).empty()) continue;
    if (line.front() != ' ' && line.front() != '\t') return {};
    return "document starts with an illegal indent: " + quoted(line) + ", which may cause parsing problems";
  }
  return {};
}

std::string selector_error(const Object& object, std::string_view text) {
  constexpr std::array kinds = {"Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"};
  if (std::find(kinds.begin(), kinds.end(), object.kind) == kinds.end()) return {};
  if (text.find("matchLabels") != text.npos || text.find("matchExpressions") != text.npos) return {};
  return "a " + object.kind + " must contain matchLabels or matchExpressions, and " + quoted(object.name) + " does not";
}

/// Looks at the first document of the file, whichever document `object` comes from, as Helm does.
std::string list_error(const Object& object, std::string_view text, HelmVersion helm) {
  if (object.kind != "List") return {};
  const auto list = read_yaml(text);
  if (!list) return "unable to parse YAML: " + list.error().what;
  const Value* items = list->find("items");
  if (!items) return {};
  for (const Value& item : items->items()) {
    const Value* metadata = item.find("metadata");
    const Value* annotations = metadata ? metadata->find("annotations") : nullptr;
    if (annotations && annotations->find("helm.sh/resource-policy")) {
      return std::string(helm == HelmVersion::v3 ? "Annotation" : "annotation") + " 'helm.sh/resource-policy' within List objects are ignored";
    }
  }
  return {};
}

Result<Object> read_object(const Value& value, HelmVersion helm) {
  Object object;
  const std::string_view type = helm == HelmVersion::v3 ? "rules.K8sYamlStruct" : "rules.k8sYamlStruct";
  Decoder decoder(type);
  decoder.read_struct(value, type, [&](std::string_view key, const Value& element) {
    if (names_field(key, "apiVersion")) decoder.read_text("apiVersion", element, object.api_version);
    if (names_field(key, "Kind")) decoder.read_text("Kind", element, object.kind);
    if (!names_field(key, "Metadata")) return;
    decoder.at("Metadata", [&] {
      decoder.inside("k8sYamlMetadata", [&] {
        std::string namespace_;
        decoder.read_struct(element, "rules.k8sYamlMetadata", [&](std::string_view name, const Value& part) {
          if (names_field(name, "Namespace")) decoder.read_text("Namespace", part, namespace_);
          if (names_field(name, "Name")) decoder.read_text("Name", part, object.name);
        });
      });
    });
  });
  if (auto read = decoder.finish(); !read) return std::move(read).error();
  return object;
}

/// Splits at lines of three dashes, as Kubernetes' reader does: nothing but a comment may follow them.
Result<std::vector<std::string>> split_stream(std::string_view text) {
  std::vector<std::string> documents;
  std::string document;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::size_t size = std::min(text.size(), line.size() + 1);
    if (!line.starts_with("---")) {
      document += text.substr(0, size);
    } else {
      const std::string_view rest = trim_space(line.substr(3));
      if (!rest.empty() && rest.front() != '#')
        return Error{Errc::invalid, "invalid Yaml document separator: " + std::string(rest)};
      if (!document.empty()) documents.push_back(std::exchange(document, {}));
    }
    text.remove_prefix(size);
  }
  if (!document.empty()) documents.push_back(std::move(document));
  return documents;
}

/// Gives the objects of a file to `look`. False, and an error reported, at one that is no YAML.
template <class Look>
bool for_each_object(const LintedManifest& manifest, LintReport& report, Look look) {
  const auto broken = [&](const Error& error) {
    report.error(manifest.path, "unable to parse YAML: " + error.what);
    return false;
  };
  const auto documents = split_stream(manifest.text);
  if (!documents) return broken(documents.error());
  for (const std::string& document : *documents) {
    const auto value = read_yaml(document, {.numbers = Numbers::typed});
    if (!value) return broken(value.error());
    if (value->is_nil()) continue;
    const auto object = read_object(*value, manifest.helm);
    if (!object) return broken(object.error());
    look(*object);
  }
  return true;
}

}  // namespace

bool lint_manifest(const LintedManifest& manifest, LintReport& report) {
  if (trim_space(manifest.text).empty()) return true;
  report.add(Severity::warning, manifest.path, indent_warning(manifest.text));
  return for_each_object(manifest, report, [&](const Object& object) {
    report.add(Severity::warning, manifest.path, name_warning(object));
    report.add(Severity::warning, manifest.path, deprecation_notice(object.api_version, object.kind, manifest.kube_minor, manifest.helm));
    report.error(manifest.path, selector_error(object, manifest.text));
    report.error(manifest.path, list_error(object, manifest.text, manifest.helm));
  });
}

bool lint_crd(std::string_view path, std::string_view text, LintReport& report) {
  return for_each_object({.path = path, .text = text, .helm = HelmVersion::v4}, report, [&](const Object& object) {
    if (!object.api_version.starts_with("apiextensions.k8s.io")) report.error(path, "apiVersion is not in 'apiextensions.k8s.io'");
    if (object.kind != "CustomResourceDefinition") report.error(path, "object kind is not 'CustomResourceDefinition'");
  });
}

}  // namespace sluice::chart
