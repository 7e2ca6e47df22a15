#pragma once

// A parsed template file: flat tables that refer to each other by index. It is made once and never changes, so any number of
// renders on any number of threads may share it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/gotemplate/function.hpp"
#include "core/gotemplate/literal.hpp"
#include "core/value/value.hpp"

namespace sluice::gotemplate {

/// Go's functions that are always there.
enum class Builtin : std::uint8_t {
  none,
  and_,
  or_,
  not_,
  eq,
  ne,
  lt,
  le,
  gt,
  ge,
  len,
  index,
  slice,
  call,
  print,
  printf,
  println,
  html,
  js,
  urlquery
};
/// none if there is no builtin of that name.
Builtin find_builtin(std::string_view name);

using NodeId = std::uint32_t;
inline constexpr std::uint32_t nothing = UINT32_MAX;

/// What expressions are made of.
enum class NodeKind : std::uint8_t {
  pipeline,    ///< list: its commands; also declares `variables`; `data` is its only word, if that is no function
  command,     ///< list: its words
  function,    ///< names[first]
  dot,         ///< .
  nil,         ///< nil
  boolean,     ///< constants[data]
  number,      ///< numbers[data]
  string,      ///< constants[data]
  field,       ///< .a.b: names
  variable,    ///< $x.a.b: names[first] is "$x", `data` its slot; `variable` the slot to look in if that one is unset
  chain,       ///< (pipeline).a.b or function.a.b: names after the node `data`
  invocation,  ///< {{template "x" pipeline}}: invoked[first]; `data` is the pipeline, or nothing
  action       ///< {{pipeline}}: `data` is the pipeline
};

/// One node. `first` and `count` say where its list or its names are.
struct Node {
  NodeKind kind = NodeKind::dot;
  bool assigns = false;               ///< pipeline: with = instead of :=
  std::uint8_t variables = 0;         ///< pipeline: how many it declares or assigns, 0 to 2
  Builtin builtin = Builtin::none;    ///< function
  std::uint32_t pos = 0;              ///< byte offset in the source: where errors say it is
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t data = nothing;
  std::uint32_t variable = nothing;   ///< pipeline: where its variables begin in declarations
  std::uint32_t end = 0;              ///< number, string: where its text in the source ends
  const Function* function = nullptr;  ///< function, unless it is a builtin
};

/// A variable that a pipeline declares or assigns.
struct Declaration {
  std::uint32_t name = 0;        ///< into names
  std::uint32_t slot = nothing;  ///< nothing: assigned, but nowhere declared
};

/// Steps of a template's body. Jumps go to an index of the body's steps.
enum class StepKind : std::uint8_t {
  text,        ///< writes source[a, a + b)
  print,       ///< evaluates the pipeline of the action `node` and prints the result
  evaluate,    ///< evaluates the pipeline `node`, which declares something
  if_,         ///< goes to `a` unless the pipeline `node` is true
  with,        ///< the same; if true, its value becomes the dot until leave
  leave,       ///< gives the dot back
  range,       ///< starts to walk the pipeline `node`'s value; goes to `a` if it is empty
  next,        ///< goes on to the next element and to `a`; past the last one ends the walk
  drop,        ///< ends `b` enclosing with and range blocks at once
  forget,      ///< unsets the slots [a, b): a pipeline in parentheses may or may not set them again
  jump,        ///< goes to `a`
  invocation,  ///< executes another template: the node says which
  end
};

struct Step {
  StepKind kind = StepKind::end;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  NodeId node = nothing;
};

/// A named template. Variables live in slots numbered from 0, which is $.
struct Body {
  std::string name;
  std::vector<Step> steps;
  std::uint32_t slots = 1;
  bool is_empty = true;  ///< nothing but white space and comments
};

struct Tree {
  std::string name;    ///< of the file, as errors name it
  std::string source;  ///< names, texts and literals point into it
  std::vector<Node> nodes;
  std::vector<NodeId> lists;
  std::vector<std::string_view> names;
  std::vector<Value> constants;
  std::vector<Number> numbers;
  std::vector<Declaration> declarations;
  std::vector<std::string> invoked;  ///< names of invoked templates, unquoted
  std::vector<Body> bodies;          ///< what the file defines, with the file itself under its own name

  Tree(std::string file, std::string text) : name(std::move(file)), source(std::move(text)) {}
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  /// The node written canonically, as Go's error texts quote it.
  std::string print(NodeId id) const;
  /// Line from 1 and column in bytes from 0 of a position in the source.
  struct Place {
    std::size_t line;
    std::size_t column;
  };
  Place place(std::size_t pos) const;
};

}  // namespace sluice::gotemplate
