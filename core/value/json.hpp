#pragma once

#include <optional>
#include <string_view>

#include "core/value/value.hpp"

namespace sluice {

/// What an integer becomes: Go's float64 for everything, or int64, uint64 or (beyond those) float64.
enum class Numbers : std::uint8_t { float64, typed };

/// What a JSON document must be at its top. `map` and `list` also accept null, as a nil map or list.
enum class JsonTarget : std::uint8_t { any, map, list };

struct JsonOptions {
  JsonTarget target = JsonTarget::any;
  Numbers numbers = Numbers::float64;
  int max_depth = 1000;
  bool refuse_duplicate_keys = false;  ///< Go's way is that the last one wins
};

/// What was read, and the error that encoding/json would return beside it: after a number that does not fit, Go goes on reading.
struct JsonRead {
  Value value;
  std::optional<Error> error;
};

/// Follows: Go's json.Unmarshal into an interface, a map[string]interface {} or an []interface {}, with its error texts.
/// Differs: at most `max_depth` levels (Go: 10000).
JsonRead read_json_leniently(std::string_view text, const JsonOptions& options = {});
/// The same, where any error counts.
Result<Value> read_json(std::string_view text, const JsonOptions& options = {});

/// `escaped` writes < > & as \u003c \u003e \u0026 (toJson), `raw` does not (toRawJson), `pretty` is escaped and indented by 2.
enum class JsonStyle : std::uint8_t { escaped, raw, pretty };

/// Follows: Go's json.Marshal: map keys in byte order, nil lists and maps null, bytes in base64, U+FFFD for what is not UTF-8.
/// Errors: invalid with Go's text: "json: unsupported value: +Inf". `out` may then hold a part.
Result<> write_json(TextBuilder& out, const Value& value, JsonStyle style = JsonStyle::escaped);
Result<Text> to_json(const Value& value, JsonStyle style = JsonStyle::escaped);

}  // namespace sluice
