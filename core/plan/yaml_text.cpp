#include "core/plan/yaml_text.hpp"

#include <array>
#include <nlohmann/json.hpp>

namespace sluice::plan {

namespace {

constexpr std::size_t max_line = 2000;

/// The code point that begins at `i` and its length in bytes; a stray byte stands for itself.
std::pair<char32_t, std::size_t> code_point(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) { return k < text.size() ? static_cast<unsigned char>(text[k]) : 0U; };
  const unsigned lead = byte(i);
  const std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  if (length == 1) return {lead, 1};
  char32_t code = lead & (0xffU >> (length + 1));
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte(i + k) & 0xc0) != 0x80) return {lead, 1};
    code = code << 6 | (byte(i + k) & 0x3fU);
  }
  return {code, length};
}

bool is_hidden(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || c == 0xad;
}

/// Whether a YAML reader would take the bare text for something else than that text.
bool needs_quotes(const std::string& text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return true;
  constexpr std::string_view special = "-?:,[]{}#&*!|>'\"%@`=";
  if (special.find(text.front()) != std::string_view::npos) return true;
  if (text.find(": ") != std::string::npos || text.find(" #") != std::string::npos || text.back() == ':') return true;
  if ((text.front() >= '0' && text.front() <= '9') || text.front() == '+' || text.front() == '.') {
    return text.find_first_not_of("0123456789.eE+-xoabcdefABCDEF_:") == std::string::npos;
  }
  constexpr std::array<std::string_view, 12> words = {"y",    "n",     "yes",  "no", "on",  "off",
                                                      "true", "false", "null", "~",  "nan", "inf"};
  for (const auto word : words) {
    if (text.size() != word.size()) continue;
    bool same = true;
    for (std::size_t i = 0; i < word.size(); ++i) same = same && (text[i] | 0x20) == (word[i] | 0x20);
    if (same) return true;
  }
  return false;
}

std::string scalar(const Json& json) {
  if (!json.is_string()) return json.dump(-1, ' ', false, Json::error_handler_t::replace);
  const auto& text = json.get_ref<const std::string&>();
  std::string shown = visible(text);
  if (needs_quotes(text)) return Json(shown).dump(-1, ' ', false, Json::error_handler_t::replace);
  return shown;
}

class Writer {
 public:
  std::vector<std::string> lines;

  void value(const Json& json, std::size_t indent, std::string head) {
    if (json.is_object() && !json.empty()) {
      if (!head.empty() && !head.ends_with("- ")) {
        add(std::move(head));
        head.clear();
      }
      for (const auto& [key, item] : json.items()) {
        std::string begin = head.empty() ? std::string(indent, ' ') : std::move(head);
        head.clear();
        member(item, indent, begin + scalar(Json(key)) + ":");
      }
    } else if (json.is_array() && !json.empty()) {
      if (!head.empty() && !head.ends_with("- ")) {
        add(std::move(head));
        head.clear();
      }
      for (const auto& item : json) {
        std::string begin = head.empty() ? std::string(indent, ' ') : std::move(head);
        head.clear();
        value(item, indent + 2, begin + "- ");
      }
    } else if (json.is_string() && json.get_ref<const std::string&>().find('\n') != std::string::npos) {
      block(json.get_ref<const std::string&>(), indent, std::move(head));
    } else {
      add(std::move(head) + scalar(json));
    }
  }

 private:
  void member(const Json& item, std::size_t indent, std::string head) {
    if (item.is_object() && !item.empty()) return value(item, indent + 2, std::move(head));
    if (item.is_array() && !item.empty()) return value(item, indent, std::move(head));
    value(item, indent + 2, std::move(head) + " ");
  }
  void block(const std::string& text, std::size_t indent, std::string head) {
    const bool ends = text.ends_with('\n');
    add(std::move(head) + (ends ? "|" : "|-"));
    std::string_view rest(text);
    if (ends) rest.remove_suffix(1);
    for (bool more = true; more;) {
      const auto end = rest.find('\n');
      more = end != std::string_view::npos;
      const auto line = rest.substr(0, end);
      add(line.empty() ? std::string() : std::string(indent, ' ') + visible(line));
      if (more) rest.remove_prefix(end + 1);
    }
  }
  void add(std::string line) {
    if (line.size() > max_line) line = line.substr(0, max_line) + "... (+" + std::to_string(line.size() - max_line) + " bytes)";
    lines.push_back(std::move(line));
  }
};

}  // namespace

std::string visible(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto [code, length] = code_point(text, i);
    if (is_hidden(code) && code != '\n') {
      out += "<U+";
      for (int shift = 12; shift >= 0; shift -= 4) out += digits[code >> shift & 15U];
      out += ">";
    } else {
      out += text.substr(i, length);
    }
    i += length;
  }
  return out;
}

std::vector<std::string> yaml_lines(const Json& json) {
  Writer writer;
  if (!json.is_null()) writer.value(json, 0, "");
  return std::move(writer.lines);
}

}  // namespace sluice::plan
