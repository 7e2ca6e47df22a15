#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/value/value.hpp"

namespace sluice::helmfile {

// Reading the fields of records that conform to the schema: the types are right or the field is absent.

inline std::string text_of(const Value& record, std::string_view name) {
  const Value* field = record.find(name);
  return field == nullptr || !field->is_string() ? std::string() : std::string(field->str());
}

inline bool bool_of(const Value& record, std::string_view name, bool otherwise) {
  const Value* field = record.find(name);
  return field == nullptr || !field->is_bool() ? otherwise : field->as_bool();
}

inline std::int64_t int_of(const Value& record, std::string_view name, std::int64_t otherwise) {
  const Value* field = record.find(name);
  if (field == nullptr) return otherwise;
  return field->kind() == Kind::uint64 ? static_cast<std::int64_t>(field->as_uint()) : field->as_int();
}

inline std::vector<std::string> texts_of(const Value& record, std::string_view name) {
  std::vector<std::string> texts;
  const Value* field = record.find(name);
  if (field == nullptr) return texts;
  for (const Value& item : field->items()) texts.emplace_back(item.str());
  return texts;
}

/// The items of a list field; empty if it is absent.
inline std::span<const Value> items_of(const Value& record, std::string_view name) {
  const Value* field = record.find(name);
  return field == nullptr ? std::span<const Value>() : field->items();
}

}  // namespace sluice::helmfile
