#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/functions/semver.hpp"
#include "core/functions/semver_pieces.hpp"
#include "core/value/text.hpp"

namespace sluice::functions {

/// Reads the text of a constraint: what Go's library does with four regular expressions.
class Constraint::Reader {
 public:
  explicit Reader(SemverRules rules) : rules_(rules) {}

  /// Every "A - B" becomes ">= A, <= B ", blanks around it included.
  static std::string rewrite_ranges(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = at;
      if (auto rewritten = range_at(text, end)) {
        out += *rewritten;
        at = end;
      } else {
        out += text[at++];
      }
    }
    return out;
  }

  Result<Group> read_group(std::string_view text) const {
    auto parts = split_group(text);
    if (!parts) return improper(text);
    Group group;
    for (const auto& [op, pieces] : *parts) {
      auto comparator = make_comparator(op, pieces);
      if (!comparator) return std::move(comparator).error();
      group.names_prerelease |= !comparator->version.prerelease.empty();
      group.all.push_back(std::move(*comparator));
    }
    return group;
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }
  static bool is_part(char c) { return is_digit(c) || c == 'x' || c == 'X' || c == '*' || c == '|'; }
  static bool is_open(std::string_view part) { return part.empty() || part == "x" || part == "X" || part == "*"; }
  static void skip_blanks(std::string_view text, std::size_t& at) {
    while (at < text.size() && is_blank(text[at])) ++at;
  }

  static std::optional<std::string> range_at(std::string_view text, std::size_t& at) {
    std::size_t next = at;
    skip_blanks(text, next);
    std::size_t low = next;
    if (!read_pieces(text, next, is_part)) return std::nullopt;
    auto low_text = text.substr(low, next - low);
    std::size_t blank = next;
    skip_blanks(text, next);
    if (next == blank || next >= text.size() || text[next] != '-') return std::nullopt;
    blank = ++next;
    skip_blanks(text, next);
    if (next == blank) return std::nullopt;
    std::size_t high = next;
    if (!read_pieces(text, next, is_part)) return std::nullopt;
    auto high_text = text.substr(high, next - high);
    skip_blanks(text, next);
    at = next;
    return ">= " + std::string(low_text) + ", <= " + std::string(high_text) + ' ';
  }

  static Op read_operator(std::string_view text, std::size_t& at) {
    static constexpr std::array<std::pair<std::string_view, Op>, 11> operators{{{"!=", Op::not_equal},
                                                                                {">=", Op::greater_equal},
                                                                                {"=>", Op::greater_equal},
                                                                                {"<=", Op::less_equal},
                                                                                {"=<", Op::less_equal},
                                                                                {"~>", Op::tilde},
                                                                                {"=", Op::equal},
                                                                                {">", Op::greater},
                                                                                {"<", Op::less},
                                                                                {"~", Op::tilde},
                                                                                {"^", Op::caret}}};
    for (const auto& [sign, op] : operators) {
      if (!text.substr(at).starts_with(sign)) continue;
      at += sign.size();
      return op;
    }
    return Op::equal;
  }

  /// Comparators separated by blanks and at most one comma; nothing if the text is anything else.
  static std::optional<std::vector<std::pair<Op, VersionPieces>>> split_group(std::string_view text) {
    std::vector<std::pair<Op, VersionPieces>> parts;
    std::size_t at = 0;
    skip_blanks(text, at);
    for (;;) {
      Op op = read_operator(text, at);
      skip_blanks(text, at);
      auto pieces = read_pieces(text, at, is_part);
      if (!pieces) return std::nullopt;
      parts.emplace_back(op, *pieces);
      std::size_t end = at;
      skip_blanks(text, at);
      if (at == text.size()) return parts;
      if (text[at] == ',') {
        ++at;
        skip_blanks(text, at);
      } else if (at == end) {
        return std::nullopt;
      }
    }
  }

  Result<Comparator> make_comparator(Op op, const VersionPieces& pieces) const {
    Comparator comparator;
    comparator.op = op;
    const auto& [major, minor, patch] = pieces.numbers;
    std::string text;
    if (is_open(major)) {
      comparator.open = true;
      text = "0.0.0";
    } else if (is_open(minor)) {
      comparator.open = comparator.minor_open = true;
      text = std::string(major) + ".0.0";
    } else if (is_open(patch)) {
      comparator.open = comparator.patch_open = true;
      text = std::string(major) + '.' + std::string(minor) + ".0";
    } else {
      text = std::string(major) + '.' + std::string(minor) + '.' + std::string(patch);
    }
    if (!pieces.prerelease.empty()) text += '-' + std::string(pieces.prerelease);
    auto version = parse_version(text, rules_);
    if (!version)
      return Error{Errc::invalid, rules_ == SemverRules::helm4 ? "constraint parser error" : "constraint Parser Error"};
    comparator.version = std::move(*version);
    return comparator;
  }

  Error improper(std::string_view text) const {
    return {Errc::invalid, "improper constraint: " + (rules_ == SemverRules::helm4 ? quoted(text) : std::string(text))};
  }

  SemverRules rules_;
};

Result<Constraint> Constraint::parse(std::string_view text, SemverRules rules) {
  Constraint constraint;
  constraint.rules_ = rules;
  Reader reader(rules);
  std::string rewritten = Reader::rewrite_ranges(text);
  std::string_view rest = rewritten;
  for (;;) {
    auto end = rest.find("||");
    auto group = reader.read_group(rest.substr(0, end));
    if (!group) return std::move(group).error();
    constraint.any_.push_back(std::move(*group));
    if (end == std::string_view::npos) return constraint;
    rest.remove_prefix(end + 2);
  }
}

bool Constraint::admits(const Version& version) const {
  return std::any_of(any_.begin(), any_.end(), [&](const Group& group) {
    return std::all_of(group.all.begin(), group.all.end(), [&](const Comparator& comparator) {
      if (rules_ == SemverRules::helm4 && !version.prerelease.empty() && !group.names_prerelease) return false;
      return admits(comparator, version, rules_ == SemverRules::helm4);
    });
  });
}

bool Constraint::admits(const Comparator& comparator, const Version& version, bool prereleases_of_group) {
  const Version& bound = comparator.version;
  // A prerelease satisfies only comparators that name one themselves, except "not exactly this release".
  bool unasked = !prereleases_of_group && !version.prerelease.empty() && bound.prerelease.empty();
  if (unasked && (comparator.op != Op::not_equal || comparator.open)) return false;
  int order = compare(version, bound);
  switch (comparator.op) {
    case Op::not_equal:
      if (!comparator.open) return order != 0;
      if (version.major != bound.major) return true;
      if (comparator.minor_open) return false;
      if (version.minor != bound.minor) return true;
      if (comparator.patch_open)
        return (!version.prerelease.empty() || !bound.prerelease.empty()) && version.prerelease != bound.prerelease &&
               compare_prereleases(version.prerelease, bound.prerelease) != 0;
      return version.patch != bound.patch || order != 0;
    case Op::greater:
      if (comparator.open && version.major == bound.major) {
        if (comparator.minor_open) return false;
        if (comparator.patch_open) return version.minor > bound.minor;
      }
      return order > 0;
    case Op::less:
      return order < 0;
    case Op::greater_equal:
      return order >= 0;
    case Op::less_equal:
      if (!comparator.open) return order <= 0;
      return version.major < bound.major ||
             (version.major == bound.major && (comparator.minor_open || version.minor <= bound.minor));
    case Op::equal:
      if (!comparator.open) return order == 0;
      [[fallthrough]];
    case Op::tilde:
      if (order < 0) return false;
      if (bound.major == 0 && bound.minor == 0 && bound.patch == 0 && !comparator.minor_open && !comparator.patch_open)
        return true;
      return version.major == bound.major && (comparator.minor_open || version.minor == bound.minor);
    case Op::caret:
      return order >= 0 && in_caret_range(comparator, version);
  }
  return false;
}

/// The leftmost number that is not zero may not change.
bool Constraint::in_caret_range(const Comparator& comparator, const Version& version) {
  const Version& bound = comparator.version;
  if (version.major != bound.major) return false;
  if (bound.major > 0 || comparator.minor_open) return true;
  if (bound.minor > 0 || comparator.patch_open) return version.minor == bound.minor;
  return version.minor == 0 && version.patch == bound.patch;
}

}  // namespace sluice::functions
