#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "core/base/result.hpp"
#include "core/chart/chart.hpp"
#include "core/gotemplate/gotemplate.hpp"

namespace sluice::chart {

/// The parsed templates of one chart and its subcharts, by file and by the full name that errors show.
class ParsedTemplates {
 public:
  /// Errors: invalid: "parse error at (FILE:LINE): ...".
  Result<std::shared_ptr<const gotemplate::Tree>> get(const File& file, const std::string& name,
                                                      const gotemplate::FunctionTable& functions) {
    auto& tree = trees_[{&file, name, &functions}];
    if (!tree) {
      auto parsed = gotemplate::parse(name, file.data, functions);
      if (!parsed) return Error{parsed.error().code, gotemplate::helm_parse_error(parsed.error().what, name)};
      tree = *std::move(parsed);
    }
    return tree;
  }

 private:
  using Key = std::tuple<const File*, std::string, const gotemplate::FunctionTable*>;
  std::map<Key, std::shared_ptr<const gotemplate::Tree>> trees_;
};

}  // namespace sluice::chart
