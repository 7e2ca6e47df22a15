#include "core/chart/head.hpp"

#include "core/chart/decode.hpp"
#include "core/value/yaml.hpp"

namespace sluice::chart {

namespace {

constexpr std::string_view metadata_type =
    R"(struct { Name string "json:\"name\""; Annotations map[string]string "json:\"annotations\"" })";

void read_annotations(Decoder& decoder, const Value& value, Head& head) {
  if (value.is_nil()) return head.annotations.clear();
  if (!value.is_map()) return decoder.at("annotations", [&] { decoder.fail(value, "map[string]string"); });
  for (const auto& [key, text] : *value.map()) decoder.read_text("annotations", text, head.annotations[key.str()]);
}

void read_object_metadata(Decoder& decoder, const Value& value, Head& head) {
  decoder.at("metadata", [&] {
    if (!value.is_map()) return decoder.read_struct(value, metadata_type, [](std::string_view, const Value&) {});
    decoder.inside("", [&] {
      decoder.read_struct(value, metadata_type, [&](std::string_view key, const Value& element) {
        if (names_field(key, "name")) decoder.read_text("name", element, head.name);
        if (names_field(key, "annotations")) read_annotations(decoder, element, head);
        if (key == "namespace" && element.is_string()) head.namespace_ = element.str();
      });
    });
  });
}

}  // namespace

Result<Head> read_head(std::string_view document, HelmVersion helm) {
  auto value = read_yaml(document, {.numbers = Numbers::typed});
  if (!value) return std::move(value).error();
  Head head;
  const std::string_view type = helm == HelmVersion::v3 ? "releaseutil.SimpleHead" : "util.SimpleHead";
  Decoder decoder(type);
  decoder.read_struct(*value, type, [&](std::string_view key, const Value& element) {
    if (names_field(key, "apiVersion")) decoder.read_text("apiVersion", element, head.api_version);
    if (names_field(key, "kind")) decoder.read_text("kind", element, head.kind);
    if (names_field(key, "metadata")) read_object_metadata(decoder, element, head);
  });
  if (auto read = decoder.finish(); !read) return std::move(read).error();
  return head;
}

}  // namespace sluice::chart
