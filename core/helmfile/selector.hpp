#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::helmfile {

using Labels = std::map<std::string, std::string>;

/// One `-l` argument: terms `k=v` and `k!=v` that must all hold.
struct Selector {
  std::vector<std::pair<std::string, std::string>> equal;
  std::vector<std::pair<std::string, std::string>> not_equal;

  /// `k!=v` also holds where there is no label k.
  bool selects(const Labels& labels) const;
};

/// Errors: invalid, "malformed label: ..." for anything but k=v and k!=v of [A-Za-z0-9_./+-].
Result<Selector> parse_selector(std::string_view text);

/// True if there are no selectors, or one of them selects.
bool any_selects(const std::vector<Selector>& selectors, const Labels& labels);

}  // namespace sluice::helmfile
