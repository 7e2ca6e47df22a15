#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/chart/chart.hpp"

namespace sluice::chart {

/// A field of Helm 4's log: key=value, quoted if need be.
std::string log_field(std::string_view key, std::string_view value);

/// Collects what Helm logs while it works, in the form in which it reaches stderr.
class Warnings {
 public:
  Warnings(HelmVersion helm, std::vector<std::string>& lines) : helm_(helm), lines_(lines) {}
  /// `where` is Helm 3's source line ("coalesce.go:298"), which it prints; Helm 4 does not.
  void add(std::string_view where, std::string_view text);
  /// The same with the line that Helm 4 prints, where it is worded otherwise.
  void add(std::string_view where, std::string_view text, const std::string& helm4_line);

 private:
  HelmVersion helm_;
  std::vector<std::string>& lines_;
};

}  // namespace sluice::chart
