// Random texts and numbers. Where the bytes come from is decided outside.

#include <array>

#include "core/base/digest.hpp"
#include "core/functions/support.hpp"
#include "core/functions/world.hpp"
#include "core/value/unicode.hpp"

namespace sluice::functions {
namespace {

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view digits = "0123456789";
constexpr std::string_view letters_and_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

std::string printable_ascii() {
  std::string all;
  for (char c = ' '; c <= '~'; ++c) all += c;
  return all;
}

/// `count` characters of `alphabet`, each as likely as any other.
Result<Value> random_text(Call& call, std::int64_t count, std::string_view alphabet) {
  if (count <= 0) return make_text("");
  const auto size = static_cast<std::uint64_t>(count);
  if (auto fits = check_size(call, size); !fits) return std::move(fits).error();
  // Bytes above the last multiple of the alphabet's size would make its first characters likelier.
  const std::size_t usable = 256 - 256 % alphabet.size();
  std::string text;
  while (text.size() < size) {
    const std::size_t missing = size - text.size();
    auto bytes = random_bytes(call, missing + missing / 2 + 8);
    if (!bytes) return std::move(bytes).error();
    for (char c : *bytes) {
      const std::size_t byte = static_cast<unsigned char>(c);
      if (byte < usable && text.size() < size) text += alphabet[byte % alphabet.size()];
    }
  }
  return make_text(text);
}

Result<Value> rand_alpha_num(Call& call, Arguments args) { return random_text(call, args[0].as_int(), letters_and_digits); }
Result<Value> rand_alpha(Call& call, Arguments args) { return random_text(call, args[0].as_int(), letters); }
Result<Value> rand_numeric(Call& call, Arguments args) { return random_text(call, args[0].as_int(), digits); }
Result<Value> rand_ascii(Call& call, Arguments args) {
  static const std::string alphabet = printable_ascii();
  return random_text(call, args[0].as_int(), alphabet);
}

Result<Value> rand_int(Call& call, Arguments args) {
  const std::int64_t low = args[0].as_int(), high = args[1].as_int();
  const auto distance = static_cast<std::int64_t>(static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low));
  if (distance <= 0) return failure("invalid argument to Intn");
  auto number = random_below(call, static_cast<std::uint64_t>(distance));
  if (!number) return std::move(number).error();
  return Value::of_int(low + static_cast<std::int64_t>(*number));
}

Result<Value> rand_bytes(Call& call, Arguments args) {
  const std::int64_t count = args[0].as_int();
  if (count < 0) return failure("runtime error: makeslice: len out of range");
  if (auto fits = check_size(call, static_cast<std::uint64_t>(count)); !fits) return std::move(fits).error();
  if (count == 0) return make_text("");
  auto bytes = random_bytes(call, static_cast<std::size_t>(count));
  if (!bytes) return std::move(bytes).error();
  return make_text(to_base64(*bytes));
}

Result<Value> shuffle(Call& call, Arguments args) {
  std::vector<std::string_view> runes;
  std::string_view rest = args[0].str();
  while (!rest.empty()) {
    const unsigned size = decode_rune(rest).size;
    runes.push_back(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  if (auto paid = call.spend(runes.size()); !paid) return std::move(paid).error();
  for (std::size_t i = runes.size(); i > 1; --i) {
    auto other = random_below(call, i);
    if (!other) return std::move(other).error();
    std::swap(runes[i - 1], runes[*other]);
  }
  std::string text;
  for (std::string_view rune : runes) text += rune;
  return make_text(text);
}

Result<Value> uuidv4(Call& call, Arguments) {
  auto bytes = random_bytes(call, 16);
  if (!bytes) return std::move(bytes).error();
  (*bytes)[6] = static_cast<char>(((*bytes)[6] & 0x0F) | 0x40);
  (*bytes)[8] = static_cast<char>(((*bytes)[8] & 0x3F) | 0x80);
  std::string text = to_hex(*bytes);
  for (std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, 1, '-');
  return make_text(text);
}

}  // namespace

void add_random_functions(FunctionTable& table) {
  constexpr GoType integer = GoType::int_, string = GoType::string;
  define(table, {
                    {"randAlphaNum", {integer}, rand_alpha_num},
                    {"randAlpha", {integer}, rand_alpha},
                    {"randNumeric", {integer}, rand_numeric},
                    {"randAscii", {integer}, rand_ascii},
                    {"randInt", {integer, integer}, rand_int},
                    {"randBytes", {integer}, rand_bytes},
                    {"shuffle", {string}, shuffle},
                    {"uuidv4", {}, uuidv4},
                });
}

}  // namespace sluice::functions
