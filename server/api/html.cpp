#include "server/api/html.hpp"

#include "server/base/log_text.hpp"

namespace sluice::api {

namespace {
constexpr std::size_t text_limit = std::size_t{1} << 20;

void escape(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
}
}  // namespace

Html& Html::text(std::string_view text) {
  while (true) {
    const auto end = text.find_first_of("\n\t");
    escape(out_, shown(text.substr(0, end), text_limit));
    if (end == text.npos) return *this;
    out_ += text[end];
    text.remove_prefix(end + 1);
  }
}

Html& Html::number(std::int64_t value) {
  out_ += std::to_string(value);
  return *this;
}

}  // namespace sluice::api
