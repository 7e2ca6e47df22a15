// Go's quoted strings.

#include "core/value/text.hpp"
#include "core/value/unicode.hpp"

namespace sluice {
namespace {

void append_hex(std::string& out, char32_t value, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += "0123456789abcdef"[value >> shift & 0xF];
}

/// One character between quotes of the sort `quote`.
void append_escaped(std::string& out, Rune rune, std::string_view bytes, char quote, bool ascii) {
  if (!rune.valid()) {
    out += "\\x";
    return append_hex(out, static_cast<unsigned char>(bytes[0]), 2);
  }
  if (rune.value == static_cast<char32_t>(quote) || rune.value == U'\\') {
    out += '\\';
    out += static_cast<char>(rune.value);
    return;
  }
  if (ascii ? rune.value < 0x80 && is_print(rune.value) : is_print(rune.value)) {
    out += bytes.substr(0, rune.size);
    return;
  }
  switch (rune.value) {
    case U'\a': out += "\\a"; return;
    case U'\b': out += "\\b"; return;
    case U'\f': out += "\\f"; return;
    case U'\n': out += "\\n"; return;
    case U'\r': out += "\\r"; return;
    case U'\t': out += "\\t"; return;
    case U'\v': out += "\\v"; return;
    default: break;
  }
  if (rune.value < U' ' || rune.value == 0x7F) {
    out += "\\x";
    append_hex(out, rune.value, 2);
  } else if (rune.value < 0x10000) {
    out += "\\u";
    append_hex(out, rune.value, 4);
  } else {
    out += "\\U";
    append_hex(out, rune.value, 8);
  }
}

void append_quoted(std::string& out, std::string_view text, bool ascii) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    std::size_t plain = at;
    while (plain < text.size() && text[plain] >= ' ' && text[plain] < 0x7F && text[plain] != '"' && text[plain] != '\\') ++plain;
    out += text.substr(at, plain - at);
    at = plain;
    if (at == text.size()) break;
    const Rune rune = decode_rune(text.substr(at));
    append_escaped(out, rune, text.substr(at), '"', ascii);
    at += rune.size;
  }
  out += '"';
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) { append_quoted(out, text, false); }
void append_quoted_ascii(std::string& out, std::string_view text) { append_quoted(out, text, true); }

std::string quoted(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

void append_quoted_rune(std::string& out, char32_t rune, bool ascii) {
  std::string bytes;
  append_rune(bytes, rune);
  out += '\'';
  append_escaped(out, decode_rune(bytes), bytes, '\'', ascii);
  out += '\'';
}

bool can_backquote(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Rune rune = decode_rune(text.substr(at));
    at += rune.size;
    if (rune.size > 1) {
      if (rune.value == 0xFEFF) return false;
      continue;
    }
    if (!rune.valid() || (rune.value < U' ' && rune.value != U'\t') || rune.value == U'`' || rune.value == 0x7F) return false;
  }
  return true;
}

}  // namespace sluice
