#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/chart/chart.hpp"

namespace sluice::chart {

/// Collects what Helm logs while it works, in the form in which it reaches stderr.
class Warnings {
 public:
  Warnings(HelmVersion helm, std::vector<std::string>& lines) : helm_(helm), lines_(lines) {}
  /// `where` is Helm 3's source line ("coalesce.go:298"), which it prints; Helm 4 does not.
  void add(std::string_view where, std::string_view text);

 private:
  HelmVersion helm_;
  std::vector<std::string>& lines_;
};

}  // namespace sluice::chart
