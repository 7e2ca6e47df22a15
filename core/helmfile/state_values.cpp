#include "core/helmfile/state_values.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

namespace sluice::helmfile {

namespace {

constexpr std::size_t max_index = 10'000;

/// "a.b\.c[1]" -> a, b.c[1]
std::vector<std::string> split_key(std::string_view key) {
  std::vector<std::string> parts;
  std::string part;
  bool escaped = false;
  for (char c : key) {
    if (!escaped && c == '\\') {
      escaped = true;
      continue;
    }
    if (c == '.' && !escaped) {
      parts.push_back(std::move(part));
      part.clear();
    } else {
      part += c;
    }
    escaped = false;
  }
  if (!part.empty()) parts.push_back(std::move(part));
  return parts;
}

struct Step {
  std::string key;
  std::optional<std::size_t> index;
};

Step parse_step(const std::string& part) {
  const std::size_t open = part.find('[');
  if (open == std::string::npos || !part.ends_with(']')) return {part, std::nullopt};
  std::size_t index = 0;
  const char* begin = part.data() + open + 1;
  const char* end = part.data() + part.size() - 1;
  const auto [stop, error] = std::from_chars(begin, end, index);
  if (error != std::errc() || stop != end || index > max_index) return {part, std::nullopt};
  return {part.substr(0, open), index};
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  });
}

Value typed(std::string_view text) {
  if (equals_ignoring_case(text, "true")) return Value::of_bool(true);
  if (equals_ignoring_case(text, "false")) return Value::of_bool(false);
  if (equals_ignoring_case(text, "null")) return Value();
  if (text == "0") return Value::of_int64(0);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!text.empty() && text.front() != '0' && error == std::errc() && end == text.data() + text.size()) {
    return Value::of_int64(number);
  }
  return Value::of_string(Text(text));
}

/// The place in `map` that `step` names, grown as needed; null if a scalar is in the way.
Value* slot(Map& map, const Step& step) {
  Value& at = map.at_or_add(Text(step.key));
  if (!step.index) return &at;
  if (at.is_nil()) at = Value::new_list();
  if (!at.is_list() || at.list() == nullptr) return nullptr;
  auto& items = at.list()->items;
  if (items.size() <= *step.index) items.resize(*step.index + 1);
  return &items[*step.index];
}

Result<> set_one(const Value& values, std::string_view key, Value value) {
  const auto parts = split_key(key);
  if (parts.empty()) return Error{Errc::invalid, "state value without a name: \"" + std::string(key) + "=...\""};
  Map* map = values.map();
  for (std::size_t i = 0;; ++i) {
    Value* at = slot(*map, parse_step(parts[i]));
    if (at != nullptr && i + 1 == parts.size()) {
      *at = std::move(value);
      return {};
    }
    if (at != nullptr && at->is_nil()) *at = Value::new_map();
    if (at == nullptr || !at->is_map() || at->map() == nullptr) {
      return Error{Errc::invalid, "state value \"" + std::string(key) + "\": \"" + parts[i] + "\" already is a single value"};
    }
    map = at->map();
  }
}

}  // namespace

Result<> set_state_values(const Value& values, std::string_view argument) {
  for (std::size_t at = 0; at <= argument.size();) {
    const std::size_t comma = std::min(argument.find(',', at), argument.size());
    const std::string_view item = argument.substr(at, comma - at);
    at = comma + 1;
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) {
      return Error{Errc::invalid, "state value \"" + std::string(item) + "\" must have the form name=value"};
    }
    auto set = set_one(values, item.substr(0, equals), typed(item.substr(equals + 1)));
    if (!set) return set;
  }
  return {};
}

Result<> set_state_values_string(const Value& values, std::string_view argument) {
  std::size_t at = 0;
  while (at < argument.size()) {
    const std::size_t equals = argument.find('=', at);
    if (equals == std::string_view::npos) break;
    std::string_view key = argument.substr(at, equals - at);
    if (const std::size_t comma = key.rfind(','); comma != std::string_view::npos) key.remove_prefix(comma + 1);
    std::size_t end = std::min(argument.find(',', equals), argument.size());
    if (equals + 1 < argument.size() && (argument[equals + 1] == '"' || argument[equals + 1] == '\'')) {
      const std::size_t quote = argument.find(argument[equals + 1], equals + 2);
      if (quote != std::string_view::npos) end = quote + 1;
    }
    const std::string_view value = argument.substr(equals + 1, end - equals - 1);
    if (!value.empty()) {
      auto set = set_one(values, key, Value::of_string(Text(value)));
      if (!set) return set;
    }
    at = end < argument.size() && argument[end] == ',' ? end + 1 : end;
  }
  return {};
}

}  // namespace sluice::helmfile
