#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/chart/chart.hpp"

namespace sluice::app {

/// Writes rendered files below a folder, as helm template --output-dir does.
class FolderWriter {
 public:
  /// `wrote` is told the path of each file.
  FolderWriter(std::string folder, std::function<void(const std::string& path)> wrote) : folder_(std::move(folder)), wrote_(std::move(wrote)) {}

  /// With `release` given, all but the definitions goes below a folder of that name.
  Result<> write_all(const chart::Rendered& rendered, const chart::TemplateOutput& output, const std::string& release);

 private:
  Result<> write(const std::string& folder, const std::string& name, std::string_view content);

  std::string folder_;
  std::function<void(const std::string&)> wrote_;
  std::set<std::string> written_;
};

}  // namespace sluice::app
