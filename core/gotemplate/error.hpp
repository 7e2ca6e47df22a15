#pragma once

// What a failed template says, in the words of Go's text/template and of the Helm that wraps it.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::gotemplate {

/// Whose text an execution error gets.
///   go     template: c/templates/t.yaml:1:3: executing "c/templates/t.yaml" at <fail "x">: error calling fail: x
///   helm3  the same; "execution error at (c/templates/t.yaml:1:3): x" if `fail` or `required` ended it
///   helm4  as helm3, but with each frame on lines of its own where every frame is a template's
enum class ErrorForm { go, helm3, helm4 };

/// An execution error with the chain of errors inside it.
struct TemplateError {
  Errc code = Errc::invalid;
  std::string text;  ///< Go's
  /// Where in `text` the text of each error of the chain begins, outermost first: every error's text ends with that of the one
  /// inside it. A template's frame and what it reports are two links of the chain.
  std::vector<std::size_t> causes{0};
};

/// Follows: pkg/engine/engine.go of Helm 3.17 (cleanupExecError) and Helm 4 (reformatExecErrorMsg).
Error to_error(const TemplateError& error, ErrorForm form);

/// Go's text of a parse error as Helm shows it: "parse error at (c/templates/t.yaml:3): unexpected EOF".
/// Follows: cleanupParseError, which keeps only what follows the last ": ".
std::string helm_parse_error(std::string_view go_text, std::string_view file);

/// What the functions `fail` and `required` return as their error's text, so that to_error finds the author's message.
std::string author_message(std::string_view message);

}  // namespace sluice::gotemplate
