#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace sluice::plan {

// Finds its way in the text of a JSON object without parsing what is not asked for: release records are megabytes of which a
// plan needs a part. What is skipped is not checked.

/// Calls `member` with the key (as it is written) and the text of the value of every member. False if `object` is no object.
bool for_each_member(std::string_view object, const std::function<void(std::string_view key, std::string_view value)>& member);

/// Past the string whose opening quote is at `at`; npos if it has no closing one.
std::size_t skip_string(std::string_view text, std::size_t at);

/// The text of the value at "a/b/c"; empty if there is none.
std::string_view raw_at(std::string_view object, std::string_view path);

}  // namespace sluice::plan
