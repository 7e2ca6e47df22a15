#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "core/chart/chart.hpp"
#include "core/chart/schema.hpp"
#include "core/value/value.hpp"

namespace sluice::chart {

/// Thrown by schema validation, caught in schema.cpp: the schema itself is of no use.
struct BadSchema {
  std::string what;
};

/// A schema, and what its relative references start from.
struct SchemaNode {
  const Value* schema = nullptr;
  std::string base;  ///< the absolute address of the (embedded) document it stands in, without '#'
};

/// The JSON of a values.schema.json with its addresses, and of the schemas elsewhere that it refers to, once they are needed.
class SchemaDocument {
 public:
  /// Throws BadSchema when `json` cannot be read.
  SchemaDocument(std::string_view json, HelmVersion helm, SchemaFetch fetch = {});

  SchemaNode root() const { return {&documents_.front(), base_}; }
  /// 4, 6, 7, 2019 or 2020; of a $schema that is missing or not known, `unknown`.
  int draft(int unknown) const;
  /// `node` with the base that its own $id gives it.
  SchemaNode enter(const Value& schema, const std::string& base) const;
  /// What a $ref leads to. Throws BadSchema when it leads nowhere, or to what cannot be
  /// fetched.
  SchemaNode resolve(const std::string& base, std::string_view reference) const;
  /// What has that $dynamicAnchor in the (embedded) document of this address, or null.
  const SchemaNode* dynamic_anchor(const std::string& base, std::string_view name) const;

 private:
  Value read(std::string_view json) const;
  void fetch(const std::string& address) const;
  void index(const Value& value, const std::string& base, int depth) const;
  SchemaNode point(const SchemaNode& from, std::string_view whole) const;

  HelmVersion helm_;
  SchemaFetch fetch_;
  mutable std::deque<Value> documents_;  ///< its own, and what was fetched; addresses_ points into them
  std::string base_ = "file:///values.schema.json";
  mutable std::size_t fetched_bytes_ = 0;
  mutable std::map<std::string, SchemaNode, std::less<>> addresses_;
};

/// Counts the work of one validation. Throws BadSchema past the limits.
class SchemaBudget {
 public:
  class Level {
   public:
    explicit Level(SchemaBudget& budget);
    ~Level() { --budget_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    SchemaBudget& budget_;
  };

 private:
  std::uint64_t steps_ = 0;
  int depth_ = 0;
};

/// "string", "number", "boolean", "array", "object" or "null".
std::string_view json_type(const Value& value);
bool is_json_number(const Value& value);
double json_number(const Value& value);
/// 2.0 is one.
bool is_json_integer(const Value& value);
/// Whether `number` / `step` is an integer, as far as decimal fractions of at most 15 digits go.
bool is_multiple_of(double number, double step);
/// What `schema` says of `keyword`, or null.
const Value* keyword(const Value& schema, std::string_view name);

/// Whether `text` fits the format; an unknown format fits everything. `why` gets Helm 4's reason.
bool fits_format(std::string_view format, std::string_view text, std::string& why, HelmVersion helm = HelmVersion::v3);
/// Whether Helm 4 has rules of its own for the format; `why` gets what they say, nothing if the text fits.
bool judge_as_helm4(std::string_view format, std::string_view text, std::string& why);

}  // namespace sluice::chart
