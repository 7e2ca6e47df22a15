// Go's layouts of floating point numbers, on the digits that std::to_chars finds.

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "core/value/text.hpp"

namespace sluice {
namespace {

/// d.ddd * 10^exponent without the point: "12345" and 2 for 123.45. Zero is "0" and 0.
struct Digits {
  std::array<char, 800> text;
  int count = 0;
  int exponent = 0;
  std::string_view view() const { return {text.data(), static_cast<std::size_t>(count)}; }
};

void take_digits(Digits& digits, const char* begin, const char* end) {
  const char* e = begin;
  while (*e != 'e') ++e;
  for (const char* at = begin; at < e; ++at) {
    if (*at != '.') digits.text[static_cast<std::size_t>(digits.count++)] = *at;
  }
  std::from_chars(e[1] == '+' ? e + 2 : e + 1, end, digits.exponent);
}

template <class Float>
void shortest_digits(Digits& digits, Float x) {
  char buffer[64];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, std::abs(x), std::chars_format::scientific);
  take_digits(digits, buffer, result.ptr);
}

/// `places` digits after the first one, correctly rounded.
void rounded_digits(Digits& digits, double x, int places) {
  // A double has at most 767 significant digits; all after those are zero.
  const int exact = places < 770 ? places : 770;
  char buffer[800];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, std::abs(x), std::chars_format::scientific, exact);
  take_digits(digits, buffer, result.ptr);
}

void append_exponent(std::string& out, int exponent, char e) {
  out += e;
  out += exponent < 0 ? '-' : '+';
  const int size = exponent < 0 ? -exponent : exponent;
  if (size < 10) out += '0';
  append_int(out, size);
}

/// d.ddde±dd with `places` digits after the point.
void append_scientific(std::string& out, const Digits& digits, int places, char e) {
  out += digits.text[0];
  if (places > 0) {
    out += '.';
    const auto have = static_cast<std::size_t>(std::min(digits.count - 1, places));
    out.append(digits.text.data() + 1, have);
    out.append(static_cast<std::size_t>(places) - have, '0');
  }
  append_exponent(out, digits.exponent, e);
}

/// Plain digits with no more places than the digits have.
void append_plain(std::string& out, const Digits& digits) {
  const int point = digits.exponent + 1;
  const std::string_view all = digits.view();
  if (point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    out += all;
  } else if (point >= digits.count) {
    out += all;
    out.append(static_cast<std::size_t>(point - digits.count), '0');
  } else {
    out += all.substr(0, static_cast<std::size_t>(point));
    out += '.';
    out += all.substr(static_cast<std::size_t>(point));
  }
}

bool append_special(std::string& out, double x) {
  if (std::isnan(x)) {
    out += "NaN";
  } else if (std::isinf(x)) {
    out += x < 0 ? "-Inf" : "+Inf";
  } else {
    if (std::signbit(x)) out += '-';
    return false;
  }
  return true;
}

/// The rule of 'g': an exponent if it is below -4 or not below `limit`.
void append_general(std::string& out, const Digits& digits, int limit, char e) {
  if (digits.exponent < -4 || digits.exponent >= limit) {
    append_scientific(out, digits, digits.count - 1, e);
  } else {
    append_plain(out, digits);
  }
}

constexpr int shortest_limit = 6;

template <class Float>
void append_shortest(std::string& out, Float x) {
  if (append_special(out, static_cast<double>(x))) return;
  Digits digits;
  shortest_digits(digits, x);
  append_general(out, digits, shortest_limit, 'e');
}

void append_fixed(std::string& out, double x, int places) {
  if (append_special(out, x)) return;
  std::array<char, 1500> buffer;
  const int exact = std::min(places, 1080);  // no double has more places
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(x), std::chars_format::fixed, exact);
  out.append(buffer.data(), result.ptr);
  out.append(static_cast<std::size_t>(places - exact), '0');
}

void append_general(std::string& out, double x, int precision, char e) {
  if (append_special(out, x)) return;
  if (precision == 0) precision = 1;
  Digits digits;
  rounded_digits(digits, x, precision - 1);
  while (digits.count > 1 && digits.text[static_cast<std::size_t>(digits.count - 1)] == '0') --digits.count;
  int limit = precision;
  if (limit > digits.count && digits.count >= digits.exponent + 1) limit = digits.count;
  append_general(out, digits, limit, e);
}

/// 0x1.8p+00
void append_hex(std::string& out, double x, int precision, bool upper) {
  if (append_special(out, x)) return;
  std::uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  std::uint64_t mantissa = bits & ((std::uint64_t{1} << 52) - 1);
  int exponent = static_cast<int>(bits >> 52 & 0x7FF) - 1023;
  if (exponent == -1023)
    exponent = -1022;
  else
    mantissa |= std::uint64_t{1} << 52;
  if (mantissa == 0) exponent = 0;
  while (mantissa != 0 && !(mantissa >> 52)) {
    mantissa <<= 1;
    --exponent;
  }
  if (precision >= 0 && precision < 13) {  // round half to even
    const unsigned drop = static_cast<unsigned>(13 - precision) * 4;
    const std::uint64_t extra = mantissa & ((std::uint64_t{1} << drop) - 1);
    const std::uint64_t half = std::uint64_t{1} << (drop - 1);
    mantissa >>= drop;
    if (extra > half || (extra == half && (mantissa & 1))) ++mantissa;
    mantissa <<= drop;
    if (mantissa >> 53) {
      mantissa >>= 1;
      ++exponent;
    }
  }
  out += upper ? "0X" : "0x";
  out += mantissa >> 52 ? '1' : '0';
  std::string digits;
  const char* alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  for (int shift = 48; shift >= 0; shift -= 4) digits += alphabet[mantissa >> shift & 0xF];
  if (precision < 0) {
    while (!digits.empty() && digits.back() == '0') digits.pop_back();
  } else {
    digits.resize(static_cast<std::size_t>(precision), '0');
  }
  if (!digits.empty()) out += '.' + digits;
  append_exponent(out, exponent, upper ? 'P' : 'p');
}

}  // namespace

void append_float(std::string& out, double x) { append_shortest(out, x); }

std::string float_text(double x) {
  std::string out;
  append_float(out, x);
  return out;
}

std::string float32_text(double x) {
  std::string out;
  append_shortest(out, static_cast<float>(x));
  return out;
}

void append_json_float(std::string& out, double x) {
  if (x == std::trunc(x) && std::abs(x) < 1e15) {  // most numbers of charts
    if (std::signbit(x) && x == 0) out += '-';
    return append_int(out, static_cast<std::int64_t>(x));
  }
  if (append_special(out, x)) return;
  Digits digits;
  shortest_digits(digits, x);
  if (digits.exponent >= -6 && digits.exponent < 21) return append_plain(out, digits);
  append_scientific(out, digits, digits.count - 1, 'e');
  if (out[out.size() - 3] == '-' && out[out.size() - 2] == '0') out.erase(out.size() - 2, 1);  // e-07 becomes e-7
}

/// "4503599627370496p-52" without a sign: all bits of the number.
static void append_binary(std::string& out, double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const auto field = static_cast<int>(bits >> 52 & 0x7FF);
  const std::uint64_t fraction = bits & ((std::uint64_t{1} << 52) - 1);
  const int exponent = (field == 0 ? 1 : field) - 1075;
  append_uint(out, field == 0 ? fraction : fraction | std::uint64_t{1} << 52);
  out += 'p';
  if (exponent >= 0) out += '+';
  append_int(out, exponent);
}

std::string format_float(double x, char verb, int precision) {
  std::string out;
  const bool upper = verb == 'E' || verb == 'G' || verb == 'F' || verb == 'X';
  const char e = upper ? 'E' : 'e';
  Digits digits;
  switch (verb) {
    case 'x':
    case 'X': append_hex(out, x, precision, upper); break;
    case 'b':
      if (!append_special(out, x)) append_binary(out, x);
      break;
    case 'f':
    case 'F':
      if (precision >= 0) {
        append_fixed(out, x, precision);
      } else if (!append_special(out, x)) {
        shortest_digits(digits, x);
        append_plain(out, digits);
      }
      break;
    case 'g':
    case 'G':
      if (precision >= 0) {
        append_general(out, x, precision, e);
      } else if (!append_special(out, x)) {
        shortest_digits(digits, x);
        append_general(out, digits, shortest_limit, e);
      }
      break;
    default:
      if (append_special(out, x)) break;
      if (precision >= 0) {
        rounded_digits(digits, x, precision);
        append_scientific(out, digits, precision, e);
      } else {
        shortest_digits(digits, x);
        append_scientific(out, digits, digits.count - 1, e);
      }
  }
  return out;
}

}  // namespace sluice
