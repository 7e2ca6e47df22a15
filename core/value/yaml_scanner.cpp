#include "core/value/yaml_scanner.hpp"

#include <algorithm>
#include <array>

#include "core/value/unicode.hpp"

namespace sluice::yaml {
namespace {

/// Characters that a YAML stream may contain. U+FEFF is one of them.
bool is_allowed(char32_t c) {
  return (c >= 0xA0 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF) || c == 0x85 ||
         (c >= 0x20 && c <= 0x7E) || c == '\t' || c == '\n' || c == '\r';
}

/// 0: an allowed ASCII character, 1: a byte above ASCII, 2: a control character.
constexpr std::array<std::uint8_t, 256> byte_classes = [] {
  std::array<std::uint8_t, 256> classes{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const bool allowed = (byte >= 0x20 && byte <= 0x7E) || byte == '\t' || byte == '\n' || byte == '\r';
    classes[byte] = byte >= 0x80 ? 1 : allowed ? 0 : 2;
  }
  return classes;
}();

constexpr std::size_t block = 64;

/// Nothing but printable ASCII and newlines in a block of bytes? Written so that compilers use wide registers.
bool is_ordinary_block(const char* bytes) {
  unsigned bad = 0;
  for (std::size_t i = 0; i < block; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    bad |= static_cast<unsigned>(byte >= 0x7F) | (static_cast<unsigned>(byte < 0x20) & static_cast<unsigned>(byte != '\n'));
  }
  return bad == 0;
}

/// What Go's reader says about the bytes at the start of `text`; empty if they are a character that is allowed.
std::string_view character_problem(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const unsigned width = lead < 0x80 ? 1 : (lead & 0xE0) == 0xC0 ? 2 : (lead & 0xF0) == 0xE0 ? 3 : (lead & 0xF8) == 0xF0 ? 4 : 0;
  if (width == 0) return "invalid leading UTF-8 octet";
  if (width > text.size()) return "incomplete UTF-8 octet sequence";
  char32_t c = width == 1 ? lead : lead & (0x7Fu >> width);
  for (unsigned i = 1; i < width; ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if ((octet & 0xC0) != 0x80) return "invalid trailing UTF-8 octet";
    c = c << 6 | (octet & 0x3Fu);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (c < least[width]) return "invalid length of a UTF-8 sequence";
  if ((c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF) return "invalid Unicode character";
  return is_allowed(c) ? "" : "control characters are not allowed";
}

}  // namespace

void Arena::grow(std::size_t more) {
  const std::string_view partial = block_ ? view() : std::string_view();
  const std::size_t size = std::max<std::size_t>(std::size_t{32} << 10, (partial.size() + more) * 2);
  auto block = std::make_unique_for_overwrite<char[]>(size);
  partial.copy(block.get(), partial.size());
  used_ = partial.size();
  start_ = 0;
  size_ = size;
  block_ = block.get();
  blocks_.push_back(std::move(block));
}

Scanner::Scanner(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  check_characters(text);
  begin_ = at_ = line_start_ = column_at_ = buffer_.data();
  end_ = begin_ + buffer_.size() - 8;
  tokens_.reserve(16);
}

/// Go checks characters in pieces of 512 bytes when the scanner gets there. A bad one therefore ends the stream at the start of
/// its piece; it is reported when the scanner arrives.
void Scanner::check_characters(std::string_view text) {
  constexpr std::size_t piece = 512;
  std::size_t bad = std::string_view::npos;
  for (std::size_t at = 0; at < text.size() && bad == std::string_view::npos;) {
    if (text.size() - at >= block && is_ordinary_block(text.data() + at)) {
      at += block;
      continue;
    }
    for (const std::size_t end = std::min(at + block, text.size()); at < end;) {
      const auto lead = static_cast<unsigned char>(text[at]);
      if (byte_classes[lead] == 0) {
        ++at;
        continue;
      }
      ascii_ = false;
      if (const std::string_view problem = character_problem(text.substr(at)); !problem.empty()) {
        bad_character_ = problem;
        bad = at;
        break;
      }
      at += lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    }
  }
  if (bad != std::string_view::npos) {
    // A character cut off by the end of the text is only found out after all before it has been used.
    text = text.substr(0, bad_character_.starts_with("incomplete") ? bad : bad / piece * piece);
  }
  buffer_.reserve(text.size() + 8);
  buffer_.assign(text);
  buffer_.append(8, '\0');
}

// ---- errors

void Scanner::fail_at(std::string_view problem, const Mark& where, const Mark& context, bool scanning) const {
  const std::ptrdiff_t look_ahead = bad_character_.starts_with("incomplete") ? 0 : 4;
  if (!bad_character_.empty() && at_ + look_ahead >= end_) throw Fault{bad_character_};
  std::uint32_t line = 0;
  if (where.line != 0) {
    line = where.line + (scanning ? 1 : 0);
  } else {
    line = context.line;
  }
  throw Fault{(line != 0 ? "line " + std::to_string(line) + ": " : std::string()) + std::string(problem)};
}

void Scanner::fail(std::string_view problem, const Mark& context) const {
  fail_at(problem, Mark{offset(), line_, 0}, context, true);
}

void Scanner::fail_parsing(std::string_view problem, const Mark& where, const Mark& context) {
  fail_at(problem, where, context, false);
}

// ---- moving

std::uint32_t Scanner::column() {
  if (ascii_) return static_cast<std::uint32_t>(at_ - line_start_);
  for (; column_at_ < at_; ++column_at_) column_ += (static_cast<unsigned char>(*column_at_) & 0xC0) != 0x80;
  return column_;
}

void Scanner::skip_break() {
  at_ += at_[0] == '\r' && at_[1] == '\n' ? 2 : *at_ == '\xC2' ? 2 : *at_ == '\xE2' ? 3 : 1;
  ++line_;
  line_start_ = column_at_ = at_;
  column_ = 0;
}

/// Line breaks read as LF, except LS and PS, which stay.
void Scanner::read_break(std::string& out) {
  if (*at_ == '\xE2') {
    out.append(at_, 3);
  } else {
    out += '\n';
  }
  skip_break();
}

bool Scanner::at_document_indicator() const {
  if (!at_line_start() || (*at_ != '-' && *at_ != '.')) return false;
  return at_[1] == at_[0] && at_[2] == at_[0] && is_blank_or_end(at_ + 3);
}

// ---- the queue

/// Fetches until the token at the head is certain: while it may still turn out to be the key of a `key: value`, more is needed.
void Scanner::fetch_more() {
  for (;;) {
    if (head_ != tokens_.size()) {
      const auto is_head = [&](const SimpleKey& key) { return key.listed && key.possible && key.token == taken_; };
      const auto key = std::find_if(simple_keys_.begin(), simple_keys_.end(), is_head);
      if (key == simple_keys_.end() || !is_valid(*key)) break;
    } else {
      tokens_.clear();
      head_ = 0;
    }
    fetch_next();
  }
  available_ = true;
}

void Scanner::skip_to_next_token() {
  for (;;) {
    // Tabs are no indentation: not where a key could begin.
    while (*at_ == ' ' || (*at_ == '\t' && (flow_level_ > 0 || !simple_key_allowed_))) ++at_;
    if (*at_ == '#') {
      while (!is_break_or_end(at_)) ++at_;
    }
    if (!is_break(at_)) return;
    skip_break();
    if (flow_level_ == 0) simple_key_allowed_ = true;
  }
}

void Scanner::fetch_next() {
  skip_to_next_token();
  unroll_indent(static_cast<int>(column()));
  if (*at_ == '\0') return fetch_stream_end();
  const char c = *at_;
  const bool first = at_line_start();
  if (first && c == '%') return fetch_directive();
  if (first && at_document_indicator()) {
    return fetch_document_indicator(c == '-' ? TokenKind::document_start : TokenKind::document_end);
  }
  const bool flow = flow_level_ > 0;
  switch (c) {
    case '[': return fetch_flow_start(TokenKind::flow_sequence_start);
    case '{': return fetch_flow_start(TokenKind::flow_mapping_start);
    case ']': return fetch_flow_end(TokenKind::flow_sequence_end);
    case '}': return fetch_flow_end(TokenKind::flow_mapping_end);
    case ',': return fetch_flow_entry();
    case '-':
      if (is_blank_or_end(at_ + 1)) return fetch_block_entry();
      return fetch_plain();
    case '?':
      if (flow || is_blank_or_end(at_ + 1)) return fetch_key();
      return fetch_plain();
    case ':':
      if (flow || is_blank_or_end(at_ + 1)) return fetch_value();
      return fetch_plain();
    case '*': return fetch_name(TokenKind::alias);
    case '&': return fetch_name(TokenKind::anchor);
    case '!': return fetch_tag();
    case '|':
      if (!flow) return fetch_block_scalar(true);
      break;
    case '>':
      if (!flow) return fetch_block_scalar(false);
      break;
    case '\'': return fetch_quoted(true);
    case '"': return fetch_quoted(false);
    case '%':
    case '@':
    case '`':
    case '\t': break;
    default: return fetch_plain();
  }
  fail("found character that cannot start any token", mark());
}

// ---- simple keys

/// A key without `?` ends on its own line, at most 1024 characters after its start.
bool Scanner::is_valid(SimpleKey& key) {
  if (!key.possible) return false;
  const std::size_t bytes = offset() - key.mark.offset;
  const bool too_long = bytes > 1024 && (ascii_ || count_runes({begin_ + key.mark.offset, bytes}) > 1024);
  if (key.mark.line == line_ && !too_long) return true;
  if (key.required) fail("could not find expected ':'", key.mark);
  key.possible = false;
  return false;
}

void Scanner::save_simple_key() {
  if (!simple_key_allowed_) return;
  const Mark here = mark();
  const bool required = flow_level_ == 0 && indent_ == static_cast<int>(here.column);
  remove_simple_key();
  simple_keys_.back() = {true, required, true, next_number(), here};
}

void Scanner::remove_simple_key() {
  SimpleKey& key = simple_keys_.back();
  if (key.possible && key.required) fail("could not find expected ':'", key.mark);
  key.possible = false;
}

// ---- indentation

void Scanner::unroll_indent(int to) {
  if (flow_level_ > 0) return;
  while (indent_ > to) {
    push({.kind = TokenKind::block_end, .start = mark()});
    indent_ = indents_.back();
    indents_.pop_back();
  }
}

/// `number` is where in the stream the opening token belongs; npos: at the end.
void Scanner::roll_indent(int to, std::size_t number, TokenKind kind, const Mark& where) {
  if (flow_level_ > 0 || indent_ >= to) return;
  if (indents_.size() >= 10000) fail("exceeded max depth of 10000", simple_keys_.back().mark);
  indents_.push_back(indent_);
  indent_ = to;
  const Token token{.kind = kind, .start = where};
  insert(number, token);
}

/// Puts a token before the one with that number in the stream; at the end, if the parser has taken that one already.
void Scanner::insert(std::size_t number, const Token& token) {
  if (number == std::string_view::npos || number < taken_) return push(token);
  tokens_.insert(tokens_.begin() + static_cast<std::ptrdiff_t>(head_ + (number - taken_)), token);
}

// ---- one function a token

void Scanner::push_indicator(TokenKind kind, int width) {
  const Mark start = mark();
  at_ += width;
  push({.kind = kind, .start = start});
}

void Scanner::fetch_stream_end() {
  if (!bad_character_.empty()) throw Fault{bad_character_};
  if (column() != 0) {
    ++line_;
    line_start_ = column_at_ = at_;
    column_ = 0;
  }
  unroll_indent(-1);
  remove_simple_key();
  simple_key_allowed_ = false;
  push({.kind = TokenKind::stream_end, .start = mark()});
}

void Scanner::fetch_document_indicator(TokenKind kind) {
  unroll_indent(-1);
  remove_simple_key();
  simple_key_allowed_ = false;
  push_indicator(kind, 3);
}

void Scanner::fetch_directive() {
  unroll_indent(-1);
  remove_simple_key();
  simple_key_allowed_ = false;
  push(scan_directive());
}

void Scanner::fetch_flow_start(TokenKind kind) {
  save_simple_key();
  simple_keys_.push_back({.token = next_number()});
  if (++flow_level_ > 10000) fail("exceeded max depth of 10000", mark());
  simple_key_allowed_ = true;
  push_indicator(kind, 1);
}

void Scanner::fetch_flow_end(TokenKind kind) {
  remove_simple_key();
  if (flow_level_ > 0) {
    --flow_level_;
    // Go's list of keys goes by token number, and in `{}` the inner level has the number of the brace itself: the collection
    // is then no longer waited for as a key.
    for (SimpleKey& key : simple_keys_) {
      if (key.token == simple_keys_.back().token) key.listed = false;
    }
    simple_keys_.pop_back();
  }
  simple_key_allowed_ = false;
  push_indicator(kind, 1);
}

void Scanner::fetch_flow_entry() {
  remove_simple_key();
  simple_key_allowed_ = true;
  push_indicator(TokenKind::flow_entry, 1);
}

void Scanner::fetch_block_entry() {
  if (flow_level_ == 0) {
    if (!simple_key_allowed_) fail("block sequence entries are not allowed in this context", mark());
    const Mark here = mark();
    roll_indent(static_cast<int>(here.column), std::string_view::npos, TokenKind::block_sequence_start, here);
  }
  remove_simple_key();
  simple_key_allowed_ = true;
  push_indicator(TokenKind::block_entry, 1);
}

void Scanner::fetch_key() {
  if (flow_level_ == 0) {
    if (!simple_key_allowed_) fail("mapping keys are not allowed in this context", mark());
    const Mark here = mark();
    roll_indent(static_cast<int>(here.column), std::string_view::npos, TokenKind::block_mapping_start, here);
  }
  remove_simple_key();
  simple_key_allowed_ = flow_level_ == 0;
  push_indicator(TokenKind::key, 1);
}

void Scanner::fetch_value() {
  SimpleKey& key = simple_keys_.back();
  if (is_valid(key)) {
    insert(key.token, {.kind = TokenKind::key, .start = key.mark});
    roll_indent(static_cast<int>(key.mark.column), key.token, TokenKind::block_mapping_start, key.mark);
    key.possible = false;
    simple_key_allowed_ = false;
  } else {
    if (flow_level_ == 0) {
      if (!simple_key_allowed_) fail("mapping values are not allowed in this context", mark());
      const Mark here = mark();
      roll_indent(static_cast<int>(here.column), std::string_view::npos, TokenKind::block_mapping_start, here);
    }
    simple_key_allowed_ = flow_level_ == 0;
  }
  push_indicator(TokenKind::value, 1);
}

void Scanner::fetch_name(TokenKind kind) {
  save_simple_key();
  simple_key_allowed_ = false;
  push(scan_name(kind));
}

void Scanner::fetch_tag() {
  save_simple_key();
  simple_key_allowed_ = false;
  push(scan_tag());
}

void Scanner::fetch_plain() {
  save_simple_key();
  simple_key_allowed_ = false;
  push(scan_plain());
  if (!bad_character_.empty() && at_ >= end_) throw Fault{bad_character_};
}

void Scanner::fetch_quoted(bool single) {
  save_simple_key();
  simple_key_allowed_ = false;
  push(scan_quoted(single));
}

void Scanner::fetch_block_scalar(bool literal) {
  remove_simple_key();
  simple_key_allowed_ = true;
  push(scan_block_scalar(literal));
}

}  // namespace sluice::yaml
