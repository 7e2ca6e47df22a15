#include "core/gotemplate/lexer.hpp"

#include <array>
#include <cstdio>
#include <utility>

#include "core/value/text.hpp"
#include "core/value/unicode.hpp"

namespace sluice::gotemplate {

namespace {

constexpr std::string_view left = "{{";
constexpr std::string_view right = "}}";
constexpr std::size_t trim_marker = 2;  // "- " or " -": a dash and a white byte

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_name_byte(char c) { return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_name_rune(char32_t rune) {
  if (rune < 0x80) return is_name_byte(static_cast<char>(rune));
  return is_letter(rune) || is_digit(rune);
}

TokenKind keyword_or(std::string_view word, TokenKind otherwise) {
  static constexpr std::array<std::pair<std::string_view, TokenKind>, 11> keywords{{{"block", TokenKind::block},
                                                                                    {"break", TokenKind::break_},
                                                                                    {"continue", TokenKind::continue_},
                                                                                    {"define", TokenKind::define},
                                                                                    {"else", TokenKind::else_},
                                                                                    {"end", TokenKind::end},
                                                                                    {"if", TokenKind::if_},
                                                                                    {"nil", TokenKind::nil},
                                                                                    {"range", TokenKind::range},
                                                                                    {"template", TokenKind::template_},
                                                                                    {"with", TokenKind::with}}};
  for (const auto& [text, kind] : keywords) {
    if (text == word) return kind;
  }
  return otherwise;
}

/// Go's %#U: U+00BF '¿', without the character if it cannot be shown.
std::string unicode_name(char32_t rune) {
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "U+%04X", static_cast<unsigned>(rune));
  std::string name = buffer.data();
  if (is_print(rune)) {
    name += " '";
    append_rune(name, rune);
    name += "'";
  }
  return name;
}

}  // namespace

Token Lexer::next() { return inside_action_ ? inside_action() : text(); }

Token Lexer::emit(TokenKind kind) {
  const Token token{kind, static_cast<std::uint32_t>(start_), input_.substr(start_, pos_ - start_)};
  start_ = pos_;
  return token;
}

Token Lexer::fail(std::string message) {
  message_ = std::move(message);
  return {TokenKind::error, static_cast<std::uint32_t>(start_), message_};
}

Token Lexer::bad_character() { return fail("bad character " + unicode_name(decode_rune(input_.substr(pos_)).value)); }

Token Lexer::text() {
  for (;;) {
    const std::size_t found = input_.find(left, pos_);
    if (found == std::string_view::npos) {
      pos_ = input_.size();
      return emit(pos_ > start_ ? TokenKind::text : TokenKind::end_of_file);
    }
    pos_ = found;
    if (byte(found + 2) == '-' && is_white(byte(found + 3))) {
      while (pos_ > start_ && is_white(input_[pos_ - 1])) --pos_;
    }
    if (pos_ > start_) {
      const Token token = emit(TokenKind::text);
      pos_ = start_ = found;
      return token;
    }
    pos_ = start_ = found;
    const bool trims = byte(found + 2) == '-' && is_white(byte(found + 3));
    if (!input_.substr(found + 2 + (trims ? trim_marker : 0)).starts_with("/*")) return left_delimiter();
    Token error;
    if (!skip_comment(error)) return error;
  }
}

Token Lexer::left_delimiter() {
  pos_ += left.size();
  const Token token = emit(TokenKind::left_delimiter);
  if (byte(pos_) == '-' && is_white(byte(pos_ + 1))) pos_ += trim_marker;
  start_ = pos_;
  inside_action_ = true;
  parentheses_ = 0;
  return token;
}

bool Lexer::skip_comment(Token& error) {
  pos_ += left.size();
  if (byte(pos_) == '-') pos_ += trim_marker;
  start_ = pos_;
  const std::size_t close = input_.find("*/", pos_ + 2);
  if (close == std::string_view::npos) {
    error = fail("unclosed comment");
    return false;
  }
  pos_ = close + 2;
  bool trims = false;
  if (!at_right_delimiter(trims)) {
    error = fail("comment ends before closing delimiter");
    return false;
  }
  pos_ += right.size() + (trims ? trim_marker : 0);
  while (trims && is_white(byte(pos_)) && pos_ < input_.size()) ++pos_;
  start_ = pos_;
  return true;
}

bool Lexer::at_right_delimiter(bool& trims) const {
  trims = is_white(byte(pos_)) && byte(pos_ + 1) == '-' && input_.substr(pos_ + trim_marker).starts_with(right);
  return trims || starts_with(right);
}

Token Lexer::right_delimiter() {
  bool trims = false;
  at_right_delimiter(trims);
  if (trims) start_ = pos_ += trim_marker;
  pos_ += right.size();
  const Token token = emit(TokenKind::right_delimiter);
  while (trims && pos_ < input_.size() && is_white(input_[pos_])) ++pos_;
  start_ = pos_;
  inside_action_ = false;
  return token;
}

Token Lexer::inside_action() {
  bool trims = false;
  if (at_right_delimiter(trims)) return parentheses_ == 0 ? right_delimiter() : fail("unclosed left paren");
  if (pos_ >= input_.size()) return fail("unclosed action");
  const char c = input_[pos_];
  if (is_white(c)) return space();
  const bool number_follows = c == '.' && byte(pos_ + 1) >= '0' && byte(pos_ + 1) <= '9';
  if (c == '+' || c == '-' || (c >= '0' && c <= '9') || number_follows || (c == '.' && pos_ + 1 == input_.size())) return number();
  if (is_name_byte(c)) return identifier();
  const Rune rune = decode_rune(input_.substr(pos_));
  if (rune.value >= 0x80 && is_name_rune(rune.value)) return identifier();
  pos_ += rune.size;
  switch (c) {
    case '=': return emit(TokenKind::assign);
    case ':':
      if (byte(pos_) != '=') return fail("expected :=");
      ++pos_;
      return emit(TokenKind::declare);
    case '|': return emit(TokenKind::pipe);
    case '"': return quoted('"', TokenKind::string, "unterminated quoted string");
    case '\'': return quoted('\'', TokenKind::character_constant, "unterminated character constant");
    case '`': return raw_string();
    case '$': return field_or_variable(TokenKind::variable, TokenKind::variable);
    case '.': return field_or_variable(TokenKind::field, TokenKind::dot);
    case '(': ++parentheses_; return emit(TokenKind::left_parenthesis);
    case ')':
      if (--parentheses_ < 0) return fail("unexpected right paren");
      return emit(TokenKind::right_parenthesis);
    default: break;
  }
  if (c >= ' ' && c <= '~') return emit(TokenKind::character);
  return fail("unrecognized character in action: " + unicode_name(rune.value));
}

Token Lexer::space() {
  std::size_t count = 0;
  while (pos_ < input_.size() && is_white(input_[pos_])) {
    ++pos_;
    ++count;
  }
  // The last white byte may belong to a trimming right delimiter.
  if (byte(pos_) == '-' && input_.substr(pos_ + 1).starts_with(right)) {
    --pos_;
    if (count == 1) return right_delimiter();
  }
  return emit(TokenKind::space);
}

void Lexer::skip_name() {
  while (pos_ < input_.size()) {
    if (is_name_byte(input_[pos_])) {
      ++pos_;
      continue;
    }
    if (static_cast<unsigned char>(input_[pos_]) < 0x80) return;
    const Rune rune = decode_rune(input_.substr(pos_));
    if (!is_name_rune(rune.value)) return;
    pos_ += rune.size;
  }
}

Token Lexer::identifier() {
  skip_name();
  if (!at_terminator()) return bad_character();
  const std::string_view word = input_.substr(start_, pos_ - start_);
  if (word == "true" || word == "false") return emit(TokenKind::boolean);
  return emit(keyword_or(word, TokenKind::identifier));
}

Token Lexer::field_or_variable(TokenKind kind, TokenKind alone) {
  if (at_terminator()) return emit(alone);
  skip_name();
  return at_terminator() ? emit(kind) : bad_character();
}

bool Lexer::at_terminator() const {
  if (pos_ >= input_.size()) return true;
  const char c = input_[pos_];
  return is_white(c) || c == '.' || c == ',' || c == '|' || c == ':' || c == ')' || c == '(' || starts_with(right);
}

Token Lexer::quoted(char quote, TokenKind kind, const char* unterminated) {
  while (pos_ < input_.size() && input_[pos_] != '\n') {
    const char c = input_[pos_++];
    if (c == quote) return emit(kind);
    if (c != '\\') continue;
    if (pos_ >= input_.size() || input_[pos_] == '\n') break;
    ++pos_;
  }
  return fail(unterminated);
}

Token Lexer::raw_string() {
  const std::size_t close = input_.find('`', pos_);
  if (close == std::string_view::npos) return fail("unterminated raw quoted string");
  pos_ = close + 1;
  return emit(TokenKind::raw_string);
}

bool Lexer::accept(std::string_view set) {
  if (pos_ >= input_.size() || set.find(input_[pos_]) == std::string_view::npos) return false;
  ++pos_;
  return true;
}

void Lexer::accept_run(std::string_view set) {
  while (accept(set)) {
  }
}

bool Lexer::scan_number() {
  accept("+-");
  std::string_view digits = "0123456789_";
  bool decimal = true;
  bool hex = false;
  if (accept("0")) {
    if (accept("xX")) {
      digits = "0123456789abcdefABCDEF_";
      decimal = false;
      hex = true;
    } else if (accept("oO")) {
      digits = "01234567_";
      decimal = false;
    } else if (accept("bB")) {
      digits = "01_";
      decimal = false;
    }
  }
  accept_run(digits);
  if (accept(".")) accept_run(digits);
  if ((decimal && accept("eE")) || (hex && accept("pP"))) {
    accept("+-");
    accept_run("0123456789_");
  }
  accept("i");
  const Rune following = decode_rune(input_.substr(pos_));
  if (following.size == 0 || !is_name_rune(following.value)) return true;
  pos_ += following.size;
  return false;
}

Token Lexer::number() {
  const auto bad = [this] { return fail("bad number syntax: " + sluice::quoted(input_.substr(start_, pos_ - start_))); };
  if (!scan_number()) return bad();
  if (byte(pos_) != '+' && byte(pos_) != '-') return emit(TokenKind::number);
  // 1+2i: no spaces, and it ends in i.
  if (!scan_number() || input_[pos_ - 1] != 'i') return bad();
  return emit(TokenKind::complex);
}

}  // namespace sluice::gotemplate
