#include "core/chart/provenance.hpp"

#include <algorithm>
#include <utility>

#include "core/value/yaml.hpp"

namespace sluice::chart {

namespace {

bool is_index(std::string_view step) { return step.starts_with('['); }

/// The element at `path`; null if the flag that made `values` says nothing about it.
const Value* element_at(const Value& values, const std::vector<std::string>& path) {
  const Value* at = &values;
  for (const std::string& step : path) {
    if (is_index(step)) {
      const std::size_t index = std::stoul(step.substr(1));
      if (!at->is_list() || index >= at->size() || at->items()[index].is_nil()) return nullptr;
      at = &at->items()[index];
    } else {
      at = at->find(step);
      if (!at) return nullptr;
    }
  }
  return at;
}

}  // namespace

std::string path_text(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& step : path) {
    if (!text.empty() && !is_index(step)) text += '.';
    text += step;
  }
  return text;
}

Provenance::Lines Provenance::read_lines(std::string_view yaml) {
  std::vector<YamlPosition> positions;
  (void)read_yaml_documents(yaml, {.positions = &positions});  // it was read before
  Lines lines;
  for (YamlPosition& position : positions) lines.insert_or_assign(std::move(position.path), position.line);
  return lines;
}

std::vector<Provenance::Import> Provenance::read_imports(const Chart& chart) {
  std::vector<Import> imports;
  const auto steps = [](std::string_view text) {
    Path path;
    for (std::size_t end = 0; end != text.npos && text != "."; text.remove_prefix(end == text.npos ? 0 : end + 1))
      path.emplace_back(text.substr(0, end = text.find('.')));
    return path;
  };
  for (const auto& dependency : chart.metadata.dependencies) {
    const std::string& key = dependency->alias.empty() ? dependency->name : dependency->alias;
    for (const Value& item : dependency->import_values) {
      const Value* child = item.is_string() ? &item : item.find("child");
      const Value* parent = item.find("parent");
      if (!child || !child->is_string()) continue;
      Path from = steps(key + (item.is_string() ? ".exports." : ".") + std::string(child->str()));
      imports.push_back({std::move(from), parent && parent->is_string() ? steps(parent->str()) : Path()});
    }
  }
  return imports;
}

Provenance::Defaults Provenance::read_defaults(const Chart& chart, const std::string& folder) {
  Defaults defaults{.file = folder + "/values.yaml", .lines = read_lines(chart.values_yaml), .imports = read_imports(chart), .subcharts = {}};
  for (const auto& subchart : chart.dependencies) {
    const std::string& name = subchart->metadata.name;
    const auto add = [&](const std::string& key) { defaults.subcharts.emplace(key, read_defaults(*subchart, folder + "/charts/" + name)); };
    bool is_named = false;
    for (const auto& dependency : chart.metadata.dependencies) {
      if (dependency->name != name) continue;
      is_named = true;
      add(dependency->alias.empty() ? name : dependency->alias);
    }
    if (!is_named) add(name);
  }
  return defaults;
}

Result<Provenance> Provenance::of(const Chart& chart, const ValueFlags& flags, const ReadFile& read, HelmVersion helm) {
  Provenance provenance;
  for (const std::string& path : flags.files) {
    auto bytes = read(path);
    if (!bytes) return std::move(bytes).error();
    provenance.layers_.push_back({.origin = {.file = path}, .lines = read_lines(*bytes)});
  }
  const std::tuple<SetFlag, const std::vector<std::string>&, const char*> groups[] = {
      {SetFlag::set_json, flags.set_json, "--set-json"},
      {SetFlag::set, flags.set, "--set"},
      {SetFlag::set_string, flags.set_string, "--set-string"},
      {SetFlag::set_file, flags.set_file, "--set-file"},
      {SetFlag::set_literal, flags.set_literal, "--set-literal"}};
  for (const auto& [flag, texts, name] : groups) {
    for (const std::string& text : texts) {
      Value values = Value::new_map();
      if (auto done = apply_set(flag, text, values, read, helm); !done) continue;  // it may change only what is there already
      provenance.layers_.push_back({.origin = {.flag = name}, .lines = {}, .values = std::move(values)});
    }
  }
  std::ranges::reverse(provenance.layers_);
  provenance.defaults_ = read_defaults(chart, chart.metadata.name);
  return provenance;
}

std::optional<ValueOrigin> Provenance::find_in_layers(const std::vector<std::string>& path) const {
  const std::string text = path_text(path);
  for (const Layer& layer : layers_) {
    ValueOrigin origin = layer.origin;
    if (origin.file.empty()) {
      if (element_at(layer.values, path)) return origin;
    } else if (const auto line = layer.lines.find(text); line != layer.lines.end()) {
      origin.line = line->second;
      return origin;
    }
  }
  return std::nullopt;
}

/// A chart's own values.yaml wins over those of its subcharts.
std::optional<ValueOrigin> Provenance::find_default(const Defaults& defaults, std::vector<std::string> path) {
  if (const auto line = defaults.lines.find(path_text(path)); line != defaults.lines.end())
    return ValueOrigin{.file = defaults.file, .line = line->second, .flag = {}};
  if (path.size() < 2) return std::nullopt;
  const auto subchart = defaults.subcharts.find(path.front());
  if (subchart == defaults.subcharts.end()) return std::nullopt;
  path.erase(path.begin());
  return find_default(subchart->second, std::move(path));
}

/// `defaults` is the chart that the first `level` keys of `path` lead to. Imports come from charts further down, and
/// from what charts say: files and flags that are given to the render have no part in them.
std::optional<ValueOrigin> Provenance::find_imported(const Defaults& defaults, const Path& path, std::size_t level) const {
  if (path.size() <= level) return std::nullopt;
  const auto below = [&](const Path& from) -> std::optional<ValueOrigin> {
    const auto subchart = defaults.subcharts.find(from[level]);
    return subchart == defaults.subcharts.end() ? std::nullopt : find_imported(subchart->second, from, level + 1);
  };
  const auto own = path.begin() + static_cast<std::ptrdiff_t>(level);
  for (const Import& import : defaults.imports) {
    const auto size = static_cast<std::ptrdiff_t>(import.parent.size());
    if (path.end() - own < size || !std::equal(import.parent.begin(), import.parent.end(), own)) continue;
    Path source(path.begin(), own);
    source.insert(source.end(), import.child.begin(), import.child.end());
    source.insert(source.end(), own + size, path.end());
    if (auto origin = find_default(defaults_, source)) return origin;
    if (auto origin = below(source)) return origin;
  }
  return below(path);
}

std::optional<ValueOrigin> Provenance::find(const std::vector<std::string>& path) const {
  // What a subchart sees as global may have been said to it, or to any chart above it, which wins.
  const auto global = std::ranges::find(path, "global");
  for (auto from = path.begin(); from <= global && global != path.end(); ++from) {
    std::vector<std::string> shorter(path.begin(), path.begin() + (from - path.begin()));
    shorter.insert(shorter.end(), global, path.end());
    if (auto origin = find_in_layers(shorter)) return origin;
    if (auto origin = find_default(defaults_, shorter)) return origin;
  }
  if (auto origin = find_in_layers(path)) return origin;
  if (auto origin = find_default(defaults_, path)) return origin;
  return find_imported(defaults_, path, 0);
}

}  // namespace sluice::chart
