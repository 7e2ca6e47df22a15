#include "core/value/yaml_scalar_writer.hpp"

#include <array>

#include "core/value/unicode.hpp"
#include "core/value/yaml_resolve.hpp"
#include "core/value/yaml_scanner.hpp"

namespace sluice::yaml {
namespace {

/// Characters that never matter inside a text: ASCII but controls, space, `:` and `#`.
constexpr std::array<bool, 256> ordinary_bytes = [] {
  std::array<bool, 256> ordinary{};
  for (std::size_t byte = 0x21; byte < 0x7F; ++byte) ordinary[byte] = byte != ':' && byte != '#';
  return ordinary;
}();

bool is_break_rune(char32_t c) { return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029; }

/// What the emitter counts as printable: above ASCII only U+00A0-FFFD, and no BOM.
bool is_printable(char32_t c) {
  return c == '\n' || (c >= 0x20 && c <= 0x7E) || (c >= 0xA0 && c <= 0xFFFD && c != 0xFEFF && !(c >= 0xD800 && c <= 0xDFFF));
}

/// Characters that the reader refuses; the way through JSON leads through it. Controls below U+0020 travel as escapes.
bool is_refused(char32_t c) { return c == 0x7F || (c >= 0x80 && c <= 0x9F && c != 0x85) || c == 0xFFFE || c == 0xFFFF; }

bool begins_with_indicator(std::string_view text) {
  const bool blank_follows = text.size() == 1 || is_blank(text[1]);
  switch (text[0]) {
    case '#':
    case ',':
    case '[':
    case ']':
    case '{':
    case '}':
    case '&':
    case '*':
    case '!':
    case '|':
    case '>':
    case '\'':
    case '"':
    case '%':
    case '@':
    case '`': return true;
    case '?':
    case ':':
    case '-': return blank_follows || text.starts_with("---");
    case '.': return text.starts_with("...");
    default: return false;
  }
}

}  // namespace

Analysis analyse(std::string_view text, Writer writer) {
  Analysis result;
  if (text.empty()) {
    result.literal_allowed = false;
    return result;
  }
  bool indicators = begins_with_indicator(text);
  bool special = false, tabs = false, trailing_space = false, break_space = false, space_break = false;
  bool edge = false;  // begins or ends with a space or break
  enum class Before : std::uint8_t { other, space, line_break, tab } before = Before::line_break;
  bool first = true;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (ordinary_bytes[static_cast<unsigned char>(c)]) {
      before = Before::other;
      first = false;
      ++at;
      continue;
    }
    const Rune rune = static_cast<unsigned char>(c) < 0x80 ? Rune{static_cast<char32_t>(c), 1} : decode_rune(text.substr(at));
    const std::size_t next = at + rune.size;
    const bool last = next == text.size();
    if (!rune.valid() || rune.value == 0x85) result.needs_cleaning = true;
    if (is_refused(rune.value)) result.unreadable = true;
    if (c == ':' && !first && (last || is_blank(text[next]))) indicators = true;
    if (c == '#' && !first && before != Before::other) indicators = true;
    if (c == '\t' && writer == Writer::v3) {
      tabs = true;
    } else if (!is_printable(rune.value)) {
      special = true;
    }
    if (c == ' ') {
      edge = edge || first || last;
      trailing_space = last;
      break_space = break_space || (!first && before == Before::line_break);
      before = Before::space;
    } else if (is_break_rune(rune.value)) {
      result.multiline = true;
      result.has_newline = result.has_newline || c == '\n';
      result.odd_breaks = result.odd_breaks || rune.size == 3;
      edge = edge || first || last;
      space_break = space_break || before == Before::space;
      before = Before::line_break;
    } else {
      before = c == '\t' || c == '\0' ? Before::tab : Before::other;
    }
    first = false;
    at = next;
  }
  result.plain_allowed = !(indicators || edge || break_space || space_break || special || tabs || result.multiline);
  result.single_allowed = !(break_space || space_break || special || tabs);
  result.literal_allowed = !(trailing_space || space_break || special);
  return result;
}

Style choose_style(std::string_view text, const Analysis& analysis) {
  if (analysis.has_newline) return analysis.literal_allowed ? Style::literal : Style::double_quoted;
  if (needs_quotes(text)) return Style::double_quoted;
  if (analysis.plain_allowed) return Style::plain;
  return analysis.single_allowed ? Style::single_quoted : Style::double_quoted;
}

std::string clean(std::string_view text) {
  const std::string valid = to_valid_utf8(text);
  std::string out;
  std::string_view rest = valid;
  constexpr std::string_view nel = "\xC2\x85";
  // Quoted scalars fold at breaks: blanks around them go, one break becomes a space, more become the others as LF. Blanks that
  // JSON writes as escapes (tabs) are no blanks there.
  for (auto at = rest.find(nel); at != std::string_view::npos; at = rest.find(nel)) {
    out += rest.substr(0, at);
    while (out.ends_with(' ')) out.pop_back();
    std::size_t breaks = 0;
    while (rest.substr(at).starts_with(nel) || rest.substr(at).starts_with(' ')) {
      const bool is_nel = rest[at] != ' ';
      breaks += is_nel;
      at += is_nel ? nel.size() : 1;
      const std::string_view line = rest.substr(at);
      const bool marker = line.starts_with("---") || line.starts_with("...");
      if (is_nel && marker && (line.substr(3).starts_with(' ') || line.substr(3).starts_with(nel))) {
        throw Unwritable{"yaml: found unexpected document indicator"};
      }
    }
    if (breaks == 1)
      out += ' ';
    else
      out.append(breaks - 1, '\n');
    rest.remove_prefix(at);
  }
  out += rest;
  return out;
}

namespace {

/// Remembers where each byte of a marked text went.
class Track {
 public:
  Track(const Text* text, const std::string& bytes) : text_(text && text->has_marks() ? text : nullptr), bytes_(bytes) {
    if (text_) places_.assign(text_->size() + 1, none);
  }
  void at(std::size_t index) {
    if (text_) places_[index] = bytes_.size();
  }
  void finish(TextBuilder& out) {
    if (!text_) return;
    places_.back() = bytes_.size();
    for (const sluice::Mark& mark : text_->marks()) {
      std::size_t begin = mark.begin, end = mark.end;
      while (begin > 0 && places_[begin] == none) --begin;
      while (places_[end] == none) ++end;
      if (places_[begin] != none) out.add_mark(places_[begin], places_[end]);
    }
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  const Text* text_;
  const std::string& bytes_;
  std::vector<std::size_t> places_;
};

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

class ScalarWriter {
 public:
  ScalarWriter(Page& page, std::string_view text, ScalarPlace place, const Text* marks_of)
      : page_(page), bytes_(page.bytes()), text_(text), place_(place), track_(marks_of, page.bytes()) {}

  void write_plain() {
    column_ = count_runes(page_.line());
    bool spaces = false;
    for (std::size_t at = 0; at < text_.size(); ++at) {
      track_.at(at);
      if (text_[at] == ' ') {
        if (!spaces && column_ > place_.width && text_[at + 1] != ' ') {
          fold();
        } else {
          put(' ');
        }
        spaces = true;
      } else {
        put(text_[at]);
        spaces = false;
      }
    }
    track_.finish(page_.out());
  }

  void write_single_quoted() {
    put_quote('\'');
    bool spaces = false, breaks = false;
    for (std::size_t at = 0; at < text_.size(); ++at) {
      track_.at(at);
      const char c = text_[at];
      if (c == ' ') {
        if (may_fold(at, spaces) && text_[at + 1] != ' ') {
          fold();
        } else {
          put(' ');
        }
        spaces = true;
      } else if (is_wide_break(at)) {
        bytes_.append(text_.substr(at, 3));
        at += 2;
        page_.line_ended();
        column_ = 0;
        breaks = true;
      } else {
        if (breaks) pad();
        if (c == '\'') put('\'');
        put(c);
        spaces = breaks = false;
      }
    }
    track_.finish(page_.out());
    put('\'');
  }

  void write_double_quoted() {
    put_quote('"');
    const bool bom = text_.starts_with("\xEF\xBB\xBF");  // then Go's emitter escapes every character
    bool spaces = false;
    for (std::size_t at = 0; at < text_.size();) {
      track_.at(at);
      const Rune rune = decode_rune(text_.substr(at));
      const char32_t c = rune.value;
      if (bom || !is_printable(c) || is_break_rune(c) || c == '"' || c == '\\') {
        put_escape(c);
        spaces = false;
        at += rune.size;
      } else if (c == ' ') {
        if (may_fold(at, spaces)) {
          fold();
          if (text_[at + 1] == ' ') put('\\');
        } else {
          put(' ');
        }
        spaces = true;
        ++at;
      } else {
        bytes_.append(text_.substr(at, rune.size));
        ++column_;
        spaces = false;
        at += rune.size;
      }
    }
    track_.finish(page_.out());
    put('"');
  }

  void write_literal(bool odd_breaks) {
    bytes_ += '|';
    if (text_[0] == ' ' || ends_line(0)) bytes_ += '2';
    if (const char chomping = chomping_indicator()) bytes_ += chomping;
    page_.new_line();
    bool line_start = true;
    for (std::size_t at = 0; at < text_.size();) {
      track_.at(at);
      if (text_[at] == '\n') {
        page_.new_line();
        line_start = true;
        ++at;
      } else if (odd_breaks && is_wide_break(at)) {
        bytes_.append(text_.substr(at, 3));
        page_.line_ended();
        line_start = true;
        at += 3;
      } else {
        if (line_start) bytes_.append(static_cast<std::size_t>(place_.indent), ' ');
        line_start = false;
        // up to the end of the line at once, unless each byte's place is wanted
        const std::size_t end = tracked_ || odd_breaks ? at + 1 : std::min(text_.find('\n', at), text_.size());
        bytes_.append(text_.substr(at, end - at));
        at = end;
      }
    }
    track_.finish(page_.out());
  }

  void be_tracked() { tracked_ = true; }

 private:
  void put(char c) {
    bytes_ += c;
    column_ += !is_continuation(c);
  }
  void put_quote(char quote) {
    column_ = count_runes(page_.line());
    put(quote);
  }
  void fold() {
    page_.new_line();
    bytes_.append(static_cast<std::size_t>(place_.indent), ' ');
    column_ = static_cast<std::size_t>(place_.indent);
  }
  /// After a break that is no LF: spaces up to the indentation.
  void pad() {
    bytes_.append(static_cast<std::size_t>(place_.indent), ' ');
    column_ = static_cast<std::size_t>(place_.indent);
  }
  bool may_fold(std::size_t at, bool spaces) const {
    return !spaces && column_ > place_.width && at > 0 && at + 1 < text_.size();
  }
  /// LS or PS
  bool is_wide_break(std::size_t at) const {
    return text_[at] == '\xE2' && text_.size() >= at + 3 && text_[at + 1] == '\x80' &&
           (text_[at + 2] == '\xA8' || text_[at + 2] == '\xA9');
  }
  bool ends_line(std::size_t at) const { return text_[at] == '\n' || is_wide_break(at); }

  /// `-` strips the final break that is not there, `+` keeps more than one.
  char chomping_indicator() const {
    const auto last_start = [&](std::size_t end) {
      std::size_t at = end - 1;
      while (at > 0 && is_continuation(text_[at])) --at;
      return at;
    };
    const std::size_t last = last_start(text_.size());
    if (!ends_line(last)) return '-';
    if (last == 0) return '+';
    return ends_line(last_start(last)) ? '+' : '\0';
  }

  void put_escape(char32_t c) {
    put('\\');
    switch (c) {
      case 0x00: return put('0');
      case 0x07: return put('a');
      case 0x08: return put('b');
      case 0x09: return put('t');
      case 0x0A: return put('n');
      case 0x0B: return put('v');
      case 0x0C: return put('f');
      case 0x0D: return put('r');
      case 0x1B: return put('e');
      case '"': return put('"');
      case '\\': return put('\\');
      case 0x85: return put('N');
      case 0xA0: return put('_');
      case 0x2028: return put('L');
      case 0x2029: return put('P');
      default: break;
    }
    const int digits = c <= 0xFF ? 2 : c <= 0xFFFF ? 4 : 8;
    put(digits == 2 ? 'x' : digits == 4 ? 'u' : 'U');
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) put("0123456789ABCDEF"[c >> shift & 0xF]);
  }

  Page& page_;
  std::string& bytes_;
  std::string_view text_;
  ScalarPlace place_;
  Track track_;
  std::size_t column_ = 0;
  bool tracked_ = false;
};

}  // namespace

void write_scalar(Page& page, std::string_view text, Style style, const Analysis& analysis, ScalarPlace place,
                  const Text* marks_of) {
  const bool marked = marks_of && marks_of->has_marks();
  if (style == Style::plain && !marked &&
      (place.width == std::string_view::npos || page.bytes_in_line() + text.size() <= place.width)) {
    page.bytes() += text;  // by far the most common
    return;
  }
  ScalarWriter writer(page, text, place, marks_of);
  if (marked) writer.be_tracked();
  switch (style) {
    case Style::plain: return writer.write_plain();
    case Style::single_quoted: return writer.write_single_quoted();
    case Style::double_quoted: return writer.write_double_quoted();
    case Style::literal: return writer.write_literal(analysis.odd_breaks);
  }
}

}  // namespace sluice::yaml
