#include "core/intake/payload.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace sluice::intake {

using nlohmann::json;

Payload::Payload(const json& object, std::string path) : object_(object), path_(std::move(path)) {
  if (!object.is_object()) throw WrongShape{(path_.empty() ? std::string("the body") : path_) + " must be an object"};
}

std::string Payload::path_of(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

const json* Payload::find(std::string_view name) const {
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

Payload Payload::object(std::string_view name) const {
  const json* found = find(name);
  if (found == nullptr) throw WrongShape{path_of(name) + " is missing"};
  return {*found, path_of(name)};
}

std::optional<Payload> Payload::optional_object(std::string_view name) const {
  const json* found = find(name);
  if (found == nullptr) return std::nullopt;
  return Payload(*found, path_of(name));
}

std::string Payload::text(std::string_view name) const {
  const json* found = find(name);
  if (found == nullptr || !found->is_string()) throw WrongShape{path_of(name) + " must be a string"};
  return found->get<std::string>();
}

std::string Payload::optional_text(std::string_view name) const { return find(name) == nullptr ? std::string() : text(name); }

std::int64_t Payload::number(std::string_view name) const {
  const json* found = find(name);
  if (found == nullptr || !found->is_number_integer()) throw WrongShape{path_of(name) + " must be a whole number"};
  return found->get<std::int64_t>();
}

bool Payload::flag(std::string_view name) const {
  const json* found = find(name);
  if (found == nullptr) return false;
  if (!found->is_boolean()) throw WrongShape{path_of(name) + " must be true or false"};
  return found->get<bool>();
}

std::optional<bool> Payload::lists(std::string_view name, std::string_view item) const {
  const json* found = find(name);
  if (found == nullptr || !found->is_array()) return std::nullopt;
  return std::any_of(found->begin(), found->end(), [&](const json& each) { return each.is_string() && each == item; });
}

bool is_object_id(std::string_view text) {
  const bool hex = std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  return hex && (text.size() == 40 || text.size() == 64);
}

}  // namespace sluice::intake
