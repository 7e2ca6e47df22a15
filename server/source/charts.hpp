#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/tree.hpp"
#include "core/chart/chart.hpp"
#include "core/helmfile/chartify.hpp"
#include "core/helmfile/helmfile.hpp"
#include "server/source/chart_cache.hpp"
#include "server/source/chart_index.hpp"
#include "server/source/download.hpp"

namespace sluice::source {

/// A chart, and where it came from.
struct ObtainedChart {
  std::shared_ptr<const chart::Chart> chart;
  std::string version;                     ///< of the archive; of a folder what its Chart.yaml says
  std::string digest;                      ///< SHA-256 in hex: of the archive, or of a folder's files with their names
  std::string from;                        ///< for people: a URL or a path
  std::shared_ptr<const Tree> files = {};  ///< of its folder or archive, unfiltered, if ChartsOptions::keep_files
  std::shared_ptr<const std::string> archive = {};  ///< its bytes, if ChartsOptions::only_bytes and it is one
  helmfile::ChartForm form = helmfile::ChartForm::chart;
};

struct ChartsOptions {
  std::filesystem::path cache;                 ///< empty: nothing is kept
  std::map<std::string, std::string> mirrors;  ///< repository URL -> URL to ask instead
  DownloadRules rules = {};
  bool keep_files = false;  ///< for linting, which looks at the files themselves
  bool only_bytes = false;  ///< nothing is loaded: of a folder there are `files`, of an archive `archive`, for load_obtained
  /// Whether charts may be cloned from that git repository; none: no charts from git.
  std::function<bool(const std::string& url)> may_clone = {};
};

/// Gets the charts that releases ask for: from folders with their dependencies completed, HTTP repositories, OCI registries and
/// archives at URLs. Use one for each plan: an index is asked for once, conditionally, and not at all while every version is
/// exact and in the cache. Blocks; belongs to one thread at a time.
/// Follows: Helm 3.17, pkg/downloader. Differs: an archive must have the digest that the index says, and a chart's lock file is
/// obeyed as `helm dependency build` does.
class Charts {
 public:
  explicit Charts(ChartsOptions options);

  /// Errors: not_found, unavailable, timeout, denied, invalid; they name the release's chart and the URL.
  Result<ObtainedChart> chart_of(const helmfile::State& state, const helmfile::Release& release, const helmfile::Files& files);

  /// The version of a chart in its repository that a range means now, for lock files.
  Result<std::string> resolve(const helmfile::State& state, const helmfile::ChartSource& chart, const helmfile::Files& files);

  /// What asked the network so far.
  std::size_t downloads() const { return downloads_; }

 private:
  struct Archive {
    std::string bytes;
    std::string version;
    std::string from;
  };
  /// A chart by its place in the world, whoever asks for it.
  struct Wanted {
    std::string repository;  ///< URL: http(s)://, oci://, file://
    std::string name;
    std::string version;
    Devel devel = Devel::no;
    const Access* access = nullptr;
  };

  Result<Archive> fetch(const Wanted& wanted, const helmfile::Files& files);
  Result<Archive> fetch_from_index(const Wanted& wanted, const std::string& base);
  Result<Archive> fetch_from_registry(const Wanted& wanted, const std::string& reference, std::string version);
  Result<Archive> fetch_from_folder(const Wanted& wanted, const helmfile::Files& files);
  Result<Archive> fetch_url(const std::string& url, const Access& access);
  Result<const std::string*> index_of(const std::string& base, const Access& access);
  Result<std::string> newest(const Wanted& wanted, const helmfile::Files& files);
  /// Whether the dependencies that a chart declares are fetched where they are not in its folder.
  enum class Completing { no, yes };
  Result<ObtainedChart> from_folder(const helmfile::State& state, const helmfile::ChartSource& source, Completing completing,
                                    const helmfile::Files& files);
  Result<ObtainedChart> from_git(const helmfile::State& state, const helmfile::ChartSource& source, Completing completing);
  Result<ObtainedChart> from_tree(const helmfile::State& state, Tree tree, const helmfile::ChartSource& source,
                                  const std::string& folder, Completing completing, const helmfile::Files& files);
  Result<ObtainedChart> from_archive(Archive archive);
  Result<ObtainedChart> from_archive(const helmfile::State& state, Archive archive, const helmfile::ChartSource& source,
                                     const helmfile::Files& files);
  Result<> add_dependencies(Tree& tree, const helmfile::State& state, const std::vector<helmfile::ChartDependency>& dependencies,
                            const helmfile::Files& files);
  Result<std::string> add_dependency(Tree& tree, const helmfile::State& state, const helmfile::ChartDependency& dependency,
                                     const helmfile::Files& files);
  Result<std::string> add_folder(Tree& tree, const helmfile::State& state, const helmfile::ChartDependency& dependency,
                                 const helmfile::Files& files);
  Result<std::string> add_archive(Tree& tree, const helmfile::State& state, const helmfile::ChartDependency& dependency,
                                  const helmfile::Files& files);
  Result<> complete(Tree& tree, const helmfile::State& state, const std::string& folder, const helmfile::Files& files, int depth);
  Result<const Access*> access_for(const helmfile::State& state, const std::string& repository, const helmfile::Files& files,
                                   bool plain_http = false);
  std::string mirrored(const std::string& url) const;
  const Access* access_at(const std::string& place, const Wanted& wanted);
  std::string registry_origin(const std::string& host, const Access& access) const;

  ChartsOptions options_;
  ChartCache cache_;
  Downloader downloader_;
  std::map<std::string, std::string> indexes_;
  std::map<std::string, std::unique_ptr<Access>> accesses_;
  std::map<const Access*, Access> for_strangers_;  ///< the same without what proves who asks
  std::map<std::string, ObtainedChart> charts_;  ///< by digest: charts are shared between releases
  std::size_t downloads_ = 0;
};

/// Loads what was obtained with ChartsOptions::only_bytes.
Result<> load_obtained(ObtainedChart& obtained);

/// The files of a folder and what is below it. Limits as for repositories: 20 000 files, 16 MiB each, 512 MiB.
Result<Tree> read_folder(const helmfile::Files& files, const std::string& folder);

}  // namespace sluice::source
