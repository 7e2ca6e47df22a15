// Regular expressions. The pattern comes first, then the text, then the replacement.

#include "core/functions/regex.hpp"
#include "core/functions/support.hpp"
#include "core/value/text.hpp"

namespace sluice::functions {
namespace {

/// Without "must" a bad pattern is a panic of Go's MustCompile, whose text tells more.
Result<Regex> compile(const Call& call, std::string_view pattern) {
  auto regex = Regex::compile(pattern);
  if (regex || call.function_name().starts_with("must")) return regex;
  const std::string shown = can_backquote(pattern) ? '`' + std::string(pattern) + '`' : quoted(pattern);
  return failure("regexp: Compile(" + shown + "): " + regex.error().what);
}

/// What may be scanned costs steps, by the 256 bytes.
Regex::Meter meter_of(Call& call) {
  return [&call](std::size_t bytes) { return call.spend(1 + bytes / 256); };
}

Result<Value> match(Call& call, Arguments args) {
  auto regex = Regex::compile(args[0].str());
  if (!regex && call.function_name() == "regexMatch") return Value::of_bool(false);
  if (!regex) return std::move(regex).error();
  auto matches = regex->matches(args[1].str());
  if (!matches) return std::move(matches).error();
  return Value::of_bool(*matches);
}

Value parts_of(const Text& text, const std::vector<Regex::Range>& ranges) {
  std::vector<Text> parts;
  parts.reserve(ranges.size());
  for (const Regex::Range& range : ranges) parts.push_back(text.substr(range.begin, range.end));
  return make_strings(std::move(parts));
}

Result<Value> find(Call& call, Arguments args) {
  auto regex = compile(call, args[0].str());
  if (!regex) return std::move(regex).error();
  auto found = regex->find_all(args[1].str(), 1);
  if (!found) return std::move(found).error();
  if (found->empty()) return make_text("");
  return make_text(args[1].text().substr(found->front().begin, found->front().end));
}

Result<Value> find_all(Call& call, Arguments args) {
  auto regex = compile(call, args[0].str());
  if (!regex) return std::move(regex).error();
  auto found = regex->find_all(args[1].str(), args[2].as_int(), meter_of(call));
  if (!found) return std::move(found).error();
  if (found->empty()) return Value::nil_list(ListType::strings);
  if (auto fits = check_elements(call, found->size()); !fits) return std::move(fits).error();
  return parts_of(args[1].text(), *found);
}

Result<Value> replace(Call& call, Arguments args, Regex::Expand expand) {
  auto regex = compile(call, args[0].str());
  if (!regex) return std::move(regex).error();
  auto text = regex->replace_all(args[1].text(), args[2].text(), expand, meter_of(call));
  if (!text) return std::move(text).error();
  return make_text(std::move(*text));
}
Result<Value> replace_all(Call& call, Arguments args) { return replace(call, args, Regex::Expand::groups); }
Result<Value> replace_all_literal(Call& call, Arguments args) { return replace(call, args, Regex::Expand::nothing); }

Result<Value> split(Call& call, Arguments args) {
  auto regex = compile(call, args[0].str());
  if (!regex) return std::move(regex).error();
  if (args[2].as_int() == 0) return Value::nil_list(ListType::strings);
  auto ranges = regex->split(args[1].str(), args[2].as_int(), meter_of(call));
  if (!ranges) return std::move(ranges).error();
  if (auto fits = check_elements(call, ranges->size()); !fits) return std::move(fits).error();
  return parts_of(args[1].text(), *ranges);
}

Result<Value> quote_meta(Call&, Arguments args) { return make_text(map_stretches(args[0].text(), quote_pattern)); }

}  // namespace

void add_regex_functions(FunctionTable& table) {
  constexpr GoType integer = GoType::int_, string = GoType::string;
  constexpr Contents subject = content_2, subject_and_replacement = Contents(content_2 | content_3);
  define(table, {
                    {"regexMatch", {string, string}, match},
                    {"mustRegexMatch", {string, string}, match},
                    {"regexFind", {string, string}, find, subject},
                    {"mustRegexFind", {string, string}, find, subject},
                    {"regexFindAll", {string, string, integer}, find_all, subject},
                    {"mustRegexFindAll", {string, string, integer}, find_all, subject},
                    {"regexReplaceAll", {string, string, string}, replace_all, subject_and_replacement},
                    {"mustRegexReplaceAll", {string, string, string}, replace_all, subject_and_replacement},
                    {"regexReplaceAllLiteral", {string, string, string}, replace_all_literal, subject_and_replacement},
                    {"mustRegexReplaceAllLiteral", {string, string, string}, replace_all_literal, subject_and_replacement},
                    {"regexSplit", {string, string, integer}, split, subject},
                    {"mustRegexSplit", {string, string, integer}, split, subject},
                    {"regexQuoteMeta", {string}, quote_meta, content_1},
                });
}

}  // namespace sluice::functions
