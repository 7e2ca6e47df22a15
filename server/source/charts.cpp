#include "server/source/charts.hpp"

#include "core/base/digest.hpp"
#include "core/chart/archive.hpp"
#include "server/source/chart_names.hpp"

namespace sluice::source {

Charts::Charts(ChartsOptions options) : options_(std::move(options)), cache_(options_.cache), downloader_(options_.rules) {}

std::string Charts::mirrored(const std::string& url) const {
  std::size_t best = 0;
  std::string result = url;
  for (const auto& [from, to] : options_.mirrors) {
    const std::string prefix = without_slash(from);
    const bool applies = url == prefix || url.starts_with(prefix + "/");
    if (!applies || prefix.size() <= best) continue;
    best = prefix.size();
    result = without_slash(to) + url.substr(prefix.size());
  }
  return result;
}

Result<ObtainedChart> Charts::from_archive(Archive archive) {
  const std::string digest = to_hex(sha256(archive.bytes));
  const auto known = charts_.find(digest);
  ObtainedChart obtained;
  if (known != charts_.end()) {
    obtained = known->second;
  } else if (options_.only_bytes) {
    obtained = {nullptr, archive.version, digest, archive.from};
    obtained.archive = std::make_shared<const std::string>(std::move(archive.bytes));
    charts_.emplace(digest, obtained);
  } else {
    auto loaded = chart::load_archive(archive.bytes);
    if (!loaded) return std::move(loaded).error().during(archive.from);
    obtained = {std::move(*loaded), archive.version, digest, archive.from};
    if (options_.keep_files) {
      chart::UnpackBudget budget{chart::Limits{}};
      auto files = chart::read_archive(archive.bytes, budget);
      if (!files) return std::move(files).error().during(archive.from);
      Tree tree;
      for (chart::File& file : *files) tree.emplace(std::move(file.name), std::move(file.data));
      obtained.files = std::make_shared<const Tree>(std::move(tree));
    }
    if (obtained.version.empty()) obtained.version = obtained.chart->metadata.version;
    charts_.emplace(digest, obtained);
  }
  return obtained;
}

Result<ObtainedChart> Charts::from_archive(const helmfile::State& state, Archive archive, const helmfile::ChartSource& source,
                                           const helmfile::Files& files) {
  if (source.dependencies.empty()) return from_archive(std::move(archive));
  chart::UnpackBudget budget{chart::Limits{}};
  auto unpacked = chart::read_archive(archive.bytes, budget);
  if (!unpacked) return std::move(unpacked).error().during(archive.from);
  Tree tree;
  for (chart::File& file : *unpacked) tree.emplace(std::move(file.name), std::move(file.data));
  return from_tree(state, std::move(tree), source, archive.from, Completing::no, files);
}

Result<> load_obtained(ObtainedChart& obtained) {
  auto loaded = obtained.archive ? chart::load_archive(*obtained.archive) : chart::load_chart(*obtained.files);
  if (!loaded) return obtained.archive ? std::move(loaded).error().during(obtained.from) : std::move(loaded).error();
  obtained.chart = std::move(*loaded);
  obtained.archive = nullptr;
  obtained.files = nullptr;
  if (obtained.version.empty()) obtained.version = obtained.chart->metadata.version;
  return {};
}

Result<ObtainedChart> Charts::chart_of(const helmfile::State& state, const helmfile::Release& release,
                                       const helmfile::Files& files) {
  const helmfile::ChartSource& source = release.chart;
  const std::string doing = "chart \"" + source.reference + "\" of release \"" + release.name + "\"";
  const Completing completing = release.deploy.skip_deps ? Completing::no : Completing::yes;
  if (source.from == helmfile::ChartSource::From::folder) {
    auto obtained = from_folder(state, source, completing, files);
    return obtained ? std::move(obtained) : Result<ObtainedChart>(std::move(obtained).error().during(doing));
  }
  if (source.from == helmfile::ChartSource::From::git) {
    auto obtained = from_git(state, source, completing);
    return obtained ? std::move(obtained) : Result<ObtainedChart>(std::move(obtained).error().during(doing));
  }
  if (source.skip_tls_verify && !source.plain_http) {
    return Error{Errc::unsupported,
                 doing + ": insecureSkipTLSVerify is not supported: every connection is verified; give the repository a caFile"};
  }
  auto access = access_for(state, source.repository, files, source.plain_http);
  if (!access) return std::move(access).error().during(doing);
  auto archive = source.from == helmfile::ChartSource::From::url ? fetch_url(mirrored(source.url), **access)
                                                                 : fetch({.repository = source.url,
                                                                          .name = source.name,
                                                                          .version = source.version,
                                                                          .devel = source.devel ? Devel::yes : Devel::no,
                                                                          .access = *access},
                                                                         files);
  if (!archive) return std::move(archive).error().during(doing);
  auto obtained = from_archive(state, std::move(*archive), source, files);
  return obtained ? std::move(obtained) : Result<ObtainedChart>(std::move(obtained).error().during(doing));
}

}  // namespace sluice::source
