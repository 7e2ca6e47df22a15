#pragma once

#include <string_view>

namespace sluice::chart {

/// Whether `pattern` is one that match_path accepts: closed brackets, nothing missing after a backslash.
bool is_path_pattern(std::string_view pattern);

/// Whether all of `path` matches `pattern`. `*` and `?` stop at slashes; `[a-z]`, `[^a-z]`; a backslash takes the next character
/// literally. Nothing matches a pattern that is_path_pattern refuses.
/// Follows: Go's filepath.Match, which .helmignore and --show-only speak.
bool match_path(std::string_view pattern, std::string_view path);

/// Whether all of `path` matches `pattern`: `*` any run without a slash, `**` any run, `?` one character but a slash, `[abc]`,
/// `[a-z]`, `[!abc]`, `{a,b}` alternatives, a backslash takes the next character literally. An invalid pattern matches every
/// path. Follows: gobwas/glob 0.2.3 with the separator '/', as .Files.Glob uses it; also in that `a/**/b` matches `a/b` and that
/// an unclosed `{` matches nothing.
class FileGlob {
 public:
  explicit FileGlob(std::string_view pattern) : pattern_(pattern) {}
  bool matches(std::string_view path) const;

 private:
  std::string_view pattern_;
};

}  // namespace sluice::chart
