#include "core/gotemplate/literal.hpp"

#include <cmath>

#include "core/value/text.hpp"
#include "core/value/unicode.hpp"

namespace sluice::gotemplate {

namespace {

std::optional<unsigned> digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

/// Takes `count` digits of `base` from the front of `text`.
std::optional<std::uint32_t> take_digits(std::string_view& text, std::size_t count, unsigned base) {
  if (text.size() < count) return std::nullopt;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto digit = digit_of(text[i]);
    if (!digit || *digit >= base) return std::nullopt;
    number = number * base + *digit;
  }
  text.remove_prefix(count);
  return number;
}

/// A character of a literal: a byte written by number, or a code point.
struct Unit {
  std::uint32_t value = 0;
  bool is_byte = false;
};

std::optional<Unit> take_code_point(std::string_view& text, std::size_t digits) {
  const auto point = take_digits(text, digits, 16);
  if (!point || *point > 0x10FFFF || (*point >= 0xD800 && *point < 0xE000)) return std::nullopt;
  return Unit{*point, false};
}

std::optional<Unit> take_escape(std::string_view& text, char quote) {
  if (text.empty()) return std::nullopt;
  const char c = text.front();
  if (c >= '0' && c <= '7') {
    const auto byte = take_digits(text, 3, 8);
    if (!byte || *byte > 255) return std::nullopt;
    return Unit{*byte, true};
  }
  text.remove_prefix(1);
  switch (c) {
    case 'a': return Unit{7, false};
    case 'b': return Unit{8, false};
    case 'f': return Unit{12, false};
    case 'n': return Unit{10, false};
    case 'r': return Unit{13, false};
    case 't': return Unit{9, false};
    case 'v': return Unit{11, false};
    case '\\': return Unit{'\\', false};
    case 'x': {
      const auto byte = take_digits(text, 2, 16);
      if (!byte) return std::nullopt;
      return Unit{*byte, true};
    }
    case 'u': return take_code_point(text, 4);
    case 'U': return take_code_point(text, 8);
    default: break;
  }
  if (c == quote) return Unit{static_cast<std::uint32_t>(static_cast<unsigned char>(c)), false};
  return std::nullopt;
}

/// Takes the next character of a literal in `quote`s from the front of `text`.
std::optional<Unit> take_unit(std::string_view& text, char quote) {
  if (text.empty() || text.front() == quote || text.front() == '\n') return std::nullopt;
  if (text.front() == '\\') {
    text.remove_prefix(1);
    return take_escape(text, quote);
  }
  const Rune rune = decode_rune(text);
  text.remove_prefix(rune.size);
  return Unit{rune.value, false};
}

Result<Number> read_character(std::string_view text) {
  std::string_view rest = text.substr(1);
  const auto unit = take_unit(rest, '\'');
  if (!unit) return Error{Errc::invalid, "invalid syntax"};
  if (rest != "'") return Error{Errc::invalid, "malformed character constant: " + std::string(text)};
  Number number{.is_int = true, .is_uint = true, .is_float = true};
  number.int_ = unit->value;
  number.uint_ = unit->value;
  number.float_ = unit->value;
  number.ideal = Value::of_int(number.int_);
  return number;
}

// Doubles at and beyond these do not fit the integer types.
constexpr double int_limit = 9223372036854775808.0;
constexpr double uint_limit = 18446744073709551616.0;

/// Also an integer, if the float is one.
void adapt_float(Number& number) {
  const double f = number.float_;
  if (f >= -int_limit && f < int_limit && std::trunc(f) == f) {
    number.is_int = true;
    number.int_ = static_cast<std::int64_t>(f);
  }
  if (f >= 0 && f < uint_limit && std::trunc(f) == f) {
    number.is_uint = true;
    number.uint_ = static_cast<std::uint64_t>(f);
  }
}

Number from_complex(double real, double imaginary) {
  Number number;
  number.ideal = Value::of_complex(real, imaginary);
  if (imaginary == 0) {
    number.is_float = true;
    number.float_ = real;
    adapt_float(number);
  }
  return number;
}

Result<Number> read_complex(std::string_view text) {
  const std::size_t sign = text.find_last_of("+-");
  // The sign of an exponent is not the one between the parts, but then the last one is followed by digits only.
  std::size_t split = sign;
  while (split > 0 && (text[split - 1] == 'e' || text[split - 1] == 'E' || text[split - 1] == 'p' || text[split - 1] == 'P')) {
    split = text.find_last_of("+-", split - 1);
    if (split == std::string_view::npos) return Error{Errc::invalid, "syntax error scanning complex number"};
  }
  const auto real = parse_float(text.substr(0, split));
  const auto imaginary = parse_float(text.substr(split, text.size() - split - 1));
  if (!real || !imaginary) return Error{Errc::invalid, "syntax error scanning complex number"};
  return from_complex(real.value, imaginary.value);
}

bool looks_like_float(std::string_view text) {
  const bool hex = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  return text.find_first_of(hex && text.find_first_of("pP") == std::string_view::npos ? "" : ".eEpP") != std::string_view::npos;
}

void set_ideal(Number& number, std::string_view text) {
  if (number.is_float && looks_like_float(text)) {
    number.ideal = Value::of_float(number.float_);
  } else if (number.is_int) {
    number.ideal = Value::of_int(number.int_);
  } else {
    number.overflows = true;
  }
}

}  // namespace

std::optional<std::string> unquote(std::string_view literal) {
  if (literal.size() < 2 || literal.front() != literal.back()) return std::nullopt;
  std::string_view rest = literal.substr(1, literal.size() - 2);
  std::string out;
  if (literal.front() == '`') {
    out.reserve(rest.size());
    for (const char c : rest) {
      if (c != '\r') out += c;
    }
    return out;
  }
  if (rest.find('\\') == std::string_view::npos && is_utf8(rest)) return std::string(rest);
  while (!rest.empty()) {
    const auto unit = take_unit(rest, '"');
    if (!unit) return std::nullopt;
    if (unit->is_byte) {
      out += static_cast<char>(unit->value);
    } else {
      append_rune(out, unit->value);
    }
  }
  return out;
}

Result<Number> read_number(std::string_view text, TokenKind kind) {
  if (kind == TokenKind::character_constant) return read_character(text);
  if (kind == TokenKind::complex) return read_complex(text);
  if (text.ends_with('i')) {
    if (const auto imaginary = parse_float(text.substr(0, text.size() - 1))) return from_complex(0, imaginary.value);
  }
  Number number;
  if (const auto parsed = parse_uint(text, 0)) {
    number.is_uint = true;
    number.uint_ = parsed.value;
  }
  if (const auto parsed = parse_int(text, 0)) {
    number.is_int = true;
    number.int_ = parsed.value;
    number.is_uint = number.is_uint || parsed.value == 0;  // -0
  }
  if (number.is_int || number.is_uint) {
    number.is_float = true;
    number.float_ = number.is_int ? static_cast<double>(number.int_) : static_cast<double>(number.uint_);
  } else if (const auto parsed = parse_float(text)) {
    if (text.find_first_of(".eEpP") == std::string_view::npos) {
      return Error{Errc::invalid, "integer overflow: " + quoted(text)};
    }
    number.is_float = true;
    number.float_ = parsed.value;
    adapt_float(number);
  } else {
    return Error{Errc::invalid, "illegal number syntax: " + quoted(text)};
  }
  set_ideal(number, text);
  return number;
}

}  // namespace sluice::gotemplate
