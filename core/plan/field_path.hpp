#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "core/plan/json.hpp"

namespace sluice::plan {

// Paths as people read them: spec.template.spec.containers[web].image, metadata.annotations."example.org/owner". Elements of lists
// go by what tells them apart, else by their place.

/// One step of a path: a key of a map, or the label of a list's element.
struct Step {
  std::string text;
  bool is_element = false;
};
/// Takes the first step off `path`; nothing at its end.
std::optional<Step> take_step(std::string_view& path);

/// The member that tells the elements of all of these lists apart ("name", "port", ...); empty if none does.
std::string element_key(std::initializer_list<const Json*> lists);
/// The label of an element whose telling member has this value.
std::string label_of(const Json& value);
/// The element of a list that has that label; null if there is none.
const Json* find_element(const Json& list, std::string_view label);

/// What stands at `path`; null if there is nothing.
const Json* at_path(const Json& json, std::string_view path);

}  // namespace sluice::plan
