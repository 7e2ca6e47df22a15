#include "core/value/toml_reader.hpp"

#include "core/value/text.hpp"
#include "core/value/toml_key.hpp"
#include "core/value/unicode.hpp"

namespace sluice::toml {
namespace {

constexpr std::size_t max_key_parts = 500;  // each part is a table in the one before

bool is_blank(char32_t c) { return c == U' ' || c == U'\t'; }
bool is_newline(char32_t c) { return c == U'\n' || c == U'\r'; }
bool is_bare_key(char32_t c) {
  return (c >= U'A' && c <= U'Z') || (c >= U'a' && c <= U'z') || (c >= U'0' && c <= U'9') || c == U'_' || c == U'-';
}

}  // namespace

// ---- characters

void Reader::fail(std::string_view problem, int line) const {
  std::string last_key = key_text(tables_.context);
  if (!current_key_.empty()) last_key = last_key.empty() ? current_key_ : last_key + "." + current_key_;
  std::string where = "toml: line " + std::to_string(line);
  if (!last_key.empty()) where += " (last key " + quoted(last_key) + ")";
  throw Fault{where + ": " + std::string(problem)};
}

void Reader::fail(std::string_view problem) const {
  if (at_end_) fail_before(problem);
  fail(problem, line_);
}

/// Helm 3's library counts one line less even where the last character read did not end a line.
void Reader::fail_before(std::string_view problem) const {
  const bool after_line = at_ > 0 && text_[at_ - 1] == '\n';
  fail(problem, options_.rules == TomlRules::helm3 || after_line ? line_ - 1 : line_);
}

void Reader::fail_at(char32_t found, std::string_view problem) const {
  if (found == U'\n' && options_.rules == TomlRules::helm4) fail_before(problem);
  fail(problem);
}

char32_t Reader::next() {
  at_end_ = at_ >= text_.size();
  if (at_end_) return eof;
  if (text_[at_] == '\n') ++line_;
  const Rune rune = decode_rune(text_.substr(at_));
  if (!rune.valid()) {
    std::string problem = "invalid UTF-8 byte: 0x";
    append_uint(problem, static_cast<unsigned char>(text_[at_]), 16);
    fail(problem);
  }
  const char32_t c = rune.value;
  const bool lone_cr = c == U'\r' && !text_.substr(at_ + 1).starts_with('\n');
  if ((c < 0x20 && c != U'\t' && c != U'\n' && c != U'\r') || c == 0x7F || lone_cr) {
    std::string hex;
    append_uint(hex, c, 16);
    fail("TOML files cannot contain control characters: '0x" + std::string(hex.size() < 2 ? "0" : "") + hex + "'");
  }
  at_ += rune.size;
  return c;
}

char32_t Reader::peek() {
  const std::size_t at = at_;
  const int line = line_;
  const bool end = at_end_;
  const char32_t c = next();
  at_ = at;
  line_ = line;
  at_end_ = end;
  return c;
}

bool Reader::accept(char c) {
  if (peek() != static_cast<char32_t>(c)) return false;
  next();
  return true;
}

void Reader::skip_blanks() {
  while (is_blank(peek())) next();
}

std::string Reader::show(char32_t c) {
  std::string out;
  append_quoted_rune(out, c == eof ? 0 : c, false);
  return out;
}

std::string Reader::show_plain(char32_t c) {
  if (c == eof) return "end of file";
  std::string out = "'";
  append_rune(out, c);
  return out + "'";
}

// ---- structure

Value Reader::run() {
  if (text_.starts_with("\xFF\xFE") || text_.starts_with("\xFE\xFF")) text_.remove_prefix(2);
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  if (text_.substr(0, 6).find('\0') != std::string_view::npos) {
    fail("files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8", 1);
  }
  while (peek() != eof) read_line();
  return to_value(tables_.root);
}

void Reader::read_line() {
  const char32_t c = peek();
  if (is_blank(c) || is_newline(c)) {
    next();
  } else if (c == U'#') {
    read_comment();
  } else if (c == U'[') {
    next();
    read_header();
    end_line();
  } else {
    read_entry();
    end_line();
  }
}

void Reader::read_comment() {
  while (peek() != eof && !is_newline(peek())) next();
}

void Reader::end_line() {
  skip_blanks();
  if (peek() == U'#') read_comment();
  const char32_t c = next();
  if (is_newline(c) || c == eof) return;
  fail("expected a top-level item to end with a newline, comment, or EOF, but got " + show(c) + " instead");
}

template <class Change>
void Reader::change_tables(const Change& change, int line) {
  try {
    change();
  } catch (const Tables::Clash& clash) {
    fail(clash.text, line);
  }
}

/// [a.b] or [[a.b]]
void Reader::read_header() {
  const bool array = accept('[');
  Key key;
  int line = line_;
  for (;;) {
    skip_blanks();
    const char32_t c = peek();
    if (c == eof) at_end_ = false;
    if (c == U']' || c == eof) fail("unexpected end of table name (table names cannot be empty)");
    if (c == U'.') fail("unexpected table separator (table names cannot be empty)");
    if (key.empty()) line = line_;
    add_key_part(key);
    skip_blanks();
    const char32_t end = next();
    if (end == U']') break;
    if (end != U'.') fail("expected '.' or ']' to end table name, but got " + show(end) + " instead");
  }
  if (array) {
    const char32_t c = next();
    if (c != U']') fail("expected end of table array name delimiter ']', but got " + show(c) + " instead");
  }
  change_tables([&] { tables_.enter(key, array); }, line);
}

void Reader::add_key_part(Key& key) {
  if (key.size() == max_key_parts) fail("a key has more than " + std::to_string(max_key_parts) + " parts");
  key.push_back(read_key_part());
}

std::string Reader::read_key_part() {
  const char32_t c = peek();
  if (c == U'"') {
    next();
    return read_basic_string();
  }
  if (c == U'\'') {
    next();
    return read_raw_string();
  }
  const std::size_t begin = at_;
  while (is_bare_key(peek())) next();
  return std::string(since(begin));
}

/// a.b.c and the equals sign behind it.
Key Reader::read_dotted_key() {
  Key key;
  for (bool first = true;; first = false) {
    skip_blanks();
    const char32_t c = peek();
    if (c == U'=' || c == eof) {
      at_end_ = false;
      fail(first ? "unexpected '=': key name appears blank" : "unexpected '='");
    }
    if (c == U'.') fail(first ? "unexpected '.': keys cannot start with a '.'" : "unexpected '.'");
    if (first) key_line_ = line_;
    add_key_part(key);
    skip_blanks();
    const char32_t end = next();
    if (end == U'=') return key;
    if (end == eof) fail("unexpected EOF; expected key separator '='");
    if (end != U'.') fail_at(end, "expected '.' or '=', but got " + show(end) + " instead");
  }
}

void Reader::read_entry() {
  const Key outer = tables_.context;
  Key key = read_dotted_key();
  const int line = key_line_;
  current_key_ = std::move(key.back());
  key.pop_back();
  change_tables(
      [&] {
        for (const std::string& part : key) {
          Key path = tables_.context;
          path.push_back(part);
          tables_.declare_implicit(path);
          tables_.enter(path, false);
        }
      },
      line);
  inline_in_array_ = false;
  Value value = read_value(1);
  change_tables([&] { tables_.set(current_key_, std::move(value)); }, key_line_);
  tables_.context = outer;
  current_key_.clear();
}

Value Reader::read_value(int depth) {
  if (depth > options_.max_depth) fail("values nest deeper than " + std::to_string(options_.max_depth) + " levels");
  skip_blanks();
  const char32_t c = peek();
  if (c >= U'0' && c <= U'9') return read_number_or_date();
  switch (c) {
    case U'[': return read_array(depth);
    case U'{': return read_inline_table(depth);
    case U'"':
    case U'\'': return read_string_value(static_cast<char>(c));
    case U'-':
    case U'+': return read_signed_number();
    case U'.': next(); fail("floats must start with a digit, not '.'");
    default: return read_word();
  }
}

Value Reader::read_array(int depth) {
  next();
  tables_.declare_array(current_key_);
  std::vector<Value> items;
  const auto skip_space = [&] {
    for (;;) {
      while (is_blank(peek()) || is_newline(peek())) next();
      if (peek() != U'#') return;
      read_comment();
    }
  };
  for (;;) {
    skip_space();
    if (accept(']')) break;
    if (peek() == U',') {
      next();
      fail("unexpected comma");
    }
    inline_in_array_ = true;
    items.push_back(read_value(depth + 1));
    skip_space();
    const char32_t c = next();
    if (c == U']') break;
    if (c != U',') fail("expected a comma (',') or array terminator (']'), but got " + show_plain(c));
  }
  return Value::new_list(std::move(items));
}

/// {a = 1}. Its keys are also entered among the tables, which finds those that are there twice.
Value Reader::read_inline_table(int depth) {
  next();
  const bool in_array = std::exchange(inline_in_array_, false);
  const Key outer = tables_.context;
  const std::string outer_key = std::exchange(current_key_, std::string());
  Key context = outer;
  context.push_back(outer_key);
  change_tables(
      [&] {
        tables_.context = context;
        tables_.declare_implicit(context);
        tables_.enter(context, in_array);
      },
      key_line_);
  context = tables_.context;
  Value result = Value::new_map();
  const auto check_newline = [&] {
    skip_blanks();
    if (!is_newline(peek())) return;
    next();
    fail_before("newlines not allowed within inline tables");
  };
  for (bool first = true;; first = false) {
    check_newline();
    if (first && accept('}')) break;
    if (peek() == U',') {
      next();
      fail("unexpected comma");
    }
    Key key = read_dotted_key();
    const int line = key_line_;
    current_key_ = std::move(key.back());
    key.pop_back();
    change_tables(
        [&] {
          for (const std::string& part : key) {
            Key path = tables_.context;
            path.push_back(part);
            tables_.declare_implicit(path);
            tables_.enter(path, false);
          }
        },
        line);
    Value value = read_value(depth + 1);
    change_tables([&] { tables_.set(current_key_, value); }, key_line_);
    Map* map = result.map();
    for (const std::string& part : key) {
      Value& child = map->at_or_add(Text(part));
      if (child.is_nil()) child = Value::new_map();
      if (!child.is_map()) fail(quoted(key_text(tables_.context)) + " is not a table", line);
      map = child.map();
    }
    map->set(Text(current_key_), std::move(value));
    tables_.context = context;
    check_newline();
    const char32_t c = next();
    if (c == U'}') break;
    if (c != U',') fail("expected a comma or an inline table terminator '}', but got " + show_plain(c) + " instead");
    skip_blanks();
    if (peek() == U'}') fail("trailing comma not allowed in inline tables");
  }
  tables_.context = outer;
  current_key_ = outer_key;
  return result;
}

}  // namespace sluice::toml

namespace sluice {

Result<Value> read_toml(std::string_view text, const TomlOptions& options) {
  try {
    return toml::Reader(text, options).run();
  } catch (const toml::Fault& fault) {
    return Error{Errc::invalid, fault.text};
  }
}

}  // namespace sluice
