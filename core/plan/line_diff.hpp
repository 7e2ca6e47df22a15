#pragma once

#include <string>
#include <vector>

namespace sluice::plan {

struct DiffLine {
  char mark;  ///< ' ' both, '-' before only, '+' after only, '.' lines left out here
  std::string text;
};

/// The shortest edit from `before` to `after`, with `context` unchanged lines around each change. Past 20 000 lines that are
/// not common to both ends, the middle is shown as replaced.
std::vector<DiffLine> line_diff(const std::vector<std::string>& before, const std::vector<std::string>& after,
                                std::size_t context);

}  // namespace sluice::plan
