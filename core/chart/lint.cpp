#include "core/chart/lint.hpp"

#include <algorithm>

#include "core/chart/coalesce.hpp"
#include "core/chart/lint_rules.hpp"
#include "core/chart/manifests.hpp"
#include "core/chart/schema.hpp"
#include "core/functions/outside.hpp"
#include "core/functions/regex.hpp"
#include "core/value/text.hpp"
#include "core/value/yaml.hpp"

namespace sluice::chart {

namespace {

constexpr std::string_view templates_path = "templates/";

std::string_view extension(std::string_view name) {
  name = name.substr(name.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  return dot == name.npos ? std::string_view() : name.substr(dot);
}

std::string lower_extension(std::string_view name) {
  std::string end(extension(name));
  for (char& c : end) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return end;
}

bool contains_pattern(std::string_view pattern, std::string_view text) {
  const auto regex = functions::Regex::compile(pattern);
  if (!regex) return false;
  const auto found = regex->matches(text);
  return found && *found;
}

void lint_values(const Tree& files, const LintRequest& request, Warnings& warnings, LintReport& report) {
  constexpr std::string_view path = "values.yaml";
  const auto file = files.find(path);
  if (file == files.end()) return report.add(Severity::info, path, "file does not exist");
  auto values = read_yaml_map(file->second);
  if (!values) return report.error(path, "unable to parse YAML: " + values.error().what);
  const auto schema = files.find("values.schema.json");
  if (schema == files.end() || schema->second.empty()) return;
  if (request.helm == HelmVersion::v4 && request.skip_schema) return;
  const Value overrides = request.values.map() ? deep_copy(request.values) : Value::new_map();
  const Value merged = Coalescer(request.helm, warnings).merge_tables(overrides, *values, Nulls::remove);
  report.error(path, schema_findings(schema->second, merged, request.helm, request.outside ? request.outside->schema : SchemaFetch()));
}

void lint_template_source(const File& file, HelmVersion helm, LintReport& report) {
  constexpr std::string_view allowed[] = {".yaml", ".yml", ".tpl", ".txt"};
  const std::string_view end = extension(file.name);
  if (std::find(std::begin(allowed), std::end(allowed), end) == std::end(allowed)) {
    report.error(file.name,
                 "file extension '" + std::string(end) + "' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt");
  }
  if (helm == HelmVersion::v4) return;
  if (contains_pattern(R"("?helm\.sh/hook"?:\s+crd-install)", file.data)) {
    report.add(Severity::warning, file.name,
               "manifest is a crd-install hook. This hook is no longer supported in v3 and all CRDs should also exist the crds/ "
               "directory "
               "at the top level of the chart");
  }
  if (file.data.find(".Release.Time") != std::string::npos) {
    report.error(file.name, ".Release.Time has been removed in v3, please replace with the `now` function in your templates");
  }
}

RenderRequest render_request(const LintRequest& request) {
  RenderRequest render{.release = "test-release", .namespace_ = request.namespace_, .revision = 0, .values = request.values};
  render.helm = request.helm;
  render.capabilities = default_capabilities(request.helm);
  if (request.kube_version) render.capabilities.kube_version = *request.kube_version;
  render.outside = request.outside;
  render.skip_schema = request.skip_schema;
  render.linting = Linting::yes;
  return render;
}

bool has_folder(const Tree& files, std::string_view name) {
  const auto first = files.lower_bound(std::string(name));
  return first != files.end() && first->first.starts_with(name);
}

bool is_manifest(std::string_view name, HelmVersion helm) {
  if (helm == HelmVersion::v3) return extension(name) == ".yaml";
  const std::string end = lower_extension(name);
  return end == ".yaml" || end == ".yml";
}

void lint_templates(const Tree& files, const Result<std::shared_ptr<const Chart>>& loaded, const LintRequest& request,
                    RenderLog& log, LintReport& report) {
  if (files.contains("templates")) return report.add(Severity::warning, templates_path, "not a directory");
  if (request.helm == HelmVersion::v4 && !has_folder(files, templates_path))
    return report.add(Severity::warning, templates_path, "directory does not exist");
  if (!loaded) return report.error(templates_path, loaded.error().what);
  RenderRequest render = render_request(request);
  render.log = &log;
  const auto rendered = render_files(**loaded, render);
  if (!rendered) {
    // Helm says nothing when dependencies or values do not fit together; `helm template` will
    return log.reached_values ? report.error(templates_path, rendered.error().what) : void();
  }
  const int minor = static_cast<int>(parse_int(render.capabilities.kube_version.minor, 10).value);
  for (const File& file : (*loaded)->templates) {
    lint_template_source(file, request.helm, report);
    if (!is_manifest(file.name, request.helm)) continue;
    const std::string name = (*loaded)->metadata.name + "/" + file.name;
    const auto at = std::find_if(rendered->begin(), rendered->end(), [&](const RenderedFile& one) { return one.name == name; });
    if (at != rendered->end() && !lint_manifest({file.name, at->text, minor, request.helm}, report)) return;
  }
}

/// The files of crds/, and those of the subcharts after them. False if no further one is to be looked at.
bool lint_crds_of(const Chart& chart, LintReport& report) {
  for (const File& file : chart.files) {
    const std::string end = lower_extension(file.name);
    if (!file.name.starts_with("crds/") || (end != ".yaml" && end != ".yml" && end != ".json")) continue;
    if (!lint_crd(file.name, file.data, report)) return false;
  }
  return std::all_of(chart.dependencies.begin(), chart.dependencies.end(), [&](const auto& one) { return lint_crds_of(*one, report); });
}

}  // namespace

void lint_crds(const Tree& files, const Result<std::shared_ptr<const Chart>>& loaded, LintReport& report) {
  constexpr std::string_view path = "crds/";
  if (files.contains("crds")) return report.error(path, "not a directory");
  if (!has_folder(files, path)) return;
  if (!loaded) return report.error(path, loaded.error().what);
  lint_crds_of(**loaded, report);
}

std::string to_string(const LintMessage& message) {
  constexpr std::string_view names[] = {"INFO", "WARNING", "ERROR"};
  return "[" + std::string(names[static_cast<std::size_t>(message.severity)]) + "] " + message.path + ": " + message.text;
}

std::vector<LintMessage> lint(const Tree& files, const LintRequest& request) {
  LintReport report;
  RenderLog unseen;
  RenderLog& log = request.log ? *request.log : unseen;
  Warnings warnings(request.helm, log.warnings);
  lint_chart_yaml(files, request.helm, report);
  lint_values(files, request, warnings, report);
  const auto loaded = load_chart(files, request.helm);
  lint_templates(files, loaded, request, log, report);
  lint_dependencies(loaded, request.folder, report);
  if (request.helm == HelmVersion::v4) lint_crds(files, loaded, report);
  return std::move(report.messages);
}

}  // namespace sluice::chart
