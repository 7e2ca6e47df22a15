#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::yaml {

/// What the text of a plain scalar stands for.
struct Scalar {
  enum class Type : std::uint8_t { text, null, boolean, integer, unsigned_integer, floating, timestamp };
  Type type = Type::text;
  union {
    bool boolean;
    std::int64_t integer;
    std::uint64_t unsigned_integer;
    double floating;
  };
  Scalar() : integer(0) {}
};

/// YAML 1.1 as goyaml.v2 reads it. Timestamps are only told apart where `want_timestamps`: they are texts to everyone but the
/// writers, who must quote them.
Scalar resolve(std::string_view text, bool want_timestamps = false);
/// As goccy/go-yaml reads it: only true and false are booleans, a float needs a point, numbers beyond 64 bits are texts.
Scalar resolve_helmfile(std::string_view text);
/// As goyaml.v3 reads it: of the words only true and false are booleans.
Scalar resolve_kustomize(std::string_view text);
/// 2001-12-14, 2001-12-14t21:59:43.10-05:00 and the like.
bool is_timestamp(std::string_view text);
/// 190:20:30: read as text, but quoted by the writers for the sake of readers that see a number.
bool is_base60(std::string_view text);
/// Do the writers have to quote `text` lest it be read as something else than a text?
bool needs_quotes(std::string_view text);

}  // namespace sluice::yaml
