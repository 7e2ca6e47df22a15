// Runs the conformance cases: templates with the exact results of the real Helm. They are not part of this repository; where they
// are is said by SLUICE_TEMPLATE_CASES, else they are looked for beside it.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>

#include "core/base/digest.hpp"
#include "core/chart/chart.hpp"
#include "core/chart/manifests.hpp"
#include "core/chart/values.hpp"
#include "core/functions/outside.hpp"
#include "core/value/text.hpp"
#include "core/value/yaml.hpp"
#include "tests/core/functions/still_world.hpp"

namespace sluice {
namespace {

std::filesystem::path cases_file() {
  if (const char* given = std::getenv("SLUICE_TEMPLATE_CASES")) return given;
  return std::filesystem::path(SLUICE_SOURCE_DIR) / "../shared/spec/template-cases.yaml";
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string text_at(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  return value ? std::string(value->str()) : std::string();
}

/// Without a cluster or DNS, but with the zones of this machine.
functions::Outside world_of_cases() {
  functions::Outside outside = functions::still_world();
  outside.lookup = nullptr;
  outside.host_by_name = nullptr;
  outside.zone_file = [](std::string_view zone) -> Result<std::string> {
    return read_file(std::filesystem::path("/usr/share/zoneinfo") / zone);
  };
  return outside;
}

std::string render_case(const Value& test, chart::HelmVersion helm) {
  std::vector<chart::File> files{{"Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\nappVersion: 1.2.3\n"}};
  if (test.find("values")) files.push_back({"values.yaml", text_at(test, "values")});
  files.push_back({"templates/t.yaml", text_at(test, "template")});
  if (const Value* extra = test.find("files"))
    for (const auto& [name, text] : *extra->map()) files.push_back({name.str(), std::string(text.str())});
  auto chart = chart::load_files(std::move(files), helm);
  if (!chart) return "error: " + chart.error().what;

  const functions::Outside outside = world_of_cases();
  chart::RenderRequest request;
  request.release = "r";
  request.namespace_ = "ns";
  request.helm = helm;
  request.outside = &outside;
  request.values = Value::new_map();
  if (const Value* sets = test.find("set"))
    for (const Value& set : sets->items())
      if (auto applied = chart::apply_set(chart::SetFlag::set, set.str(), request.values, nullptr, helm); !applied)
        return "error: " + applied.error().what;
  if (const Value* lint = test.find("lint"); lint && lint->as_bool()) request.linting = chart::Linting::yes;
  if (const Value* strict = test.find("strict"); strict && strict->as_bool()) request.strict = true;
  auto rendered = chart::render_files(**chart, request);
  if (!rendered) return "error: " + rendered.error().what;
  for (const auto& file : *rendered)
    if (file.name == "c/templates/t.yaml") return "output: " + file.text.str();
  return "nothing was rendered";
}

std::string expected_result(const Value& test, chart::HelmVersion helm) {
  const Value* newer = test.find("helm4");
  const Value& source = helm == chart::HelmVersion::v4 && newer ? *newer : test;
  if (source.find("error")) return "error: " + text_at(source, "error");
  if (source.find("output_b64")) return "output: " + from_base64(text_at(source, "output_b64")).value_or("");
  return "output: " + text_at(source, "output");
}

/// How Helm 4 loads values and describes its capabilities was left out when the cases were made: what they say is Helm 3's.
bool is_of_helm3_only(std::string_view name) {
  if (name.starts_with("caps/")) return true;
  const std::string_view about_loading[] = {"values/multi-doc", "values/bad-yaml", "values/list-top", "values/scalar-top"};
  return std::find(std::begin(about_loading), std::end(about_loading), name) != std::end(about_loading);
}

void run_all(chart::HelmVersion helm) {
  const auto path = cases_file();
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "NOT COMPARED: the conformance cases are not here: " << path;
  YamlOptions options;
  options.max_nodes = 5'000'000;
  auto cases = read_yaml(read_file(path), options);
  ASSERT_TRUE(cases) << cases.error().what;
  const char* only = std::getenv("SLUICE_TEMPLATE_CASE");
  int passed = 0;
  std::vector<std::string> failures;
  for (const Value& test : cases->items()) {
    const std::string name = text_at(test, "name");
    if (only && name.find(only) == std::string::npos) continue;
    if (helm == chart::HelmVersion::v4 && is_of_helm3_only(name)) continue;
    const std::string expected = expected_result(test, helm), actual = render_case(test, helm);
    if (actual == expected) {
      ++passed;
    } else {
      failures.push_back(name + "\n  template: " + sluice::quoted(text_at(test, "template")) + "\n  expected " + sluice::quoted(expected) +
                         "\n  actual   " + sluice::quoted(actual));
    }
  }
  std::cout << passed << " passed, " << failures.size() << " failed\n";
  const char* shown = std::getenv("SLUICE_SHOWN_FAILURES");
  const std::size_t most = shown ? std::strtoul(shown, nullptr, 10) : 20;
  for (std::size_t i = 0; i < failures.size() && i < most; ++i) std::cout << failures[i] << '\n';
  EXPECT_TRUE(failures.empty());
  EXPECT_GT(passed, 0);
}

TEST(Conformance, EveryCaseGivesWhatHelm3Gives) { run_all(chart::HelmVersion::v3); }
TEST(Conformance, EveryCaseGivesWhatHelm4Gives) { run_all(chart::HelmVersion::v4); }

}  // namespace
}  // namespace sluice
