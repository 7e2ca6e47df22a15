#include "core/helmfile/written.hpp"

#include "core/helmfile/dialect.hpp"
#include "core/helmfile/paths.hpp"
#include "core/helmfile/release_templates.hpp"
#include "core/helmfile/schema.hpp"
#include "core/helmfile/templates.hpp"

namespace sluice::helmfile {

Result<std::string> output_path(const State& state, const Release& release, const OutputPlace& place, const Outside& outside) {
  const std::string file = base_name(state.file);
  Templates templates(outside, state.folder);
  auto sum = templates.render("AbsPathSHA1", Text("{{ . | sha1sum | trunc 8 }}"), Value::of_string(place.absolute_state_file), state.folder);
  if (!sum) return std::move(sum).error();
  const Value dot = release_data(context_of(state), record_as_seen(state, release));
  dot.map()->set("OutputDir", Value::of_string(place.output_dir));
  dot.map()->set("State", Value::new_map({{"BaseName", Value::of_string(file.substr(0, file.size() - extension_of(file).size()))},
                                          {"Path", Value::of_string(file)},
                                          {"AbsPath", Value::of_string(place.absolute_state_file)},
                                          {"AbsPathSHA1", Value::of_string(*sum)}}));
  auto path = templates.render("the place of output", Text(place.pattern), dot, state.folder);
  if (!path) return std::move(path).error().during("release \"" + release.name + "\"");
  return join_path(state.folder, path->str());
}

Result<Value> written_values(const ReleaseValues& values) {
  const Value merged = Value::new_map();
  for (const ValuesLayer& layer : values.layers) {
    auto map = read_yaml(layer.yaml);
    if (!map) return std::move(map).error().during(layer.source);
    if (map->is_nil()) continue;
    if (!map->is_map()) return Error{Errc::invalid, layer.source + ": values must be a map"};
    merge_state_values(merged, *map);
  }
  return merged;
}

Result<Value> with_values_embedded(const State& state, const Release& release, const Outside& outside) {
  State without_flags = state;
  without_flags.args = {};
  Release values_alone = release;
  values_alone.spec = deep_copy(release.spec);
  for (const char* field : {"secrets", "set", "setString", "env"}) values_alone.spec.map()->erase(field);
  auto values = values_of(without_flags, values_alone, outside);
  if (!values) return std::move(values).error();
  Value record = deep_copy(release.spec);
  if (values->layers.empty()) return record;
  std::vector<Value> embedded;
  for (const ValuesLayer& layer : values->layers) {
    auto map = read_yaml(layer.yaml);
    if (!map) return std::move(map).error().during(layer.source);
    embedded.push_back(std::move(*map));
  }
  record.map()->set("values", Value::new_list(std::move(embedded)));
  return record;
}

}  // namespace sluice::helmfile
