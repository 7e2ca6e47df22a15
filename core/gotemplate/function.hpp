#pragma once

// What templates may call: a Function, the table that holds them, and the Call through which a running function speaks to the
// engine that runs it. Tables are built once, before the first parse, and never change afterwards: parsed templates point into
// them, and any number of threads may use one.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/result.hpp"
#include "core/value/marked_text.hpp"
#include "core/value/value.hpp"

namespace sluice::gotemplate {

/// What the functions of a render share among themselves: the outside world, lint mode. Derive from it; the engine only
/// passes it through from Options to Call.
struct Host {
  virtual ~Host() = default;
};

/// Which part of rendering a text failed.
enum class Stage { parsing, executing };

/// The engine, as seen by a function that it is calling.
class Call {
 public:
  /// Helm's `include`: the output of the template `name`, executed with `dot` as its `.` and `$`, marks kept.
  /// Errors: the complete text of the inner error (pass it on unchanged: the engine then knows the chain of frames), the
  /// unknown name, or Helm's text when one name is nested more than 1000 deep.
  virtual Result<Text> execute_template(std::string_view name, const Value& dot) = 0;
  /// Helm's `tpl` without its wording: parses `text` under the set's own name in a copy of the set, then executes it.
  /// The result is as the template wrote it ("<no value>" is still inside). `failed_at` says which half an Error comes from.
  virtual Result<Text> parse_and_execute(const Text& text, const Value& dot, Stage& failed_at) = 0;

  /// Charges work that grows with the arguments (elements made, bytes built) to the render's budget of steps.
  /// Errors: invalid, naming the limit; pass it on.
  virtual Result<> spend(std::uint64_t steps) = 0;
  /// Declares that marked values may be in play from now on: to be called by whatever brings in a secret from outside.
  virtual void expect_marks() = 0;

  /// The name under which the function was called: "mustToJson".
  std::string_view function_name() const { return name_; }
  /// What Options::host said. Null if nothing was given.
  template <class T>
  const T* host() const {
    return static_cast<const T*>(host_);
  }

 protected:
  Call() = default;
  ~Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  const Host* host_ = nullptr;
  std::string_view name_;
};

/// The static Go type of a parameter. An object parameter says which: {GoType::object, "time.Time"}.
struct Parameter {
  GoType type = GoType::any;
  std::string_view object = {};  ///< the Object::go_type() that is accepted

  constexpr Parameter(GoType t) : type(t) {}
  constexpr Parameter(GoType t, std::string_view object_type) : type(t), object(object_type) {}
};
/// As Go writes it: "map[string]interface {}", "int", "time.Time".
std::string_view type_name(const Parameter& parameter) noexcept;

enum class Arity { fixed, variadic };

/// What happens to the marks of secrets in a function's arguments.
enum class MarkRule {
  spread,  ///< any mark in any argument marks the whole result. The safe default
  precise  ///< the function itself gives its result the marks that belong there
};

/// What a call gets: arguments that have exactly the types of the parameters (Go's conversions and checks are done; a nil given
/// for a list or map parameter arrives as nil_list() or nil_map(), for an `any` parameter as nil). They may be moved from.
/// A call returns its result, or an Error whose text the engine prints after "error calling NAME: ". What is a panic in Go is
/// an Error here: same text.
using FunctionBody = std::function<Result<Value>(Call& call, std::span<Value> arguments)>;

struct Function {
  std::string name;
  std::vector<Parameter> parameters;
  Arity arity = Arity::fixed;  ///< variadic: the last parameter may come any number of times, also not at all
  FunctionBody body;
  MarkRule marks = MarkRule::spread;
};

/// Functions by name. Go's builtins (and, or, not, eq, ne, lt, le, gt, ge, len, index, slice, call, print, printf, println, html,
/// js, urlquery) are always there; a function of the table hides the builtin of its name.
class FunctionTable {
 public:
  /// Adds, or replaces the function of that name.
  void add(Function function);
  /// The same function under another name too.
  void alias(std::string_view name, std::string_view existing);
  void remove(std::string_view name);
  const Function* find(std::string_view name) const;
  /// All names, sorted.
  std::vector<std::string_view> names() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, std::unique_ptr<const Function>, Hash, std::equal_to<>> functions_;
};

}  // namespace sluice::gotemplate
