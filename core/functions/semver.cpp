#include "core/functions/semver.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/value/text.hpp"

namespace sluice::functions {
namespace {

constexpr std::size_t longest_version_of_helm4 = 256;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_identifier(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; }

Error semver_error(SemverRules rules, std::string text) {
  // The newer library writes its own words without capitals; what it quotes stays.
  if (rules == SemverRules::helm4)
    for (std::size_t i = 0; i < text.size() && text[i] != ':'; ++i)
      if (text[i] >= 'A' && text[i] <= 'Z') text[i] = static_cast<char>(text[i] + ('a' - 'A'));
  return {Errc::invalid, std::move(text)};
}

/// Reads "a.b-c.1" at `at`; nothing, without moving, if there is not even one identifier.
std::string_view read_identifiers(std::string_view text, std::size_t& at) {
  std::size_t end = at;
  while (end < text.size()) {
    std::size_t part = end;
    if (end != at && text[part] == '.') ++part;
    std::size_t stop = part;
    while (stop < text.size() && is_identifier(text[stop])) ++stop;
    if (stop == part) break;
    end = stop;
    if (end < text.size() && text[end] != '.') break;
  }
  auto found = text.substr(at, end - at);
  at = end;
  return found;
}

/// "-pre" or "+meta" at `at`, without the sign; moves only if it is whole.
std::string_view read_suffix(std::string_view text, std::size_t& at, char sign) {
  if (at >= text.size() || text[at] != sign) return {};
  std::size_t next = at + 1;
  auto found = read_identifiers(text, next);
  if (!found.empty()) at = next;
  return found;
}

struct Pieces {
  std::array<std::string_view, 3> numbers;
  std::string_view prerelease;
  std::string_view metadata;
};

/// v?N(.N)?(.N)?(-pre)?(+meta)? at `at`, where `in_number` says what an N is made of. Moves past what was read.
template <class InNumber>
std::optional<Pieces> read_pieces(std::string_view text, std::size_t& at, InNumber in_number) {
  std::size_t next = at;
  auto number = [&] {
    std::size_t start = next;
    while (next < text.size() && in_number(text[next])) ++next;
    return text.substr(start, next - start);
  };
  Pieces pieces;
  if (next < text.size() && text[next] == 'v') ++next;
  pieces.numbers[0] = number();
  if (pieces.numbers[0].empty()) return std::nullopt;
  for (std::size_t i = 1; i < 3; ++i) {
    if (next >= text.size() || text[next] != '.') break;
    ++next;
    pieces.numbers[i] = number();
    if (pieces.numbers[i].empty()) {
      --next;
      break;
    }
  }
  pieces.prerelease = read_suffix(text, next, '-');
  pieces.metadata = read_suffix(text, next, '+');
  at = next;
  return pieces;
}

Result<std::uint64_t> read_number(std::string_view digits, SemverRules rules) {
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error == std::errc::result_out_of_range)
    return semver_error(rules, "Error parsing version segment: strconv.ParseUint: parsing \"" + std::string(digits) +
                                   "\": value out of range");
  return number;
}

template <class Visit>
bool every_identifier(std::string_view dotted, Visit visit) {
  for (std::size_t start = 0; start <= dotted.size();) {
    auto end = std::min(dotted.find('.', start), dotted.size());
    if (!visit(dotted.substr(start, end - start))) return false;
    start = end + 1;
  }
  return true;
}

bool is_number(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }

int sign_of(std::uint64_t a, std::uint64_t b) { return a < b ? -1 : a > b ? 1 : 0; }

/// Numbers of any length by value; `a` and `b` are digits without leading zeros.
int compare_numbers(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  int order = a.compare(b);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

int compare_identifiers(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  if (a.empty()) return -1;
  if (b.empty()) return 1;
  bool a_is_number = is_number(a), b_is_number = is_number(b);
  if (a_is_number && b_is_number) return compare_numbers(a, b);
  if (a_is_number != b_is_number) return a_is_number ? -1 : 1;
  return a < b ? -1 : 1;
}

int compare_prereleases(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    auto take = [](std::string_view& rest) {
      auto end = std::min(rest.find('.'), rest.size());
      auto part = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      return part;
    };
    if (int order = compare_identifiers(take(a), take(b))) return order;
  }
  return 0;
}

std::string with_prefix_of(const Version& from, const Version& next) {
  return (!from.original.empty() && from.original[0] == 'v' ? "v" : "") + next.text();
}

}  // namespace

std::string Version::text() const {
  std::string text = std::to_string(major) + '.' + std::to_string(minor) + '.' + std::to_string(patch);
  if (!prerelease.empty()) text += '-' + prerelease;
  if (!metadata.empty()) text += '+' + metadata;
  return text;
}

Version Version::next_patch() const {
  Version next{major, minor, prerelease.empty() ? patch + 1 : patch, "", "", ""};
  next.original = with_prefix_of(*this, next);
  return next;
}

Version Version::next_minor() const {
  Version next{major, minor + 1, 0, "", "", ""};
  next.original = with_prefix_of(*this, next);
  return next;
}

Version Version::next_major() const {
  Version next{major + 1, 0, 0, "", "", ""};
  next.original = with_prefix_of(*this, next);
  return next;
}

Result<Version> parse_version(std::string_view text, SemverRules rules) {
  if (rules == SemverRules::helm4 && text.size() > longest_version_of_helm4)
    return Error{Errc::invalid, "version string is longer than " + std::to_string(longest_version_of_helm4) + " bytes"};
  std::size_t at = 0;
  auto pieces = read_pieces(text, at, is_digit);
  if (!pieces || at != text.size()) return semver_error(rules, "Invalid Semantic Version");
  Version version{0, 0, 0, std::string(pieces->prerelease), std::string(pieces->metadata), std::string(text)};
  std::array<std::uint64_t*, 3> targets{&version.major, &version.minor, &version.patch};
  for (std::size_t i = 0; i < 3; ++i) {
    auto number = read_number(pieces->numbers[i], rules);
    if (!number) return std::move(number).error();
    *targets[i] = *number;
  }
  bool no_leading_zeros = every_identifier(version.prerelease, [](std::string_view part) {
    return part.size() < 2 || part[0] != '0' || !is_number(part);
  });
  if (!no_leading_zeros) return semver_error(rules, "Version segment starts with 0");
  return version;
}

Result<Version> parse_strict_version(std::string_view text, SemverRules rules) {
  if (text.empty()) return semver_error(rules, "Version string empty");
  std::size_t at = 0;
  auto pieces = read_pieces(text, at, is_digit);
  if (!pieces || at != text.size() || text[0] == 'v' || pieces->numbers[2].empty())
    return semver_error(rules, "Invalid Semantic Version");
  for (auto number : pieces->numbers)
    if (number.size() > 1 && number[0] == '0') return semver_error(rules, "Version segment starts with 0");
  return parse_version(text, rules);
}

int compare(const Version& a, const Version& b) {
  if (int order = sign_of(a.major, b.major)) return order;
  if (int order = sign_of(a.minor, b.minor)) return order;
  if (int order = sign_of(a.patch, b.patch)) return order;
  if (a.prerelease.empty() || b.prerelease.empty())
    return a.prerelease.empty() == b.prerelease.empty() ? 0 : a.prerelease.empty() ? 1 : -1;
  return compare_prereleases(a.prerelease, b.prerelease);
}

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
  static std::optional<std::vector<std::pair<Op, Pieces>>> split_group(std::string_view text) {
    std::vector<std::pair<Op, Pieces>> parts;
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

  Result<Comparator> make_comparator(Op op, const Pieces& pieces) const {
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
