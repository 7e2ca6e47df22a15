#include "core/helmfile/chartify.hpp"

#include <map>

#include "core/chart/head.hpp"
#include "core/chart/manifests.hpp"
#include "core/helmfile/manifests.hpp"
#include "core/helmfile/name_space.hpp"
#include "core/helmfile/record.hpp"

namespace sluice::helmfile {

namespace {

/// Path below the chart's folder -> what `helm template --output-dir` writes there, without the first line.
using WrittenFiles = std::map<std::string, Text>;

class Writer {
 public:
  explicit Writer(const std::string& chart) : prefix_(chart + "/") {}

  void add(const std::string& source, const Text& text) {
    TextBuilder& file = files_[source.starts_with(prefix_) ? source.substr(prefix_.size()) : source];
    if (!file.empty()) file.append("---\n");
    file.append("# Source: " + source + "\n");
    file.append(text);
    file.append('\n');
  }

  WrittenFiles finish() {
    WrittenFiles files;
    for (auto& [name, text] : files_) files.emplace(name, text.finish());
    return files;
  }

 private:
  std::string prefix_;
  std::map<std::string, TextBuilder> files_;
};

WrittenFiles write_files(const chart::Rendered& rendered) {
  Writer writer(rendered.metadata.name);
  for (const chart::CrdFile& crd : rendered.crds) writer.add(crd.source, Text(*crd.data));
  for (const chart::Manifest& manifest : rendered.manifests) writer.add(manifest.source, manifest.text);
  for (const chart::Hook& hook : rendered.hooks) writer.add(hook.source, hook.text);
  return writer.finish();
}

Result<WrittenFiles> patched(const WrittenFiles& files, const kustomize::Customization& customization) {
  std::vector<kustomize::Source> resources;
  for (const auto& [name, text] : files) resources.push_back({name, text});
  auto objects = kustomize::build(resources, customization);
  if (!objects) return std::move(objects).error();
  TextBuilder templates, crds;
  for (const Text& object : *objects) {
    auto head = chart::read_head(object.view(), chart::HelmVersion::v3);
    if (!head) return std::move(head).error();
    TextBuilder& file = head->kind == "CustomResourceDefinition" ? crds : templates;
    file.append(object);
    file.append("---\n");
  }
  WrittenFiles result;
  if (!templates.empty()) result["templates/patched_resources.yaml"] = templates.finish();
  if (!crds.empty()) result["crds/patched_crds.yaml"] = crds.finish();
  return result;
}

Result<> sort_into(chart::Rendered& rendered, std::vector<chart::RenderedFile> files) {
  std::vector<std::string> unseen;
  chart::Warnings warnings(chart::HelmVersion::v3, unseen);
  return chart::sort_manifests(std::move(files), chart::HelmVersion::v3, rendered, warnings);
}

/// Brings the files back into documents.
Result<chart::Rendered> read_files(chart::Rendered rendered, const WrittenFiles& files) {
  const std::string prefix = rendered.metadata.name + "/";
  rendered.manifests.clear();
  rendered.hooks.clear();
  rendered.crds.clear();
  rendered.notes = {};
  rendered.metadata.dependencies.clear();
  std::vector<chart::RenderedFile> templates;
  for (const auto& [name, text] : files) {
    if (!name.starts_with("crds/")) {
      templates.push_back({prefix + (name.starts_with("charts/") ? "templates/" : "") + name, text});
    } else if (text.has_marks()) {
      return Error{Errc::unsupported, name + ": a definition of custom resources that holds a secret"};
    } else {
      rendered.crds.push_back({prefix + name, std::make_shared<const std::string>(text.str())});
    }
  }
  if (auto sorted = sort_into(rendered, std::move(templates)); !sorted) return std::move(sorted).error();
  return rendered;
}

std::vector<kustomize::Source> to_sources(std::vector<ValuesLayer> layers) {
  std::vector<kustomize::Source> sources;
  for (ValuesLayer& layer : layers) sources.push_back({std::move(layer.source), std::move(layer.yaml)});
  return sources;
}

}  // namespace

Result<Chartify> chartify_of(const State& state, const Release& release, const ObtainedForm& chart, const Outside& outside) {
  const bool is_manifests = chart.form == ChartForm::manifests;
  const bool is_kustomization = chart.form == ChartForm::kustomization;
  Chartify how;
  if (is_manifests || is_kustomization) {
    auto manifests = is_manifests ? manifests_of(state, release, chart.chart, outside)
                                  : kustomized_manifests_of(release, chart.chart, chart.values, outside);
    if (!manifests) return std::move(manifests).error().during("release \"" + release.name + "\"");
    how.manifests = std::move(*manifests);
  }
  how.name_space = text_of(release.spec, "forceNamespace");
  if (how.name_space.empty() && is_manifests) how.name_space = release.name_space;
  for (const auto& [field, list] : {std::pair("jsonPatches", &kustomize::Customization::json_patches),
                                    {"strategicMergePatches", &kustomize::Customization::strategic_merge_patches},
                                    {"transformers", &kustomize::Customization::transformers}}) {
    auto layers = patches_of(state, release, field, outside);
    if (!layers) return std::move(layers).error();
    how.customization.*list = to_sources(std::move(*layers));
  }
  if (!how.customization.json_patches.empty()) {
    for (const chart::File& file : chart.chart.files) how.customization.files.push_back({file.name, Text(file.data)});
  }
  how.is_asked_for = is_manifests || is_kustomization || !how.name_space.empty() || !how.customization.empty();
  return how;
}

Result<chart::Rendered> chartify(chart::Rendered rendered, const Chartify& how) {
  if (!how.is_asked_for) return rendered;
  if (auto sorted = sort_into(rendered, how.manifests); !sorted) return std::move(sorted).error();
  WrittenFiles files = write_files(rendered);
  if (files.empty()) return Error{Errc::invalid, "the chart renders no objects: there is nothing to patch"};
  if (!how.name_space.empty()) {
    for (auto& [name, text] : files) {
      auto changed = with_namespace(text, how.name_space);
      if (!changed) return std::move(changed).error().during(name);
      text = std::move(*changed);
    }
  }
  if (!how.customization.empty()) {
    auto changed = patched(files, how.customization);
    if (!changed) return std::move(changed).error();
    files = std::move(*changed);
  }
  return read_files(std::move(rendered), files);
}

}  // namespace sluice::helmfile
