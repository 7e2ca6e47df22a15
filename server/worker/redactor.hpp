#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace sluice::worker {

/// Takes values of secrets out of texts that carry no marks: errors, in which a library or the API server quotes what it was given.
///
/// What is known is looked for as it stands and in pieces, so that no way of quoting it hides it, in base64 at any offset, and in hex;
/// upper and lower case are one. A word that could be anybody's ("postgres") is not looked for: it would make errors unreadable.
/// May be used from any thread.
class Redactor {
 public:
  /// One value, or what a program printed.
  void add(std::string_view secret);
  /// "(secret)" in place of each.
  std::string hide(std::string_view text) const;

 private:
  void add_word(std::string_view word);

  mutable std::mutex guard_;
  std::set<std::string> words_;  ///< in lower case
};

}  // namespace sluice::worker
