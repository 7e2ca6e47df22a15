// The table of what words.hpp does.

#include "core/functions/support.hpp"
#include "core/functions/words.hpp"

namespace sluice::functions {
namespace {

template <std::string (*change)(std::string_view)>
Result<Value> changed(Call&, Arguments args) {
  return make_text(change(args[0].str()));
}

Result<Value> abbrev(Call&, Arguments args) { return make_text(abbreviate(args[1].str(), args[0].as_int())); }
Result<Value> abbrevboth(Call&, Arguments args) {
  return make_text(abbreviate_both(args[2].str(), args[0].as_int(), args[1].as_int()));
}
Result<Value> snakecase(Call&, Arguments args) { return make_text(to_separated(args[0].str(), '_')); }
Result<Value> kebabcase(Call&, Arguments args) { return make_text(to_separated(args[0].str(), '-')); }

Result<Value> wrap_lines(Call&, Arguments args) {
  return make_text(wrap(args[1].str(), args[0].as_int(), "\n", LongWords::keep));
}

Result<Value> wrap_with(Call& call, Arguments args) {
  const std::string_view line_break = args[1].str().empty() ? std::string_view("\n") : args[1].str(), text = args[2].str();
  const std::int64_t width = args[0].as_int();
  // At worst every `width` bytes get a break.
  const std::uint64_t lines = text.size() / static_cast<std::uint64_t>(width < 1 ? 1 : width);
  if (auto fits = check_size(call, text.size() + lines * line_break.size()); !fits) return std::move(fits).error();
  return make_text(wrap(text, width, line_break, LongWords::split));
}

}  // namespace

void add_word_functions(FunctionTable& table) {
  constexpr GoType integer = GoType::int_, string = GoType::string;
  define(table, {
                    {"abbrev", {integer, string}, abbrev},
                    {"abbrevboth", {integer, integer, string}, abbrevboth},
                    {"title", {string}, changed<to_title_words>},
                    {"untitle", {string}, changed<to_untitled>},
                    {"swapcase", {string}, changed<swap_case>},
                    {"initials", {string}, changed<initials>},
                    {"nospace", {string}, changed<without_spaces>},
                    {"snakecase", {string}, snakecase},
                    {"kebabcase", {string}, kebabcase},
                    {"camelcase", {string}, changed<to_camel_case>},
                    {"wrap", {integer, string}, wrap_lines},
                    {"wrapWith", {integer, string, string}, wrap_with},
                });
}

}  // namespace sluice::functions
