#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/value/value.hpp"

namespace sluice {

/// Which release of Helm the result shall equal, where they differ in their TOML library.
enum class TomlRules : std::uint8_t { helm3, helm4 };

/// A date or time of a TOML document. Local ones have no zone; they are given as if they were UTC, a time alone in the year 0.
struct TomlTime {
  enum class Sort : std::uint8_t { instant, local_datetime, local_date, local_time };
  Sort sort = Sort::instant;
  std::int64_t seconds = 0;  ///< since 1970 UTC
  std::int32_t nanoseconds = 0;
  std::int32_t offset_seconds = 0;  ///< east of UTC, of an instant
  std::string_view text;            ///< as RFC 3339
};

struct TomlOptions {
  TomlRules rules = TomlRules::helm3;
  /// Makes a Value of a time; without it times become texts, as RFC 3339.
  Value (*make_time)(const TomlTime& time) = nullptr;
  int max_depth = 100;
};

/// Reads a TOML document into maps, lists, strings, bools, int64, float64 and times.
/// Errors: invalid with the text of BurntSushi/toml: `toml: line 1 (last key "a"): ...`.
Result<Value> read_toml(std::string_view text, const TomlOptions& options = {});

/// An Object that TOML writes field by field, where JSON has names of its own: a Go struct without toml tags.
class TomlStruct {
 public:
  struct Field {
    Map::Entry entry;
    std::size_t place;  ///< its number in the struct, or that of the embedded struct that it is of
  };
  virtual ~TomlStruct() = default;
  /// The exported fields under their Go names, in their order; those of embedded structs among them.
  virtual void toml_fields(std::vector<Field>& out) const = 0;
};

/// Writes as BurntSushi/toml's encoder does, with its trailing newline.
/// Errors: invalid with its text: "toml: cannot encode array with nil element". For an untyped nil, where Go panics, it is
/// "reflect: call of reflect.Value.Type on zero Value".
Result<Text> to_toml(const Value& value, TomlRules rules = TomlRules::helm3);

}  // namespace sluice
