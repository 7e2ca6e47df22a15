// Directives, anchors, aliases and tags.

#include "core/value/yaml_scanner.hpp"

namespace sluice::yaml {
namespace {

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
unsigned hex(char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10); }
bool is_uri_character(char c) {
  return is_name_character(c) || (c != '\0' && std::string_view(";/?:@&=+$,.!~*'()[]%").find(c) != std::string_view::npos);
}

}  // namespace

/// Skips blanks and a comment; nothing else may come before the end of the line, which is skipped too.
void Scanner::skip_to_line_end(std::string_view problem, const Mark& start) {
  while (is_blank(*at_)) ++at_;
  if (*at_ == '#') {
    while (!is_break_or_end(at_)) ++at_;
  }
  if (!is_break_or_end(at_)) fail(problem, start);
  if (is_break(at_)) skip_break();
}

Token Scanner::scan_directive() {
  Token token{.start = mark()};
  ++at_;
  const char* const begin = at_;
  while (is_name_character(*at_)) ++at_;
  const std::string_view name(begin, static_cast<std::size_t>(at_ - begin));
  if (name.empty()) fail("could not find expected directive name", token.start);
  if (!is_blank_or_end(at_)) fail("found unexpected non-alphabetical character", token.start);
  if (name == "YAML") {
    token.kind = TokenKind::version_directive;
    token.value = scan_version(token.start);
  } else if (name == "TAG") {
    token.kind = TokenKind::tag_directive;
    while (is_blank(*at_)) ++at_;
    token.value = scan_tag_handle(true, token.start);
    if (!is_blank(*at_)) fail("did not find expected whitespace", token.start);
    while (is_blank(*at_)) ++at_;
    token.suffix = scan_tag_uri({}, token.start);
    if (!is_blank_or_end(at_)) fail("did not find expected whitespace or line break", token.start);
  } else {
    fail("found unknown directive name", token.start);
  }
  skip_to_line_end("did not find expected comment or line break", token.start);
  return token;
}

std::string_view Scanner::scan_version(const Mark& start) {
  while (is_blank(*at_)) ++at_;
  const char* const begin = at_;
  scan_version_number(start);
  if (*at_ != '.') fail("did not find expected digit or '.' character", start);
  ++at_;
  scan_version_number(start);
  return {begin, static_cast<std::size_t>(at_ - begin)};
}

void Scanner::scan_version_number(const Mark& start) {
  int digits = 0;
  for (; *at_ >= '0' && *at_ <= '9'; ++at_) {
    if (++digits > 2) fail("found extremely long version number", start);
  }
  if (digits == 0) fail("did not find expected version number", start);
}

Token Scanner::scan_name(TokenKind kind) {
  Token token{.kind = kind, .start = mark()};
  const char* const begin = ++at_;
  while (is_name_character(*at_)) ++at_;
  token.value = {begin, static_cast<std::size_t>(at_ - begin)};
  const bool ended = is_blank_or_end(at_) || std::string_view("?:,]}%@`").find(*at_) != std::string_view::npos;
  if (token.value.empty() || !ended) fail("did not find expected alphabetic or numeric character", token.start);
  return token;
}

Token Scanner::scan_tag() {
  Token token{.kind = TokenKind::tag, .start = mark()};
  if (at_[1] == '<') {  // !<verbatim>
    at_ += 2;
    token.suffix = scan_tag_uri({}, token.start);
    if (*at_ != '>') fail("did not find the expected '>'", token.start);
    ++at_;
  } else {
    const std::string_view handle = scan_tag_handle(false, token.start);
    if (handle.size() > 1 && handle.back() == '!') {  // !handle!suffix
      token.value = handle;
      token.suffix = scan_tag_uri({}, token.start);
    } else {  // !suffix, or ! alone
      token.suffix = scan_tag_uri(handle, token.start);
      token.value = "!";
      if (token.suffix.empty()) std::swap(token.value, token.suffix);
    }
  }
  if (!is_blank_or_end(at_)) fail("did not find expected whitespace or line break", token.start);
  return token;
}

std::string_view Scanner::scan_tag_handle(bool directive, const Mark& start) {
  if (*at_ != '!') fail("did not find expected '!'", start);
  const char* const begin = at_++;
  while (is_name_character(*at_)) ++at_;
  if (*at_ == '!') {
    ++at_;
  } else if (directive && at_ - begin != 1) {
    fail("did not find expected '!'", start);
  }
  return {begin, static_cast<std::size_t>(at_ - begin)};
}

/// `head` is what was already taken of the tag, with its first `!`.
std::string_view Scanner::scan_tag_uri(std::string_view head, const Mark& start) {
  arena_.begin();
  if (head.size() > 1) arena_.append(head.substr(1));
  bool found = !head.empty();
  while (is_uri_character(*at_)) {
    if (*at_ == '%') {
      scan_uri_escapes(start);
    } else {
      arena_.push(*at_++);
    }
    found = true;
  }
  if (!found) fail("did not find expected tag URI", start);
  return arena_.view();
}

/// %C3%A9: all the bytes of one character.
void Scanner::scan_uri_escapes(const Mark& start) {
  int left = 1;
  for (bool first = true; left > 0; --left, first = false) {
    if (*at_ != '%' || !is_hex(at_[1]) || !is_hex(at_[2])) fail("did not find URI escaped octet", start);
    const unsigned octet = hex(at_[1]) << 4 | hex(at_[2]);
    if (first) {
      left = octet < 0x80 ? 1 : (octet & 0xE0) == 0xC0 ? 2 : (octet & 0xF0) == 0xE0 ? 3 : (octet & 0xF8) == 0xF0 ? 4 : 0;
      if (left == 0) fail("found an incorrect leading UTF-8 octet", start);
    } else if ((octet & 0xC0) != 0x80) {
      fail("found an incorrect trailing UTF-8 octet", start);
    }
    arena_.push(static_cast<char>(static_cast<unsigned char>(octet)));
    at_ += 3;
  }
}

}  // namespace sluice::yaml
