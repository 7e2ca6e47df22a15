#include "server/worker/jsonpath.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

namespace sluice::worker {

using plan::Json;

namespace {

using Found = std::vector<const Json*>;

class Printer {
 public:
  explicit Printer(std::string_view text) : text_(text) {}

  Result<std::string> print(const Json& object) {
    std::string out;
    auto done = print_until_end(object, out, 0);
    if (!done) return std::move(done).error();
    return out;
  }

 private:
  Error invalid(const std::string& what) const { return {Errc::invalid, "jsonpath " + std::string(text_) + ": " + what}; }
  Error unsupported(const std::string& what) const {
    return {Errc::unsupported, "jsonpath " + std::string(text_) + ": " + what + " is not supported"};
  }

  /// Prints up to the {end} of a range, or of all; `depth` counts ranges.
  Result<> print_until_end(const Json& at, std::string& out, int depth) {
    if (depth > 8) return unsupported("a range deeper than 8");
    while (at_ < text_.size()) {
      if (text_[at_] != '{') {
        out += text_[at_++];
        continue;
      }
      auto inside = read_braces();
      if (!inside) return std::move(inside).error();
      if (*inside == "end") {
        if (depth == 0) return invalid("{end} without {range}");
        return {};
      }
      auto done = inside->starts_with("range ") ? print_range(at, inside->substr(6), out, depth) : print_action(at, *inside, out);
      if (!done) return done;
    }
    if (depth > 0) return invalid("{range} without {end}");
    return {};
  }

  Result<std::string_view> read_braces() {
    const std::size_t begin = ++at_;
    char quote = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (quote != 0) {
        if (c == '\\') ++at_;
        else if (c == quote) quote = 0;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '}') {
        return trim(text_.substr(begin, at_++ - begin));
      }
    }
    return invalid("a brace has no end");
  }

  static std::string_view trim(std::string_view part) {
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    return part;
  }

  Result<> print_range(const Json& at, std::string_view path, std::string& out, int depth) {
    auto items = walk(at, trim(path));
    if (!items) return std::move(items).error();
    const std::size_t body = at_;
    const Json nothing;
    std::string unused;
    if (items->empty()) return print_until_end(nothing, unused, depth + 1);  // to get past it
    for (const Json* item : *items) {
      at_ = body;
      if (auto done = print_until_end(*item, out, depth + 1); !done) return done;
    }
    return {};
  }

  Result<> print_action(const Json& at, std::string_view action, std::string& out) {
    if (action.starts_with('"') || (action.starts_with('\'') && action.size() > 1)) return print_quoted(action, out);
    auto found = walk(at, action);
    if (!found) return std::move(found).error();
    bool first = true;
    for (const Json* one : *found) {
      if (!first) out += ' ';
      first = false;
      if (one->is_string()) out += one->get_ref<const std::string&>();
      else if (!one->is_null()) out += plan::to_text(*one);
    }
    return {};
  }

  Result<> print_quoted(std::string_view action, std::string& out) {
    if (action.size() < 2 || action.back() != action.front()) return invalid("a quote has no end");
    action = action.substr(1, action.size() - 2);
    for (std::size_t i = 0; i < action.size(); ++i) {
      if (action[i] != '\\' || i + 1 == action.size()) {
        out += action[i];
        continue;
      }
      const char c = action[++i];
      out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    }
    return {};
  }

  static void step(Found& found, std::string_view key) {
    Found next;
    for (const Json* one : found) {
      if (const Json* inner = plan::find(*one, key)) next.push_back(inner);
    }
    found = std::move(next);
  }

  static void step_all(Found& found) {
    Found next;
    for (const Json* one : found) {
      if (one->is_structured()) {
        for (const Json& inner : *one) next.push_back(&inner);
      }
    }
    found = std::move(next);
  }

  static void step_index(Found& found, long index) {
    Found next;
    for (const Json* one : found) {
      if (!one->is_array()) continue;
      const long size = static_cast<long>(one->size());
      const long wanted = index < 0 ? size + index : index;
      if (wanted >= 0 && wanted < size) next.push_back(&(*one)[static_cast<std::size_t>(wanted)]);
    }
    found = std::move(next);
  }

  Result<Found> walk(const Json& at, std::string_view path) {
    Found found{&at};
    if (path.empty()) return invalid("empty braces");
    if (path.starts_with('$') || path.starts_with('@')) path.remove_prefix(1);
    else if (path[0] != '.' && path[0] != '[') return unsupported("\"" + std::string(path) + "\"");
    while (!path.empty()) {
      auto stepped = path[0] == '[' ? walk_bracket(found, path) : walk_dot(found, path);
      if (!stepped) return std::move(stepped).error();
    }
    return found;
  }

  Result<> walk_dot(Found& found, std::string_view& path) {
    if (path[0] != '.') return unsupported("\"" + std::string(path) + "\"");
    path.remove_prefix(1);
    if (path.starts_with('.')) return unsupported("\"..\"");
    std::string key;
    std::size_t i = 0;
    for (; i < path.size() && path[i] != '.' && path[i] != '['; ++i) {
      if (path[i] == '\\' && i + 1 < path.size()) ++i;
      else if (std::string_view(" |(),?").find(path[i]) != std::string_view::npos) return unsupported("\"" + std::string(path) + "\"");
      key += path[i];
    }
    path.remove_prefix(i);
    if (key == "*") step_all(found);
    else if (!key.empty()) step(found, key);
    return {};
  }

  Result<> walk_bracket(Found& found, std::string_view& path) {
    const char quote = path.size() > 1 ? path[1] : '\0';
    if (quote == '\'' || quote == '"') {
      std::string key;
      std::size_t i = 2;
      for (; i < path.size() && path[i] != quote; ++i) {
        if (path[i] == '\\' && i + 1 < path.size()) ++i;
        key += path[i];
      }
      if (i + 1 >= path.size()) return invalid("a bracket has no end");
      if (path[i + 1] != ']') return unsupported("\"" + std::string(path) + "\"");
      path.remove_prefix(i + 2);
      step(found, key);
      return {};
    }
    const std::size_t end = path.find(']');
    if (end == std::string_view::npos) return invalid("a bracket has no end");
    const std::string_view inside = path.substr(1, end - 1);
    long index = 0;
    const auto read = std::from_chars(inside.data(), inside.data() + inside.size(), index);
    if (inside == "*") step_all(found);
    else if (!inside.empty() && read.ec == std::errc() && read.ptr == inside.data() + inside.size()) step_index(found, index);
    else return unsupported("\"" + std::string(path.substr(0, end + 1)) + "\"");
    path.remove_prefix(end + 1);
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::string> print_jsonpath(const Json& object, std::string_view text) { return Printer(text).print(object); }

}  // namespace sluice::worker
