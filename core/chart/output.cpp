// The texts that Helm makes of a rendered release; follows cmd/helm/template.go and action.renderResources.

#include <algorithm>

#include "core/chart/documents.hpp"
#include "core/chart/output.hpp"
#include "core/chart/path_glob.hpp"
#include "core/chart/runes.hpp"

namespace sluice::chart {

namespace {

constexpr std::string_view hidden = "# HIDDEN: The Secret output has been suppressed";

using Print = std::function<void(const Piece&)>;

Piece frame(std::string_view source, Text text) { return {.text = std::move(text), .source = source}; }
Piece header(std::string_view source) { return frame(source, Text("---\n# Source: " + std::string(source) + "\n")); }
Piece content(const Manifest& manifest) {
  return {.text = manifest.text, .source = manifest.source, .traced = manifest.traced.get(), .begin = manifest.traced_at};
}
Piece part(const Piece& piece, std::size_t from, std::size_t to) {
  Piece cut = piece;
  cut.text = piece.text.substr(from, to);
  cut.begin += from;
  return cut;
}

/// The pieces of the release's manifest in order: header, content, "\n", header ...
void walk_manifest(const Rendered& rendered, Crds crds, bool hide_secrets, const Print& print) {
  if (crds == Crds::include) {
    for (const CrdFile& crd : rendered.crds) {
      print(header(crd.source));
      print({.text = Text(*crd.data), .source = crd.source, .is_copied = true});
      print(frame(crd.source, Text("\n")));
    }
  }
  for (const Manifest& manifest : rendered.manifests) {
    const bool hides = hide_secrets && manifest.kind == "Secret" && manifest.api_version == "v1";
    print(header(manifest.source));
    print(hides ? frame(manifest.source, Text(hidden)) : content(manifest));
    print(frame(manifest.source, Text("\n")));
  }
}

/// Prints pieces as they come, but keeps back the white space that may turn out to be the end.
class EndTrimmer {
 public:
  explicit EndTrimmer(const Print& print) : print_(print) {}
  void add(const Piece& piece) {
    const std::size_t size = piece.text.size();
    const std::size_t kept = trim_right(piece.text).size();
    if (kept == 0) {
      held_.push_back(piece);
      return;
    }
    for (const Piece& blank : held_) print_(blank);
    held_.clear();
    print_(kept == size ? piece : part(piece, 0, kept));
    if (kept < size) held_.push_back(part(piece, kept, size));
  }

 private:
  const Print& print_;
  std::vector<Piece> held_;
};

void walk_all(const Rendered& rendered, const TemplateOutput& options, const Print& print) {
  EndTrimmer trimmed(print);
  walk_manifest(rendered, options.crds, options.hide_secrets, [&](const Piece& piece) { trimmed.add(piece); });
  print(frame({}, Text("\n")));
  if (options.no_hooks) return;
  for (const Hook& hook : rendered.hooks) {
    if (options.skip_tests && hook.has_event(HookEvent::test)) continue;
    print(header(hook.source));
    print(content(hook));
    print(frame(hook.source, Text("\n")));
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

/// The bytes from `begin` to `end` of all `pieces` together.
void print_range(const std::vector<Piece>& pieces, std::size_t begin, std::size_t end, const Print& print) {
  std::size_t at = 0;
  for (const Piece& piece : pieces) {
    const std::size_t size = piece.text.size();
    if (at + size > begin && at < end) print(part(piece, std::max(at, begin) - at, std::min(at + size, end) - at));
    at += size;
  }
}

Result<> walk_chosen(const Rendered& rendered, const TemplateOutput& options, const Print& print) {
  std::vector<Piece> pieces;
  std::string whole;
  walk_all(rendered, options, [&](const Piece& piece) {
    pieces.push_back(piece);
    whole += piece.text.view();
  });
  const auto documents = split_documents(whole, options.helm);
  std::vector<std::string_view> chosen;
  for (const std::string& pattern : options.show_only) {
    bool found = false;
    for (const std::string_view document : documents) {
      const std::string_view path = source_path(document);
      if (path.empty() || !match_path(pattern, path)) continue;
      found = true;
      chosen.push_back(document);
    }
    if (!found) return Error{Errc::not_found, "could not find template " + pattern + " in chart"};
  }
  for (const std::string_view document : chosen) {
    const auto begin = static_cast<std::size_t>(document.data() - whole.data());
    print(frame({}, Text("---\n")));
    print_range(pieces, begin, begin + document.size(), print);
    print(frame({}, Text("\n")));
  }
  return {};
}

}  // namespace

Result<> walk_output(const Rendered& rendered, const TemplateOutput& options, const Print& print) {
  if (!options.show_only.empty()) return walk_chosen(rendered, options, print);
  walk_all(rendered, options, print);
  return {};
}

Text release_manifest(const Rendered& rendered, Crds crds) {
  TextBuilder out;
  walk_manifest(rendered, crds, false, [&](const Piece& piece) { out.append(piece.text); });
  return out.finish();
}

Result<> print_template_output(const Rendered& rendered, const TemplateOutput& options, const std::function<void(const Text&)>& print) {
  return walk_output(rendered, options, [&](const Piece& piece) { print(piece.text); });
}

Result<Text> print_template_output(const Rendered& rendered, const TemplateOutput& options) {
  TextBuilder out;
  auto done = print_template_output(rendered, options, [&](const Text& piece) { out.append(piece); });
  if (!done) return std::move(done).error();
  return out.finish();
}

}  // namespace sluice::chart
