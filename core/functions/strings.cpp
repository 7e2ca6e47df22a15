// Texts cut, compared and converted.

#include <algorithm>

#include "core/functions/support.hpp"
#include "core/value/unicode.hpp"

namespace sluice::functions {
namespace {

std::string slice_panic(std::int64_t low, std::int64_t high) {
  return "runtime error: slice bounds out of range [" + std::to_string(low) + ':' + std::to_string(high) + ']';
}

// --- cutting

std::size_t leading_spaces(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const Rune rune = decode_rune(text.substr(at));
    if (!is_space(rune.value)) break;
    at += rune.size;
  }
  return at;
}

std::size_t without_trailing_spaces(std::string_view text) {
  while (!text.empty()) {
    const Rune rune = decode_last_rune(text);
    if (!is_space(rune.value)) break;
    text.remove_suffix(rune.size);
  }
  return text.size();
}

Result<Value> trim(Call&, Arguments args) {
  const Text text = args[0].text();
  const std::size_t begin = leading_spaces(text.view());
  return make_text(text.substr(begin, std::max(begin, without_trailing_spaces(text.view()))));
}

bool contains_rune(std::string_view set, char32_t wanted) {
  while (!set.empty()) {
    const Rune rune = decode_rune(set);
    if (rune.value == wanted) return true;
    set.remove_prefix(rune.size);
  }
  return false;
}

Result<Value> trim_all(Call&, Arguments args) {
  const std::string_view set = args[0].str();
  const Text text = args[1].text();
  std::size_t begin = 0, end = text.size();
  while (begin < end) {
    const Rune rune = decode_rune(text.view().substr(begin));
    if (!contains_rune(set, rune.value)) break;
    begin += rune.size;
  }
  while (begin < end) {
    const Rune rune = decode_last_rune(text.view().substr(begin, end - begin));
    if (!contains_rune(set, rune.value)) break;
    end -= rune.size;
  }
  return make_text(text.substr(begin, end));
}

Result<Value> trim_suffix(Call&, Arguments args) {
  const Text text = args[1].text();
  const std::string_view suffix = args[0].str();
  return make_text(text.substr(0, text.view().ends_with(suffix) ? text.size() - suffix.size() : text.size()));
}

Result<Value> trim_prefix(Call&, Arguments args) {
  const Text text = args[1].text();
  const std::string_view prefix = args[0].str();
  return make_text(text.substr(text.view().starts_with(prefix) ? prefix.size() : 0, text.size()));
}

Result<Value> trunc(Call&, Arguments args) {
  const Text text = args[1].text();
  const std::int64_t count = args[0].as_int();
  const auto size = static_cast<std::int64_t>(text.size());
  if (count < 0 && size + count > 0) return make_text(text.substr(static_cast<std::size_t>(size + count), text.size()));
  if (count >= 0 && size > count) return make_text(text.substr(0, static_cast<std::size_t>(count)));
  return make_text(text);
}

Result<Value> substr(Call&, Arguments args) {
  const std::int64_t start = args[0].as_int(), end = args[1].as_int();
  const Text text = args[2].text();
  const auto size = static_cast<std::int64_t>(text.size());
  if (start < 0) {
    if (end < 0) return failure("runtime error: slice bounds out of range [:" + std::to_string(end) + ']');
    if (end > size)
      return failure("runtime error: slice bounds out of range [:" + std::to_string(end) + "] with length " + std::to_string(size));
    return make_text(text.substr(0, static_cast<std::size_t>(end)));
  }
  const std::int64_t stop = end < 0 || end > size ? size : end;
  if (start > stop) return failure(slice_panic(start, stop));
  return make_text(text.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(stop)));
}

// --- case

template <char32_t (*change)(char32_t)>
std::string change_runes(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text[0]);
    if (byte < 0x80) {
      out += static_cast<char>(change(byte));
      text.remove_prefix(1);
      continue;
    }
    const Rune rune = decode_rune(text);
    append_rune(out, change(rune.value));
    text.remove_prefix(rune.size);
  }
  return out;
}

Result<Value> upper(Call&, Arguments args) { return make_text(map_stretches(args[0].text(), change_runes<to_upper>)); }
Result<Value> lower(Call&, Arguments args) { return make_text(map_stretches(args[0].text(), change_runes<to_lower>)); }

// --- asking

Result<Value> contains(Call&, Arguments args) {
  return Value::of_bool(args[1].str().find(args[0].str()) != std::string_view::npos);
}
Result<Value> has_prefix(Call&, Arguments args) { return Value::of_bool(args[1].str().starts_with(args[0].str())); }
Result<Value> has_suffix(Call&, Arguments args) { return Value::of_bool(args[1].str().ends_with(args[0].str())); }
Result<Value> plural(Call&, Arguments args) { return args[2].as_int() == 1 ? args[0] : args[1]; }

// --- converting

Result<Value> to_string(Call&, Arguments args) { return make_text(strval(args[0])); }
Result<Value> to_strings(Call&, Arguments args) { return make_strings(strslice(args[0])); }

/// Sorts a []string where it is, as sort.StringSlice does; other lists are copied into one.
Result<Value> sort_alpha(Call&, Arguments args) {
  if (!args[0].is_list()) return make_strings({strval(args[0])});
  Value texts = args[0].list_type() == ListType::strings ? args[0] : make_strings(strslice(args[0]));
  if (List* list = texts.list())
    std::stable_sort(list->items.begin(), list->items.end(), [](const Value& a, const Value& b) { return a.str() < b.str(); });
  return texts;
}

Result<Value> hello(Call&, Arguments) { return make_text("Hello!"); }

}  // namespace

void add_string_functions(FunctionTable& table) {
  constexpr GoType any = GoType::any, integer = GoType::int_, string = GoType::string;
  define(table, {
                    {"trim", {string}, trim, content_1},
                    {"trimAll", {string, string}, trim_all, content_2},
                    {"trimall", {string, string}, trim_all, content_2},
                    {"trimSuffix", {string, string}, trim_suffix, content_2},
                    {"trimPrefix", {string, string}, trim_prefix, content_2},
                    {"trunc", {integer, string}, trunc, content_2},
                    {"substr", {integer, integer, string}, substr, content_3},
                    {"upper", {string}, upper, content_1},
                    {"lower", {string}, lower, content_1},
                    {"contains", {string, string}, contains},
                    {"hasPrefix", {string, string}, has_prefix},
                    {"hasSuffix", {string, string}, has_suffix},
                    {"plural", {string, string, integer}, plural, Contents(content_1 | content_2)},
                    {"toString", {any}, to_string, all_contents},
                    {"toStrings", {any}, to_strings, all_contents},
                    {"sortAlpha", {any}, sort_alpha, all_contents},
                    {"hello", {}, hello},
                });
}

}  // namespace sluice::functions
