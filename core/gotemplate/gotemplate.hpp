#pragma once

// core/gotemplate/gotemplate.hpp
//
// Go's text/template: parses template files once, executes them as often as needed.
//   in:   a file's name and text, a FunctionTable (function.hpp), the value of `.`, Options
//   out:  Text in which the bytes that came from secrets are marked, or an Error in the words of Go or of Helm (error.hpp)
//   not:  Sprig's and Helm's functions (core/functions), which files of a chart are templates and in what order (core/chart)
// Follows text/template of Go 1.26 with Helm's options, error by error. Differs: limits.
// A parsed Tree never changes and may be shared by threads; a Renderer belongs to one thread.
// Read next: function.hpp, tree.hpp, parser.cpp, executor.hpp.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/gotemplate/error.hpp"
#include "core/gotemplate/function.hpp"
#include "core/gotemplate/parser.hpp"
#include "core/gotemplate/template_set.hpp"
#include "core/value/value.hpp"

namespace sluice::gotemplate {

/// What a name that a map does not have evaluates to: Go's option missingkey.
enum class MissingKey {
  zero,  ///< nil, printed as "<no value>". Helm's choice
  error  ///< an error. Helmfile's choice
};

/// What one Renderer may spend, all its executions together. Past it: invalid, naming the limit and the place.
struct Budget {
  std::uint64_t steps = 50'000'000;          ///< nodes evaluated, iterations, and bytes written by the dozen
  std::size_t output = std::size_t{16} << 20;  ///< bytes of results
  std::uint32_t template_depth = 100'000;    ///< of {{template}} in {{template}}, as in Go
  std::uint32_t include_depth = 1'000;       ///< of one name in itself through include, as in Helm
  /// Looked at now and then, if given: true ends the render with Errc::cancelled.
  const std::atomic<bool>* stop = nullptr;
};

/// An element of a map that a template looked up.
struct ValueRead {
  Value holder;  ///< the map
  std::string key;
  bool is_printed = false;  ///< as it is
};

/// Which part of a template wrote which bytes of the output.
struct SourceSpan {
  std::size_t begin = 0, end = 0;  ///< bytes of the output
  std::string file;                ///< the template's
  std::size_t line = 0;            ///< from 1, where the text or the action begins
  std::string expression;          ///< ".Values.image.tag" if the value of that was printed as it is, else empty
  bool is_text = false;            ///< of the template: its lines count on from `line`
  std::vector<ValueRead> reads = {};  ///< what the action looked up
};
using SourceMap = std::vector<SourceSpan>;

/// An output with its map.
struct TracedText {
  Text text;
  SourceMap spans;
};

struct Options {
  MissingKey missing_key = MissingKey::zero;
  ErrorForm errors = ErrorForm::helm3;
  const Host* host = nullptr;  ///< for the functions; must outlive the Renderer
  /// Marked values may be in play: turns on the spreading of marks through functions (Call::expect_marks does, too).
  bool has_secrets = false;
  bool wants_source_map = false;
  /// The output may be pending (marked_text.hpp) where it prints pending texts: the caller reads it while `host` lives, and catches
  /// NotMade (walk.hpp), whose text then names the place. Not together with a source map.
  bool output_may_wait = false;
  Budget budget = {};
};

class Executor;

/// Executes the templates of a set, under one budget.
class Renderer {
 public:
  /// `set` must outlive the renderer and not change meanwhile.
  explicit Renderer(const TemplateSet& set, const Options& options = {});
  ~Renderer();
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  /// The output of the template `name` with `dot` as its `.` and `$`, as written: see without_no_value.
  Result<Text> execute(std::string_view name, const Value& dot);
  /// Of the last execution that succeeded, in order of the output; empty unless Options asked for it.
  const SourceMap& source_map() const;
  std::uint64_t steps_left() const;

 private:
  std::unique_ptr<Executor> executor_;
};

/// One execution.
Result<Text> execute(const TemplateSet& set, std::string_view name, const Value& dot, const Options& options = {});

/// Without every "<no value>", which Helm deletes from each rendered file and from each result of tpl.
Text without_no_value(const Text& text);
/// The same with the spans of `map` moved along.
Text without_no_value(const Text& text, SourceMap& map);

}  // namespace sluice::gotemplate
