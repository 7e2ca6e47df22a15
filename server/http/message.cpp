#include "server/http/message.hpp"

#include <algorithm>

namespace sluice::http {

namespace {
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = lower(c);
  if (small >= 'a' && small <= 'f') return small - 'a' + 10;
  return -1;
}
}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> Request::field(std::string_view name) const {
  for (const auto& each : fields)
    if (same_name(each.name, name)) return each.value;
  return std::nullopt;
}

std::optional<std::string> Request::parameter(std::string_view name) const { return form_value(query, name); }

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus_is_space) c = ' ';
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    out.push_back(c);
  }
  return out;
}

namespace {

/// Gives the values of `name` in "a=1&b=2" to `take`, until that wants no more.
template <class Take>
void find_values(std::string_view form, std::string_view name, Take take) {
  while (!form.empty()) {
    const auto end = form.find('&');
    const auto pair = form.substr(0, end);
    const auto equals = pair.find('=');
    const bool is_it = percent_decode(pair.substr(0, equals), true) == name;
    if (is_it && !take(percent_decode(equals == pair.npos ? std::string_view() : pair.substr(equals + 1), true))) return;
    if (end == form.npos) return;
    form.remove_prefix(end + 1);
  }
}

}  // namespace

std::optional<std::string> form_value(std::string_view form, std::string_view name) {
  std::optional<std::string> first;
  find_values(form, name, [&first](std::optional<std::string> value) {
    first = std::move(value);
    return false;
  });
  return first;
}

std::vector<std::string> form_values(std::string_view form, std::string_view name) {
  std::vector<std::string> values;
  find_values(form, name, [&values](std::optional<std::string> value) {
    if (value) values.push_back(std::move(*value));
    return true;
  });
  return values;
}

}  // namespace sluice::http
