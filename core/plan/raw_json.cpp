#include "core/plan/raw_json.hpp"

namespace sluice::plan {

namespace {

constexpr std::size_t none = std::string_view::npos;

std::size_t skip_blanks(std::string_view text, std::size_t at) { return text.find_first_not_of(" \t\r\n", at); }

/// Past the value that begins at `at`.
std::size_t skip_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    switch (text[at]) {
      case '"': at = skip_string(text, at); break;
      case '{':
      case '[': ++depth, ++at; continue;
      case '}':
      case ']':
        if (depth == 0) return at;  // of whatever holds this number or word
        --depth, ++at;
        break;
      case ',':
        if (depth == 0) return at;
        ++at;
        continue;
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        if (depth == 0) return at;
        ++at;
        continue;
      default: ++at; continue;
    }
    if (depth == 0) return at;
  }
  return none;
}

}  // namespace

std::size_t skip_string(std::string_view text, std::size_t at) {
  for (std::size_t quote = text.find('"', at + 1); quote != none; quote = text.find('"', quote + 1)) {
    std::size_t backslashes = 0;
    while (text[quote - 1 - backslashes] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return quote + 1;
  }
  return none;
}

bool for_each_member(std::string_view object, const std::function<void(std::string_view key, std::string_view value)>& member) {
  std::size_t at = skip_blanks(object, 0);
  if (at == none || object[at] != '{') return false;
  at = skip_blanks(object, at + 1);
  if (at != none && object[at] == '}') return true;
  while (at != none && object[at] == '"') {
    const std::size_t key_end = skip_string(object, at);
    if (key_end == none) return false;
    const std::string_view key = object.substr(at + 1, key_end - at - 2);
    at = skip_blanks(object, key_end);
    if (at == none || object[at] != ':') return false;
    at = skip_blanks(object, at + 1);
    if (at == none) return false;
    const std::size_t end = skip_value(object, at);
    if (end == none) return false;
    member(key, object.substr(at, end - at));
    at = skip_blanks(object, end);
    if (at == none || object[at] == '}') return at != none;
    if (object[at] != ',') return false;
    at = skip_blanks(object, at + 1);
  }
  return false;
}

std::string_view raw_at(std::string_view object, std::string_view path) {
  const std::size_t slash = path.find('/');
  std::string_view found;
  for_each_member(object, [&](std::string_view key, std::string_view value) {
    if (key == path.substr(0, slash)) found = value;
  });
  return slash == path.npos || found.empty() ? found : raw_at(found, path.substr(slash + 1));
}

}  // namespace sluice::plan
