#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include "core/chart/lint.hpp"
#include "server/app/chart_flags.hpp"
#include "server/app/template_command.hpp"
#include "server/source/chart_files.hpp"
#include "server/source/local.hpp"

namespace sluice::app {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view usage =
    "Usage:  sluice lint [PATH ...] [flags]\n"
    "\n"
    "Looks for mistakes in charts, as helm lint does. PATH is a folder or a .tgz (default: the current folder).\n"
    "\n"
    "  -f, --values FILE, --set ...   values to render with, as for template\n"
    "      --strict                   warnings fail as well\n"
    "      --quiet                    only warnings and errors\n"
    "      --with-subcharts           the charts in charts/ as well\n"
    "      --kube-version VERSION     for capabilities and deprecated kinds\n"
    "      --skip-schema-validation\n"
    "      --helm VERSION             3 (the default) or 4: whose rules\n";

constexpr auto own_flags = std::to_array<FlagSpec>({
    {"strict", 0, FlagType::boolean},
    {"with-subcharts", 0, FlagType::boolean},
    {"quiet", 0, FlagType::boolean},
    {"skip-schema-validation", 0, FlagType::boolean},
    {"kube-version"},
    {"helm"},
});

/// `paths`, and for each the charts below its charts/: at first those of the first path.
std::vector<std::string> with_subcharts(std::vector<std::string> paths) {
  const std::vector<std::string> given = paths;
  for (const std::string& path : given) {
    std::vector<std::string> found;
    std::error_code error;
    for (fs::recursive_directory_iterator at(path + "/charts", error), end; !error && at != end; at.increment(error)) {
      const std::string entry = at->path().string();
      if (at->path().filename() == "Chart.yaml") found.push_back(at->path().parent_path().string());
      if (entry.ends_with(".tgz") || entry.ends_with(".tar.gz")) found.push_back(entry);
    }
    std::sort(found.begin(), found.end());
    paths.insert(paths.end(), found.begin(), found.end());
  }
  return paths;
}

/// What linting one chart printed, and whether it failed.
struct Outcome {
  std::string text;
  bool failed = false, has_findings = false;
};

class Linter {
 public:
  Linter(const HelmFlags& flags, chart::LintRequest request) : flags_(flags), request_(std::move(request)) {}

  Outcome lint(const std::string& path) {
    auto files = source::read_chart_tree(path);
    if (!files) return unreadable(path, files.error().what);
    request_.folder = fs::absolute(path).lexically_normal().string();
    Outcome outcome{"==> Linting " + path + "\n"};
    const bool quiet = flags_.is_on("quiet");
    const auto least = flags_.is_on("strict") ? chart::Severity::warning : chart::Severity::error;
    for (const chart::LintMessage& message : chart::lint(*files, request_)) {
      const bool matters = message.severity != chart::Severity::info;
      outcome.has_findings = outcome.has_findings || matters;
      outcome.failed = outcome.failed || message.severity >= least;
      if (!quiet || matters) outcome.text += to_string(message) + "\n";
    }
    outcome.text += "\n";
    return outcome;
  }

 private:
  static Outcome unreadable(const std::string& path, const std::string& why) {
    return {"==> Linting " + path + "\nError " + why + "\n\n", true, true};
  }

  const HelmFlags& flags_;
  chart::LintRequest request_;
};

Result<> lint_all(const HelmFlags& flags) {
  chart::LintRequest request;
  const auto helm = helm_version(flags);
  if (!helm) return helm.error();
  request.helm = *helm;
  if (const std::string version = flags.text("kube-version"); !version.empty()) {
    auto parsed = chart::parse_kube_version(version, *helm);
    if (!parsed) return std::move(parsed).error();
    request.kube_version = *std::move(parsed);
  }
  auto values = chart::read_values(value_flags(flags), value_reader(), *helm);
  if (!values) return std::move(values).error();
  const functions::Outside outside = source::local_functions();
  chart::RenderLog log;
  request.values = *std::move(values);
  request.namespace_ = namespace_flag(flags);
  request.skip_schema = flags.is_on("skip-schema-validation");
  request.outside = &outside;
  request.log = &log;

  std::vector<std::string> paths = flags.positional().empty() ? std::vector<std::string>{"."} : flags.positional();
  if (flags.is_on("with-subcharts")) paths = with_subcharts(std::move(paths));
  Linter linter(flags, std::move(request));
  std::size_t failed = 0, noted = 0;
  for (const std::string& path : paths) {
    const Outcome outcome = linter.lint(path);
    failed += outcome.failed;
    noted += outcome.has_findings;
    if (!flags.is_on("quiet") || outcome.has_findings) std::fputs(outcome.text.c_str(), stdout);
  }
  print_warnings(log.warnings);
  const std::string summary = std::to_string(paths.size()) + " chart(s) linted, " + std::to_string(failed) + " chart(s) failed";
  if (failed > 0) return Error{Errc::invalid, summary};
  if (!flags.is_on("quiet") || noted > 0) std::printf("%s\n", summary.c_str());
  return {};
}

}  // namespace

int run_lint(const std::vector<std::string>& arguments) {
  const auto specs = with_common_flags(own_flags);
  auto flags = HelmFlags::parse(specs, arguments);
  if (!flags) return fail(flags.error());
  if (flags->is_on("help")) {
    std::fwrite(usage.data(), 1, usage.size(), stdout);
    return flush_output(0);
  }
  auto done = lint_all(*flags);
  return done ? flush_output(0) : fail(done.error());
}

}  // namespace sluice::app
