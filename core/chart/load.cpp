// Which file of a chart goes where; follows Helm, pkg/chart/loader/load.go.

#include <algorithm>
#include <map>

#include "core/chart/archive.hpp"
#include "core/chart/chart.hpp"
#include "core/chart/ignore.hpp"
#include "core/chart/values.hpp"
#include "core/value/yaml.hpp"

namespace sluice::chart {

namespace {

using Loaded = std::shared_ptr<const Chart>;

struct Loader {
  HelmVersion helm;
  UnpackBudget budget;

  Result<Loaded> load(std::vector<File> files, int depth);
  Result<Loaded> load_packed(std::string_view bytes, int depth);

 private:
  struct Group {
    std::vector<File> files;
  };

  Result<> read_parts(std::vector<File>& files, Chart& chart, std::map<std::string, Group>& subcharts);
  Result<> read_part(File& file, Chart& chart, std::map<std::string, Group>& subcharts);
  Result<> read_requirements(File& file, Chart& chart);
  Result<> read_lock(std::string_view name, std::string_view yaml, Chart& chart);
  Result<Value> read_chart_values(std::string_view yaml);
  Result<Loaded> load_subchart(const std::string& group, Group files, const Chart& parent, int depth);
};

std::string_view extension(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == name.npos || name.find('/', dot) != name.npos ? "" : name.substr(dot);
}

Result<> Loader::read_lock(std::string_view name, std::string_view yaml, Chart& chart) {
  auto lock = read_yaml_map(yaml, {.numbers = Numbers::typed});
  if (!lock) return std::move(lock).error().during("cannot load " + std::string(name));
  chart.lock = *std::move(lock);
  return {};
}

Result<Value> Loader::read_chart_values(std::string_view yaml) {
  if (helm == HelmVersion::v4) return read_all_values(yaml);
  return read_yaml_map(yaml);
}

Result<> Loader::read_requirements(File& file, Chart& chart) {
  const bool is_v1 = chart.metadata.api_version == "v1";
  if (file.name == "requirements.yaml") {
    if (!is_v1) {
      chart.notes.push_back(
          "load.go:120: Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". We recommend migrating "
          "dependencies to "
          "Chart.yaml.");
    }
    if (auto read = read_metadata(file.data, chart.metadata); !read)
      return std::move(read).error().during("cannot load requirements.yaml");
  } else {
    if (auto read = read_lock(file.name, file.data, chart); !read) return read;
    if (!is_v1) {
      chart.notes.push_back(
          "load.go:138: Warning: Dependency locking is handled in Chart.lock since apiVersion \"v2\". We recommend migrating to "
          "Chart.lock.");
    }
  }
  if (is_v1) chart.files.push_back(std::move(file));
  return {};
}

Result<> Loader::read_part(File& file, Chart& chart, std::map<std::string, Group>& subcharts) {
  const std::string& name = file.name;
  if (name == "Chart.yaml") return {};
  if (name == "Chart.lock") return read_lock(name, file.data, chart);
  if (name == "requirements.yaml" || name == "requirements.lock") return read_requirements(file, chart);
  if (name == "values.yaml") {
    auto values = read_chart_values(file.data);
    if (!values) return std::move(values).error().during("cannot load values.yaml");
    chart.values = *std::move(values);
    chart.values_yaml = std::move(file.data);
  } else if (name == "values.schema.json") {
    chart.schema = std::move(file.data);
  } else if (name.starts_with("templates/")) {
    chart.templates.push_back(std::move(file));
  } else if (name.starts_with("charts/") && extension(name) != ".prov") {
    const std::string below = name.substr(7);
    subcharts[below.substr(0, below.find('/'))].files.push_back({below, std::move(file.data)});
  } else {
    chart.files.push_back(std::move(file));
  }
  return {};
}

Result<> Loader::read_parts(std::vector<File>& files, Chart& chart, std::map<std::string, Group>& subcharts) {
  bool found = false;
  for (const File& file : files) {
    if (file.name != "Chart.yaml") continue;
    found = true;
    if (auto read = read_metadata(file.data, chart.metadata); !read)
      return std::move(read).error().during("cannot load Chart.yaml");
    if (chart.metadata.api_version.empty()) chart.metadata.api_version = "v1";
  }
  for (File& file : files) {
    found = found || file.name == "requirements.yaml" || file.name == "requirements.lock";
    if (auto read = read_part(file, chart, subcharts); !read) return read;
  }
  if (!found) return Error{Errc::invalid, "Chart.yaml file is missing"};
  return validate(chart.metadata);
}

Result<Loaded> Loader::load_subchart(const std::string& group, Group files, const Chart& parent, int depth) {
  if (extension(group) == ".tgz") {
    const File& file = files.files.front();
    if (file.name == group) return load_packed(file.data, depth + 1);
    return Error{Errc::invalid,
                 "error unpacking subchart tar in " + parent.metadata.name + ": expected " + group + ", got " + file.name};
  }
  std::vector<File> inside;
  for (File& file : files.files) {
    const std::size_t slash = file.name.find('/');
    if (slash != file.name.npos) inside.push_back({file.name.substr(slash + 1), std::move(file.data)});
  }
  return load(std::move(inside), depth + 1);
}

Result<Loaded> Loader::load(std::vector<File> files, int depth) {
  if (depth > budget.limits.nesting) {
    return Error{Errc::invalid, "charts are nested more than " + std::to_string(budget.limits.nesting) + " deep"};
  }
  auto chart = std::make_shared<Chart>();
  std::map<std::string, Group> subcharts;
  if (auto read = read_parts(files, *chart, subcharts); !read) return std::move(read).error();
  for (auto& [group, inside] : subcharts) {
    if (group.starts_with('_') || group.starts_with('.')) continue;
    auto subchart = load_subchart(group, std::move(inside), *chart, depth);
    if (!subchart) {
      if (subchart.error().what.starts_with("error unpacking subchart tar in " + chart->metadata.name)) return subchart;
      return std::move(subchart).error().during("error unpacking subchart " + group + " in " + chart->metadata.name);
    }
    chart->dependencies.push_back(*std::move(subchart));
  }
  return Loaded(std::move(chart));
}

Result<Loaded> Loader::load_packed(std::string_view bytes, int depth) {
  auto files = read_archive(bytes, budget);
  if (!files) return std::move(files).error();
  return load(*std::move(files), depth);
}

/// Depth first, the names of each folder sorted by their bytes: the order in which Helm walks a folder.
bool walks_before(std::string_view a, std::string_view b) {
  const auto rank = [](char c) { return c == '/' ? 0 : static_cast<int>(static_cast<unsigned char>(c)) + 1; };
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return rank(x) < rank(y); });
}

/// Is `path` or a folder above it ignored?
bool is_ignored(const IgnoreRules& rules, std::string_view path) {
  for (std::size_t slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1))
    if (rules.ignores(path.substr(0, slash), FileType::directory)) return true;
  return rules.ignores(path, FileType::regular);
}

}  // namespace

Result<std::shared_ptr<const Chart>> load_files(std::vector<File> files, HelmVersion helm, const Limits& limits) {
  Loader loader{helm, UnpackBudget(limits)};
  for (File& file : files) {
    const std::size_t size = file.data.size();
    if (size > limits.file) {
      return Error{Errc::invalid, "chart file \"" + file.name.substr(file.name.rfind('/') + 1) +
                                      "\" is larger than the maximum file size " + std::to_string(limits.file)};
    }
    if (size > loader.budget.bytes || loader.budget.files == 0) {
      return Error{Errc::invalid, "chart is larger than " + std::to_string(limits.unpacked) + " bytes or " +
                                      std::to_string(limits.files) + " files"};
    }
    loader.budget.bytes -= size;
    --loader.budget.files;
    if (file.data.starts_with("\xEF\xBB\xBF")) file.data.erase(0, 3);
  }
  return loader.load(std::move(files), 0);
}

Result<std::shared_ptr<const Chart>> load_chart(const Tree& folder, HelmVersion helm, const Limits& limits) {
  IgnoreRules rules;
  if (const auto file = folder.find(".helmignore"); file != folder.end()) {
    auto parsed = IgnoreRules::parse(file->second);
    if (!parsed) return std::move(parsed).error();
    rules = *std::move(parsed);
  }
  std::vector<File> files;
  for (const auto& [path, bytes] : folder)
    if (!is_ignored(rules, path)) files.push_back({path, bytes});
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return walks_before(a.name, b.name); });
  return load_files(std::move(files), helm, limits);
}

Result<std::shared_ptr<const Chart>> load_archive(std::string_view bytes, HelmVersion helm, const Limits& limits) {
  return Loader{helm, UnpackBudget(limits)}.load_packed(bytes, 0);
}

}  // namespace sluice::chart
