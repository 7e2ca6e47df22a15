// Strings, numbers and times of TOML.

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/value/text.hpp"
#include "core/value/toml_reader.hpp"
#include "core/value/unicode.hpp"

namespace sluice::toml {
namespace {

bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }
bool is_hex(char32_t c) { return is_digit(c) || (c >= U'a' && c <= U'f') || (c >= U'A' && c <= U'F'); }
bool is_newline(char32_t c) { return c == U'\n' || c == U'\r'; }
bool is_one_of(char32_t c, std::u32string_view set) { return set.find(c) != std::u32string_view::npos; }

bool underscores_fit(std::string_view text) {
  if (!text.empty() && (text.back() == 'f' || text.back() == 'n') && text.size() <= 4 && text.find('n') != std::string_view::npos)
    return true;
  bool accept = false;
  for (const char c : text) {
    if (c == '_' && !accept) return false;
    accept = is_hex(static_cast<unsigned char>(c));
  }
  return accept;
}

bool has_leading_zero(std::string_view text) {
  if (text.size() > 1 && text[0] == '0' && text[1] != 'b' && text[1] != 'o' && text[1] != 'x') return true;
  return text.size() > 2 && (text[0] == '-' || text[0] == '+') && text[1] == '0';
}

/// The digits at `at`, exactly `count` of them.
bool take(std::string_view text, std::size_t& at, std::size_t count, int& out) {
  out = 0;
  for (std::size_t i = 0; i < count; ++i, ++at) {
    if (at >= text.size() || !is_digit(static_cast<unsigned char>(text[at]))) return false;
    out = out * 10 + (text[at] - '0');
  }
  return true;
}

std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

bool is_date(int year, int month, int day) {
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/// hh:mm:ss[.fraction]
bool take_clock(std::string_view text, std::size_t& at, TomlTime& time) {
  int hour = 0, minute = 0, second = 0;
  const auto colon = [&] { return at < text.size() && text[at++] == ':'; };
  if (!take(text, at, 2, hour) || !colon() || !take(text, at, 2, minute) || !colon() || !take(text, at, 2, second)) return false;
  if (hour > 23 || minute > 59 || second > 59) return false;
  time.seconds += hour * 3600 + minute * 60 + second;
  if (at + 1 < text.size() && text[at] == '.' && is_digit(static_cast<unsigned char>(text[at + 1]))) {
    int scale = 100'000'000;
    for (++at; at < text.size() && is_digit(static_cast<unsigned char>(text[at])); ++at, scale /= 10) {
      time.nanoseconds += (text[at] - '0') * scale;
    }
  }
  return true;
}

/// Z or ±hh:mm
bool take_offset(std::string_view text, std::size_t& at, TomlTime& time) {
  if (text.substr(at) == "Z") {
    ++at;
    return true;
  }
  if (text.size() - at != 6 || (text[at] != '+' && text[at] != '-') || text[at + 3] != ':') return false;
  const int sign = text[at++] == '-' ? -1 : 1;
  int hours = 0, minutes = 0;
  if (!take(text, at, 2, hours)) return false;
  ++at;
  if (!take(text, at, 2, minutes) || hours > 24 || minutes > 60) return false;
  time.offset_seconds = sign * (hours * 3600 + minutes * 60);
  time.seconds -= time.offset_seconds;
  return true;
}

bool parse_time(std::string_view text, TomlTime& time) {
  std::size_t at = 0;
  if (text.size() > 2 && text[2] == ':') {
    time.sort = TomlTime::Sort::local_time;
    time.seconds = days_from_civil(0, 1, 1) * 86400;
    return take_clock(text, at, time) && at == text.size();
  }
  int year = 0, month = 0, day = 0;
  const auto dash = [&] { return at < text.size() && text[at++] == '-'; };
  if (!take(text, at, 4, year) || !dash() || !take(text, at, 2, month) || !dash() || !take(text, at, 2, day)) return false;
  if (!is_date(year, month, day)) return false;
  time.seconds = days_from_civil(year, month, day) * 86400;
  time.sort = TomlTime::Sort::local_date;
  if (at == text.size()) return true;
  if (text[at++] != 'T' || !take_clock(text, at, time)) return false;
  time.sort = TomlTime::Sort::local_datetime;
  if (at == text.size()) return true;
  time.sort = TomlTime::Sort::instant;
  return take_offset(text, at, time) && at == text.size();
}

/// A time as RFC 3339 from the text that it was read from.
std::string rfc3339(std::string_view text, const TomlTime& time) {
  std::string out(text);
  if (time.sort == TomlTime::Sort::local_date) out += "T00:00:00";
  if (time.sort == TomlTime::Sort::local_time) out.insert(0, "0000-01-01T");
  if (const auto point = out.find('.'); point != std::string::npos) {  // no zeros at its end
    std::size_t end = point + 1;
    while (end < out.size() && is_digit(static_cast<unsigned char>(out[end]))) ++end;
    std::size_t keep = std::min(end, point + 10);
    while (keep > point + 1 && out[keep - 1] == '0') --keep;
    if (keep == point + 1) keep = point;
    out.erase(keep, end - keep);
  }
  if (time.sort != TomlTime::Sort::instant) out += 'Z';
  if (out.ends_with("+00:00") || out.ends_with("-00:00")) out.replace(out.size() - 6, 6, "Z");
  return out;
}

}  // namespace

// ---- strings

Value Reader::read_string_value(char quote) {
  next();
  const bool triple = text_.substr(at_).starts_with(std::string(2, quote));
  if (triple) at_ += 2;
  if (quote == '"') return Value::of_string(Text(triple ? read_multiline_string() : read_basic_string()));
  return Value::of_string(Text(triple ? read_multiline_raw_string() : read_raw_string()));
}

std::string Reader::read_basic_string() {
  std::string out;
  string_begin_ = at_;
  for (;;) {
    const char32_t c = next();
    if (c == eof) fail("unexpected EOF; expected '\"'");
    if (is_newline(c)) fail_before("strings cannot contain newlines");
    if (c == U'"') return out;
    if (c == U'\\') {
      read_escape(out, false);
    } else {
      append_rune(out, c);
    }
  }
}

std::string Reader::read_raw_string() {
  const std::size_t begin = at_;
  for (;;) {
    const char32_t c = next();
    if (c == eof) fail("unexpected EOF; expected \"'\"");
    if (is_newline(c)) fail_before("strings cannot contain newlines");
    if (c == U'\'') return std::string(text_.substr(begin, at_ - begin - 1));
  }
}

/// How many quotes stand at the start of `text`.
static std::size_t count_quotes(std::string_view text, char quote) {
  const auto end = text.find_first_not_of(quote);
  return end == std::string_view::npos ? text.size() : end;
}

std::string Reader::read_multiline_string() {
  std::string out;
  string_begin_ = at_;
  if (text_.substr(at_).starts_with("\r\n")) next();
  if (text_.substr(at_).starts_with('\n')) next();
  for (;;) {
    const std::size_t quotes = count_quotes(text_.substr(at_), '"');
    if (quotes >= 6) {
      at_ += 6;
      fail("unexpected '\"\"\"\"\"\"'");
    }
    if (quotes >= 3) {  // up to two more belong to the text
      out.append(quotes - 3, '"');
      at_ += quotes;
      return out;
    }
    const char32_t c = next();
    if (c == eof) fail("unexpected EOF; expected '\"\"\"'");
    if (c != U'\\') {
      append_rune(out, c);
      continue;
    }
    // A backslash at the end of a line joins it with the next text.
    const std::size_t text = text_.find_first_not_of(" \t\r\n", at_);
    const std::string_view space = text_.substr(at_, text == std::string_view::npos ? text : text - at_);
    if (space.find('\n') != std::string_view::npos) {
      while (at_ < text_.size() && (text == std::string_view::npos || at_ < text)) next();
    } else {
      read_escape(out, true);
    }
  }
}

std::string Reader::read_multiline_raw_string() {
  if (text_.substr(at_).starts_with("\r\n")) next();
  if (text_.substr(at_).starts_with('\n')) next();
  const std::size_t begin = at_;
  for (;;) {
    const std::size_t quotes = count_quotes(text_.substr(at_), '\'');
    if (quotes >= 6) {
      at_ += 6;
      fail("unexpected \"''''''\"");
    }
    if (quotes >= 3) {
      at_ += quotes;
      return std::string(text_.substr(begin, at_ - begin - 3));
    }
    if (next() == eof) fail("unexpected EOF; expected \"'''\"");
  }
}

void Reader::read_escape(std::string& out, bool) {
  const char32_t c = next();
  switch (c) {
    case U'b': out += '\b'; return;
    case U't': out += '\t'; return;
    case U'n': out += '\n'; return;
    case U'f': out += '\f'; return;
    case U'r': out += '\r'; return;
    case U'"': out += '"'; return;
    case U'\\': out += '\\'; return;
    case U'u': return read_unicode_escape(out, 4);
    case U'U': return read_unicode_escape(out, 8);
    case U' ':
    case U'\t': {
      std::string problem = "invalid escape: '\\";
      append_rune(problem, c);
      fail(problem + "'");
    }
    default: break;
  }
  std::string problem = "invalid escape in string '\\";
  append_rune(problem, c == eof ? 0 : c);
  fail(problem + "'");
}

void Reader::read_unicode_escape(std::string& out, int digits) {
  const std::size_t begin = at_;
  std::uint64_t value = 0;
  for (int i = 0; i < digits; ++i) {
    const char32_t c = next();
    if (!is_hex(c)) {
      fail(std::string("expected ") +
           (digits == 4 ? "four hexadecimal digits after '\\u'" : "eight hexadecimal digits after '\\U'") + ", but got " +
           quoted(since(string_begin_)) + " instead");
    }
    value = value * 16 + static_cast<std::uint64_t>(is_digit(c) ? c - U'0' : (c | 0x20) - U'a' + 10);
  }
  if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
    fail("Escaped character '\\u" + std::string(since(begin)) + "' is not valid UTF-8.");
  }
  append_rune(out, static_cast<char32_t>(value));
}

// ---- numbers, words, times

Value Reader::read_number_or_date() {
  const std::size_t begin = at_;
  const int line = line_;
  if (accept('0')) {
    const char32_t c = peek();
    if (c == U'b' || c == U'o' || c == U'x') return read_based_number();
  }
  while (is_digit(peek())) next();
  const char32_t c = peek();
  if ((c == U'-' || c == U':') && (at_ - begin >= 2 || text_[begin] != '0')) {
    while (is_digit(peek()) || is_one_of(peek(), U"-:Tt .Zz+")) next();
    std::string_view text = since(begin);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return to_time(text, line);
  }
  while (is_digit(peek()) || peek() == U'_') next();
  if (!is_one_of(peek(), U".eE")) return to_integer(since(begin), line);
  while (is_digit(peek()) || is_one_of(peek(), U"_.-+eE")) next();
  return to_float(since(begin), line);
}

Value Reader::read_based_number() {
  const std::size_t begin = at_ - 1;
  const int line = line_;
  const char32_t base = next();
  const auto fits = [&](char32_t c) { return base == U'x' ? is_hex(c) : is_digit(c) && c < (base == U'o' ? U'8' : U'2'); };
  if (!fits(peek())) {
    std::string problem = base == U'b'   ? "not a binary number: '"
                          : base == U'o' ? "not an octal number: '"
                                         : "not a hexidecimal number: '";
    problem += since(begin);
    append_rune(problem, peek() == eof ? 0 : peek());
    fail(problem + "'");
  }
  while (fits(peek()) || peek() == U'_') next();
  return to_integer(since(begin), line);
}

Value Reader::read_signed_number() {
  const std::size_t begin = at_;
  const int line = line_;
  next();
  const char32_t c = peek();
  if (c == U'i' || c == U'n') {
    for (const char letter : std::string_view(c == U'i' ? "inf" : "nan")) {
      if (!accept(letter)) fail("invalid float: '" + std::string(since(begin)) + "'");
    }
    return to_float(since(begin), line);
  }
  if (c == U'.') {
    next();
    fail("floats must start with a digit, not '.'");
  }
  if (!is_digit(c)) {
    next();
    fail("expected a digit but got " + show(c));
  }
  if (c == U'0') {
    next();
    if (is_one_of(peek(), U"box")) {
      std::string problem = "cannot use sign with non-decimal numbers: '" + std::string(since(begin));
      append_rune(problem, peek());
      fail(problem + "'");
    }
  }
  while (is_digit(peek()) || peek() == U'_') next();
  if (!is_one_of(peek(), U".eE")) return to_integer(since(begin), line);
  while (is_digit(peek()) || is_one_of(peek(), U"_.-+eE")) next();
  return to_float(since(begin), line);
}

Value Reader::read_word() {
  const int line = line_;
  const char32_t c = peek();
  if (!is_letter(c)) {
    next();
    if (c == eof) fail("unexpected EOF; expected value");
    fail_at(c, "expected value but found " + show(c) + " instead");
  }
  const std::size_t begin = at_;
  for (const std::string_view special : {"inf", "nan"}) {
    if (!text_.substr(at_).starts_with(special)) continue;
    at_ += 3;
    return to_float(special, line);
  }
  while (is_letter(peek())) next();
  const std::string_view word = since(begin);
  if (word == "true" || word == "false") return Value::of_bool(word == "true");
  fail("expected value but found " + quoted(word) + " instead");
}

Value Reader::to_integer(std::string_view text, int line) {
  if (!underscores_fit(text)) fail("Invalid integer " + quoted(text) + ": underscores must be surrounded by digits", line);
  if (has_leading_zero(text)) fail("Invalid integer " + quoted(text) + ": cannot have leading zeroes", line);
  const auto number = parse_int(text, 0);
  if (!number) fail(std::string(text) + " is out of range for int64", line);
  return Value::of_int64(number.value);
}

Value Reader::to_float(std::string_view text, int line) {
  const auto check = [&](bool good, std::string_view problem) {
    if (!good) fail("Invalid float " + quoted(text) + ": " + std::string(problem), line);
  };
  std::size_t begin = 0;
  bool first = true;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find_first_of(".eE", begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    if (!part.empty()) {
      check(underscores_fit(part), "underscores must be surrounded by digits");
      if (first) check(!has_leading_zero(part), "cannot have leading zeroes");
      first = false;
    }
    begin = end + 1;
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool digit_follows = at + 1 < text.size() && is_digit(static_cast<unsigned char>(text[at + 1]));
    check(text[at] != '.' || digit_follows, "'.' must be followed by one or more digits");
  }
  std::string plain(text);
  plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
  if (plain == "+nan" || plain == "-nan") return Value::of_float(std::copysign(std::nan(""), plain[0] == '-' ? -1.0 : 1.0));
  const auto number = parse_float(plain);
  if (number.fault == NumberFault::range) fail(std::string(text) + " is out of range for float64", line);
  if (!number) fail("Invalid float value: " + quoted(text), line);
  return Value::of_float(number.value);
}

Value Reader::to_time(std::string_view text, int line) {
  std::string normal(text);
  for (char& c : normal) {
    if (c == 't' || c == ' ') c = 'T';
    if (c == 'z') c = 'Z';
  }
  TomlTime time;
  if (!parse_time(normal, time)) fail("invalid datetime: " + quoted(normal), line);
  const std::string written = rfc3339(normal, time);
  time.text = written;
  return options_.make_time ? options_.make_time(time) : Value::of_string(Text(written));
}

}  // namespace sluice::toml
