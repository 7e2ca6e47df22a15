// Helm's --set language; follows pkg/strvals/parser.go and literal_parser.go step by step.

#include <charconv>
#include <optional>
#include <string>

#include "core/chart/runes.hpp"
#include "core/chart/values.hpp"
#include "core/value/json.hpp"
#include "core/value/text.hpp"

namespace sluice::chart {

namespace {

constexpr std::int64_t max_index = 65536;
constexpr int max_name_nesting = 30;
constexpr int max_list_nesting = 1000;  // Helm: none

/// Thrown inside this file only.
struct SetError {
  std::string what;
};

enum class Next { more, end };

/// Where a piece of text stopped: at a character, or (nothing) at the end.
struct Piece {
  std::string text;
  std::optional<char32_t> stop;
};

std::string_view go_type_in_panic(const Value& value) { return value.is_nil() ? "nil" : type_name(value); }

[[noreturn]] void wrong_type(const Value& value, std::string_view wanted) {
  throw SetError{"unable to parse key: interface conversion: interface {} is " + std::string(go_type_in_panic(value)) + ", not " +
                 std::string(wanted)};
}

bool equal_fold(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; });
}

Value typed(const std::string& text) {
  if (equal_fold(text, "true")) return Value::of_bool(true);
  if (equal_fold(text, "false")) return Value::of_bool(false);
  if (equal_fold(text, "null")) return {};
  if (text == "0") return Value::of_int64(0);
  if (!text.empty() && text[0] != '0')
    if (const auto number = parse_int(text, 10)) return Value::of_int64(number.value);
  return Value::of_string(text);
}

/// The end of the JSON value at the start of `text`, if it has one; whether it is well formed inside is not looked at.
std::size_t json_value_end(std::string_view text) {
  std::size_t at = 0;
  const auto skip_string = [&] {
    for (++at; at < text.size() && text[at] != '"'; ++at)
      if (text[at] == '\\') ++at;
    at = std::min(at + 1, text.size());
  };
  while (at < text.size() && std::string_view(" \t\r\n").find(text[at]) != std::string_view::npos) ++at;
  if (at == text.size()) return at;
  if (text[at] == '"') {
    skip_string();
    return at;
  }
  if (text[at] != '{' && text[at] != '[') return std::min(text.find_first_of(",]}:{[\" \t\r\n", at), text.size());
  for (int depth = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      skip_string();
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) break;
  }
  return at;
}

class Reader {
 public:
  Reader(SetFlag flag, std::string_view text, const ReadFile& read_file) : flag_(flag), rest_(text), read_file_(read_file) {}

  void read_all(const Value& values) {
    while (read_key(values, 0) == Next::more) {
    }
  }

 private:
  bool is_literal() const { return flag_ == SetFlag::set_literal; }

  /// Text up to one of `stops`, which is taken too. A backslash takes the next character as it is, unless values are literal.
  Piece read_until(std::u32string_view stops) {
    Piece piece;
    while (!rest_.empty()) {
      char32_t rune = take_rune(rest_);
      if (stops.find(rune) != stops.npos) {
        piece.stop = rune;
        return piece;
      }
      if (rune == '\\' && !is_literal()) {
        if (rest_.empty()) break;
        rune = take_rune(rest_);
      }
      append_rune(piece.text, rune);
    }
    return piece;
  }

  std::int64_t read_index() {
    const Piece piece = read_until(U"]");
    if (!piece.stop) throw SetError{"error parsing index: EOF"};
    const auto number = parse_int(piece.text, 10);
    if (!number) {
      const char* why = number.fault == NumberFault::range ? "value out of range" : "invalid syntax";
      throw SetError{"error parsing index: strconv.Atoi: parsing " + quoted(piece.text) + ": " + why};
    }
    if (number.value < 0) throw SetError{"negative " + std::to_string(number.value) + " index not allowed"};
    return number.value;
  }

  Value make_value(const std::string& text) {
    switch (flag_) {
      case SetFlag::set: return typed(text);
      case SetFlag::set_file: {
        auto content = read_file_(text);
        if (!content) throw SetError{content.error().what};
        return Value::of_string(*content);
      }
      default: return Value::of_string(text);
    }
  }

  static void set(const Value& map, const std::string& key, Value value) {
    if (!key.empty()) map.map()->set(key, std::move(value));
  }

  /// Takes spaces and one comma after a JSON value; true if nothing else was there.
  bool take_blank() {
    while (!rest_.empty()) {
      const Rune rune = decode_rune(rest_);
      if (rune.value != ',' && !is_space(rune.value)) return false;
      rest_.remove_prefix(rune.size);
      if (rune.value == ',') return true;
    }
    return true;
  }

  Value read_json_value() {
    if (take_blank()) return {};
    const std::string_view text = rest_.substr(0, json_value_end(rest_));
    auto value = read_json(text);
    if (!value) throw SetError{value.error().what};
    rest_.remove_prefix(text.size());
    take_blank();
    return *std::move(value);
  }

  Value read_braced_list() {
    std::vector<Value> items;
    for (;;) {
      const Piece piece = read_until(U",}");
      if (!piece.stop) throw SetError{"list must terminate with '}'"};
      items.push_back(make_value(piece.text));
      if (*piece.stop == '}') break;
    }
    if (!rest_.empty() && rest_.front() == ',') rest_.remove_prefix(1);
    return Value::new_list(std::move(items));
  }

  /// What follows a `=` that is not JSON and not at the end.
  Value read_value() {
    if (is_literal()) return Value::of_string(read_until({}).text);
    if (rest_.front() == '{') {
      rest_.remove_prefix(1);
      return read_braced_list();
    }
    return make_value(read_until(U",").text);
  }

  Next read_key(const Value& map, int nesting) {
    const Piece piece = read_until(is_literal() ? U"=[." : U"=[,.");
    const std::string& key = piece.text;
    if (!piece.stop) {
      if (key.empty()) return Next::end;
      throw SetError{"key " + quoted(key) + " has no value"};
    }
    switch (*piece.stop) {
      case '[': {
        const std::int64_t index = read_index();
        Value list = Value::new_list();
        if (const Value* existing = map.find(key)) {
          if (!existing->is_list()) wrong_type(*existing, "[]interface {}");
          list = *existing;
        }
        const Next next = read_item(list, index, nesting, 0);
        set(map, key, list);
        return next;
      }
      case '=':
        if (flag_ == SetFlag::set_json) {
          set(map, key, read_json_value());
          return Next::more;
        }
        if (rest_.empty()) {
          set(map, key, Value::of_string(""));
          return Next::end;
        }
        set(map, key, read_value());
        return Next::more;
      case ',': throw SetError{"key " + quoted(key) + " has no value (cannot end with ,)"};
      default: return read_child(map, key, nesting + 1);
    }
  }

  Next read_child(const Value& map, const std::string& key, int nesting) {
    if (nesting > max_name_nesting) {
      throw SetError{"value name nested level is greater than maximum supported nested level of " +
                     std::to_string(max_name_nesting)};
    }
    Value inner = Value::new_map();
    if (const Value* existing = map.find(key)) {
      if (!existing->is_map()) wrong_type(*existing, "map[string]interface {}");
      inner = *existing;
    }
    const Next next = read_key(inner, nesting);
    if (next == Next::more && inner.size() == 0) throw SetError{"key map " + quoted(key) + " has no value"};
    if (inner.size() > 0) set(map, key, inner);
    return next;
  }

  static void set_item(const Value& list, std::int64_t index, Value item) {
    if (index > max_index) {
      throw SetError{"index of " + std::to_string(index) + " is greater than maximum supported index of " +
                     std::to_string(max_index)};
    }
    auto& items = list.list()->items;
    if (items.size() <= static_cast<std::size_t>(index)) items.resize(static_cast<std::size_t>(index) + 1);
    items[static_cast<std::size_t>(index)] = std::move(item);
  }

  /// What follows `[index]`.
  Next read_item(const Value& list, std::int64_t index, int nesting, int depth) {
    if (depth > max_list_nesting) throw SetError{"more than " + std::to_string(max_list_nesting) + " nested indexes"};
    const Piece piece = read_until(U"[.=");
    if (!piece.text.empty()) throw SetError{"unexpected data at end of array index: " + quoted_runes(piece.text)};
    if (!piece.stop) return Next::end;
    const auto items = list.items();
    const Value* existing = static_cast<std::size_t>(index) < items.size() ? &items[static_cast<std::size_t>(index)] : nullptr;
    switch (*piece.stop) {
      case '=':
        if (flag_ == SetFlag::set_json) {
          set_item(list, index, read_json_value());
        } else {
          set_item(list, index, rest_.empty() ? Value::of_string("") : read_value());
        }
        return Next::more;
      case '[': {
        const std::int64_t next_index = read_index();
        Value inner = Value::new_list();
        if (existing && !existing->is_nil()) {
          if (!existing->is_list()) wrong_type(*existing, "[]interface {}");
          inner = *existing;
        }
        if (read_item(inner, next_index, nesting, depth + 1) == Next::end) return Next::end;
        set_item(list, index, inner);
        return Next::more;
      }
      default: {
        Value inner = existing && existing->is_map() ? *existing : Value::new_map();
        if (existing) set_item(list, index, inner);
        if (read_key(inner, nesting) == Next::end) return Next::end;
        set_item(list, index, inner);
        return Next::more;
      }
    }
  }

  /// Go's %q of a []rune.
  static std::string quoted_runes(std::string_view text) {
    std::string out = "[";
    while (!text.empty()) {
      if (out.size() > 1) out += ' ';
      append_quoted_rune(out, take_rune(text), false);
    }
    return out + "]";
  }

  SetFlag flag_;
  std::string_view rest_;
  const ReadFile& read_file_;
};

}  // namespace

Result<> apply_set(SetFlag flag, std::string_view text, Value& values, const ReadFile& read, HelmVersion helm) {
  if (helm == HelmVersion::v4 && flag == SetFlag::set_json) {
    if (const std::string_view object = trim_space(text); object.starts_with('{')) {
      auto map = read_json(object, {.target = JsonTarget::map});
      if (!map) return std::move(map).error();
      values = merge_maps(values, *map);
      return {};
    }
  }
  if (!values.map()) values = Value::new_map();
  try {
    Reader(flag, text, read).read_all(values);
  } catch (const SetError& error) {
    return Error{Errc::invalid, error.what};
  }
  return {};
}

}  // namespace sluice::chart
