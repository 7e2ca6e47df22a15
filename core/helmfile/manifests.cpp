#include "core/helmfile/manifests.hpp"

#include <map>

#include "core/helmfile/paths.hpp"
#include "core/helmfile/release_templates.hpp"
#include "core/kustomize/kustomization.hpp"
#include "core/kustomize/kustomize.hpp"
#include "core/value/json.hpp"

namespace sluice::helmfile {

namespace {

constexpr std::string_view carried = "manifests/";
constexpr std::string_view template_ending = "gotmpl";

bool is_manifest(std::string_view name) { return name.ends_with("yaml") || name.ends_with("yml"); }

std::string quoted(const std::string& text) {
  const auto json = to_json(Value::of_string(text));
  return json ? json->str() : "\"\"";
}

}  // namespace

Tree to_manifests_chart(const Tree& folder, const std::string& name, const std::string& version) {
  Tree chart;
  chart["Chart.yaml"] =
      "apiVersion: v2\nname: " + quoted(name) + "\nversion: " + (version.empty() ? "1.0.0" : quoted(version)) + "\n";
  for (const auto& [path, bytes] : folder) chart[std::string(carried) + path] = bytes;
  return chart;
}

Result<std::vector<chart::RenderedFile>> manifests_of(const State& state, const Release& release, const chart::Chart& chart,
                                                      const Outside& outside) {
  const bool is_folder = release.chart.from == ChartSource::From::folder;
  const std::string folder = is_folder ? release.chart.path : state.folder;
  Templates templates(outside, state.folder);
  const Value dot = release_data(context_of(state), record_as_seen(state, release));
  std::map<std::string, Text> manifests;
  for (const chart::File& file : chart.files) {
    if (!file.name.starts_with(carried)) continue;
    const std::string path = file.name.substr(carried.size());
    if (is_manifest(path)) manifests.emplace(path, file.data);
    if (!path.ends_with(template_ending)) continue;
    auto text = templates.render(join_path(folder, path), file.data, dot, folder);
    if (!text) return std::move(text).error();
    const std::string name = path.substr(0, path.rfind('.'));
    if (is_manifest(name)) manifests[name] = std::move(*text);
  }
  std::vector<chart::RenderedFile> files;
  for (auto& [path, text] : manifests) files.push_back({chart.metadata.name + "/templates/" + path, std::move(text)});
  return files;
}

Result<std::vector<chart::RenderedFile>> kustomized_manifests_of(const Release& release, const chart::Chart& chart,
                                                                 const Value& values, const Outside& outside) {
  if (release.chart.from != ChartSource::From::folder) {
    return Error{Errc::unsupported, "a kustomization from elsewhere than the repository is not supported as a chart"};
  }
  const Value overlay = Value::new_map({{"resources", Value::new_list({Value::of_string(".")})}});
  for (const char* field : {"images", "namePrefix", "nameSuffix", "namespace"}) {
    if (const Value* value = values.find(field)) overlay.map()->set(field, *value);
  }
  if (!release.name_space.empty()) overlay.map()->set("namespace", Value::of_string(release.name_space));
  kustomize::Folders folders;
  folders.read = outside.files.read;
  folders.is_folder = [&outside](const std::string& path) { return outside.files.kind(path) == FileKind::folder; };
  folders.join = [](const std::string& folder, const std::string& path) { return join_path(folder, path); };
  auto objects = kustomize::build_kustomization(overlay, release.chart.path, folders);
  if (!objects) return std::move(objects).error();
  TextBuilder text;
  for (const Text& object : *objects) {
    if (!text.empty()) text.append("---\n");
    text.append(object);
  }
  return std::vector<chart::RenderedFile>{{chart.metadata.name + "/templates/kustomized.yaml", text.finish()}};
}

}  // namespace sluice::helmfile
