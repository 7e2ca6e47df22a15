#pragma once

// How one scalar is written: which quotes, where it is folded. Only for the YAML writers' own files.
// Follows: the emitter of libyaml as ported to Go (goyaml.v2 and v3).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/value/value.hpp"
#include "core/value/yaml_key_order.hpp"

namespace sluice::yaml {

/// A value that cannot be written, thrown inside the writers and caught at their front door.
struct Unwritable {
  std::string text;
};

enum class Style : std::uint8_t { plain, single_quoted, double_quoted, literal };

/// What is in a text that decides how it may be written.
struct Analysis {
  bool plain_allowed = true;
  bool single_allowed = true;
  bool literal_allowed = true;
  bool multiline = false;       ///< has a line break of any kind: LF, CR, NEL, LS, PS
  bool has_newline = false;     ///< has an LF
  bool odd_breaks = false;      ///< has an LS or PS
  bool needs_cleaning = false;  ///< has NEL or bytes that are not UTF-8, which the way through JSON changes
  bool unreadable = false;      ///< has a character that the way through JSON refuses
};

Analysis analyse(std::string_view text, Writer writer);
Style choose_style(std::string_view text, const Analysis& analysis);
/// What becomes of `text` on toYaml's way through JSON: U+FFFD for bad bytes, line folding at NEL. Throws Unwritable.
std::string clean(std::string_view text);

/// The output and where its current line began.
class Page {
 public:
  explicit Page(TextBuilder& out) : out_(out), bytes_(out.bytes()), line_begin_(bytes_.size()), begin_(bytes_.size()) {}

  std::string& bytes() { return bytes_; }
  TextBuilder& out() { return out_; }
  /// Nothing on the current line yet?
  bool at_line_start() const { return bytes_.size() == line_begin_; }
  void new_line() {
    bytes_ += '\n';
    line_begin_ = bytes_.size();
  }
  /// To a fresh line, indented.
  void indent(int columns) {
    if (!at_line_start()) new_line();
    bytes_.append(static_cast<std::size_t>(columns), ' ');
  }
  /// The line ended with a break that is not LF and was just written.
  void line_ended() { line_begin_ = bytes_.size(); }
  std::size_t bytes_in_line() const { return bytes_.size() - line_begin_; }
  std::string_view line() const { return std::string_view(bytes_).substr(line_begin_); }
  /// Cuts the newline that ends the output, if it ends in one.
  void trim_newline() {
    if (bytes_.size() > begin_ && bytes_.back() == '\n') out_.truncate(bytes_.size() - 1);
  }

 private:
  TextBuilder& out_;
  std::string& bytes_;
  std::size_t line_begin_, begin_;
};

struct ScalarPlace {
  int indent;         ///< of continuation lines
  std::size_t width;  ///< a line longer than this is folded at its next space; npos for keys and v3
};

/// Writes `text` in `style`; marks of `marks_of` (the same bytes) follow it.
void write_scalar(Page& page, std::string_view text, Style style, const Analysis& analysis, ScalarPlace place,
                  const Text* marks_of);

}  // namespace sluice::yaml
