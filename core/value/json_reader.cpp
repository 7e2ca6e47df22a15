#include <charconv>

#include "core/value/json.hpp"
#include "core/value/text.hpp"
#include "core/value/text_cache.hpp"
#include "core/value/unicode.hpp"

namespace sluice {
namespace {

/// The text is no JSON; thrown inside the reader and caught at its front door.
struct SyntaxFault {
  std::string text;
};

/// Follows the states of Go's scanner: which character is wrong, and what was expected there.
class Reader {
 public:
  Reader(std::string_view text, const JsonOptions& options) : text_(text), options_(options) {}

  Value run() {
    Value value = read_value(1);
    skip_space();
    if (at_ < text_.size()) fail("after top-level value");
    return value;
  }
  /// The first number that does not fit.
  const std::string& number_problem() const { return number_problem_; }

 private:
  [[noreturn]] void fail(std::string_view where) const {
    if (at_ >= text_.size()) throw SyntaxFault{"unexpected end of JSON input"};
    blame(text_[at_], where);
  }
  /// Where a blank would be wrong: Go's scanner puts one at the end to finish what is open, and blames it.
  [[noreturn]] void fail_within(std::string_view where) const { blame(at_ < text_.size() ? text_[at_] : ' ', where); }

  [[noreturn]] static void blame(char c, std::string_view where) {
    std::string shown;
    if (c == '\'') {
      shown = R"('\'')";
    } else if (c == '"') {
      shown = R"('"')";
    } else {
      std::string rune;
      append_rune(rune, static_cast<unsigned char>(c));
      shown = quoted(rune);
      shown.front() = shown.back() = '\'';
    }
    throw SyntaxFault{"invalid character " + shown + " " + std::string(where)};
  }

  bool at(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool at_digit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
  }

  Value read_value(int depth) {
    skip_space();
    if (at_ >= text_.size()) fail("");
    switch (text_[at_]) {
      case '{': return read_object(depth);
      case '[': return read_array(depth);
      case '"': return Value::of_string(read_string());
      case 't': read_word("true"); return Value::of_bool(true);
      case 'f': read_word("false"); return Value::of_bool(false);
      case 'n': read_word("null"); return {};
      default: return read_number();
    }
  }

  void enter(int depth) const {
    if (depth > options_.max_depth) throw SyntaxFault{"exceeded max depth"};
  }

  Value read_object(int depth) {
    enter(depth);
    std::vector<Map::Entry> entries;
    ++at_;
    skip_space();
    if (at('}')) {
      ++at_;
      return Value::of_map(make_ref<Map>());
    }
    for (;;) {
      skip_space();
      if (!at('"')) fail("looking for beginning of object key string");
      Text key = read_string();
      skip_space();
      if (!at(':')) fail("after object key");
      ++at_;
      Value value = read_value(depth + 1);
      entries.push_back({std::move(key), std::move(value)});
      skip_space();
      if (at('}')) break;
      if (!at(',')) fail("after object key:value pair");
      ++at_;
    }
    ++at_;
    const std::size_t count = entries.size();
    auto map = make_ref<Map>(std::move(entries));
    if (options_.refuse_duplicate_keys && map->size() != count) throw SyntaxFault{"json: an object has the same key twice"};
    return Value::of_map(std::move(map));
  }

  Value read_array(int depth) {
    enter(depth);
    std::vector<Value> items;
    ++at_;
    skip_space();
    if (at(']')) {
      ++at_;
      return Value::new_list();
    }
    for (;;) {
      items.push_back(read_value(depth + 1));
      skip_space();
      if (at(']')) break;
      if (!at(',')) fail("after array element");
      ++at_;
    }
    ++at_;
    return Value::new_list(std::move(items));
  }

  void read_word(std::string_view word) {
    for (std::size_t i = 0; i < word.size(); ++i, ++at_) {
      if (!at(word[i])) fail_within("in literal " + std::string(word) + " (expecting '" + word[i] + "')");
    }
  }

  Value read_number() {
    const std::size_t begin = at_;
    const bool negative = at('-');
    if (negative) ++at_;
    if (!at_digit()) fail_within(negative ? "in numeric literal" : "looking for beginning of value");
    if (at('0')) {
      ++at_;
    } else {
      skip_digits();
    }
    bool whole = true;
    if (at('.')) {
      whole = false;
      ++at_;
      if (!at_digit()) fail_within("after decimal point in numeric literal");
      skip_digits();
    }
    if (at('e') || at('E')) {
      whole = false;
      ++at_;
      if (at('+') || at('-')) ++at_;
      if (!at_digit()) fail_within("in exponent of numeric literal");
      skip_digits();
    }
    return to_number(text_.substr(begin, at_ - begin), whole);
  }

  void skip_digits() {
    while (at_digit()) ++at_;
  }

  Value to_number(std::string_view digits, bool whole) {
    if (whole && options_.numbers == Numbers::typed) {
      if (const auto n = parse_int(digits, 10)) return Value::of_int64(n.value);
      if (const auto n = parse_uint(digits, 10)) return Value::of_uint64(n.value);
    }
    if (whole && digits.size() <= 15 && digits[0] != '-') {  // exact in a double
      std::int64_t n = 0;
      for (const char c : digits) n = n * 10 + (c - '0');
      return Value::of_float(static_cast<double>(n));
    }
    const auto number = parse_float(digits);
    if (number) return Value::of_float(number.value);
    if (number_problem_.empty()) {
      number_problem_ = "json: cannot unmarshal number " + std::string(digits) + " into Go value of type float64";
    }
    return {};
  }

  Text read_string() {
    ++at_;
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' && text_[at_] >= ' ') ++at_;
    if (at('"')) return texts_.get(text_.substr(begin, at_++ - begin));
    std::string out(text_.substr(begin, at_ - begin));
    while (!at('"')) {
      if (at_ >= text_.size()) fail("");
      const char c = text_[at_];
      if (c == '\\') {
        ++at_;
        read_escape(out);
      } else if (static_cast<unsigned char>(c) < 0x20) {
        fail("in string literal");
      } else {
        const Rune rune = decode_rune(text_.substr(at_));
        append_rune(out, rune.value);
        at_ += rune.size;
      }
    }
    ++at_;
    return texts_.get(out);
  }

  void read_escape(std::string& out) {
    if (at_ >= text_.size()) fail_within("in string escape code");
    switch (text_[at_]) {
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case '"':
      case '\\':
      case '/': out += text_[at_]; break;
      case 'u': ++at_; return read_unicode_escape(out);
      default: fail("in string escape code");
    }
    ++at_;
  }

  char32_t read_four_digits() {
    char32_t value = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      unsigned digit = 0;
      const bool inside = at_ < text_.size();
      if (!inside || std::from_chars(text_.data() + at_, text_.data() + at_ + 1, digit, 16).ec != std::errc()) {
        fail_within("in \\u hexadecimal character escape");
      }
      value = value << 4 | digit;
    }
    return value;
  }

  /// Two escapes may be the halves of one character; a half alone becomes U+FFFD.
  void read_unicode_escape(std::string& out) {
    const char32_t first = read_four_digits();
    if (first >= 0xD800 && first <= 0xDBFF && text_.substr(at_, 2) == "\\u") {
      const std::size_t back = at_;
      at_ += 2;
      const char32_t second = read_four_digits();
      if (second >= 0xDC00 && second <= 0xDFFF) {
        return append_rune(out, 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
      }
      at_ = back;
    }
    append_rune(out, first);
  }

  std::string_view text_;
  const JsonOptions& options_;
  std::size_t at_ = 0;
  std::string number_problem_;
  TextCache texts_;
};

std::string_view json_kind(const Value& value) {
  switch (value.kind()) {
    case Kind::boolean: return "bool";
    case Kind::string: return "string";
    case Kind::list: return "array";
    case Kind::map: return "object";
    default: return "number";
  }
}

}  // namespace

JsonRead read_json_leniently(std::string_view text, const JsonOptions& options) {
  JsonRead read;
  const bool map = options.target == JsonTarget::map;
  try {
    Reader reader(text, options);
    read.value = reader.run();
    if (!reader.number_problem().empty()) read.error = Error{Errc::invalid, reader.number_problem()};
  } catch (const SyntaxFault& fault) {
    read.error = Error{Errc::invalid, fault.text};
    return read;
  }
  if (options.target == JsonTarget::any) return read;
  if (read.value.is_nil() && !read.error) {
    read.value = map ? Value::nil_map() : Value::nil_list();
  } else if (map ? !read.value.is_map() : !read.value.is_list()) {
    read.error = Error{Errc::invalid, "json: cannot unmarshal " + std::string(json_kind(read.value)) + " into Go value of type " +
                                          (map ? "map[string]interface {}" : "[]interface {}")};
    read.value = {};
  }
  return read;
}

Result<Value> read_json(std::string_view text, const JsonOptions& options) {
  JsonRead read = read_json_leniently(text, options);
  if (read.error) return *std::move(read.error);
  return std::move(read.value);
}

}  // namespace sluice
