#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/chart/chart.hpp"
#include "core/chart/values.hpp"

namespace sluice::chart {

/// Who gave a value: a line of a values file, or a flag.
struct ValueOrigin {
  std::string file = {};  ///< as given to -f, or "web/charts/store/values.yaml" of a chart
  std::size_t line = 0;
  std::string flag = {};  ///< "--set", if it was one
};

/// Tells where the values of a render came from. Of a map that several layers have, the topmost is told.
/// What import-values moved is told where it came from: in the subchart's values, or in what a chart above says over them.
class Provenance {
 public:
  /// `read` gives the files of -f once more. The chart must outlive this.
  static Result<Provenance> of(const Chart& chart, const ValueFlags& flags, const ReadFile& read, HelmVersion helm);

  /// `path` is that of SourceValue: keys and indexes from the root chart's values down.
  std::optional<ValueOrigin> find(const std::vector<std::string>& path) const;

 private:
  using Lines = std::map<std::string, std::uint32_t, std::less<>>;  ///< by the path's text
  struct Layer {
    ValueOrigin origin;
    Lines lines;        ///< of a file
    Value values = {};  ///< of a flag
  };
  using Path = std::vector<std::string>;
  /// What a chart takes from the values of a subchart: what stands below `child` there stands below `parent` here.
  struct Import {
    Path child;  ///< the subchart's key first
    Path parent;
  };
  struct Defaults {
    std::string file;
    Lines lines;
    std::vector<Import> imports = {};  ///< the strongest first
    std::map<std::string, Defaults, std::less<>> subcharts;  ///< by the key of their values
  };

  static Lines read_lines(std::string_view yaml);
  static Defaults read_defaults(const Chart& chart, const std::string& folder);
  static std::optional<ValueOrigin> find_default(const Defaults& defaults, std::vector<std::string> path);
  static std::vector<Import> read_imports(const Chart& chart);
  std::optional<ValueOrigin> find_imported(const Defaults& defaults, const Path& path, std::size_t level) const;
  std::optional<ValueOrigin> find_in_layers(const std::vector<std::string>& path) const;

  std::vector<Layer> layers_;  ///< the strongest first
  Defaults defaults_;
};

/// "image.tag", "hosts[0].name": as errors and the source map write it.
std::string path_text(const std::vector<std::string>& path);

}  // namespace sluice::chart
