#pragma once

// core/functions/functions.hpp
//
// What templates may call besides Go's builtins: Sprig's functions and Helm's own.
//   in:   arguments, checked against the declared parameter types by core/gotemplate; Outside (time, random bytes, cluster)
//   out:  values; errors with the texts of the Go libraries
//   not:  the objects of a chart's context (.Files, .Capabilities: core/chart), helmfile's functions (core/helmfile)
// Follows Sprig 3.3.0 and the libraries below it as Helm 3.17 builds them; Helm::v4 follows Helm 4.3 where it differs.
// Sources are split by theme, each with one table of registrations: strings, text_building, words, lists, dicts, math, dates, versions,
// regexes, urls, encoding, crypto, random, reflect, helm, toml.
// Read next: outside.hpp, support.hpp, strings.cpp.
//
// Why limits: a chart is a program that someone else wrote. What a call may build is bounded before it is built (limits.hpp).
// Why marks: bytes that came from a secret must be masked wherever they end up. Functions that keep bytes in place carry the marks
// along exactly (MarkRule::precise); all others mark their whole result when any argument is marked.

#include <functional>
#include <memory>
#include <string>

#include "core/functions/loops.hpp"
#include "core/functions/outside.hpp"
#include "core/gotemplate/function.hpp"

namespace sluice::functions {

/// Whose behaviour is followed, where Helm 3 and Helm 4 differ.
enum class Helm { v3, v4 };

/// What the functions of one render share. Given to the engine as Options::host.
struct FunctionHost : gotemplate::Host {
  const Outside* outside = nullptr;  ///< null: nothing of the world is known
  bool lint = false;                 ///< `required` and `fail` only warn
  /// What Helm would log, and the line of its source that would; may be empty.
  std::function<void(std::string_view place, const std::string& text)> warn;
  mutable CostlyWork costly;                          ///< where there is no Outside, which has it otherwise
  std::shared_ptr<const char> life = std::make_shared<const char>();  ///< ends with the render
  mutable Loops loops;                                ///< opened when the render is over
};

/// Sprig's functions, all of them but env and expandenv.
void add_sprig_functions(gotemplate::FunctionTable& table, Helm helm);
/// Helm's own on top: include, tpl, required, fail, lookup, toYaml, fromYaml and their kin.
void add_helm_functions(gotemplate::FunctionTable& table, Helm helm);

/// Both together, built once a process.
const gotemplate::FunctionTable& helm_functions(Helm helm);

}  // namespace sluice::functions
