// Texts put together: repeated, indented, joined, quoted; and taken apart again. Sizes are checked before anything is built.

#include <algorithm>
#include <string>
#include <utility>

#include "core/functions/support.hpp"
#include "core/value/fmt.hpp"
#include "core/value/text.hpp"
#include "core/value/unicode.hpp"

namespace sluice::functions {
namespace {

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
  if (args.size() == 1 && args[0].is_pending())
    return map_when_read(args[0], 1.1, [](const Text& text) { return quoted(text.view()); });
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

}  // namespace

void add_text_building_functions(FunctionTable& table) {
  constexpr GoType any = GoType::any, integer = GoType::int_, string = GoType::string;
  define(table, {
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
                });
}

}  // namespace sluice::functions
