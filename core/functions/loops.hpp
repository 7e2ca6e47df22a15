#pragma once

#include <vector>

#include "core/value/value.hpp"

namespace sluice::functions {

/// The maps that a render's templates may have put into themselves, as `set $map "self" $map` does. Go's collector frees such a
/// loop; here, where owners are counted, it is opened when the render is over: the element that leads back becomes nil.
class Loops {
 public:
  Loops() = default;
  Loops(Loops&& other) noexcept = default;
  Loops& operator=(Loops&& other) noexcept = default;
  ~Loops() { open(); }

  /// To be told of every element that a function puts into a map that already exists.
  void add(const Value& map, const Value& element);
  void open();

 private:
  std::vector<Value> maps_;
};

}  // namespace sluice::functions
