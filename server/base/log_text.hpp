#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice {

/// Text from outside made fit to show: at most `limit` characters, then "…(+n)" with the number left out; control characters,
/// bidirectional and zero-width controls, odd line breaks and bytes that are not UTF-8 become marks such as <U+202E> or <0xFF>.
/// For logs, error texts and terminals alike.
std::string shown(std::string_view text, std::size_t limit = 200);

/// `text` as the inside of a JSON string. Needs valid UTF-8, as `shown` gives it.
std::string json_escaped(std::string_view text);

}  // namespace sluice
