#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/value/json.hpp"
#include "core/value/value.hpp"

namespace sluice {

/// Whose idea of YAML is followed.
///   helm      sigs.k8s.io/yaml: YAML 1.1 words (yes, on, y) are bools, also as keys; 1e3 is a number. Charts, values, manifests.
///   helmfile  goccy/go-yaml: only true and false are bools; 1e3 and numbers beyond 64 bits are strings. State files.
///   kustomize goyaml.v3: only true and false are bools, keys are texts as they are written, `<<` yields to the keys beside it.
///             A value that is not written at all (`key:`) is a nil map: null to every writer, and told apart from a written null.
enum class YamlRules : std::uint8_t { helm, helmfile, kustomize };

/// What a second equal key of a mapping does.
enum class DuplicateKeys : std::uint8_t { last_wins, error };

/// Where a key of a mapping or an item of a list stands. Lines and columns count from 1, columns in characters.
struct YamlPosition {
  std::string path;  ///< "spec.containers[0].image"
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::size_t offset = 0;  ///< in bytes, from 0
};

struct YamlOptions {
  YamlRules rules = YamlRules::helm;
  Numbers numbers = Numbers::float64;  ///< `typed` for manifests: integers stay int64 (or uint64)
  DuplicateKeys duplicate_keys = DuplicateKeys::last_wins;
  std::size_t max_bytes = std::size_t{8} << 20;
  std::size_t max_nodes = 500'000;  ///< counted through aliases
  int max_depth = 100;
  std::vector<YamlPosition>* positions = nullptr;  ///< filled in document order, if given; aliases are not followed
  /// Filled, if given, with the Value::identity() of each text that is written in quotes or as a block; empty ones have none.
  std::unordered_set<const void*>* quoted = nullptr;
};

/// The first document of `text`; nil if there is none. Every map has text keys.
///
/// Errors: invalid. With the rules of helm the text is Go's: "error converting YAML to JSON: yaml: line 3: could not find
/// expected ':'". Its line numbers follow Go's rule too: none on the first line, one less for errors of the grammar.
/// A limit names itself: "yaml-too-deep: ...".
/// Follows: sigs.k8s.io/yaml 1.4.0. Differs: the limits; of two keys that become the same text ("1" and 1) the later wins.
Result<Value> read_yaml(std::string_view text, const YamlOptions& options = {});
/// The same of a text with marks: what is made of marked bytes is marked, to the byte where the bytes stand there unchanged.
Result<Value> read_marked_yaml(const Text& text, const YamlOptions& options = {});
/// Reads the first document into a map: a document that is empty or null gives an empty map, anything else than a map is
/// "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}".
Result<Value> read_yaml_map(std::string_view text, const YamlOptions& options = {});
/// The same for a list (fromYamlArray).
Result<Value> read_yaml_list(std::string_view text, const YamlOptions& options = {});
/// All documents of a stream, nil for empty ones. Limits count for all of them together.
Result<std::vector<Value>> read_yaml_documents(std::string_view text, const YamlOptions& options = {});

/// As toYaml writes `value`, without the final newline. Follows: json.Marshal, then goyaml.v2: natural key order, width 80.
/// Errors: invalid; toYaml then yields an empty text.
Result<> write_yaml(TextBuilder& out, const Value& value);
Result<Text> to_yaml(const Value& value);
/// As toYamlPretty writes it, without the final newline. Follows: goyaml.v3 with an indent of 2: lists indented, no folding.
Result<> write_yaml_pretty(TextBuilder& out, const Value& value);
Result<Text> to_yaml_pretty(const Value& value);

}  // namespace sluice
