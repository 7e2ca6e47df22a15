#pragma once

// Cuts the bytes of a YAML stream into tokens. Only for the YAML reader's own files.
// Follows: the scanner of libyaml as ported to Go (goyaml.v2), token by token, so that errors come at the same place and with the
// same text. Differs from today's libyaml: no `\/`, no surrogate escapes, only %YAML 1.1, `?` ends a plain scalar in flow
// context.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::yaml {

/// Why reading stopped, thrown inside the reader and caught at its front door.
struct Fault {
  std::string text;       ///< without the "yaml: " of Go
  bool is_limit = false;  ///< ours, not Go's
};

/// A place in the stream; lines and columns count from 0, columns in characters.
struct Mark {
  std::size_t offset = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

enum class TokenKind : std::uint8_t {
  stream_end,
  version_directive,
  tag_directive,
  document_start,
  document_end,
  block_sequence_start,
  block_mapping_start,
  block_end,
  flow_sequence_start,
  flow_sequence_end,
  flow_mapping_start,
  flow_mapping_end,
  block_entry,
  flow_entry,
  key,
  value,
  alias,
  anchor,
  tag,
  scalar
};

struct Token {
  TokenKind kind = TokenKind::stream_end;
  bool plain = false;  ///< a scalar without quotes and not a block scalar
  Mark start{};
  std::string_view value{};   ///< scalar text, name of anchor or alias, handle of a tag or %TAG, "1.1" of %YAML
  std::string_view suffix{};  ///< of a tag; the prefix of %TAG
};

/// Bytes that live as long as the reader: scalars that are not a piece of the input.
class Arena {
 public:
  void begin() { start_ = used_; }
  void push(char c) {
    if (used_ == size_) grow(1);
    block_[used_++] = c;
  }
  void append(std::string_view bytes) {
    if (bytes.size() > size_ - used_) grow(bytes.size());
    bytes.copy(block_ + used_, bytes.size());
    used_ += bytes.size();
  }
  std::string_view view() const { return {block_ + start_, used_ - start_}; }

 private:
  void grow(std::size_t more);
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* block_ = nullptr;
  std::size_t size_ = 0, used_ = 0, start_ = 0;
};

class Scanner {
 public:
  explicit Scanner(std::string_view text);

  /// The next token, without taking it.
  const Token& peek() {
    if (!available_) fetch_more();
    return tokens_[head_];
  }
  void skip() {
    available_ = false;
    ++taken_;
    ++head_;
  }

  /// The error of the grammar at `where`; `context` is where the construct began.
  [[noreturn]] void fail_parsing(std::string_view problem, const Mark& where, const Mark& context = {});

 private:
  struct SimpleKey {
    bool possible = false, required = false;
    bool listed = false;    // the head of the queue is kept until it is known to be a key or not
    std::size_t token = 0;  // its number in the stream
    Mark mark{};
  };

  // ---- characters (yaml_scanner.cpp)
  void check_characters(std::string_view text);
  void fail(std::string_view problem, const Mark& context) const __attribute__((noreturn));
  [[noreturn]] void fail_at(std::string_view problem, const Mark& problem_mark, const Mark& context, bool scanning) const;
  std::uint32_t column();
  Mark mark() { return {offset(), line_, column()}; }
  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }
  bool at_line_start() const { return at_ == line_start_; }
  bool at_document_indicator() const;
  void skip_break();
  void read_break(std::string& out);

  // ---- tokens (yaml_scanner.cpp)
  void fetch_more();
  void fetch_next();
  void skip_to_next_token();
  void push(const Token& token) { tokens_.push_back(token); }
  void insert(std::size_t number, const Token& token);
  std::size_t next_number() const { return taken_ + (tokens_.size() - head_); }
  void push_indicator(TokenKind kind, int width);
  void unroll_indent(int column);
  void roll_indent(int column, std::size_t number, TokenKind kind, const Mark& mark);
  bool is_valid(SimpleKey& key);
  void save_simple_key();
  void remove_simple_key();
  void fetch_stream_end();
  void fetch_document_indicator(TokenKind kind);
  void fetch_directive();
  void fetch_flow_start(TokenKind kind);
  void fetch_flow_end(TokenKind kind);
  void fetch_flow_entry();
  void fetch_block_entry();
  void fetch_key();
  void fetch_value();
  void fetch_plain();
  void fetch_name(TokenKind kind);
  void fetch_tag();
  void fetch_quoted(bool single);
  void fetch_block_scalar(bool literal);

  // ---- scalars (yaml_scalars.cpp)
  Token scan_plain();
  Token scan_quoted(bool single);
  void scan_quoted_slowly(bool single, const Mark& start);
  void scan_escape(const Mark& start);
  Token scan_block_scalar(bool literal);
  void scan_block_breaks(int& indent, std::string& breaks, const Mark& start);

  // ---- names and tags (yaml_tags.cpp)
  Token scan_directive();
  std::string_view scan_version(const Mark& start);
  void scan_version_number(const Mark& start);
  Token scan_name(TokenKind kind);
  Token scan_tag();
  std::string_view scan_tag_handle(bool directive, const Mark& start);
  std::string_view scan_tag_uri(std::string_view head, const Mark& start);
  void scan_uri_escapes(const Mark& start);
  void skip_to_line_end(std::string_view problem, const Mark& start);

  std::string buffer_;  // the text, and NULs to look ahead into
  Arena arena_;
  const char* begin_ = nullptr;
  const char* end_ = nullptr;
  const char* at_ = nullptr;
  const char* line_start_ = nullptr;
  const char* column_at_ = nullptr;  // of which column_ is the column
  std::uint32_t column_ = 0;
  std::uint32_t line_ = 0;
  bool ascii_ = true;
  std::string bad_character_;  // the reader's error that waits at end_, if any

  std::vector<Token> tokens_;
  std::size_t head_ = 0;
  std::size_t taken_ = 0;  // tokens that the parser has taken so far
  bool available_ = false;
  int indent_ = -1;
  std::vector<int> indents_;
  int flow_level_ = 0;
  bool simple_key_allowed_ = true;
  std::vector<SimpleKey> simple_keys_{SimpleKey{}};
  std::string breaks_, leading_break_;  // scratch of the scalar scanners
};

// ---- classes of characters, at a byte

inline bool is_blank(char c) { return c == ' ' || c == '\t'; }
/// CR, LF, NEL, LS, PS.
inline bool is_break(const char* at) {
  const char c = *at;
  if (c == '\n' || c == '\r') return true;
  if (static_cast<signed char>(c) >= 0) return false;
  return (c == '\xC2' && at[1] == '\x85') || (c == '\xE2' && at[1] == '\x80' && (at[2] == '\xA8' || at[2] == '\xA9'));
}
inline bool is_break_or_end(const char* at) { return *at == '\0' || is_break(at); }
inline bool is_blank_or_end(const char* at) { return is_blank(*at) || is_break_or_end(at); }
inline bool is_name_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

}  // namespace sluice::yaml
