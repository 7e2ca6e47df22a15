// The texts that Helm makes of a rendered release; follows cmd/helm/template.go and action.renderResources.

#include <algorithm>

#include "core/chart/chart.hpp"
#include "core/chart/documents.hpp"
#include "core/chart/path_glob.hpp"
#include "core/chart/runes.hpp"

namespace sluice::chart {

namespace {

using Print = std::function<void(const Text&)>;

constexpr std::string_view hidden = "# HIDDEN: The Secret output has been suppressed";

Text header(std::string_view source) { return Text("---\n# Source: " + std::string(source) + "\n"); }

/// The pieces of the release's manifest in order: header, content, "\n", header ...
void walk_manifest(const Rendered& rendered, Crds crds, bool hide_secrets, const Print& print) {
  const Text newline("\n");
  if (crds == Crds::include) {
    for (const CrdFile& crd : rendered.crds) {
      print(header(crd.source));
      print(Text(*crd.data));
      print(newline);
    }
  }
  for (const Manifest& manifest : rendered.manifests) {
    const bool hides = hide_secrets && manifest.kind == "Secret" && manifest.api_version == "v1";
    print(header(manifest.source));
    print(hides ? Text(hidden) : manifest.text);
    print(newline);
  }
}

/// Prints pieces as they come, but keeps back the white space that may turn out to be the end.
class EndTrimmer {
 public:
  explicit EndTrimmer(const Print& print) : print_(print) {}
  void add(const Text& piece) {
    const std::size_t kept = trim_right(piece).size();
    if (kept == 0) {
      held_.push_back(piece);
      return;
    }
    for (const Text& blank : held_) print_(blank);
    held_.clear();
    print_(kept == piece.size() ? piece : piece.substr(0, kept));
    if (kept < piece.size()) held_.push_back(piece.substr(kept, piece.size()));
  }

 private:
  const Print& print_;
  std::vector<Text> held_;
};

void print_all(const Rendered& rendered, const TemplateOutput& options, const Print& print) {
  EndTrimmer trimmed(print);
  walk_manifest(rendered, options.crds, options.hide_secrets, [&](const Text& piece) { trimmed.add(piece); });
  const Text newline("\n");
  print(newline);
  if (options.no_hooks) return;
  for (const Hook& hook : rendered.hooks) {
    if (options.skip_tests && hook.has_event(HookEvent::test)) continue;
    print(header(hook.source));
    print(hook.text);
    print(newline);
  }
}

/// The path below the chart's folder that a document names in its first "# Source: CHART/PATH"; empty if it names none.
std::string_view source_path(std::string_view document) {
  constexpr std::string_view mark = "# Source: ";
  for (std::size_t at = document.find(mark); at != document.npos; at = document.find(mark, at + 1)) {
    std::string_view line = document.substr(at + mark.size());
    line = line.substr(0, line.find('\n'));
    const std::size_t slash = line.find('/');
    if (slash != line.npos && slash > 0 && slash + 1 < line.size()) return line.substr(slash + 1);
  }
  return {};
}

Result<> print_chosen(const Rendered& rendered, const TemplateOutput& options, const Print& print) {
  TextBuilder whole;
  print_all(rendered, options, [&](const Text& piece) { whole.append(piece); });
  const Text text = whole.finish();
  const auto documents = split_documents(text, options.helm);
  std::vector<Text> chosen;
  for (const std::string& pattern : options.show_only) {
    bool found = false;
    for (const std::string_view document : documents) {
      const std::string_view path = source_path(document);
      if (path.empty() || !match_path(pattern, path)) continue;
      found = true;
      const auto begin = static_cast<std::size_t>(document.data() - text.view().data());
      chosen.push_back(text.substr(begin, begin + document.size()));
    }
    if (!found) return Error{Errc::not_found, "could not find template " + pattern + " in chart"};
  }
  for (const Text& document : chosen) {
    print(Text("---\n"));
    print(document);
    print(Text("\n"));
  }
  return {};
}

}  // namespace

Text release_manifest(const Rendered& rendered, Crds crds) {
  TextBuilder out;
  walk_manifest(rendered, crds, false, [&](const Text& piece) { out.append(piece); });
  return out.finish();
}

Result<> print_template_output(const Rendered& rendered, const TemplateOutput& options, const Print& print) {
  if (!options.show_only.empty()) return print_chosen(rendered, options, print);
  print_all(rendered, options, print);
  return {};
}

Result<Text> print_template_output(const Rendered& rendered, const TemplateOutput& options) {
  TextBuilder out;
  auto done = print_template_output(rendered, options, [&](const Text& piece) { out.append(piece); });
  if (!done) return std::move(done).error();
  return out.finish();
}

}  // namespace sluice::chart
