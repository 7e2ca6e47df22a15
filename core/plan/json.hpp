#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace sluice {
class Value;
}

namespace sluice::plan {

/// A Kubernetes object or a part of one. Keys are sorted, integers stay integers, so dump() is canonical.
using Json = nlohmann::json;

/// Reads JSON from outside. Errors: invalid, for what is not JSON, not UTF-8, or nested deeper than `max_depth`; the text
/// never quotes the input.
Result<Json> parse_json(std::string_view text, int max_depth = 256);

/// Canonical: sorted keys, no blanks, UTF-8 as it is; control characters, U+007F to U+009F and U+FFFE/U+FFFF escaped (the API
/// server reads some bodies as YAML, which forbids them).
std::string to_text(const Json& json);

/// A YAML value as JSON; numbers keep what they are, an integral float becomes an integer (as Kubernetes' decoder has it).
Json from_value(const Value& value);

/// The member `key` of an object; null if this is no object, there is no such member, or it is null.
const Json* find(const Json& json, std::string_view key);
/// The same along "a/b/c"; a part that is a number walks into a list.
const Json* find_path(const Json& json, std::string_view path);
/// The text at `path`, or "" when there is none or it is no text.
std::string text_at(const Json& json, std::string_view path);
/// The integer at `path`, or `otherwise`.
long long int_at(const Json& json, std::string_view path, long long otherwise);

}  // namespace sluice::plan
