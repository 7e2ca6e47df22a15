#include "server/app/template_command.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "core/chart/chart.hpp"
#include "core/chart/values.hpp"
#include "core/functions/functions.hpp"
#include "core/gotemplate/gotemplate.hpp"
#include "server/app/chart_flags.hpp"
#include "server/app/folder_writer.hpp"
#include "server/app/helm_flags.hpp"
#include "server/app/remote_chart.hpp"
#include "server/app/source_map_file.hpp"
#include "server/base/files.hpp"
#include "server/source/local.hpp"

namespace sluice::app {

namespace {

constexpr std::string_view usage =
    "Usage:  sluice template [NAME] CHART [flags]\n"
    "\n"
    "Prints the manifests of a chart, byte for byte as helm template does. CHART is a folder, a .tgz, a URL, oci://HOST/PATH, or\n"
    "with --repo URL the name of a chart there; --version, --username, --password, --ca-file and their kin as helm's.\n"
    "\n"
    "Values\n"
    "  -f, --values FILE            values file, may come again; - is the standard input\n"
    "      --set K=V                value; also --set-string, --set-file, --set-json, --set-literal\n"
    "Release\n"
    "  -n, --namespace NAME         .Release.Namespace (default \"default\")\n"
    "      --is-upgrade             .Release.IsUpgrade instead of .Release.IsInstall\n"
    "      --name-template TEXT     a template that gives the release's name\n"
    "  -a, --api-versions LIST      more .Capabilities.APIVersions\n"
    "      --kube-version VERSION   .Capabilities.KubeVersion\n"
    "      --skip-schema-validation\n"
    "Output\n"
    "      --include-crds           the files of crds/ as well\n"
    "      --no-hooks, --skip-tests, --hide-secret\n"
    "  -s, --show-only PATH         only documents of this template, may come again; * and ? stop at slashes\n"
    "      --output-dir FOLDER      files instead of standard output; --release-name puts them below the release's name\n"
    "      --source-map FILE        for each line of output, what wrote it and which values took part, as JSON\n"
    "      --helm 3|4               which Helm to follow (default 3)\n";

constexpr auto own_flags = std::to_array<FlagSpec>({
    {"show-only", 's', FlagType::text},
    {"output-dir"},
    {"validate", 0, FlagType::boolean},
    {"include-crds", 0, FlagType::boolean},
    {"skip-tests", 0, FlagType::boolean},
    {"is-upgrade", 0, FlagType::boolean},
    {"kube-version"},
    {"api-versions", 'a', FlagType::list},
    {"release-name", 0, FlagType::boolean},
    {"post-renderer"},
    {"post-renderer-args"},
    {"helm"},
    {"source-map"},
    // what helm install takes as well; most of it has no effect here
    {"create-namespace", 0, FlagType::boolean},
    {"dry-run", 0, FlagType::optional},
    {"force", 0, FlagType::boolean},
    {"no-hooks", 0, FlagType::boolean},
    {"replace", 0, FlagType::boolean},
    {"timeout"},
    {"wait", 0, FlagType::boolean},
    {"wait-for-jobs", 0, FlagType::boolean},
    {"generate-name", 'g', FlagType::boolean},
    {"name-template"},
    {"description"},
    {"dependency-update", 0, FlagType::boolean},
    {"disable-openapi-validation", 0, FlagType::boolean},
    {"atomic", 0, FlagType::boolean},
    {"skip-crds", 0, FlagType::boolean},
    {"render-subchart-notes", 0, FlagType::boolean},
    {"skip-schema-validation", 0, FlagType::boolean},
    {"labels", 'l', FlagType::list},
    {"enable-dns", 0, FlagType::boolean},
    {"hide-notes", 0, FlagType::boolean},
    {"hide-secret", 0, FlagType::boolean},
    {"take-ownership", 0, FlagType::boolean},
});

/// What would change the result and is not done here.
Result<> refuse_unsupported(const HelmFlags& flags) {
  const auto refuse = [](std::string text) { return Error{Errc::unsupported, std::move(text)}; };
  if (flags.is_on("validate")) return refuse("--validate needs a cluster, which template never asks: use `sluice plan`");
  if (flags.text("dry-run") == "server")
    return refuse("--dry-run=server needs a cluster, which template never asks: use `sluice plan`");
  if (flags.has("post-renderer"))
    return refuse("--post-renderer runs a program, which template does not: pipe its output instead");
  if (flags.has("source-map") && flags.has("output-dir"))
    return refuse("--source-map tells the lines of the standard output, which --output-dir leaves empty: give one of them");
  return {};
}

struct NameAndChart {
  std::string name, chart;
};

Result<std::string> name_from_template(const std::string& text) {
  static const gotemplate::FunctionTable table = [] {
    gotemplate::FunctionTable functions;
    functions::add_sprig_functions(functions, functions::Helm::v3);
    return functions;
  }();
  gotemplate::TemplateSet set("name-template", table);
  if (auto added = set.add("name-template", text); !added) return std::move(added).error();
  const functions::Outside outside = source::local_functions();
  functions::FunctionHost host;
  host.outside = &outside;
  gotemplate::Options options;
  options.errors = gotemplate::ErrorForm::go;
  options.host = &host;
  auto name = gotemplate::execute(set, "name-template", {}, options);
  if (!name) return std::move(name).error();
  return name->str();
}

/// Follows: Helm, Install.NameAndChart.
Result<NameAndChart> name_and_chart(const HelmFlags& flags) {
  const auto& given = flags.positional();
  const auto wrong = [](std::string text) { return Error{Errc::invalid, std::move(text)}; };
  if (given.size() > 2) {
    std::string rest;
    for (std::size_t i = 2; i < given.size(); ++i) rest += (i > 2 ? ", " : "") + given[i];
    return wrong("expected at most two arguments, unexpected arguments: " + rest);
  }
  if (given.size() == 2) {
    if (flags.is_on("generate-name")) return wrong("cannot set --generate-name and also specify a name");
    if (!flags.text("name-template").empty()) return wrong("cannot set --name-template and also specify a name");
    return NameAndChart{given[0], given[1]};
  }
  if (const std::string text = flags.text("name-template"); !text.empty()) {
    auto name = name_from_template(text);
    if (!name) return std::move(name).error();
    return NameAndChart{*std::move(name), given[0]};
  }
  return NameAndChart{"release-name", given[0]};
}

chart::TemplateOutput output_options(const HelmFlags& flags, chart::HelmVersion helm) {
  return {.crds = flags.is_on("include-crds") ? chart::Crds::include : chart::Crds::leave_out,
          .no_hooks = flags.is_on("no-hooks"),
          .skip_tests = flags.is_on("skip-tests"),
          .hide_secrets = flags.is_on("hide-secret"),
          .show_only = flags.all("show-only"),
          .helm = helm};
}

Result<> print_rendered(const chart::Rendered& rendered, const HelmFlags& flags, chart::HelmVersion helm,
                        const std::string& release) {
  const chart::TemplateOutput output = output_options(flags, helm);
  if (const std::string folder = flags.text("output-dir"); !folder.empty()) {
    FolderWriter writer(folder, [](const std::string& path) { std::printf("wrote %s\n", path.c_str()); });
    if (auto done = writer.write_all(rendered, output, flags.is_on("release-name") ? release : ""); !done) return done;
    std::printf("\n");
    return {};
  }
  return chart::print_template_output(rendered, output, [](const Text& piece) {
    const std::string_view bytes = piece;
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  });
}

/// Everything up to the rendered chart, in the order in which Helm would meet mistakes.
Result<> make_template(const HelmFlags& flags) {
  auto helm = helm_version(flags);
  if (!helm) return std::move(helm).error();
  if (auto done = refuse_unsupported(flags); !done) return done;

  chart::RenderRequest request;
  request.helm = *helm;
  request.capabilities = chart::default_capabilities(*helm);
  if (const std::string version = flags.text("kube-version"); !version.empty()) {
    auto parsed = chart::parse_kube_version(version, *helm);
    if (!parsed) return std::move(parsed).error();
    request.capabilities.kube_version = *std::move(parsed);
  }
  for (const std::string& version : flags.all("api-versions")) request.capabilities.api_versions.push_back(version);

  auto named = name_and_chart(flags);
  if (!named) return std::move(named).error();
  auto path = is_remote_chart(named->chart, flags) ? Result<std::string>("") : locate_chart(named->chart, flags);
  if (!path) return std::move(path).error();
  if (*helm == chart::HelmVersion::v4 && flags.has("render-subchart-notes")) {
    print_warnings(
        {"Flag --render-subchart-notes has been deprecated, this flag has no effect for 'helm template' and will be removed in "
         "Helm 5"});
  }
  const auto sources = value_flags(flags);
  const auto read = value_reader();
  auto values = chart::read_values(sources, read, *helm);
  if (!values) return std::move(values).error();
  auto loaded = path->empty() ? fetch_chart(named->chart, named->name, flags, *helm) : load_named_chart(*path, *helm);
  if (!loaded) return std::move(loaded).error();
  if (auto done = chart::check_installable(**loaded, *helm); !done) return done;

  functions::Outside outside = source::local_functions();
  if (flags.is_on("enable-dns")) outside.host_by_name = source::host_by_name;
  chart::RenderLog log;
  request.release = named->name;
  request.namespace_ = namespace_flag(flags);
  request.is_upgrade = flags.is_on("is-upgrade");
  request.values = *std::move(values);
  request.outside = &outside;
  request.skip_schema = flags.is_on("skip-schema-validation");
  request.subchart_notes = flags.is_on("render-subchart-notes");
  request.log = &log;
  request.wants_source_map = flags.has("source-map");
  auto rendered = chart::render(**loaded, request);
  print_warnings(log.warnings);
  if (!rendered) {
    Error error = std::move(rendered).error();
    if (log.reached_templates && !flags.is_on("debug")) error.what += "\n\nUse --debug flag to render out invalid YAML";
    return error;
  }
  // Kept to the end of the process, which is near: taking them apart takes longer than printing them.
  static const auto* const kept_chart = new std::shared_ptr(*std::move(loaded));
  static const auto* const kept = new chart::Rendered(*std::move(rendered));
  if (auto done = print_rendered(*kept, flags, *helm, request.release); !done || !request.wants_source_map) return done;
  auto lines = chart::source_lines(*kept, output_options(flags, *helm));
  if (!lines) return std::move(lines).error();
  auto provenance = chart::Provenance::of(**kept_chart, sources, read, *helm);
  if (!provenance) return std::move(provenance).error();
  return write_source_map(flags.text("source-map"), *lines, *provenance);
}

}  // namespace

int run_template(const std::vector<std::string>& arguments) {
  const auto specs = with_common_flags(own_flags);
  auto flags = HelmFlags::parse(specs, arguments);
  if (!flags) return fail(flags.error());
  if (flags->is_on("help")) {
    std::fwrite(usage.data(), 1, usage.size(), stdout);
    return flush_output(0);
  }
  if (flags->positional().empty()) {
    return fail(
        {Errc::invalid, "\"sluice template\" requires at least 1 argument\n\nUsage:  sluice template [NAME] CHART [flags]"});
  }
  auto done = make_template(*flags);
  return done ? flush_output(0) : fail(done.error());
}

}  // namespace sluice::app
