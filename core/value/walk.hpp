#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace sluice {

/// Thrown by what walks through a whole value (printing, writing, copying) at a size or depth that no chart's data has: one list or
/// map may be in a value many times over, or in itself. The template engine makes it an error that names the place.
struct TooLarge : std::length_error {
  using std::length_error::length_error;
};

/// Thrown by an Object that is made when something first reads it and cannot be made. The template engine makes it an error that
/// names the place.
struct NotMade : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Counts what one walk through a value meets.
class Walk {
 public:
  static constexpr int max_depth = 1000;
  static constexpr std::size_t max_elements = 2'000'000;
  static constexpr std::size_t max_bytes = 64U << 20;

  /// One more element; `bytes` have been written so far.
  void count(std::size_t bytes = 0) {
    if (++elements_ > max_elements) throw TooLarge("a value has more than " + std::to_string(max_elements) + " elements");
    if (bytes > max_bytes) throw TooLarge("the text of a value has more than " + std::to_string(max_bytes) + " bytes");
  }
  static void check_depth(int depth) {
    if (depth > max_depth) throw TooLarge("a value nests deeper than " + std::to_string(max_depth) + " levels");
  }

 private:
  std::size_t elements_ = 0;
};

}  // namespace sluice
