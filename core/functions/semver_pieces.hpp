#pragma once

// What reading a version and reading a constraint have in common. Not for other folders.

#include <array>
#include <optional>
#include <string_view>

namespace sluice::functions {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The parts of a version as they are written.
struct VersionPieces {
  std::array<std::string_view, 3> numbers;  ///< those that are missing are empty
  std::string_view prerelease;
  std::string_view metadata;
};

/// v?N(.N)?(.N)?(-pre)?(+meta)? at `at`, where `in_number` says what an N is made of. Moves past what was read.
std::optional<VersionPieces> read_pieces(std::string_view text, std::size_t& at, bool (*in_number)(char));

/// -1, 0 or 1; the empty prerelease comes first.
int compare_prereleases(std::string_view a, std::string_view b);

}  // namespace sluice::functions
