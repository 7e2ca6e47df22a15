#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/functions/outside.hpp"
#include "core/value/value.hpp"

namespace sluice::functions {

/// Remembers what the world answered, or repeats it. A plan keeps the record, so that rendering it again gives the same bytes.
///
/// Not thread-safe: one recorder belongs to one render.
class Recorder {
 public:
  /// Asks the world and remembers.
  Recorder() = default;
  /// Repeats a record and asks nobody. Errors: invalid, if `record` is none.
  static Result<Recorder> repeating(const Value& record);

  /// `real()` remembered under `kind` and `question`; or, when repeating, its remembered result. Equal questions are told apart by
  /// their order. Errors are remembered too.
  /// Errors: those of `real`; invalid if the record has no (further) answer.
  Result<Value> answer(std::string_view kind, std::string_view question, const std::function<Result<Value>()>& real);

  /// `real` seen through this recorder, which must outlive the result.
  Outside through(const Outside& real);

  /// What was remembered, as plain data for JSON. Marks of secrets are kept in it, and so are the secrets: seal it.
  Value record() const;

 private:
  struct Answer {
    std::string kind, question;
    Result<Value> result;
  };
  std::vector<Answer> answers_;
  bool repeating_ = false;
  std::map<std::pair<std::string, std::string>, std::size_t> next_;  // where to look for the next answer
};

/// `value` as data that JSON carries without loss: static number types, marks and bytes are written out under keys with "$".
/// Errors: invalid for objects (times, versions), which have no such form.
Result<Value> pack(const Value& value);
/// The inverse. Errors: invalid.
Result<Value> unpack(const Value& packed);

}  // namespace sluice::functions
