#include "core/chart/metadata.hpp"

#include <gtest/gtest.h>

#include "core/chart/chart.hpp"
#include "core/value/json.hpp"

namespace sluice::chart {
namespace {

constexpr std::string_view head = "apiVersion: v2\nname: c\nversion: 1.0.0\n";

std::string load_error(std::string_view more, std::string_view start = head) {
  const auto loaded = load_chart({{"Chart.yaml", std::string(start) + std::string(more)}});
  return loaded ? "" : loaded.error().what;
}

std::string mismatch(std::string_view what) {
  return "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal " + std::string(what);
}

// The texts are those of helm 3.17.3.
TEST(ChartYaml, NamesWhatHasTheWrongType) {
  EXPECT_EQ(load_error("keywords: abc\n"), mismatch("string into Go struct field Metadata.keywords of type []string"));
  EXPECT_EQ(load_error("keywords: [1, [2]]\n"), mismatch("array into Go struct field Metadata.keywords of type string"));
  EXPECT_EQ(load_error("maintainers: 5\n"),
            mismatch("number into Go struct field Metadata.maintainers of type []*chart.Maintainer"));
  EXPECT_EQ(load_error("maintainers: [5]\n"),
            mismatch("number into Go struct field Metadata.maintainers of type chart.Maintainer"));
  EXPECT_EQ(load_error("maintainers: [{name: [1]}]\n"),
            mismatch("array into Go struct field Maintainer.maintainers.name of type string"));
  EXPECT_EQ(load_error("dependencies: [{name: a, tags: x}]\n"),
            mismatch("string into Go struct field Dependency.dependencies.tags of type []string"));
  EXPECT_EQ(load_error("dependencies: [{name: a, enabled: 3}]\n"),
            mismatch("number into Go struct field Dependency.dependencies.enabled of type bool"));
  EXPECT_EQ(load_error("dependencies: [{name: a, import-values: 3}]\n"),
            mismatch("number into Go struct field Dependency.dependencies.import-values of type []interface {}"));
  EXPECT_EQ(load_error("annotations: {a: [1]}\n"), mismatch("array into Go struct field Metadata.annotations of type string"));
  EXPECT_EQ(load_error("annotations: [1]\n"),
            mismatch("array into Go struct field Metadata.annotations of type map[string]string"));
  EXPECT_EQ(load_error("deprecated: abc\n"), mismatch("string into Go struct field Metadata.deprecated of type bool"));
  EXPECT_EQ(load_error("description: [1]\nkeywords: 3\n"),
            mismatch("array into Go struct field Metadata.description of type string"));
  EXPECT_EQ(load_error("Keywords: abc\n"), mismatch("string into Go struct field Metadata.keywords of type []string"));
  EXPECT_EQ(load_error("5\n", ""), mismatch("number into Go value of type chart.Metadata"));
}

TEST(ChartYaml, MustNameAndVersionTheChart) {
  EXPECT_EQ(load_error("", ""), "validation: chart.metadata.name is required");
  EXPECT_EQ(load_error("", "name: a/b\nversion: 1.0.0\n"), "validation: chart.metadata.name \"a/b\" is invalid");
  EXPECT_EQ(load_error("", "name: ..\nversion: 1.0.0\n"), "validation: chart.metadata.name \"..\" is not allowed");
  EXPECT_EQ(load_error("", "name: a\n"), "validation: chart.metadata.version is required");
  EXPECT_EQ(load_error("", "name: a\nversion: 1.2.3.4\n"), "validation: chart.metadata.version \"1.2.3.4\" is invalid");
  EXPECT_EQ(load_error("type: Library\n"), "validation: chart.metadata.type must be application or library");
  EXPECT_EQ(load_error("maintainers: [null]\n"), "validation: maintainers must not contain empty or null nodes");
  EXPECT_EQ(load_error("dependencies: [null]\n"), "validation: dependencies must not contain empty or null nodes");
  EXPECT_EQ(load_error("dependencies: [{name: a, alias: b c}]\n"),
            "validation: dependency \"a\" has disallowed characters in the alias");
  EXPECT_EQ(load_error("dependencies: [{name: a}, {name: b, alias: a}]\n"),
            "validation: more than one dependency with name or alias \"a\"");
}

TEST(ChartYaml, ReadsScalarsAsTextsWithGosPrecision) {
  Metadata metadata;
  ASSERT_TRUE(read_metadata("name: on\nversion: 1\nappVersion: 1.10\nicon: 1234567.5\nhome: 12345678\nannotations: {a: true}\n",
                            metadata));
  EXPECT_EQ(
      to_json(to_plain(metadata))->str(),
      R"({"annotations":{"a":"true"},"appVersion":"1.1","home":"12345678","icon":"1.2345675e+06","name":"true","version":"1"})");
}

TEST(ChartYaml, IsCleanedOfWhatCannotBePrinted) {
  Metadata metadata;
  metadata.name =
      "a\tb\x01"
      "c";
  metadata.version = "1.0.0";
  metadata.description = "x\u2028y";
  metadata.api_version = "v2";
  ASSERT_TRUE(validate(metadata));
  EXPECT_EQ(metadata.name, "a bc");
  EXPECT_EQ(metadata.description, "x y");
}

TEST(Load, PutsEachFileInItsPlace) {
  const auto chart = load_chart({{"Chart.yaml", std::string(head)},
                                 {"values.yaml",
                                  "\xEF\xBB\xBF"
                                  "a: 1"},
                                 {"templates/b.yaml", "x"},
                                 {"templates/.hidden", "x"},
                                 {"crds/c.yaml", "x"},
                                 {"charts/sub/Chart.yaml", "name: s\nversion: 1.0.0"},
                                 {"charts/_ignored/x", "x"},
                                 {"README.md", "x"}});
  ASSERT_TRUE(chart) << chart.error().what;
  EXPECT_EQ(to_json((*chart)->values)->str(), R"({"a":1})");
  ASSERT_EQ((*chart)->templates.size(), 1U);
  EXPECT_EQ((*chart)->templates[0].name, "templates/b.yaml");
  ASSERT_EQ((*chart)->files.size(), 2U);
  EXPECT_EQ((*chart)->files[0].name, "README.md");
  ASSERT_EQ((*chart)->dependencies.size(), 1U);
  EXPECT_EQ((*chart)->dependencies[0]->metadata.api_version, "v1");
}

TEST(Load, WalksFoldersBeforeTheirLongerNeighbours) {
  const auto chart = load_chart({{"Chart.yaml", std::string(head)}, {"a-b/x", ""}, {"a/x", ""}, {"a.txt", ""}});
  ASSERT_TRUE(chart);
  std::string names;
  for (const File& file : (*chart)->files) names += file.name + " ";
  EXPECT_EQ(names, "a/x a-b/x a.txt ");
}

TEST(Load, NamesTheSubchartThatIsBroken) {
  EXPECT_EQ(load_chart({{"Chart.yaml", std::string(head)}, {"charts/README.md", "x"}}).error().what,
            "error unpacking subchart README.md in c: Chart.yaml file is missing");
  EXPECT_EQ(load_chart({{"README.md", ""}}).error().what, "Chart.yaml file is missing");
  EXPECT_EQ(
      load_chart({{"Chart.yaml", std::string(head)}, {"values.yaml", "- 1"}}).error().what,
      "cannot load values.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type "
      "map[string]interface {}");
}

TEST(Load, KeepsRequirementsOfOldChartsAmongTheirFiles) {
  const auto chart =
      load_chart({{"Chart.yaml", "name: c\nversion: 1.0.0"}, {"requirements.yaml", "dependencies: [{name: x, version: 1.x}]"}});
  ASSERT_TRUE(chart);
  EXPECT_EQ((*chart)->metadata.dependencies.at(0)->version, "1.x");
  EXPECT_EQ((*chart)->files.size(), 1U);
  EXPECT_TRUE((*chart)->notes.empty());
}

TEST(Load, KnowsItsLimits) {
  EXPECT_EQ(load_chart({{"Chart.yaml", std::string(head)}, {"big/file", std::string(100, 'x')}}, HelmVersion::v3, {.file = 99})
                .error()
                .what,
            "chart file \"file\" is larger than the maximum file size 99");
  EXPECT_EQ(load_chart({{"Chart.yaml", std::string(head)}, {"a", ""}}, HelmVersion::v3, {.files = 1}).error().what,
            "chart is larger than 104857600 bytes or 1 files");
}

}  // namespace
}  // namespace sluice::chart
