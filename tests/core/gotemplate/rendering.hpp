#pragma once

#include <string>
#include <string_view>

#include "core/gotemplate/gotemplate.hpp"

namespace sluice::gotemplate {

/// A handful of functions, enough to exercise the engine: upper, repeat, add, list, dict, keep, nindent, include, tpl, fail,
/// hasKey, split.
const FunctionTable& test_functions();

/// Renders `text` as the file "t" with `dot`; the error's text if that fails.
std::string render(std::string_view text, const Value& dot = {}, const Options& options = {});

/// {a: 1.0, s: "str", t: true, nul: nil, l: ["x", 2.0, nil], m: {k: "v", n: {deep: 3}}, el: [], em: {}}
Value sample();

}  // namespace sluice::gotemplate
