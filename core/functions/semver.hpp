#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::functions {

/// Whose rules and error texts: those of semver v3.3.0 (Helm 3.17) or of v3.5.0 (Helm 4.3).
enum class SemverRules { helm3, helm4 };

/// A version as charts write it: "v1.2", "1.2.3-rc.1+build".
struct Version {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  std::string prerelease;  ///< "rc.1", without the dash
  std::string metadata;    ///< "build", without the plus
  std::string original;    ///< as it was written

  /// Normalised, all three numbers and no leading v: "1.2.0".
  std::string text() const;
  /// The text after the number that is raised; a prerelease is only dropped by `next_patch`.
  Version next_patch() const;
  Version next_minor() const;
  Version next_major() const;
};

/// Errors: invalid, with the text of Go's semver library ("Invalid Semantic Version").
Result<Version> parse_version(std::string_view text, SemverRules rules = SemverRules::helm3);
/// As above, but needs exactly three numbers without leading zeros and no leading v.
Result<Version> parse_strict_version(std::string_view text, SemverRules rules = SemverRules::helm3);

/// -1, 0 or 1. Metadata does not count.
int compare(const Version& a, const Version& b);

/// A constraint such as ">= 1.2, < 2 || ~3.1".
///
/// Follows: Masterminds/semver: open parts (missing, x, X, *), operators = != > < >= => <= =< ~ ~> ^, "A - B" ranges.
class Constraint {
 public:
  /// Errors: invalid, "improper constraint: TEXT" or "constraint Parser Error".
  static Result<Constraint> parse(std::string_view text, SemverRules rules = SemverRules::helm3);

  bool admits(const Version& version) const;

 private:
  enum class Op { equal, not_equal, greater, less, greater_equal, less_equal, tilde, caret };
  struct Comparator {
    Op op = Op::equal;
    Version version;
    bool open = false;        // some part is missing or an x
    bool minor_open = false;  // major was given, minor was not
    bool patch_open = false;  // minor was given, patch was not
  };
  struct Group {
    std::vector<Comparator> all;
    bool names_prerelease = false;
  };
  class Reader;

  static bool admits(const Comparator& comparator, const Version& version, bool prereleases_of_group);
  static bool in_caret_range(const Comparator& comparator, const Version& version);

  SemverRules rules_ = SemverRules::helm3;
  std::vector<Group> any_;
};

}  // namespace sluice::functions
