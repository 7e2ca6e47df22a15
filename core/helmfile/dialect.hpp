#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/result.hpp"
#include "core/value/value.hpp"

namespace sluice::helmfile {

// YAML as helmfile v1.0.0's library reads and writes it: not what helm's does with chart values.
// Reading: YAML 1.2 booleans (`yes` is text), `010` is 8, `1e3` is text, integers are uint64 or (negative) int64, dates are
// text, keys are text, and `<<` overrides the keys written before it.
// Follows: goccy/go-yaml 1.17.1 as helmfile configures it.

/// On which line the keys of a map that was read stand.
using KeyLines = std::unordered_map<const void*, std::map<std::string, std::size_t, std::less<>>>;

struct ReadRules {
  bool duplicate_keys = false;  ///< the last one wins; otherwise an error
  KeyLines* lines = nullptr;    ///< filled in if given
};

/// All documents of a stream; a text without any gives none. Marks carry over to the texts that are made of marked bytes.
/// Errors: invalid, "line 3: ..." for what is no YAML, an unknown anchor or tag, and past the limits of depth and nodes.
Result<std::vector<Value>> read_yaml_documents(const Text& yaml, const ReadRules& rules);
/// The first document; nil if there is none.
Result<Value> read_yaml(const Text& yaml, const ReadRules& rules = {});

enum class Quotes { single, doubled };
/// With a newline at the end. Lists are not indented below their key, texts of several lines become literal blocks.
Text write_yaml(const Value& value, Quotes quotes = Quotes::single);

/// The text that a typed text field gets from a scalar: false -> "false", 1.10 -> "1.1", null -> "".
Text scalar_text(const Value& scalar);

}  // namespace sluice::helmfile
