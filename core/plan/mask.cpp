#include "core/plan/mask.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/base/digest.hpp"

namespace sluice::plan {

namespace {

bool sounds_secret(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c); });
  constexpr std::array<std::string_view, 8> words = {"PASSWORD", "PASSWD", "SECRET",      "TOKEN",
                                                     "API_KEY",  "APIKEY", "PRIVATE_KEY", "CREDENTIAL"};
  if (name.ends_with("_FILE") || name.ends_with("_PATH")) return false;
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

/// Calls `mask` for every scalar below `json`, with its place.
template <class Mask>
void each_leaf(Json& json, const std::string& place, const Mask& mask) {
  if (json.is_object()) {
    for (auto& [key, value] : json.items()) each_leaf(value, place + "/" + key, mask);
  } else if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) each_leaf(json[i], place + "/" + std::to_string(i), mask);
  } else if (!json.is_null()) {
    mask(json, place);
  }
}

/// Calls `mask` for the value of every {name, value} pair whose name sounds secret.
template <class Mask>
void each_variable(Json& json, const std::string& place, const Mask& mask) {
  if (json.is_array()) {
    for (auto& item : json) each_variable(item, place, mask);
  } else if (json.is_object()) {
    const auto name = json.find("name");
    const auto value = json.find("value");
    if (name != json.end() && value != json.end() && name->is_string() && value->is_string() &&
        sounds_secret(name->get<std::string>()))
      mask(*value, "variable " + name->get<std::string>());
    for (auto& [key, inner] : json.items()) each_variable(inner, place, mask);
  }
}

}  // namespace

std::string Masker::fingerprint(const ObjectId& id, std::string_view place, std::string_view value) const {
  std::string message = scope_;
  for (const std::string_view part :
       {std::string_view(id.kind), std::string_view(id.namespace_), std::string_view(id.name), place, value}) {
    message += '\0';
    message += part;
  }
  return "(secret " + to_hex(hmac_sha256(key_.reveal(), message)).substr(0, 8) + ")";
}

void Masker::mask(Json& object, const ObjectId& id, std::span<const std::string> secret_paths) const {
  const auto hide = [&](Json& value, const std::string& place) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (text.starts_with("(secret ") && text.size() == 17) return;  // masked already
    value = fingerprint(id, place, text);
  };
  if (id.kind == "Secret" && id.group.empty()) {
    for (const char* part : {"data", "stringData"}) {
      const auto found = object.find(part);
      if (found != object.end()) each_leaf(*found, part, hide);
    }
  }
  for (const auto& path : secret_paths) {
    const Json::json_pointer pointer(path);
    if (object.contains(pointer)) each_leaf(object[pointer], path, hide);
  }
  each_variable(object, "", hide);
}

}  // namespace sluice::plan
