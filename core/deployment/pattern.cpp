#include "core/deployment/pattern.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace sluice::deployment {

namespace {

/// One question "does the rest of the pattern match the rest of the name", each asked at most once.
class Matcher {
 public:
  Matcher(std::string_view pattern, std::string_view name)
      : pattern_(pattern), name_(name), known_((pattern.size() + 1) * (name.size() + 1), unknown) {}

  bool rest(std::size_t p, std::size_t n) {
    char& answer = known_[p * (name_.size() + 1) + n];
    if (answer == unknown) answer = find(p, n) ? yes : no;
    return answer == yes;
  }

 private:
  static constexpr char unknown = 0, yes = 1, no = 2;

  bool at_part_start(std::size_t n) const { return n == 0 || name_[n - 1] == '/'; }
  bool is_hidden(std::size_t n) const { return n < name_.size() && name_[n] == '.' && at_part_start(n); }
  bool any_character(std::size_t n) const { return n < name_.size() && name_[n] != '/' && !is_hidden(n); }

  bool find(std::size_t p, std::size_t n) {
    if (p == pattern_.size()) return n == name_.size();
    const char c = pattern_[p];
    if (c == '*') return star(p, n);
    if (c == '?') return any_character(n) && rest(p + 1, n + 1);
    if (c == '[') return set(p, n);
    const std::size_t literal = c == '\\' && p + 1 < pattern_.size() ? p + 1 : p;
    return n < name_.size() && name_[n] == pattern_[literal] && rest(literal + 1, n + 1);
  }

  bool star(std::size_t p, std::size_t n) {
    const bool starts_part = p == 0 || pattern_[p - 1] == '/';
    if (starts_part && pattern_.substr(p, 3) == "**/") return folders(p, n);
    std::size_t next = p;
    while (next < pattern_.size() && pattern_[next] == '*') ++next;
    if (is_hidden(n)) return false;
    for (std::size_t end = n;; ++end) {
      if (rest(next, end)) return true;
      if (end == name_.size() || name_[end] == '/') return false;
    }
  }

  bool folders(std::size_t p, std::size_t n) {
    if (rest(p + 3, n)) return true;
    if (is_hidden(n)) return false;
    const auto slash = name_.find('/', n);
    return slash != std::string_view::npos && rest(p, slash + 1);
  }

  /// One character of a set, which a backslash may protect.
  std::optional<char> set_character(std::size_t& p) const {
    if (p < pattern_.size() && pattern_[p] == '\\') ++p;
    if (p >= pattern_.size()) return std::nullopt;
    return pattern_[p++];
  }

  bool set(std::size_t p, std::size_t n) {
    ++p;
    const bool inverted = p < pattern_.size() && (pattern_[p] == '!' || pattern_[p] == '^');
    if (inverted) ++p;
    bool found = false;
    while (p < pattern_.size() && pattern_[p] != ']') {
      const auto low = set_character(p);
      auto high = low;
      if (p + 1 < pattern_.size() && pattern_[p] == '-' && pattern_[p + 1] != ']') {
        ++p;
        high = set_character(p);
      }
      if (!low || !high) return false;
      if (n < name_.size() && name_[n] >= *low && name_[n] <= *high) found = true;
    }
    if (p >= pattern_.size()) return false;  // never closed
    return any_character(n) && found != inverted && rest(p + 1, n + 1);
  }

  std::string_view pattern_;
  std::string_view name_;
  std::vector<char> known_;
};

constexpr std::size_t length_limit = 1024;

std::string listed(const std::vector<std::string>& patterns) {
  std::string out;
  for (const auto& pattern : patterns) out += (out.empty() ? "" : ", ") + pattern;
  return out.empty() ? "none" : out;
}

Result<> one_of(const std::vector<std::string>& patterns, std::string_view kind, std::string_view name) {
  if (std::ranges::any_of(patterns, [&](const std::string& pattern) { return matches(pattern, name); })) return {};
  return Error{Errc::denied, "not-permitted: " + std::string(kind) + " " + std::string(name) + " may not deploy to this environment; allowed: " +
                                 listed(patterns)};
}

}  // namespace

bool matches(std::string_view pattern, std::string_view name) {
  if (pattern.size() > length_limit || name.size() > length_limit) return false;
  return Matcher(pattern, name).rest(0, 0);
}

Result<> may_deploy_ref(const Protection& rules, std::string_view ref) {
  if (rules.branches.empty() && rules.tags.empty()) return {};
  if (ref.starts_with("refs/heads/")) return one_of(rules.branches, "branch", ref.substr(11));
  if (ref.starts_with("refs/tags/")) return one_of(rules.tags, "tag", ref.substr(10));
  return one_of(rules.branches, "ref", ref);
}

}  // namespace sluice::deployment
