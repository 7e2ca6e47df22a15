#include "core/chart/values.hpp"

#include "core/chart/runes.hpp"
#include "core/value/yaml.hpp"

namespace sluice::chart {

Value merge_maps(const Value& base, const Value& over) {
  auto merged = make_ref<Map>();
  if (base.map()) merged = make_ref<Map>(*base.map());
  if (over.map()) {
    for (const auto& [key, value] : *over.map()) {
      Value& slot = merged->at_or_add(key);
      slot = value.is_map() && slot.is_map() ? merge_maps(slot, value) : value;
    }
  }
  return Value::of_map(std::move(merged));
}

namespace {

Result<Value> read_values_file(std::string_view text, HelmVersion helm) {
  if (helm == HelmVersion::v3) return read_yaml_map(text);
  return read_all_values(text);
}

struct FlagGroup {
  SetFlag flag;
  const std::vector<std::string>& texts;
  std::string_view name;
};

}  // namespace

Result<Value> read_all_values(std::string_view text) {
  const auto in_words = [](Error error) { return std::move(error).during("cannot unmarshal yaml document"); };
  auto documents = read_yaml_documents(text);
  if (!documents) return in_words(std::move(documents).error());
  Value merged = Value::new_map();
  for (const Value& document : *documents) {
    if (document.is_nil()) continue;
    if (!document.is_map()) {
      auto refused = read_yaml_map(text);  // for its text
      if (!refused) return in_words(std::move(refused).error());
      return in_words({Errc::invalid, "a later document of the stream is no map"});
    }
    merged = merge_maps(merged, document);
  }
  return merged;
}

Result<Value> read_values(const ValueFlags& flags, const ReadFile& read, HelmVersion helm) {
  Value values = Value::new_map();
  for (const std::string& path : flags.files) {
    auto bytes = read(path);
    if (!bytes) return std::move(bytes).error();
    auto map = read_values_file(*bytes, helm);
    if (!map) return std::move(map).error().during("failed to parse " + path);
    values = merge_maps(values, *map);
  }
  const FlagGroup groups[] = {{SetFlag::set_json, flags.set_json, "--set-json"},
                              {SetFlag::set, flags.set, "--set"},
                              {SetFlag::set_string, flags.set_string, "--set-string"},
                              {SetFlag::set_file, flags.set_file, "--set-file"},
                              {SetFlag::set_literal, flags.set_literal, "--set-literal"}};
  for (const auto& [flag, texts, name] : groups) {
    for (const std::string& text : texts) {
      auto applied = apply_set(flag, text, values, read, helm);
      if (applied) continue;
      if (flag != SetFlag::set_json) return std::move(applied).error().during("failed parsing " + std::string(name) + " data");
      const bool whole = helm == HelmVersion::v4 && trim_space(text).starts_with('{');
      return Error{Errc::invalid, (whole ? "failed parsing --set-json data JSON: " : "failed parsing --set-json data ") + text};
    }
  }
  return values;
}

}  // namespace sluice::chart
