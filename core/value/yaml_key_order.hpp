#pragma once

#include <string_view>
#include <vector>

#include "core/value/value.hpp"

namespace sluice::yaml {

/// Whose writer: goyaml.v2 (toYaml) or goyaml.v3 (toYamlPretty).
enum class Writer : std::uint8_t { v2, v3 };

/// The natural order of keys: numbers in them by value, letters after everything else. v3 puts letters first after a digit.
/// It is no strict weak order (a10 < a1b < a2 < a10): sort only with algorithms that bear that.
bool key_less(std::string_view a, std::string_view b, Writer writer);

/// The entries in the order in which they are written.
void sort_entries(std::vector<const Map::Entry*>& entries, Writer writer);

}  // namespace sluice::yaml
