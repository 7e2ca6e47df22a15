#include "core/value/fmt.hpp"

#include <cmath>

#include "core/value/printer.hpp"
#include "core/value/text.hpp"
#include "core/value/unicode.hpp"

namespace sluice {
namespace {

bool is_string_verb(char32_t verb) { return verb == U'v' || verb == U's' || verb == U'x' || verb == U'X' || verb == U'q'; }

/// The first `count` characters of `text`.
std::size_t cut_at(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size() && count-- > 0) at += decode_rune(text.substr(at)).size;
  return at;
}

}  // namespace

// ---- padding

void Printer::write_padding(std::size_t count) { out_.append(count, flags.zero && !flags.minus ? '0' : ' '); }

void Printer::pad(std::string_view text) {
  const std::size_t runes = flags.has_width && flags.width > 0 ? count_runes(text) : flags.width;
  const std::size_t missing = flags.has_width && flags.width > runes ? flags.width - runes : 0;
  if (!flags.minus) write_padding(missing);
  out_.append(text);
  if (flags.minus) write_padding(missing);
}

void Printer::pad_text(const Text& text) {
  if (!text.has_marks()) return pad(text.view());
  const std::size_t runes = count_runes(text);
  const std::size_t missing = flags.has_width && flags.width > runes ? flags.width - runes : 0;
  if (!flags.minus) write_padding(missing);
  out_.append(text);
  if (flags.minus) write_padding(missing);
}

// ---- numbers

void Printer::write_integer(std::uint64_t n, bool negative, unsigned base, char32_t verb) {
  std::size_t least = 0;  // digits
  if (flags.has_precision) {
    least = flags.precision;
    if (least == 0 && n == 0) {
      out_.append(flags.has_width ? flags.width : 0, ' ');
      return;
    }
  } else if (flags.zero && !flags.minus && flags.has_width) {
    least = flags.width;
    if (least > 0 && (negative || flags.plus || flags.space)) --least;
  }
  std::string digits;
  append_uint(digits, n, base, verb == U'X');
  if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
  if (flags.sharp) {
    if (base == 2) digits.insert(0, "0b");
    if (base == 8 && digits[0] != '0') digits.insert(0, "0");
    if (base == 16) digits.insert(0, verb == U'X' ? "0X" : "0x");
  }
  if (verb == U'O') digits.insert(0, "0o");
  if (negative) {
    digits.insert(0, "-");
  } else if (flags.plus) {
    digits.insert(0, "+");
  } else if (flags.space) {
    digits.insert(0, " ");
  }
  const bool zero = std::exchange(flags.zero, false);
  pad(digits);
  flags.zero = zero;
}

void Printer::write_unicode(std::uint64_t rune) {
  std::string text;
  append_uint(text, rune, 16, true);
  const std::size_t least = flags.has_precision && flags.precision > 4 ? flags.precision : 4;
  if (text.size() < least) text.insert(0, least - text.size(), '0');
  text.insert(0, "U+");
  if (flags.sharp && rune <= 0x10FFFF && is_print(static_cast<char32_t>(rune))) {
    text += " '";
    append_rune(text, static_cast<char32_t>(rune));
    text += '\'';
  }
  const bool zero = std::exchange(flags.zero, false);
  pad(text);
  flags.zero = zero;
}

bool Printer::print_integer(const Value& value, char32_t verb) {
  const bool is_signed = value.kind() != Kind::uint64;
  const bool negative = is_signed && value.as_int() < 0;
  const std::uint64_t n = negative ? 0 - value.as_uint() : value.as_uint();
  const char32_t rune = value.as_uint() > 0x10FFFF ? replacement_rune : static_cast<char32_t>(value.as_uint());
  std::string text;
  switch (verb) {
    case U'v':
      if (flags.sharp_v && !is_signed) {
        const bool sharp = std::exchange(flags.sharp, true);
        write_integer(n, negative, 16, U'v');
        flags.sharp = sharp;
        return true;
      }
      [[fallthrough]];
    case U'd': write_integer(n, negative, 10, verb); return true;
    case U'b': write_integer(n, negative, 2, verb); return true;
    case U'o':
    case U'O': write_integer(n, negative, 8, verb); return true;
    case U'x':
    case U'X': write_integer(n, negative, 16, verb); return true;
    case U'c':
      append_rune(text, rune);
      pad(text);
      return true;
    case U'q':
      append_quoted_rune(text, rune, flags.plus);
      pad(text);
      return true;
    case U'U': write_unicode(value.as_uint()); return true;
    default: return false;
  }
}

/// What `#` adds: the point and the trailing zeros that %g and its like would leave out.
static void keep_zeros(std::string& number, char verb, int precision) {
  const bool significant = verb == 'g' || verb == 'G' || verb == 'x';
  int digits = !significant ? 0 : precision < 0 ? 6 : precision;
  const bool hex = verb == 'x' || verb == 'X';
  bool point = false, seen = false;
  std::size_t end = 1;
  for (; end < number.size(); ++end) {
    const char c = number[end];
    if (c == 'p' || c == 'P' || (!hex && (c == 'e' || c == 'E'))) break;
    if (c == '.') {
      point = true;
      continue;
    }
    seen = seen || c != '0';
    if (seen) --digits;
  }
  const std::string tail = number.substr(end);
  number.resize(end);
  if (!point) {
    if (number.size() == 2 && number[1] == '0') --digits;
    number += '.';
  }
  if (digits > 0) number.append(static_cast<std::size_t>(digits), '0');
  number += tail;
}

void Printer::write_float(double x, char verb, int precision) {
  if (flags.has_precision) precision = static_cast<int>(flags.precision);
  std::string number = format_float(x, verb, precision);
  if (number[0] != '-' && number[0] != '+') number.insert(0, "+");
  if (flags.space && number[0] == '+' && !flags.plus) number[0] = ' ';
  if (!std::isfinite(x)) {
    if (std::isnan(x) && !flags.space && !flags.plus) number.erase(0, 1);
    const bool zero = std::exchange(flags.zero, false);
    pad(number);
    flags.zero = zero;
    return;
  }
  if (flags.sharp && verb != 'b') keep_zeros(number, verb, precision);
  if (!flags.plus && number[0] == '+') return pad(std::string_view(number).substr(1));
  if (flags.zero && !flags.minus && flags.has_width && flags.width > number.size()) {
    out_.append(number[0]);
    write_padding(flags.width - number.size());
    out_.append(std::string_view(number).substr(1));
    return;
  }
  pad(number);
}

bool Printer::print_float(double x, char32_t verb) {
  switch (verb) {
    case U'v': write_float(x, 'g', -1); return true;
    case U'g':
    case U'G':
    case U'x':
    case U'X': write_float(x, static_cast<char>(verb), -1); return true;
    case U'e':
    case U'E':
    case U'f': write_float(x, static_cast<char>(verb), 6); return true;
    case U'F': write_float(x, 'f', 6); return true;
    case U'b': write_float(x, 'b', -1); return true;
    default: return false;
  }
}

bool Printer::print_complex(const Value& value, char32_t verb) {
  if (std::u32string_view(U"vbgGxXfFeE").find(verb) == std::u32string_view::npos) return false;
  const auto [real, imaginary] = value.as_complex();
  const bool plus = flags.plus;
  out_.append('(');
  print_float(real, verb);
  flags.plus = true;
  print_float(imaginary, verb);
  out_.append("i)");
  flags.plus = plus;
  return true;
}

// ---- texts

void Printer::write_hex(std::string_view bytes, bool upper) {
  if (flags.has_precision) bytes = bytes.substr(0, flags.precision);
  const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  const char* prefix = upper ? "0X" : "0x";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (flags.space && i > 0) text += ' ';
    if (flags.sharp && (i == 0 || flags.space)) text += prefix;
    text += digits[static_cast<unsigned char>(bytes[i]) >> 4];
    text += digits[static_cast<unsigned char>(bytes[i]) & 0xF];
  }
  pad(text);
}

bool Printer::print_string(const Text& text, char32_t verb) {
  const std::size_t begin = out_.size();
  const bool cut = flags.has_precision && (verb == U'v' || verb == U's' || verb == U'q');
  const Text shown = cut ? text.substr(0, cut_at(text, flags.precision)) : text;
  std::string quoted_text;
  switch (verb) {
    case U'v':
      if (!flags.sharp_v) {
        pad_text(shown);
        return true;
      }
      [[fallthrough]];
    case U'q':
      if (flags.sharp && can_backquote(shown)) {
        quoted_text.append("`").append(shown.view()).append("`");
      } else if (flags.plus) {
        append_quoted_ascii(quoted_text, shown);
      } else {
        append_quoted(quoted_text, shown);
      }
      pad(quoted_text);
      break;
    case U's': pad_text(shown); return true;
    case U'x': write_hex(text, false); break;
    case U'X': write_hex(text, true); break;
    default: return false;
  }
  if (text.has_marks()) out_.mark_from(begin);
  return true;
}

bool Printer::print_bytes(const Value& value, char32_t verb) {
  if (verb != U'v' && verb != U'd') return print_string(value.text(), verb);
  const std::size_t begin = out_.size();
  const bool sharp = std::exchange(flags.sharp, flags.sharp || flags.sharp_v);
  out_.append(flags.sharp_v ? "[]byte{" : "[");
  const char* separator = "";
  for (const char byte : value.str()) {
    out_.append(separator);
    write_integer(static_cast<unsigned char>(byte), false, flags.sharp_v ? 16 : 10, verb);
    separator = flags.sharp_v ? ", " : " ";
  }
  out_.append(flags.sharp_v ? '}' : ']');
  flags.sharp = sharp;
  if (value.text().has_marks()) out_.mark_from(begin);
  return true;
}

// ---- containers

void Printer::print_list(const Value& value, char32_t verb, int depth) {
  if (flags.sharp_v) {
    out_.append(type_name(value));
    if (value.is_typed_nil()) return out_.append("(nil)");
  }
  out_.append(flags.sharp_v ? '{' : '[');
  const char* separator = "";
  for (const Value& item : value.items()) {
    out_.append(separator);
    print(item, verb, depth + 1);
    separator = flags.sharp_v ? ", " : " ";
  }
  out_.append(flags.sharp_v ? '}' : ']');
}

void Printer::print_map(const Value& value, char32_t verb, int depth) {
  if (flags.sharp_v) {
    out_.append(type_name(value));
    if (value.is_typed_nil()) return out_.append("(nil)");
    out_.append('{');
  } else {
    out_.append("map[");
  }
  const char* separator = "";
  if (const Map* map = value.map()) {
    for (const auto& [key, element] : *map) {
      out_.append(separator);
      print(Value::of_string(key), verb, depth + 1);
      out_.append(':');
      print(element, verb, depth + 1);
      separator = flags.sharp_v ? ", " : " ";
    }
  }
  out_.append(flags.sharp_v ? '}' : ']');
}

void Printer::print_object(const Value& value, char32_t verb, int) {
  std::string text;
  const bool has_method = !erroring_ && !flags.sharp_v && is_string_verb(verb) && value.object()->string_method(text);
  if (has_method) {
    print_string(Text(text), verb);
  } else {
    out_.append(value.object()->default_text());
  }
}

// ---- the way in

void Printer::print_nil(char32_t verb, int depth) {
  if (depth > 0) {  // a nil element
    out_.append(flags.sharp_v ? "interface {}(nil)" : "<nil>");
  } else if (verb == U'v' || verb == U'T') {
    pad("<nil>");
  } else {
    bad_verb(Value(), verb, depth);
  }
}

void Printer::bad_verb(const Value& value, char32_t verb, int depth) {
  const bool outer = std::exchange(erroring_, true);
  std::string head = "%!";
  append_rune(head, verb);
  out_.append(head + "(");
  if (value.is_nil()) {
    out_.append("<nil>");
  } else {
    out_.append(type_name(value));
    out_.append('=');
    print_marked(value, U'v', depth);
  }
  out_.append(')');
  erroring_ = outer;
}

void Printer::print(const Value& value, char32_t verb, int depth) {
  const std::size_t begin = out_.size();
  print_marked(value, verb, depth);
  if (value.secret_bit()) out_.mark_from(begin);
}

void Printer::print_marked(const Value& value, char32_t verb, int depth) {
  Walk::check_depth(depth);
  walk_.count(out_.size());
  if (value.is_nil()) return print_nil(verb, depth);
  if (depth == 0 && verb == U'T') {
    print_string(Text(type_name(value)), U's');
    return;
  }
  bool done = true;
  switch (value.kind()) {
    case Kind::nil: break;
    case Kind::boolean:
      done = verb == U't' || verb == U'v';
      if (done) pad(value.as_bool() ? "true" : "false");
      break;
    case Kind::int_:
    case Kind::int64:
    case Kind::uint64: done = print_integer(value, verb); break;
    case Kind::float64: done = print_float(value.as_float(), verb); break;
    case Kind::complex128: done = print_complex(value, verb); break;
    case Kind::string: done = print_string(value.text(), verb); break;
    case Kind::bytes: done = print_bytes(value, verb); break;
    case Kind::list: return print_list(value, verb, depth);
    case Kind::map: return print_map(value, verb, depth);
    case Kind::object: return print_object(value, verb, depth);
  }
  if (!done) bad_verb(value, verb, depth);
}

void append_text(TextBuilder& out, const Value& value) {
  if (value.is_string()) {  // by far the most common
    const std::size_t begin = out.size();
    if (value.text().has_marks()) {
      out.append(value.text());
    } else {
      out.append(value.str());
    }
    if (value.secret_bit()) out.mark_from(begin);
    return;
  }
  Printer(out).print(value, U'v');
}

Text to_text(const Value& value) {
  if (value.is_string() && !value.secret_bit()) return value.text();
  TextBuilder out;
  append_text(out, value);
  return out.finish();
}

Text sprint(std::span<const Value> arguments) {
  TextBuilder out;
  Printer printer(out);
  bool after_string = true;
  for (const Value& argument : arguments) {
    if (!argument.is_string() && !after_string) out.append(' ');
    printer.print(argument, U'v');
    after_string = argument.is_string();
  }
  return out.finish();
}

Text sprintln(std::span<const Value> arguments) {
  TextBuilder out;
  Printer printer(out);
  const char* separator = "";
  for (const Value& argument : arguments) {
    out.append(separator);
    printer.print(argument, U'v');
    separator = " ";
  }
  out.append('\n');
  return out.finish();
}

}  // namespace sluice
