#include "core/gotemplate/function.hpp"

#include <algorithm>
#include <cassert>

namespace sluice::gotemplate {

std::string_view type_name(const Parameter& parameter) noexcept {
  switch (parameter.type) {
    case GoType::any: return "interface {}";
    case GoType::boolean: return "bool";
    case GoType::int_: return "int";
    case GoType::int64: return "int64";
    case GoType::uint32: return "uint32";
    case GoType::uint64: return "uint64";
    case GoType::float64: return "float64";
    case GoType::string: return "string";
    case GoType::bytes: return "[]uint8";
    case GoType::list_any: return "[]interface {}";
    case GoType::list_string: return "[]string";
    case GoType::list_int: return "[]int";
    case GoType::list_list: return "[][]interface {}";
    case GoType::map_any: return "map[string]interface {}";
    case GoType::map_string: return "map[string]string";
    case GoType::values: return "chartutil.Values";
    case GoType::object: return parameter.object;
  }
  return "interface {}";
}

void FunctionTable::add(Function function) {
  assert(function.body);
  assert(function.arity == Arity::fixed || !function.parameters.empty());
  std::string name = function.name;
  functions_[std::move(name)] = std::make_unique<const Function>(std::move(function));
}

void FunctionTable::alias(std::string_view name, std::string_view existing) {
  const Function* original = find(existing);
  assert(original);
  Function copy = *original;
  copy.name = name;
  add(std::move(copy));
}

void FunctionTable::remove(std::string_view name) {
  const auto at = functions_.find(name);
  if (at != functions_.end()) functions_.erase(at);
}

const Function* FunctionTable::find(std::string_view name) const {
  const auto at = functions_.find(name);
  return at == functions_.end() ? nullptr : at->second.get();
}

std::vector<std::string_view> FunctionTable::names() const {
  std::vector<std::string_view> names;
  names.reserve(functions_.size());
  for (const auto& entry : functions_) names.push_back(entry.first);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace sluice::gotemplate
