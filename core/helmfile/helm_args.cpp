#include "core/helmfile/helm_args.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <string_view>
#include <utility>

#include "core/functions/time.hpp"

namespace sluice::helmfile {

namespace {

struct Switch {
  std::string_view flag;
  bool HelmArgs::* field;
};

constexpr std::array switches = std::to_array<Switch>({
    {"--include-crds", &HelmArgs::include_crds},
    {"--skip-crds", &HelmArgs::skip_crds},
    {"--skip-tests", &HelmArgs::skip_tests},
    {"--no-hooks", &HelmArgs::no_hooks},
    {"--is-upgrade", &HelmArgs::is_upgrade},
    {"--skip-schema-validation", &HelmArgs::skip_schema_validation},
    {"--wait", &HelmArgs::wait},
    {"--wait-for-jobs", &HelmArgs::wait_for_jobs},
    {"--atomic", &HelmArgs::atomic},
    {"--cleanup-on-fail", &HelmArgs::cleanup_on_fail},
    {"--force", &HelmArgs::force},
    {"--create-namespace", &HelmArgs::create_namespace},
    {"--disable-openapi-validation", &HelmArgs::disable_openapi_validation},
    {"--devel", &HelmArgs::devel},
    {"--enable-dns", &HelmArgs::enable_dns},
    {"--take-ownership", &HelmArgs::take_ownership},
    {"--reuse-values", &HelmArgs::reuse_values},
    {"--reset-values", &HelmArgs::reset_values},
});

constexpr std::array without_effect = std::to_array<std::string_view>({
    "--debug",
    "--hide-notes",
    "--render-subchart-notes",
    "--install",
    "-i",
    "--dependency-update",
});
constexpr std::array without_effect_with_value = std::to_array<std::string_view>({"--burst-limit", "--qps"});

constexpr std::array texts_of_helm_diff = std::to_array<std::string_view>({
    "--allow-unreleased", "--color", "--detailed-exitcode", "--dry-run", "--enable-dns", "--include-tests", "--no-color",
    "--no-hooks", "--normalize-manifests", "--show-secrets", "--show-secrets-decoded", "--skip-schema-validation",
    "--strip-trailing-cr", "--suppress-secrets", "--three-way-merge", "--validate", "--disable-validation",
    "--disable-openapi-validation", "--debug", "-q", "--suppress-output", "--devel", "--take-ownership",
});
constexpr std::array values_of_helm_diff = std::to_array<std::string_view>({
    "--context", "-C", "--find-renames", "-D", "--output", "--suppress", "--suppress-output-line-regex",
});

template <std::size_t size>
bool is_one_of(const std::array<std::string_view, size>& list, std::string_view flag) {
  return std::find(list.begin(), list.end(), flag) != list.end();
}

std::vector<std::string> words_of(const std::vector<std::string>& texts) {
  std::vector<std::string> words;
  for (const std::string& text : texts) {
    std::istringstream stream(text);
    for (std::string word; stream >> word;) words.push_back(word);
  }
  return words;
}

/// Walks over "--flag value", "--flag=value" and "--flag".
class Reader {
 public:
  Reader(const std::vector<std::string>& texts, const std::string& where) : words_(words_of(texts)), where_(where) {}

  bool next() {
    if (at_ == words_.size()) return false;
    const std::string& word = words_[at_++];
    const std::size_t equals = word.starts_with('-') ? word.find('=') : std::string::npos;
    flag = word.substr(0, equals);
    inline_ = equals == std::string::npos ? std::nullopt : std::optional(word.substr(equals + 1));
    return true;
  }
  Result<std::string> value() {
    if (inline_) return *inline_;
    if (at_ == words_.size()) return Error{Errc::invalid, where_ + ": " + flag + " needs a value"};
    return words_[at_++];
  }
  bool is_on() const { return !inline_ || *inline_ == "true" || *inline_ == "1"; }

  Error unsupported() const { return {Errc::unsupported, where_ + ": helm's flag " + flag + " is not supported"}; }

  std::string flag;

 private:
  std::vector<std::string> words_;
  const std::string& where_;
  std::size_t at_ = 0;
  std::optional<std::string> inline_;
};

Result<> take_value(HelmArgs& args, const std::string& flag, std::string value, const std::string& where) {
  if (flag == "--kube-version") {
    args.kube_version = std::move(value);
  } else if (flag == "--api-versions" || flag == "-a") {
    std::istringstream stream(value);
    for (std::string one; std::getline(stream, one, ',');) args.api_versions.push_back(one);
  } else if (flag == "--values" || flag == "-f") {
    args.values.push_back(std::move(value));
  } else if (flag == "--show-only" || flag == "-s") {
    args.show_only.push_back(std::move(value));
  } else if (flag == "--set") {
    args.sets.push_back({SetFlag::How::set, Text(value)});
  } else if (flag == "--set-string") {
    args.sets.push_back({SetFlag::How::set_string, Text(value)});
  } else if (flag == "--set-file") {
    if (value.find('=') == std::string::npos) return Error{Errc::invalid, where + ": --set-file " + value + ": expected NAME=PATH"};
    args.sets.push_back({SetFlag::How::set_file, Text(value)});
  } else if (flag == "--timeout") {
    const auto duration = functions::parse_duration(value);
    if (!duration) return Error{Errc::invalid, where + ": --timeout " + value + ": expected a duration such as 5m0s"};
    args.timeout = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::nanoseconds(*duration));
  } else {
    int number = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
    if (read.ec != std::errc() || read.ptr != value.data() + value.size() || number < 0) {
      return Error{Errc::invalid, where + ": --history-max " + value + ": expected a whole number"};
    }
    args.history_max = number;
  }
  return {};
}

constexpr std::array with_value = std::to_array<std::string_view>({
    "--kube-version", "--api-versions", "-a", "--values", "-f", "--show-only", "-s", "--set", "--set-string", "--set-file",
    "--timeout", "--history-max",
});

}  // namespace

Result<HelmArgs> parse_helm_args(const std::vector<std::string>& texts, const std::string& where) {
  HelmArgs args;
  Reader reader(texts, where);
  while (reader.next()) {
    const auto found = std::find_if(switches.begin(), switches.end(), [&](const Switch& one) { return one.flag == reader.flag; });
    if (found != switches.end()) {
      args.*found->field = reader.is_on();
      continue;
    }
    if (is_one_of(without_effect, reader.flag)) continue;
    const bool ignored = is_one_of(without_effect_with_value, reader.flag);
    if (!ignored && !is_one_of(with_value, reader.flag)) return reader.unsupported();
    auto value = reader.value();
    if (!value) return std::move(value).error();
    if (ignored) continue;
    auto taken = take_value(args, reader.flag, std::move(*value), where);
    if (!taken) return std::move(taken).error();
  }
  return args;
}

std::vector<std::string> without_dry_run(const std::vector<std::string>& texts) {
  std::vector<std::string> words = words_of(texts);
  std::erase_if(words, [](const std::string& word) { return word == "--dry-run" || word.starts_with("--dry-run="); });
  return words;
}

void append_args(HelmArgs& args, HelmArgs later) {
  const auto append = [](auto& to, auto& from) { std::move(from.begin(), from.end(), std::back_inserter(to)); };
  append(args.api_versions, later.api_versions);
  append(args.values, later.values);
  append(args.sets, later.sets);
  append(args.show_only, later.show_only);
  if (!later.kube_version.empty()) args.kube_version = std::move(later.kube_version);
  if (later.timeout) args.timeout = later.timeout;
  if (later.history_max) args.history_max = later.history_max;
  for (const Switch& one : switches) args.*one.field = args.*one.field || later.*one.field;
}

void apply_args(const HelmArgs& args, DeployOptions& options) {
  options.wait |= args.wait;
  options.wait_for_jobs |= args.wait_for_jobs;
  options.atomic |= args.atomic;
  options.cleanup_on_fail |= args.cleanup_on_fail;
  options.force |= args.force;
  options.create_namespace |= args.create_namespace;
  options.disable_openapi_validation |= args.disable_openapi_validation;
  options.skip_schema_validation |= args.skip_schema_validation;
  options.enable_dns |= args.enable_dns;
  options.take_ownership |= args.take_ownership;
  options.reuse_values = (options.reuse_values || args.reuse_values) && !args.reset_values;
  options.skip_crds |= args.skip_crds;
  options.no_hooks |= args.no_hooks;
  if (args.timeout) options.timeout = *args.timeout;
  if (args.history_max) options.history_max = *args.history_max;
}

Result<> check_diff_args(const std::vector<std::string>& texts, const std::string& where) {
  Reader reader(texts, where);
  while (reader.next()) {
    if (is_one_of(texts_of_helm_diff, reader.flag)) continue;
    if (!is_one_of(values_of_helm_diff, reader.flag)) return reader.unsupported();
    auto value = reader.value();
    if (!value) return std::move(value).error();
  }
  return {};
}

}  // namespace sluice::helmfile
