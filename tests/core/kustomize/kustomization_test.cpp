#include "core/kustomize/kustomization.hpp"

#include <gtest/gtest.h>

#include <map>

#include "core/kustomize/kustomize.hpp"
#include "core/value/yaml.hpp"

namespace sluice::kustomize {
namespace {

/// What the kustomization in the folder `app` of these files makes, or the error.
std::string built(const std::map<std::string, std::string>& files) {
  Folders folders;
  folders.read = [&](const std::string& path) -> Result<std::string> {
    const auto file = files.find(path);
    if (file == files.end()) return Error{Errc::not_found, "no file " + path};
    return file->second;
  };
  folders.is_folder = [&](const std::string& path) {
    const auto inside = files.lower_bound(path + "/");
    return inside != files.end() && inside->first.starts_with(path + "/");
  };
  folders.join = [](const std::string& folder, const std::string& path) {
    if (path == ".") return folder;
    return path.starts_with("../") ? path.substr(3) : folder + "/" + path;
  };
  const auto overlay = read_yaml("resources: [.]\n");
  const auto objects = build_kustomization(*overlay, "app", folders);
  if (!objects) return objects.error().what;
  std::string all;
  for (const Text& object : *objects) all += (all.empty() ? "" : "---\n") + object.str();
  return all;
}

const std::string map_yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

TEST(Kustomization, BuildsOnFoldersBesideIt) {
  EXPECT_EQ(built({{"app/kustomization.yaml", "namePrefix: x-\nresources: [../base]\n"},
                   {"base/kustomization.yaml", "resources: [map.yaml]\n"},
                   {"base/map.yaml", map_yaml}}),
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x-a\n");
}

TEST(Kustomization, RefusesFieldsByTheirNameAndOtherAddresses) {
  EXPECT_EQ(built({{"app/kustomization.yaml", "helmCharts: [{name: x}]\n"}}),
            "app: `helmCharts` of a kustomization is not supported");
  EXPECT_EQ(built({{"app/kustomization.yaml", "resorces: []\n"}}), "app: unknown field \"resorces\" in a kustomization");
  EXPECT_EQ(built({{"app/kustomization.yaml", "resources: ['https://example.org/x']\n"}}),
            "app: resource \"https://example.org/x\": only files and folders of the repository are supported");
  EXPECT_EQ(built({{"app/kustomization.yaml", "configMapGenerator: [{name: a, behavior: merge}]\n"}}),
            "app: generating ConfigMap \"a\": `behavior: merge` is not supported");
}

TEST(Kustomization, EndsWhereItGoesInCircles) {
  EXPECT_EQ(built({{"app/kustomization.yaml", "resources: [../app]\n"}}), "app: kustomizations nest more than 16 deep");
}

}  // namespace
}  // namespace sluice::kustomize
