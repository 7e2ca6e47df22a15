#include "core/chart/coalesce.hpp"

#include <algorithm>

#include "core/value/fmt.hpp"
#include "core/value/segments.hpp"
#include "core/value/text.hpp"

namespace sluice::chart {

namespace {

constexpr std::string_view global_key = "global";

bool is_table(const Value& value) { return value.is_map() && value.map_type() != MapType::strings; }

std::string concat(const std::string& prefix, std::string_view key) {
  return prefix.empty() ? std::string(key) : prefix + "." + std::string(key);
}

bool is_subchart(const Instance& chart, std::string_view name) {
  return std::any_of(chart.dependencies.begin(), chart.dependencies.end(), [&](const auto& sub) { return sub->name() == name; });
}

std::string in_words(const Value& value) { return masked(to_text(value)); }

/// `value` without the nulls in its maps, at any depth.
Value without_nulls(const Value& value) {
  if (!value.map()) return value;
  std::vector<Map::Entry> entries;
  for (const auto& [key, element] : *value.map())
    if (!element.is_nil()) entries.push_back({key, is_table(element) ? without_nulls(element) : element});
  return Value::of_map(make_ref<Map>(std::move(entries)), value.map_type());
}

}  // namespace

Result<Value> Coalescer::values_for(const Instance& chart, const Value& values, Nulls nulls) {
  Value copy = values.map() ? deep_copy(values) : Value::new_map();
  if (auto done = coalesce(chart, *copy.map(), "", nulls); !done) return std::move(done).error();
  return copy;
}

Result<> Coalescer::coalesce(const Instance& chart, Map& values, const std::string& prefix, Nulls nulls) {
  add_defaults(chart, values, prefix, nulls);
  const std::string below = concat(prefix, chart.name());
  for (const auto& sub : chart.dependencies) {
    Value* slot = values.find(sub->name());
    if (!slot) {
      values.set(sub->name(), Value::new_map());
      slot = values.find(sub->name());
    } else if (!is_table(*slot)) {
      const Value arguments[] = {Value::of_string(sub->name()), *slot};
      return Error{Errc::invalid, masked(sprintf(Text("type mismatch on %s: %t"), arguments))};
    }
    if (!slot->map()) *slot = Value::new_map();
    const Value table = *slot;  // keeps it alive while `values` grows
    add_globals(*table.map(), values, below);
    if (auto done = coalesce(*sub, *table.map(), below, nulls); !done) return done;
  }
  return {};
}

void Coalescer::add_defaults(const Instance& chart, Map& values, const std::string& prefix, Nulls nulls) {
  if (!chart.values.map()) return;
  const std::string below = concat(prefix, chart.name());
  for (const auto& [key, value] : *chart.values.map()) add_default(chart, values, key, value, below, nulls);
}

void Coalescer::add_default(const Instance& chart, Map& values, const Text& key, const Value& value, const std::string& prefix,
                            Nulls nulls) {
  const bool cleans = helm_ == HelmVersion::v4;
  Value* own = values.find(key);
  if (!own) {
    if (cleans && nulls == Nulls::remove) {
      if (!value.is_nil()) values.set(key, deep_copy(is_table(value) ? without_nulls(value) : value));
    } else {
      values.set(key, deep_copy(value));
    }
  } else if (own->is_nil() && nulls == Nulls::remove) {
    values.erase(key);
  } else if (is_table(*own)) {
    if (!is_table(value)) {
      if (!value.is_nil()) warn(237, "warning: skipped value for " + prefix + "." + key.str() + ": Not a table.");
      return;
    }
    if (!own->map()) *own = Value::new_map();
    const Nulls inside = is_subchart(chart, key) ? Nulls::keep : nulls;
    const Value table = cleans && inside == Nulls::remove ? without_nulls(value) : value;
    if (table.map()) merge_into(*own->map(), *table.map(), concat(prefix, key), inside, Parts::copy);
  }
}

void Coalescer::add_globals(Map& into, const Map& from, const std::string& prefix) {
  Value own = Value::new_map();
  if (const Value* found = into.find(global_key)) {
    if (!is_table(*found)) return warn(138, "warning: skipping globals because destination global is not a table.");
    if (found->map()) own = *found;
  }
  const Value* found = from.find(global_key);
  if (found && !is_table(*found)) return warn(145, "warning: skipping globals because source global is not a table.");
  if (found && found->map() && found->map() != own.map()) {
    for (const auto& [key, value] : *found->map()) {
      Value* mine = own.map()->find(key);
      if (is_table(value)) {
        Value copy = Value::of_map(value.map() ? make_ref<Map>(*value.map()) : make_ref<Map>());
        if (mine && !is_table(*mine)) {
          warn(161, "Conflict: cannot merge map onto non-map for " + quoted(key) + ". Skipping.");
          continue;
        }
        if (mine && mine->map()) merge_into(*copy.map(), *mine->map(), concat(prefix, key), Nulls::keep, Parts::share);
        own.map()->set(key, std::move(copy));
      } else if (mine && is_table(*mine)) {
        warn(175, "key " + key.str() + " is table. Skipping");
      } else {
        own.map()->set(key, value);
      }
    }
  }
  into.set(global_key, own);
}

Value Coalescer::merge_tables(const Value& strong, const Value& weak, Nulls nulls) {
  if (!weak.map()) return strong;
  if (!strong.map()) return weak;
  merge_into(*strong.map(), *weak.map(), "", nulls, Parts::share);
  return strong;
}

void Coalescer::merge_into(Map& strong, const Map& weak, const std::string& prefix, Nulls nulls, Parts parts) {
  if (&strong == &weak) return;
  for (const auto& [key, value] : weak) {
    const Value* own = strong.find(key);
    if (!own || !own->is_nil()) {
      merge_entry(strong, key, value, prefix, nulls, parts);
    } else if (helm_ == HelmVersion::v3) {
      if (nulls == Nulls::remove) {
        strong.erase(key);
      } else {
        merge_entry(strong, key, value, prefix, nulls, parts);
      }
    } else if (nulls == Nulls::remove && !value.is_nil()) {
      strong.erase(key);  // Helm 4 deletes only what the weaker side has a value for
    }
  }
}

void Coalescer::merge_entry(Map& strong, const Text& key, const Value& value, const std::string& prefix, Nulls nulls,
                            Parts parts) {
  Value* own = strong.find(key);
  if (!own) {
    strong.set(key, parts == Parts::copy ? deep_copy(value) : value);
  } else if (is_table(value)) {
    if (!is_table(*own)) {
      warn(298, "warning: cannot overwrite table with non table for " + concat(prefix, key) + " (" + in_words(value) + ")");
    } else if (value.map()) {
      if (!own->map()) *own = Value::new_map();
      merge_into(*own->map(), *value.map(), concat(prefix, key), nulls, parts);
    }
  } else if (is_table(*own) && !value.is_nil()) {
    warn(301,
         "warning: destination for " + concat(prefix, key) + " is a table. Ignoring non-table value (" + in_words(value) + ")");
  }
}

}  // namespace sluice::chart
