// Plain, quoted and block scalars.

#include <algorithm>

#include "core/value/unicode.hpp"
#include "core/value/yaml_scanner.hpp"

namespace sluice::yaml {
namespace {

bool ends_plain_in_flow(char c) { return c == ',' || c == '?' || c == '[' || c == ']' || c == '{' || c == '}'; }

/// -1 if `c` is no hex digit.
int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

/// A run of lines: one break between two of them becomes a space, more breaks stay without the first.
static void fold(Arena& out, const std::string& leading, const std::string& trailing) {
  if (leading[0] == '\n') {
    if (trailing.empty()) {
      out.push(' ');
    } else {
      out.append(trailing);
    }
  } else {
    out.append(leading);
    out.append(trailing);
  }
}

Token Scanner::scan_plain() {
  Token token{.kind = TokenKind::scalar, .plain = true, .start = mark()};
  const int least_indent = indent_ + 1;
  const bool flow = flow_level_ > 0;
  const char* const start = at_;
  const char* end = at_;
  bool copied = false;       // the text so far is in the arena, not [start, end)
  bool after_break = false;  // breaks wait in leading_break_ and breaks_
  const char* spaces = at_;  // blanks since `end`, if not after a break
  for (;;) {
    if (at_document_indicator() || *at_ == '#') break;
    const char* const chunk = at_;
    for (; !is_blank_or_end(at_); ++at_) {
      if (*at_ == ':' && is_blank_or_end(at_ + 1)) break;
      if (flow && ends_plain_in_flow(*at_)) break;
    }
    if (at_ != chunk) {
      if (after_break) {
        if (!copied) {
          arena_.begin();
          arena_.append({start, static_cast<std::size_t>(end - start)});
          copied = true;
        }
        fold(arena_, leading_break_, breaks_);
        after_break = false;
      } else if (copied) {
        arena_.append({spaces, static_cast<std::size_t>(chunk - spaces)});
      }
      if (copied) arena_.append({chunk, static_cast<std::size_t>(at_ - chunk)});
      end = at_;
    }
    if (!is_blank(*at_) && !is_break(at_)) break;
    spaces = at_;
    for (;;) {
      if (is_blank(*at_)) {
        if (after_break && *at_ == '\t' && static_cast<int>(column()) < least_indent) {
          fail("found a tab character that violates indentation", token.start);
        }
        ++at_;
      } else if (is_break(at_)) {
        if (!after_break) {
          leading_break_.clear();
          breaks_.clear();
          read_break(leading_break_);
          after_break = true;
        } else {
          read_break(breaks_);
        }
      } else {
        break;
      }
    }
    if (!flow && static_cast<int>(column()) < least_indent) break;
  }
  token.value = copied ? arena_.view() : std::string_view(start, static_cast<std::size_t>(end - start));
  if (after_break) simple_key_allowed_ = true;
  return token;
}

Token Scanner::scan_quoted(bool single) {
  Token token{.kind = TokenKind::scalar, .start = mark()};
  const char quote = *at_++;
  // Most quoted scalars are a piece of one line.
  const char* look = at_;
  while (*look != quote && (single || *look != '\\') && !is_break_or_end(look)) ++look;
  if (*look == quote && !(single && look[1] == quote)) {
    token.value = {at_, static_cast<std::size_t>(look - at_)};
    at_ = look + 1;
    return token;
  }
  arena_.begin();
  scan_quoted_slowly(single, token.start);
  token.value = arena_.view();
  return token;
}

void Scanner::scan_quoted_slowly(bool single, const Mark& start) {
  const char quote = single ? '\'' : '"';
  for (;;) {
    if (at_document_indicator()) fail("found unexpected document indicator", start);
    if (*at_ == '\0') fail("found unexpected end of stream", start);
    bool after_break = false;
    leading_break_.clear();
    breaks_.clear();
    while (!is_blank_or_end(at_)) {
      if (*at_ == quote) {
        if (!single || at_[1] != quote) break;
        arena_.push(quote);
        at_ += 2;
      } else if (!single && *at_ == '\\') {
        if (is_break(at_ + 1)) {
          ++at_;
          skip_break();
          after_break = true;
          break;
        }
        scan_escape(start);
      } else {
        arena_.push(*at_++);
      }
    }
    if (*at_ == quote) break;
    const char* const spaces = at_;
    const char* spaces_end = at_;
    for (;;) {
      if (is_blank(*at_)) {
        ++at_;
        if (!after_break) spaces_end = at_;
      } else if (is_break(at_)) {
        if (!after_break) {
          spaces_end = spaces;
          read_break(leading_break_);
          after_break = true;
        } else {
          read_break(breaks_);
        }
      } else {
        break;
      }
    }
    if (!after_break) {
      arena_.append({spaces, static_cast<std::size_t>(spaces_end - spaces)});
    } else if (leading_break_.empty()) {  // an escaped break joins without a space
      arena_.append(breaks_);
    } else {
      fold(arena_, leading_break_, breaks_);
    }
  }
  ++at_;
}

void Scanner::scan_escape(const Mark& start) {
  int digits = 0;
  switch (at_[1]) {
    case '0': arena_.push('\0'); break;
    case 'a': arena_.push('\a'); break;
    case 'b': arena_.push('\b'); break;
    case 't':
    case '\t': arena_.push('\t'); break;
    case 'n': arena_.push('\n'); break;
    case 'v': arena_.push('\v'); break;
    case 'f': arena_.push('\f'); break;
    case 'r': arena_.push('\r'); break;
    case 'e': arena_.push('\x1B'); break;
    case ' ':
    case '"':
    case '\'':
    case '\\': arena_.push(at_[1]); break;
    case 'N': arena_.append("\xC2\x85"); break;
    case '_': arena_.append("\xC2\xA0"); break;
    case 'L': arena_.append("\xE2\x80\xA8"); break;
    case 'P': arena_.append("\xE2\x80\xA9"); break;
    case 'x': digits = 2; break;
    case 'u': digits = 4; break;
    case 'U': digits = 8; break;
    default: fail("found unknown escape character", start);
  }
  at_ += 2;
  if (digits == 0) return;
  std::uint64_t rune = 0;
  for (int i = 0; i < digits; ++i) {
    const int digit = hex_value(at_[i]);
    if (digit < 0) fail("did not find expected hexdecimal number", start);
    rune = rune << 4 | static_cast<std::uint64_t>(digit);
  }
  if ((rune >= 0xD800 && rune <= 0xDFFF) || rune > 0x10FFFF) fail("found invalid Unicode character escape code", start);
  std::string bytes;
  append_rune(bytes, static_cast<char32_t>(rune));
  arena_.append(bytes);
  at_ += digits;
}

Token Scanner::scan_block_scalar(bool literal) {
  Token token{.kind = TokenKind::scalar, .start = mark()};
  ++at_;
  // The header: chomping and indentation indicators in either order.
  char chomping = '\0';
  int increment = 0;
  const auto take_chomping = [&] {
    if (*at_ == '+' || *at_ == '-') chomping = *at_++;
  };
  const auto take_increment = [&] {
    if (*at_ < '0' || *at_ > '9') return;
    if (*at_ == '0') fail("found an indentation indicator equal to 0", token.start);
    increment = *at_++ - '0';
  };
  take_chomping();
  take_increment();
  if (chomping == '\0') take_chomping();
  skip_to_line_end("did not find expected comment or line break", token.start);

  int indent = increment == 0 ? 0 : indent_ >= 0 ? indent_ + increment : increment;
  std::string& trailing = breaks_;
  std::string& leading = leading_break_;
  trailing.clear();
  leading.clear();
  scan_block_breaks(indent, trailing, token.start);
  arena_.begin();
  bool leading_blank = false;
  while (static_cast<int>(column()) == indent && *at_ != '\0') {
    const bool blank = is_blank(*at_);
    if (!literal && !leading_blank && !blank && !leading.empty() && leading[0] == '\n') {
      if (trailing.empty()) arena_.push(' ');
    } else {
      arena_.append(leading);
    }
    leading.clear();
    arena_.append(trailing);
    trailing.clear();
    leading_blank = blank;
    const char* const line = at_;
    while (!is_break_or_end(at_)) ++at_;
    arena_.append({line, static_cast<std::size_t>(at_ - line)});
    if (is_break(at_)) read_break(leading);
    scan_block_breaks(indent, trailing, token.start);
  }
  if (chomping != '-') arena_.append(leading);
  if (chomping == '+') arena_.append(trailing);
  token.value = arena_.view();
  return token;
}

/// Skips indentation and empty lines. An `indent` of 0 is not known yet, and becomes that of the first line with text.
void Scanner::scan_block_breaks(int& indent, std::string& breaks, const Mark& start) {
  int deepest = 0;
  for (;;) {
    int here = static_cast<int>(column());
    while ((indent == 0 || here < indent) && *at_ == ' ') {
      ++at_;
      ++here;
    }
    if (here > deepest) deepest = here;
    if ((indent == 0 || here < indent) && *at_ == '\t') {
      fail("found a tab character where an indentation space is expected", start);
    }
    if (!is_break(at_)) break;
    read_break(breaks);
  }
  if (indent == 0) indent = std::max({deepest, indent_ + 1, 1});
}

}  // namespace sluice::yaml
