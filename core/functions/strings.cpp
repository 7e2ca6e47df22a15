// Texts cut, joined, compared and quoted.

#include <algorithm>
#include <string>

#include "core/functions/support.hpp"
#include "core/value/fmt.hpp"
#include "core/value/text.hpp"
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

// --- building

Result<Value> repeat(Call& call, Arguments args) {
  const std::int64_t count = args[0].as_int();
  const Text text = args[1].text();
  if (count < 0) return failure("strings: negative Repeat count");
  if (text.empty() || count == 0) return make_text("");
  const auto times = static_cast<std::uint64_t>(count);
  if (auto fits = check_size(call, times > limits::builder_bytes ? times : times * text.size()); !fits) return std::move(fits).error();
  TextBuilder out;
  out.reserve(times * text.size());
  for (std::uint64_t i = 0; i < times; ++i) out.append(text);
  return make_text(out.finish());
}

Result<Value> indent_with(Call& call, std::int64_t width, const Text& text, bool new_line) {
  if (width < 0) return failure("strings: negative Repeat count");
  const std::string_view view = text.view();
  const auto lines = static_cast<std::uint64_t>(std::count(view.begin(), view.end(), '\n')) + 1;
  const auto pad = static_cast<std::uint64_t>(width);
  const std::uint64_t size = pad > limits::builder_bytes ? pad : text.size() + lines * pad + (new_line ? 1 : 0);
  if (auto fits = check_size(call, size); !fits) return std::move(fits).error();
  TextBuilder out;
  out.reserve(size);
  if (new_line) out.append('\n');
  out.append(pad, ' ');
  std::size_t at = 0;
  for (std::size_t end; (end = view.find('\n', at)) != std::string_view::npos; at = end + 1) {
    out.bytes().append(view.substr(at, end + 1 - at));
    out.bytes().append(pad, ' ');
  }
  out.bytes().append(view.substr(at));
  if (!text.has_marks()) return make_text(out.finish());
  // The marks again, moved by the pads before them; a mark over several lines covers their pads too.
  std::size_t moved = pad + (new_line ? 1 : 0), seen = 0;
  for (const Mark& mark : text.marks()) {
    auto shift = [&](std::size_t position) {
      moved += pad * static_cast<std::size_t>(std::count(view.begin() + static_cast<std::ptrdiff_t>(seen),
                                                         view.begin() + static_cast<std::ptrdiff_t>(position), '\n'));
      seen = position;
      return position + moved;
    };
    const std::size_t begin = shift(mark.begin);
    out.add_mark(begin, shift(mark.end));
  }
  return make_text(out.finish());
}

Result<Value> indent(Call& call, Arguments args) { return indent_with(call, args[0].as_int(), args[1].text(), false); }
Result<Value> nindent(Call& call, Arguments args) { return indent_with(call, args[0].as_int(), args[1].text(), true); }

void append_part(TextBuilder& out, const Text& text, std::size_t begin, std::size_t end) {
  if (text.has_marks()) {
    out.append(text.substr(begin, end));
  } else {
    out.append(text.view().substr(begin, end - begin));
  }
}

Result<Value> replace(Call& call, Arguments args) {
  const std::string_view old = args[0].str();
  const Text with = args[1].text(), text = args[2].text();
  const std::string_view view = text.view();
  std::uint64_t count = 0;
  if (old.empty()) {
    count = count_runes(view) + 1;
  } else {
    for (std::size_t at = view.find(old); at != std::string_view::npos; at = view.find(old, at + old.size())) ++count;
  }
  if (count == 0) return make_text(text);
  const std::uint64_t size = text.size() + count * with.size() - count * old.size();
  if (with.size() > old.size())
    if (auto fits = check_size(call, size); !fits) return std::move(fits).error();
  TextBuilder out;
  out.reserve(size);
  std::size_t at = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::size_t next = at;
    if (!old.empty()) {
      next = view.find(old, at);
    } else if (i > 0) {
      next = at + decode_rune(view.substr(at)).size;
    }
    append_part(out, text, at, next);
    out.append(with);
    at = next + old.size();
  }
  append_part(out, text, at, text.size());
  return make_text(out.finish());
}

Result<Value> join_texts(Call& call, std::span<const Text> texts, const Text& separator) {
  std::uint64_t size = 0;
  for (const Text& text : texts) size += text.size() + separator.size();
  if (auto fits = check_size(call, size); !fits) return std::move(fits).error();
  TextBuilder out;
  out.reserve(size);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out.append(separator);
    out.append(texts[i]);
  }
  return make_text(out.finish());
}

Result<Value> join(Call& call, Arguments args) { return join_texts(call, strslice(args[1]), args[0].text()); }

Result<Value> cat(Call& call, Arguments args) {
  TextBuilder out;
  bool first = true;
  for (const Value& arg : args) {
    if (arg.is_nil()) continue;
    if (!std::exchange(first, false)) out.append(' ');
    append_text(out, arg);
    if (auto fits = check_size(call, out.size()); !fits) return std::move(fits).error();
  }
  return make_text(out.finish());
}

std::string quoted_inside(std::string_view text) {
  std::string quoted_text = quoted(text);
  return quoted_text.substr(1, quoted_text.size() - 2);
}

Result<Value> quote(Call&, Arguments args) {
  TextBuilder out;
  for (const Value& arg : args) {
    if (arg.is_nil()) continue;
    if (!out.empty()) out.append(' ');
    const Text text = strval(arg);
    if (!text.has_marks()) {
      append_quoted(out.bytes(), text.view());
      continue;
    }
    out.append('"');
    out.append(map_stretches(text, quoted_inside));
    out.append('"');
  }
  return make_text(out.finish());
}

Result<Value> squote(Call&, Arguments args) {
  TextBuilder out;
  for (const Value& arg : args) {
    if (arg.is_nil()) continue;
    if (!out.empty()) out.append(' ');
    out.append('\'');
    append_text(out, arg);
    out.append('\'');
  }
  return make_text(out.finish());
}

// --- splitting

/// Go's strings.SplitN: by characters if `separator` is empty, at most `most` parts if that is positive, all if it is negative.
std::vector<Text> split_text(const Text& text, std::string_view separator, std::int64_t most) {
  std::vector<Text> parts;
  if (most == 0) return parts;
  const std::string_view view = text.view();
  std::size_t at = 0;
  while (most < 0 || static_cast<std::int64_t>(parts.size()) < most - 1) {
    if (separator.empty()) {
      const unsigned size = decode_rune(view.substr(at)).size;
      if (at + size >= view.size()) break;
      parts.push_back(text.substr(at, at + size));
      at += size;
      continue;
    }
    const std::size_t end = view.find(separator, at);
    if (end == std::string_view::npos) break;
    parts.push_back(text.substr(at, end));
    at = end + separator.size();
  }
  if (!separator.empty() || at < view.size()) parts.push_back(text.substr(at, view.size()));
  return parts;
}

Result<Value> numbered(Call& call, const std::vector<Text>& parts) {
  if (auto fits = check_elements(call, parts.size()); !fits) return std::move(fits).error();
  std::vector<Map::Entry> entries;
  entries.reserve(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) entries.push_back({Text('_' + std::to_string(i)), Value::of_string(parts[i])});
  return Value::of_map(make_ref<Map>(std::move(entries)), MapType::strings);
}

Result<Value> split(Call& call, Arguments args) { return numbered(call, split_text(args[1].text(), args[0].str(), -1)); }
Result<Value> splitn(Call& call, Arguments args) {
  return numbered(call, split_text(args[2].text(), args[0].str(), args[1].as_int()));
}
Result<Value> split_list(Call& call, Arguments args) {
  auto parts = split_text(args[1].text(), args[0].str(), -1);
  if (auto fits = check_elements(call, parts.size()); !fits) return std::move(fits).error();
  return make_strings(std::move(parts));
}

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
                    {"repeat", {integer, string}, repeat, content_2},
                    {"indent", {integer, string}, indent, content_2},
                    {"nindent", {integer, string}, nindent, content_2},
                    {"replace", {string, string, string}, replace, Contents(content_2 | content_3)},
                    {"join", {string, any}, join, all_contents},
                    {"cat", {any}, cat, all_contents, Arity::variadic},
                    {"quote", {any}, quote, all_contents, Arity::variadic},
                    {"squote", {any}, squote, all_contents, Arity::variadic},
                    {"split", {string, string}, split, content_2},
                    {"splitn", {string, integer, string}, splitn, content_3},
                    {"splitList", {string, string}, split_list, content_2},
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
