#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::gotemplate {

/// What the lexer cuts a template into. Everything after `keyword` is a keyword (the dot counts as one in error texts).
enum class TokenKind : std::uint8_t {
  error,
  end_of_file,
  text,
  left_delimiter,
  right_delimiter,
  space,
  assign,
  declare,
  pipe,
  left_parenthesis,
  right_parenthesis,
  character,
  boolean,
  number,
  complex,
  character_constant,
  string,
  raw_string,
  identifier,
  field,
  variable,
  keyword,
  dot,
  block,
  break_,
  continue_,
  define,
  else_,
  end,
  if_,
  nil,
  range,
  template_,
  with
};

struct Token {
  TokenKind kind = TokenKind::end_of_file;
  std::uint32_t pos = 0;  ///< where it begins in the source
  std::string_view text;  ///< of an error: its message, which lives as long as the lexer
};

/// Cuts a template's source into tokens, one at a call: an error is met only when its place is reached.
/// Follows: text/template/parse/lex.go with the delimiters {{ and }}; comments are dropped.
class Lexer {
 public:
  /// `source` must outlive the lexer and its tokens.
  explicit Lexer(std::string_view source) : input_(source) {}
  Token next();

 private:
  Token text();
  Token left_delimiter();
  Token right_delimiter();
  bool skip_comment(Token& error);
  Token inside_action();
  Token space();
  Token identifier();
  Token field_or_variable(TokenKind kind, TokenKind alone);
  Token quoted(char quote, TokenKind kind, const char* unterminated);
  Token raw_string();
  Token number();
  bool scan_number();

  Token emit(TokenKind kind);
  Token fail(std::string message);
  Token bad_character();
  bool starts_with(std::string_view prefix) const { return input_.substr(pos_).starts_with(prefix); }
  bool at_right_delimiter(bool& trims) const;
  bool at_terminator() const;
  bool accept(std::string_view set);
  void accept_run(std::string_view set);
  void skip_name();
  char byte(std::size_t at) const { return at < input_.size() ? input_[at] : '\0'; }

  std::string_view input_;
  std::size_t pos_ = 0;
  std::size_t start_ = 0;
  bool inside_action_ = false;
  int parentheses_ = 0;
  std::string message_;
};

}  // namespace sluice::gotemplate
