#include <array>
#include <cstdio>
#include <string>

#include "core/gotemplate/builtins.hpp"
#include "core/value/unicode.hpp"

namespace sluice::gotemplate {

std::string html_escape(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  for (const char c : text) {
    switch (c) {
      case '"': out += "&#34;"; break;
      case '\'': out += "&#39;"; break;
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '\0': append_rune(out, replacement_rune); break;
      default: out += c;
    }
  }
  return out;
}

namespace {

void append_js_escape(std::string& out, char32_t rune) {
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "\\u%04X", static_cast<unsigned>(rune));
  out += buffer.data();
}

}  // namespace

std::string js_escape(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  while (!text.empty()) {
    const Rune rune = decode_rune(text);
    switch (rune.value) {
      case '\\': out += "\\\\"; break;
      case '\'': out += "\\'"; break;
      case '"': out += "\\\""; break;
      case '<':
      case '>':
      case '&':
      case '=': append_js_escape(out, rune.value); break;
      default:
        if (rune.value < ' ' || (rune.value >= 0x80 && !is_print(rune.value))) {
          append_js_escape(out, rune.value);
        } else {
          out += text.substr(0, rune.size);
        }
    }
    text.remove_prefix(rune.size);
  }
  return out;
}

std::string url_escape(std::string_view text) {
  constexpr std::string_view unreserved = "-_.~";
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + 16);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || unreserved.find(c) != std::string_view::npos) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
  return out;
}

}  // namespace sluice::gotemplate
