#include "server/app/chart_flags.hpp"

#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "core/value/text.hpp"
#include "server/source/chart_files.hpp"

namespace sluice::app {

namespace {

constexpr auto common_flags = std::to_array<FlagSpec>({
    {"help", 'h', FlagType::boolean},
    {"values", 'f', FlagType::list},
    {"set"},
    {"set-string"},
    {"set-file"},
    {"set-json"},
    {"set-literal"},
    {"version"},
    {"verify", 0, FlagType::boolean},
    {"keyring"},
    {"repo"},
    {"username"},
    {"password"},
    {"cert-file"},
    {"key-file"},
    {"insecure-skip-tls-verify", 0, FlagType::boolean},
    {"plain-http", 0, FlagType::boolean},
    {"ca-file"},
    {"pass-credentials", 0, FlagType::boolean},
    {"devel", 0, FlagType::boolean},
    {"namespace", 'n'},
    {"kubeconfig"},
    {"kube-context"},
    {"kube-token"},
    {"kube-as-user"},
    {"kube-as-group"},
    {"kube-apiserver"},
    {"kube-ca-file"},
    {"kube-tls-server-name"},
    {"kube-insecure-skip-tls-verify", 0, FlagType::boolean},
    {"debug", 0, FlagType::boolean},
    {"registry-config"},
    {"repository-config"},
    {"repository-cache"},
    {"burst-limit"},
    {"qps"},
});

bool exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

bool is_url(std::string_view text) { return text.find("://") != text.npos; }

}  // namespace

std::vector<FlagSpec> with_common_flags(std::span<const FlagSpec> own) {
  std::vector<FlagSpec> specs(own.begin(), own.end());
  specs.insert(specs.end(), common_flags.begin(), common_flags.end());
  return specs;
}

Result<chart::HelmVersion> helm_version(const HelmFlags& flags) {
  const std::string text = flags.text("helm", "3");
  if (text == "3") return chart::HelmVersion::v3;
  if (text == "4") return chart::HelmVersion::v4;
  return Error{Errc::invalid, "--helm is 3 or 4, not " + sluice::quoted(text)};
}

std::string namespace_flag(const HelmFlags& flags) {
  if (const std::string text = flags.text("namespace"); !text.empty()) return text;
  const char* variable = std::getenv("HELM_NAMESPACE");
  return variable && *variable ? variable : "default";
}

Result<std::string> locate_chart(const std::string& name, const HelmFlags& flags) {
  if (flags.is_on("verify"))
    return Error{Errc::unsupported, "--verify needs a provenance file and a keyring, which are not read"};
  if (exists(name)) {
    std::error_code error;
    const auto path = std::filesystem::absolute(name, error).lexically_normal();
    std::string text = error ? name : path.string();
    while (text.size() > 1 && text.back() == '/') text.pop_back();
    return text;
  }
  if (name.starts_with('/') || name.starts_with('.'))
    return Error{Errc::not_found, "path " + sluice::quoted(name) + " not found"};
  if (is_url(name) || flags.has("repo")) return Error{Errc::unsupported, name + ": charts are read from folders and .tgz files here"};
  const std::size_t slash = name.find('/');
  if (slash == name.npos) {
    return Error{Errc::invalid, "non-absolute URLs should be in form of repo_name/path_to_chart, got: " + name};
  }
  return Error{Errc::not_found, "repo " + name.substr(0, slash) + " not found"};
}

chart::ValueFlags value_flags(const HelmFlags& flags) {
  return {.files = flags.all("values"),
          .set_json = flags.all("set-json"),
          .set = flags.all("set"),
          .set_string = flags.all("set-string"),
          .set_file = flags.all("set-file"),
          .set_literal = flags.all("set-literal")};
}

chart::ReadFile value_reader() {
  return [known = std::make_shared<std::map<std::string, std::string>>()](std::string_view named) -> Result<std::string> {
    const std::string path(named);
    if (is_url(path)) return Error{Errc::unsupported, path + ": values are read from files only"};
    if (const auto at = known->find(path); at != known->end()) return at->second;
    auto bytes = source::read_named_file(path);
    if (bytes) known->emplace(path, *bytes);
    return bytes;
  };
}

Result<std::shared_ptr<const chart::Chart>> load_named_chart(const std::string& path, chart::HelmVersion helm) {
  source::ChartNotes notes;
  auto loaded = source::read_chart(path, helm, notes);
  print_warnings(notes.lines);
  if (loaded) print_chart_notes(**loaded, helm);
  return loaded;
}

void print_chart_notes(const chart::Chart& chart, chart::HelmVersion helm) {
  print_warnings(chart.notes);
  if (!chart.metadata.deprecated) return;
  print_warnings(
      {helm == chart::HelmVersion::v3 ? "WARNING: This chart is deprecated" : "level=WARN msg=\"this chart is deprecated\""});
}

void print_warnings(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) std::fprintf(stderr, "%s\n", line.c_str());
}

int fail(const Error& error) {
  std::fflush(stdout);
  std::fprintf(stderr, "Error: %s\n", error.what.c_str());
  return 1;
}

int flush_output(int code) {
  if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return code;
  std::fprintf(stderr, "Error: the output could not be written\n");
  return 74;
}

}  // namespace sluice::app
