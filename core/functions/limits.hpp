#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace sluice::functions {

/// What one call of a function may cost. Helm has no such bounds; charts in use stay far below them.
namespace limits {
inline constexpr std::size_t builder_bytes = 1024 * 1024;        ///< one text made by repeat, indent, join ...
inline constexpr std::size_t list_elements = 100000;             ///< one list made by until, untilStep, list ...
inline constexpr std::size_t regex_program_bytes = 8 * 1024 * 1024;
inline constexpr std::size_t regex_subject_bytes = 1024 * 1024;
inline constexpr std::size_t costly_calls = 50;  ///< keys, certificates and password hashes in one plan
}  // namespace limits

inline Error past_limit(std::string_view what, std::size_t limit, std::string_view unit) {
  return {Errc::invalid, std::string(what) + " exceeds the limit of " + std::to_string(limit) + ' ' + std::string(unit)};
}

}  // namespace sluice::functions
