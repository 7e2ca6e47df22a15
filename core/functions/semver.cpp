#include "core/functions/semver.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/functions/semver_pieces.hpp"

namespace sluice::functions {
namespace {

constexpr std::size_t longest_version_of_helm4 = 256;

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

std::string with_prefix_of(const Version& from, const Version& next) {
  return (!from.original.empty() && from.original[0] == 'v' ? "v" : "") + next.text();
}

}  // namespace

std::optional<VersionPieces> read_pieces(std::string_view text, std::size_t& at, bool (*in_number)(char)) {
  std::size_t next = at;
  auto number = [&] {
    std::size_t start = next;
    while (next < text.size() && in_number(text[next])) ++next;
    return text.substr(start, next - start);
  };
  VersionPieces pieces;
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

}  // namespace sluice::functions
