#pragma once

#include "core/value/value.hpp"

namespace sluice::gotemplate {

/// A value in the middle of an evaluation, with what Go's reflection knows about it besides.
struct Operand {
  Value value;
  /// Straight from an element of a list or map of interface {}: its static type is interface {}, and a nil is a nil interface
  /// rather than no value at all. A pipeline's result never is.
  bool is_wrapped = false;
  /// A field reached through a pointer: methods of its address count too.
  bool is_addressable = false;
  bool is_unset = false;  ///< a variable whose declaration has not been reached

  /// There is no value, not even a nil interface.
  bool is_invalid() const { return value.is_nil() && !is_wrapped; }
};

}  // namespace sluice::gotemplate
