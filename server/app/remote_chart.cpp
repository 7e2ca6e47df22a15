#include "server/app/remote_chart.hpp"

#include <filesystem>

#include "core/helmfile/helmfile.hpp"
#include "server/app/chart_flags.hpp"
#include "server/app/tree_flags.hpp"
#include "server/source/charts.hpp"
#include "server/source/local.hpp"

namespace sluice::app {

namespace {

/// The repository that the flags describe, under a name that cannot be written in a state file.
helmfile::Repository repository_of(const HelmFlags& flags) {
  return {.name = "",
          .url = flags.text("repo"),
          .user = flags.text("username"),
          .password = Secret(flags.text("password")),
          .pass_credentials = flags.is_on("pass-credentials"),
          .skip_tls_verify = flags.is_on("insecure-skip-tls-verify"),
          .plain_http = flags.is_on("plain-http"),
          .ca_file = flags.text("ca-file"),
          .certificate_file = flags.text("cert-file"),
          .key_file = flags.text("key-file")};
}

helmfile::ChartSource source_of(const std::string& name, const HelmFlags& flags) {
  helmfile::ChartSource source{.reference = name, .url = name, .name = name, .version = flags.text("version"), .devel = flags.is_on("devel")};
  if (flags.has("repo")) {
    source.from = helmfile::ChartSource::From::repository;
    source.url = flags.text("repo");
  } else if (name.starts_with("oci://")) {
    source.from = helmfile::ChartSource::From::oci;
    source.name = name.substr(name.rfind('/') + 1);
  } else {
    source.from = helmfile::ChartSource::From::url;
  }
  return source;
}

/// What was fetched was read as Helm 3 reads it.
Result<std::shared_ptr<const chart::Chart>> read_as_helm4(const Tree& tree) {
  std::vector<chart::File> files;
  for (const auto& [path, bytes] : tree) files.push_back({path, bytes});
  return chart::load_files(std::move(files), chart::HelmVersion::v4);
}

}  // namespace

bool is_remote_chart(const std::string& name, const HelmFlags& flags) {
  std::error_code ignored;
  if (std::filesystem::exists(name, ignored)) return false;
  return flags.has("repo") || name.starts_with("oci://") || name.starts_with("https://") || name.starts_with("http://");
}

Result<std::shared_ptr<const chart::Chart>> fetch_chart(const std::string& name, const std::string& release_name, const HelmFlags& flags,
                                                        chart::HelmVersion helm) {
  auto options = to_charts_options({});
  if (!options) return std::move(options).error();
  options->keep_files = helm == chart::HelmVersion::v4;
  helmfile::State state;
  state.repositories.push_back(repository_of(flags));
  helmfile::Release release;
  release.name = release_name;
  release.chart = source_of(name, flags);
  source::Charts charts(*std::move(options));
  auto obtained = charts.chart_of(state, release, source::local_files());
  if (!obtained) return std::move(obtained).error();
  auto chart = helm == chart::HelmVersion::v4 ? read_as_helm4(*obtained->files) : obtained->chart;
  if (chart) print_chart_notes(**chart, helm);
  return chart;
}

}  // namespace sluice::app
