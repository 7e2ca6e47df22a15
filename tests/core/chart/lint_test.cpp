// `sluice lint`, against what helm 3.17.3 prints.

#include "core/chart/lint.hpp"

#include <gtest/gtest.h>

namespace sluice::chart {
namespace {

const Tree good = {
    {"Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\nicon: https://example.org/web.svg\n"},
    {"values.yaml", "{}\n"},
    {"templates/web.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"},
};

struct Found {
  std::vector<std::string> messages, warnings;
};

Found found(Tree files, const Value& values = {}) {
  RenderLog log;
  Found all;
  for (const LintMessage& message : lint(files, {.folder = "/charts/web", .values = values, .log = &log})) all.messages.push_back(to_string(message));
  all.warnings = log.warnings;
  return all;
}

using Lines = std::vector<std::string>;

TEST(Lint, HasNothingToSayOfAGoodChart) { EXPECT_EQ(found(good).messages, Lines()); }

TEST(Lint, WantsUrlsThatCanBeAskedFor) {
  const auto with_icon = [](const std::string& icon) {
    Tree files = good;
    files["Chart.yaml"] = "apiVersion: v2\nname: web\nversion: 0.1.0\nicon: '" + icon + "'\n";
    return found(files).messages;
  };
  for (const char* icon : {"https://${NAME}.org/icon", "icon.svg", "https://a b.org/x", "http://[::1/x", "http://a:b/", "http://x/%zz"})
    EXPECT_EQ(with_icon(icon), Lines{"[ERROR] Chart.yaml: invalid icon URL '" + std::string(icon) + "'"});
  for (const char* icon : {"data:image/png;base64,AA==", "https://a.org/${NAME} x", "file:///x"}) EXPECT_EQ(with_icon(icon), Lines());
}

TEST(Lint, TellsApartWhatIsMissingAndWhatIsEmpty) {
  Tree files = good;
  files["templates/web.yaml"] =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata:\n  a: '{{ required \"A\" .Values.none }}'\n"
      "  b: '{{ required \"B\" \"\" }}'\n  c: '{{ fail \"C\\n\" }}'\n";
  const Found all = found(files);
  EXPECT_EQ(all.messages, Lines());
  EXPECT_EQ(all.warnings, (Lines{"engine.go:206: [INFO] Missing required value: A", "engine.go:214: [INFO] Missing required value: B",
                                 "engine.go:227: [INFO] Fail: C"}));
}

}  // namespace
}  // namespace sluice::chart
