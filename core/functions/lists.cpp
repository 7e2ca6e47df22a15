// Lists: made, cut, searched. Results are new lists; only their elements are shared.

#include <algorithm>
#include <cmath>

#include "core/functions/support.hpp"

namespace sluice::functions {
namespace {

/// The elements of a list argument, or what Go's reflection panics with.
Result<std::span<const Value>> elements(const Value& list, std::string_view doing) {
  if (list.is_list()) return list.items();
  if (list.is_nil()) return failure("runtime error: invalid memory address or nil pointer dereference");
  return failure("Cannot " + std::string(doing) + " on type " + std::string(kind_name(list)));
}

Value list_of(std::span<const Value> items) { return Value::new_list(std::vector<Value>(items.begin(), items.end())); }

Result<Value> list(Call& call, Arguments args) {
  if (auto fits = check_elements(call, args.size()); !fits) return std::move(fits).error();
  return Value::new_list(std::vector<Value>(std::make_move_iterator(args.begin()), std::make_move_iterator(args.end())));
}

// --- parts

Result<Value> first(Call&, Arguments args) {
  auto items = elements(args[0], "find first");
  if (!items) return std::move(items).error();
  return items->empty() ? Value() : items->front();
}

Result<Value> last(Call&, Arguments args) {
  auto items = elements(args[0], "find last");
  if (!items) return std::move(items).error();
  return items->empty() ? Value() : items->back();
}

Result<Value> rest(Call&, Arguments args) {
  auto items = elements(args[0], "find rest");
  if (!items) return std::move(items).error();
  return items->empty() ? Value::nil_list() : list_of(items->subspan(1));
}

Result<Value> initial(Call&, Arguments args) {
  auto items = elements(args[0], "find initial");
  if (!items) return std::move(items).error();
  return items->empty() ? Value::nil_list() : list_of(items->first(items->size() - 1));
}

Result<Value> slice(Call&, Arguments args) {
  const Value& whole = args[0];
  if (whole.is_nil()) return failure("runtime error: invalid memory address or nil pointer dereference");
  if (!whole.is_list()) return failure("list should be type of slice or array but " + std::string(kind_name(whole)));
  const auto items = whole.items();
  if (items.empty()) return Value();
  const auto size = static_cast<std::int64_t>(items.size());
  const std::int64_t begin = args.size() > 1 ? to_int64(args[1]) : 0;
  const std::int64_t end = args.size() > 2 ? to_int64(args[2]) : size;
  if (begin < 0 || end < begin || end > size) return failure("reflect.Value.Slice: slice index out of bounds");
  const auto part = items.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
  return Value::new_list(std::vector<Value>(part.begin(), part.end()), whole.list_type());
}

Result<Value> chunk(Call& call, Arguments args) {
  if (args[1].is_nil()) return failure("runtime error: invalid memory address or nil pointer dereference");
  if (!args[1].is_list()) return failure("Cannot chunk type " + std::string(kind_name(args[1])));
  const auto items = args[1].items();
  const std::int64_t size = args[0].as_int();
  // As Go computes it; what does not fit a number of chunks makes its allocation panic.
  const double chunks = std::floor(static_cast<double>(static_cast<std::int64_t>(items.size()) - 1) / static_cast<double>(size)) + 1;
  if (!(chunks >= 0 && chunks < 1e15)) return failure("runtime error: makeslice: len out of range");
  if (auto fits = check_elements(call, static_cast<std::uint64_t>(chunks)); !fits) return std::move(fits).error();
  std::vector<Value> parts;
  if (size <= 0 && chunks > 0) {
    // Only a single chunk whose length Go computes as a remainder gets through.
    if (items.size() != 1 || size == -1) return failure("runtime error: makeslice: len out of range");
    parts.push_back(list_of(items));
  } else if (chunks > 0) {
    for (std::size_t at = 0; at < items.size(); at += static_cast<std::size_t>(size))
      parts.push_back(list_of(items.subspan(at, std::min(static_cast<std::size_t>(size), items.size() - at))));
  }
  return Value::new_list(std::move(parts), ListType::lists);
}

// --- grown

Result<Value> append(Call& call, Arguments args) {
  auto items = elements(args[0], "push");
  if (!items) return std::move(items).error();
  if (auto fits = check_elements(call, items->size() + 1); !fits) return std::move(fits).error();
  std::vector<Value> grown;
  grown.reserve(items->size() + 1);
  grown.assign(items->begin(), items->end());
  grown.push_back(std::move(args[1]));
  return Value::new_list(std::move(grown));
}

Result<Value> prepend(Call& call, Arguments args) {
  auto items = elements(args[0], "prepend");
  if (!items) return std::move(items).error();
  if (auto fits = check_elements(call, items->size() + 1); !fits) return std::move(fits).error();
  std::vector<Value> grown;
  grown.reserve(items->size() + 1);
  grown.push_back(std::move(args[1]));
  grown.insert(grown.end(), items->begin(), items->end());
  return Value::new_list(std::move(grown));
}

Result<Value> concat(Call& call, Arguments args) {
  std::vector<Value> all;
  for (const Value& arg : args) {
    if (arg.is_nil()) return failure("runtime error: invalid memory address or nil pointer dereference");
    if (!arg.is_list()) return failure("Cannot concat type " + std::string(kind_name(arg)) + " as list");
    if (auto fits = check_elements(call, all.size() + arg.size()); !fits) return std::move(fits).error();
    all.insert(all.end(), arg.items().begin(), arg.items().end());
  }
  return all.empty() ? Value::nil_list() : Value::new_list(std::move(all));
}

Result<Value> reverse(Call&, Arguments args) {
  auto items = elements(args[0], "find reverse");
  if (!items) return std::move(items).error();
  return Value::new_list(std::vector<Value>(items->rbegin(), items->rend()));
}

// --- sifted

bool holds(std::span<const Value> items, const Value& wanted) {
  return std::any_of(items.begin(), items.end(), [&](const Value& item) { return deep_equal(item, wanted); });
}

Result<Value> uniq(Call& call, Arguments args) {
  auto items = elements(args[0], "find uniq");
  if (!items) return std::move(items).error();
  std::vector<Value> kept;
  for (const Value& item : *items) {
    if (auto paid = call.spend(kept.size()); !paid) return std::move(paid).error();
    if (!holds(kept, item)) kept.push_back(item);
  }
  return Value::new_list(std::move(kept));
}

Result<Value> compact(Call&, Arguments args) {
  auto items = elements(args[0], "compact");
  if (!items) return std::move(items).error();
  std::vector<Value> kept;
  std::copy_if(items->begin(), items->end(), std::back_inserter(kept), [](const Value& item) { return !is_empty(item); });
  return Value::new_list(std::move(kept));
}

Result<Value> without(Call& call, Arguments args) {
  auto items = elements(args[0], "find without");
  if (!items) return std::move(items).error();
  if (auto paid = call.spend(items->size() * args.size()); !paid) return std::move(paid).error();
  std::vector<Value> kept;
  for (const Value& item : *items)
    if (!holds(args.subspan(1), item)) kept.push_back(item);
  return Value::new_list(std::move(kept));
}

Result<Value> has(Call& call, Arguments args) {
  if (args[1].is_nil()) return Value::of_bool(false);
  auto items = elements(args[1], "find has");
  if (!items) return std::move(items).error();
  if (auto paid = call.spend(items->size()); !paid) return std::move(paid).error();
  return Value::of_bool(holds(*items, args[0]));
}

// --- counted

Result<std::vector<std::int64_t>> count_up_to(Call& call, std::int64_t start, std::int64_t stop, std::int64_t step) {
  std::vector<std::int64_t> numbers;
  if (start == stop || (stop < start) != (step < 0) || step == 0) return numbers;
  const auto distance = stop < start ? static_cast<std::uint64_t>(start) - static_cast<std::uint64_t>(stop)
                                     : static_cast<std::uint64_t>(stop) - static_cast<std::uint64_t>(start);
  const auto stride = step < 0 ? -static_cast<std::uint64_t>(step) : static_cast<std::uint64_t>(step);
  const std::uint64_t count = (distance - 1) / stride + 1;
  if (auto fits = check_elements(call, count); !fits) return std::move(fits).error();
  if (auto paid = call.spend(count); !paid) return std::move(paid).error();
  auto number = static_cast<std::uint64_t>(start);  // what comes after the last may not fit
  for (std::uint64_t i = 0; i < count; ++i, number += static_cast<std::uint64_t>(step)) numbers.push_back(static_cast<std::int64_t>(number));
  return numbers;
}

Result<Value> until_step(Call& call, std::int64_t start, std::int64_t stop, std::int64_t step) {
  auto numbers = count_up_to(call, start, stop, step);
  if (!numbers) return std::move(numbers).error();
  std::vector<Value> items;
  items.reserve(numbers->size());
  for (std::int64_t number : *numbers) items.push_back(Value::of_int(number));
  return Value::new_list(std::move(items), ListType::ints);
}

Result<Value> until(Call& call, Arguments args) {
  const std::int64_t count = args[0].as_int();
  return until_step(call, 0, count, count < 0 ? -1 : 1);
}

Result<Value> until_step(Call& call, Arguments args) {
  return until_step(call, args[0].as_int(), args[1].as_int(), args[2].as_int());
}

/// Like the program of that name: both ends belong to it.
Result<Value> seq(Call& call, Arguments args) {
  if (args.empty() || args.size() > 3) return make_text("");
  const std::int64_t start = args.size() == 1 ? 1 : args[0].as_int(), end = args.back().as_int();
  const std::int64_t direction = end < start ? -1 : 1;
  const std::int64_t step = args.size() == 3 ? args[1].as_int() : direction;
  if (direction < 0 && step > 0) return make_text("");
  const auto past_end = static_cast<std::int64_t>(static_cast<std::uint64_t>(end) + static_cast<std::uint64_t>(direction));
  auto numbers = count_up_to(call, start, past_end, step);
  if (!numbers) return std::move(numbers).error();
  std::string text;
  for (std::int64_t number : *numbers) {
    if (!text.empty()) text += ' ';
    text += std::to_string(number);
  }
  return make_text(text);
}

}  // namespace

void add_list_functions(FunctionTable& table) {
  constexpr GoType any = GoType::any, integer = GoType::int_;
  constexpr Arity variadic = Arity::variadic;
  define(table, {
                    {"list", {any}, list, all_contents, variadic},
                    {"tuple", {any}, list, all_contents, variadic},
                    {"first", {any}, first, all_contents},
                    {"mustFirst", {any}, first, all_contents},
                    {"last", {any}, last, all_contents},
                    {"mustLast", {any}, last, all_contents},
                    {"rest", {any}, rest, all_contents},
                    {"mustRest", {any}, rest, all_contents},
                    {"initial", {any}, initial, all_contents},
                    {"mustInitial", {any}, initial, all_contents},
                    {"slice", {any, any}, slice, content_1, variadic},
                    {"mustSlice", {any, any}, slice, content_1, variadic},
                    {"chunk", {integer, any}, chunk, content_2},
                    {"mustChunk", {integer, any}, chunk, content_2},
                    {"append", {any, any}, append, all_contents},
                    {"push", {any, any}, append, all_contents},
                    {"mustAppend", {any, any}, append, all_contents},
                    {"mustPush", {any, any}, append, all_contents},
                    {"prepend", {any, any}, prepend, all_contents},
                    {"mustPrepend", {any, any}, prepend, all_contents},
                    {"concat", {any}, concat, all_contents, variadic},
                    {"reverse", {any}, reverse, all_contents},
                    {"mustReverse", {any}, reverse, all_contents},
                    {"uniq", {any}, uniq, all_contents},
                    {"mustUniq", {any}, uniq, all_contents},
                    {"compact", {any}, compact, all_contents},
                    {"mustCompact", {any}, compact, all_contents},
                    {"without", {any, any}, without, content_1, variadic},
                    {"mustWithout", {any, any}, without, content_1, variadic},
                    {"has", {any, any}, has},
                    {"mustHas", {any, any}, has},
                    {"until", {integer}, until},
                    {"untilStep", {integer, integer, integer}, until_step},
                    {"seq", {integer}, seq, no_contents, variadic},
                });
}

}  // namespace sluice::functions
