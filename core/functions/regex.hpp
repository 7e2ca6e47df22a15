#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/value/marked_text.hpp"

namespace re2 {
class RE2;
}

namespace sluice::functions {

/// A regular expression of Go's syntax, matched leftmost-first. Cheap to copy.
///
/// Follows: Go's regexp: which matches are found, how replacements expand, the texts of errors.
/// Differs: a program above 8 MiB and a subject above 1 MiB are refused.
class Regex {
 public:
  struct Range {
    std::size_t begin = 0, end = 0;
    bool matched = true;  ///< false for a group that took no part
  };

  /// From a cache of this thread, or new.
  /// Errors: invalid, with Go's text from "error parsing regexp: " on.
  static Result<Regex> compile(std::string_view pattern);

  Result<bool> matches(std::string_view subject) const;
  /// Told before each search how many bytes it may look at; an error ends the call. A subject with many matches can take the square
  /// of its size.
  using Meter = std::function<Result<>(std::size_t bytes)>;
  /// The first `most` matches from the left, all if `most` is negative.
  Result<std::vector<Range>> find_all(std::string_view subject, std::int64_t most, const Meter& meter = {}) const;
  /// Every match replaced; $1, ${1}, $name and ${name} in `replacement` stand for groups unless `literal`.
  enum class Expand { groups, nothing };
  Result<Text> replace_all(const Text& subject, const Text& replacement, Expand expand, const Meter& meter = {}) const;
  /// What lies between the matches, at most `most` parts if it is positive, none if it is 0.
  Result<std::vector<Range>> split(std::string_view subject, std::int64_t most, const Meter& meter = {}) const;

 private:
  explicit Regex(std::shared_ptr<const re2::RE2> program) : program_(std::move(program)) {}
  bool match_at(std::string_view subject, std::size_t from, std::vector<Range>& groups) const;
  void expand(TextBuilder& out, const Text& subject, const Text& replacement, const std::vector<Range>& groups) const;

  std::shared_ptr<const re2::RE2> program_;
};

/// `text` as a pattern that matches just it.
std::string quote_pattern(std::string_view text);

}  // namespace sluice::functions
