#include "core/chart/path_glob.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/chart/runes.hpp"

namespace sluice::chart {

namespace {

/// One bound of a bracket expression; nothing if the pattern is broken here.
std::optional<char32_t> take_bound(std::string_view& pattern) {
  if (pattern.empty() || pattern.front() == '-' || pattern.front() == ']') return {};
  if (pattern.front() == '\\') {
    pattern.remove_prefix(1);
    if (pattern.empty()) return {};
  }
  const Rune rune = decode_rune(pattern);
  pattern.remove_prefix(rune.size);
  if (!rune.valid() || pattern.empty()) return {};
  return rune.value;
}

/// Reads a bracket expression, whose `[` is already read, up to its `]`. Nothing if it is broken; else whether `rune` is in it.
std::optional<bool> take_bracket(std::string_view& pattern, char32_t rune) {
  const bool negated = !pattern.empty() && pattern.front() == '^';
  if (negated) pattern.remove_prefix(1);
  bool found = false;
  for (int ranges = 0;; ++ranges) {
    if (!pattern.empty() && pattern.front() == ']' && ranges > 0) {
      pattern.remove_prefix(1);
      return found != negated;
    }
    const auto low = take_bound(pattern);
    if (!low) return {};
    auto high = low;
    if (pattern.front() == '-') {
      pattern.remove_prefix(1);
      high = take_bound(pattern);
      if (!high) return {};
    }
    found = found || (*low <= rune && rune <= *high);
  }
}

/// Matches one element of `pattern` that is no `*` against the front of `path`, and takes both.
bool take_element(std::string_view& pattern, std::string_view& path) {
  if (path.empty()) return false;
  switch (pattern.front()) {
    case '?':
      if (path.front() == '/') return false;
      pattern.remove_prefix(1);
      take_rune(path);
      return true;
    case '[': {
      pattern.remove_prefix(1);
      return take_bracket(pattern, take_rune(path)).value_or(false);
    }
    case '\\': pattern.remove_prefix(1); [[fallthrough]];
    default:
      if (pattern.front() != path.front()) return false;
      pattern.remove_prefix(1);
      path.remove_prefix(1);
      return true;
  }
}

}  // namespace

bool is_path_pattern(std::string_view pattern) {
  while (!pattern.empty()) {
    const char c = pattern.front();
    pattern.remove_prefix(1);
    if (c == '\\') {
      if (pattern.empty()) return false;
      pattern.remove_prefix(1);
    } else if (c == '[' && !take_bracket(pattern, 0)) {
      return false;
    }
  }
  return true;
}

bool match_path(std::string_view pattern, std::string_view path) {
  if (!is_path_pattern(pattern)) return false;
  // A star gives back one byte at a time; only the last star need be remembered, as nothing before it can do better.
  std::string_view star_pattern, star_path;
  bool starred = false;
  while (!pattern.empty() || !path.empty()) {
    if (!pattern.empty() && pattern.front() == '*') {
      pattern.remove_prefix(1);
      starred = true;
      star_pattern = pattern;
      star_path = path;
      continue;
    }
    if (!pattern.empty() && take_element(pattern, path)) continue;
    if (!starred || star_path.empty() || star_path.front() == '/') return false;
    star_path.remove_prefix(1);
    pattern = star_pattern;
    path = star_path;
  }
  return true;
}

namespace {

struct Node;
using Sequence = std::vector<Node>;

/// One element of a FileGlob pattern.
struct Node {
  enum class Kind { text, any, super, single, set, alternatives } kind;
  std::string text;  ///< of text, and the listed characters of a set
  bool negated = false;
  char32_t low = 1, high = 0;  ///< of a set that is a range
  std::vector<Sequence> branches;
};

enum class Parsed { ok, invalid, unclosed };

Parsed parse_set(std::string_view& rest, Node& node) {
  node.kind = Node::Kind::set;
  if (!rest.empty() && rest.front() == '!') {
    node.negated = true;
    rest.remove_prefix(1);
  }
  if (rest.empty()) return Parsed::invalid;
  std::string_view ahead = rest;
  const char32_t first = take_rune(ahead);
  if (!ahead.empty() && ahead.front() == '-') {
    ahead.remove_prefix(1);
    if (ahead.empty()) return Parsed::invalid;
    node.low = first;
    node.high = take_rune(ahead);
    if (node.low > node.high) return Parsed::invalid;
    rest = ahead;
  } else {
    while (!rest.empty() && rest.front() != ']') {
      if (rest.front() == '\\') rest.remove_prefix(1);
      if (rest.empty()) return Parsed::invalid;
      node.text += rest.front();
      rest.remove_prefix(1);
    }
    if (node.text.empty()) return Parsed::invalid;
  }
  if (rest.empty() || rest.front() != ']') return Parsed::invalid;
  rest.remove_prefix(1);
  return Parsed::ok;
}

constexpr int max_nesting = 64;

Parsed parse_sequence(std::string_view& rest, int depth, Sequence& out) {
  if (depth > max_nesting) return Parsed::invalid;
  while (!rest.empty()) {
    const char c = rest.front();
    if (depth > 0 && (c == ',' || c == '}')) return Parsed::ok;
    rest.remove_prefix(1);
    Node node{};
    switch (c) {
      case '*':
        node.kind = Node::Kind::any;
        if (!rest.empty() && rest.front() == '*') {
          rest.remove_prefix(1);
          node.kind = Node::Kind::super;
        }
        break;
      case '?': node.kind = Node::Kind::single; break;
      case '[':
        if (const Parsed set = parse_set(rest, node); set != Parsed::ok) return set;
        break;
      case '{':
        node.kind = Node::Kind::alternatives;
        for (;;) {
          if (const Parsed branch = parse_sequence(rest, depth + 1, node.branches.emplace_back()); branch != Parsed::ok)
            return branch;
          if (rest.empty()) return Parsed::unclosed;
          const char end = rest.front();
          rest.remove_prefix(1);
          if (end == '}') break;
        }
        break;
      default: {
        char literal = c;
        if (c == '\\') {
          if (rest.empty()) return Parsed::ok;
          literal = rest.front();
          rest.remove_prefix(1);
        }
        if (!out.empty() && out.back().kind == Node::Kind::text) {
          out.back().text += literal;
          continue;
        }
        node.kind = Node::Kind::text;
        node.text = literal;
      }
    }
    out.push_back(std::move(node));
  }
  return Parsed::ok;
}

bool in_set(const Node& set, char32_t rune) {
  bool found = set.low <= rune && rune <= set.high;
  for (std::string_view listed = set.text; !found && !listed.empty();) found = take_rune(listed) == rune;
  return found != set.negated;
}

/// The continuation after the last node: what must follow, outermost last.
struct Rest {
  const Sequence* nodes;
  std::size_t at;
  const Rest* next;
};

/// Steps one pattern may take on one path before it counts as not matching; far above what any honest pattern needs.
constexpr int max_steps = 1'000'000;

bool match(const Rest* rest, std::string_view path, int& steps) {
  if (++steps > max_steps) return false;
  while (rest && rest->at == rest->nodes->size()) rest = rest->next;
  if (!rest) return path.empty();
  const Node& node = (*rest->nodes)[rest->at];
  const Rest after{rest->nodes, rest->at + 1, rest->next};
  switch (node.kind) {
    case Node::Kind::text: return path.starts_with(node.text) && match(&after, path.substr(node.text.size()), steps);
    case Node::Kind::single:
      if (path.empty() || path.front() == '/') return false;
      take_rune(path);
      return match(&after, path, steps);
    case Node::Kind::set: return !path.empty() && in_set(node, take_rune(path)) && match(&after, path, steps);
    case Node::Kind::any:
    case Node::Kind::super:
      for (;;) {
        if (match(&after, path, steps)) return true;
        if (path.empty() || (node.kind == Node::Kind::any && path.front() == '/')) return false;
        path.remove_prefix(1);
      }
    case Node::Kind::alternatives:
      for (const Sequence& branch : node.branches) {
        const Rest inside{&branch, 0, &after};
        if (match(&inside, path, steps)) return true;
      }
      return false;
  }
  return false;
}

bool matches_whole(const Sequence& pattern, std::string_view path) {
  using Kind = Node::Kind;
  if (pattern.size() == 1 && pattern[0].kind == Kind::alternatives) {
    for (const Sequence& branch : pattern[0].branches)
      if (matches_whole(branch, path)) return true;
    return false;
  }
  // gobwas tests text**text as a prefix and a suffix, which may overlap.
  if (pattern.size() == 3 && pattern[0].kind == Kind::text && pattern[1].kind == Kind::super && pattern[2].kind == Kind::text)
    return path.starts_with(pattern[0].text) && path.ends_with(pattern[2].text);
  const Rest all{&pattern, 0, nullptr};
  int steps = 0;
  return match(&all, path, steps);
}

}  // namespace

bool FileGlob::matches(std::string_view path) const {
  std::string_view rest = pattern_;
  Sequence nodes;
  switch (parse_sequence(rest, 0, nodes)) {
    case Parsed::invalid: return true;
    case Parsed::unclosed: return false;
    case Parsed::ok: return matches_whole(nodes, path);
  }
  return false;
}

}  // namespace sluice::chart
