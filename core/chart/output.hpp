#pragma once

#include <functional>
#include <string_view>

#include "core/chart/chart.hpp"

namespace sluice::chart {

/// A stretch of what `helm template` prints.
struct Piece {
  Text text = {};
  std::string_view source = {};                     ///< the file whose document it belongs to
  const gotemplate::TracedText* traced = nullptr;  ///< the rendered file that it is a part of, if that was traced
  std::size_t begin = 0;                            ///< where in that it begins
  bool is_copied = false;                           ///< from a file that is no template
};

/// The pieces of print_template_output(), in order.
Result<> walk_output(const Rendered& rendered, const TemplateOutput& options, const std::function<void(const Piece&)>& print);

}  // namespace sluice::chart
