#include "core/helmfile/render.hpp"

#include <algorithm>
#include <utility>

#include "core/functions/outside.hpp"
#include "core/helmfile/dialect.hpp"
#include "core/value/yaml.hpp"

namespace sluice::helmfile {

namespace {

bool is_marked(const Value& value) { return value.secret_bit() || (value.is_string() && value.text().has_marks()); }

Result<Value> read_layer(const ValuesLayer& layer) {
  auto plain = read_yaml_map(layer.yaml.view());
  if (!plain) {
    Error error = std::move(plain).error().during("failed to parse " + layer.source);
    if (layer.yaml.has_marks()) {  // what stands in quotes is from the file, which holds secrets
      error.what.resize(std::min(error.what.find_first_of("\"'`"), error.what.size()));
    }
    return error;
  }
  if (!layer.yaml.has_marks()) return plain;
  auto marked = read_yaml(layer.yaml, ReadRules{.duplicate_keys = true, .lines = nullptr});
  if (!marked) return mark_secret(*plain);
  overlay_marks(*plain, *marked);
  return plain;
}

Result<> apply(const SetFlag& flag, Value& values, const chart::ReadFile& read) {
  struct Kind {
    chart::SetFlag how;
    const char* name;
  };
  const Kind kind = flag.how == SetFlag::How::set          ? Kind{chart::SetFlag::set, "--set"}
                    : flag.how == SetFlag::How::set_string ? Kind{chart::SetFlag::set_string, "--set-string"}
                                                           : Kind{chart::SetFlag::set_file, "--set-file"};
  const Value before = flag.argument.has_marks() ? deep_copy(values) : Value();
  auto done = chart::apply_set(kind.how, flag.argument.view(), values, read);
  if (!done) {
    if (flag.argument.has_marks())
      return Error{done.error().code, "failed parsing " + std::string(kind.name) + " data (it is secret)"};
    return std::move(done).error().during("failed parsing " + std::string(kind.name) + " data");
  }
  if (flag.argument.has_marks()) mark_changes(before, values);
  return {};
}

}  // namespace

void mark_changes(const Value& before, Value& after) {
  if (before.is_map() && after.is_map() && after.map() != nullptr) {
    for (Map::Entry& entry : after.map()->mutable_entries()) {
      const Value* was = before.find(entry.key.view());
      if (was == nullptr) {
        entry.value = mark_secret(entry.value);
      } else {
        mark_changes(*was, entry.value);
      }
    }
  } else if (!deep_equal(before, after)) {
    after = mark_secret(after);
  }
}

void overlay_marks(Value& plain, const Value& marked) {
  if (is_marked(marked)) {
    const bool same_text = plain.is_string() && marked.is_string() && plain.str() == marked.str();
    plain = same_text ? marked : mark_secret(plain);
    return;
  }
  if (marked.is_map() && marked.map() != nullptr) {
    for (const Map::Entry& entry : *marked.map()) {
      Value* place = plain.is_map() && plain.map() != nullptr ? plain.map()->find(entry.key.view()) : nullptr;
      if (place == nullptr) {
        if (has_marks(entry.value)) plain = mark_secret(plain);
      } else if (has_marks(entry.value)) {
        overlay_marks(*place, entry.value);
      }
    }
  } else if (marked.is_list() && marked.size() > 0) {
    if (!plain.is_list() || plain.size() != marked.size()) {
      if (has_marks(marked)) plain = mark_secret(plain);
      return;
    }
    for (std::size_t i = 0; i < marked.size(); ++i) overlay_marks(plain.list()->items[i], marked.items()[i]);
  }
}

Result<Value> merge_values(const ReleaseValues& values, const chart::ReadFile& read) {
  Value merged = Value::new_map();
  for (const ValuesLayer& layer : values.layers) {
    auto map = read_layer(layer);
    if (!map) return map;
    merged = chart::merge_maps(merged, *map);
  }
  for (const SetFlag::How how : {SetFlag::How::set, SetFlag::How::set_string, SetFlag::How::set_file}) {
    for (const SetFlag& flag : values.sets) {
      if (flag.how != how) continue;
      auto done = apply(flag, merged, read);
      if (!done) return std::move(done).error();
    }
  }
  return merged;
}

Result<chart::Rendered> render_release(const Release& release, const chart::Chart& chart, const Value& values,
                                       const RenderSettings& settings) {
  chart::RenderRequest request;
  request.release = release.name;
  if (!release.name_space.empty()) request.namespace_ = release.name_space;
  request.revision = settings.revision;
  request.is_upgrade = settings.is_upgrade;
  request.values = values;
  // chartify gives helm the chart's own values as a file of the user's, where a null takes a key away
  if (settings.chartify.is_asked_for && chart.values.map() != nullptr) request.values = chart::merge_maps(chart.values, values);
  request.capabilities = settings.capabilities;
  if (!release.kube_version.empty()) {
    auto version = chart::parse_kube_version(release.kube_version);
    if (!version) return std::move(version).error().during("kubeVersion of release \"" + release.name + "\"");
    request.capabilities.kube_version = std::move(*version);
  }
  auto& known = request.capabilities.api_versions;
  known.insert(known.end(), release.api_versions.begin(), release.api_versions.end());
  functions::Outside without_names;  // as Helm without --enable-dns
  request.outside = settings.outside;
  if (settings.outside != nullptr && settings.outside->host_by_name && !release.deploy.enable_dns) {
    without_names = *settings.outside;
    without_names.host_by_name = nullptr;
    request.outside = &without_names;
  }
  request.skip_schema = release.deploy.skip_schema_validation;

  auto name = chart::check_release_name(release.name);
  if (!name) return std::move(name).error();
  auto installable = chart::check_installable(chart);
  if (!installable) return std::move(installable).error();
  auto rendered = chart::render(chart, request);
  if (!rendered) return rendered;
  return chartify(std::move(*rendered), settings.chartify);
}

}  // namespace sluice::helmfile
