#pragma once

// What the files of functions share: short names for their tables, conversions as Sprig makes them, texts that keep their marks.
// Not for other folders.

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/functions/functions.hpp"
#include "core/functions/limits.hpp"
#include "core/gotemplate/function.hpp"
#include "core/value/value.hpp"

namespace sluice::functions {

using gotemplate::Arity;
using gotemplate::Call;
using gotemplate::FunctionTable;
using gotemplate::MarkRule;
using gotemplate::Parameter;
using Arguments = std::span<Value>;
using Body = Result<Value> (*)(Call& call, Arguments arguments);

/// Which arguments go into the result as they are, byte for byte; the marks of all others, which only steer the result, mark all
/// of it. Bit 0 is the first argument; a variadic parameter has the bit of its place.
enum Contents : unsigned {
  no_contents = 0,
  content_1 = 1,
  content_2 = 2,
  content_3 = 4,
  content_4 = 8,
  all_contents = ~0U,
};

/// One line of a table of functions.
struct Definition {
  const char* name;
  std::vector<Parameter> parameters;
  Body body;
  /// no_contents: any mark marks the whole result, by the engine's MarkRule::spread.
  Contents contents = no_contents;
  Arity arity = Arity::fixed;
};
void define(FunctionTable& table, std::initializer_list<Definition> definitions);

// The tables, one a theme.
void add_string_functions(FunctionTable& table);
void add_text_building_functions(FunctionTable& table);
void add_word_functions(FunctionTable& table);
void add_random_functions(FunctionTable& table);
void add_encoding_functions(FunctionTable& table);
void add_list_functions(FunctionTable& table);
void add_dict_functions(FunctionTable& table);
void add_default_functions(FunctionTable& table);
void add_math_functions(FunctionTable& table);
void add_date_functions(FunctionTable& table);
void add_regex_functions(FunctionTable& table);
void add_version_functions(FunctionTable& table, Helm helm);
void add_url_functions(FunctionTable& table, Helm helm);
void add_crypto_functions(FunctionTable& table, Helm helm);
void add_reflect_functions(FunctionTable& table);
void add_json_functions(FunctionTable& table);
void add_toml_functions(FunctionTable& table, Helm helm);

inline Error failure(std::string text) { return {Errc::invalid, std::move(text)}; }
inline Value make_text(Text text) { return Value::of_string(std::move(text)); }

/// sprig's strval: texts as they are, everything else as %v prints it.
Text strval(const Value& value);
/// sprig's strslice: the elements of a list as texts without the nils, or one text.
std::vector<Text> strslice(const Value& value);
/// sprig's `empty`: nil, false, 0, no elements.
bool is_empty(const Value& value);
/// cast.ToInt64 and cast.ToFloat64: 0 for what is no number.
std::int64_t to_int64(const Value& value);
double to_float64(const Value& value);
/// float64 to int64 as amd64 does it: out of range gives the lowest int64.
std::int64_t truncate_to_int64(double x);

/// "of a text of `size` bytes": invalid if a function may not build that much.
Result<> check_size(const Call& call, std::uint64_t size);
/// The same for elements of a list.
Result<> check_elements(const Call& call, std::uint64_t count);

/// A list of texts, []string.
Value make_strings(std::vector<Text> texts);

/// Every stretch of `text` that is marked, or is not, through `map`, which must treat characters one by one.
/// If a mark begins or ends inside a character, all of the result is marked.
template <class Map>
Text map_stretches(const Text& text, Map map);
bool marks_cut_characters(const Text& text);

/// `map` of the text, computed when it is read if the text is. `growth` is how many times as long the result may be.
template <class Map>
Value map_when_read(const Value& text, double growth, Map map) {
  if (!text.is_pending()) return make_text(map(text.text()));
  const Text input = text.text();
  const auto size = static_cast<std::size_t>(static_cast<double>(input.expected_size()) * growth);
  return make_text(Text::later(size, {&input, 1}, [input, map] { return Text(map(input)); }));
}

template <class Map>
Text map_stretches(const Text& text, Map map) {
  if (!text.has_marks()) return Text(map(text.view()));
  if (marks_cut_characters(text)) return Text::secret(map(text.view()));
  TextBuilder out;
  std::size_t at = 0;
  for (const Mark& mark : text.marks()) {
    out.append(map(text.view().substr(at, mark.begin - at)));
    out.append_secret(map(text.view().substr(mark.begin, mark.end - mark.begin)));
    at = mark.end;
  }
  out.append(map(text.view().substr(at)));
  return out.finish();
}

}  // namespace sluice::functions
