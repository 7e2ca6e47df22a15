#include <gtest/gtest.h>

#include "core/helmfile/address.hpp"
#include "tests/core/helmfile/fixture.hpp"

namespace sluice::helmfile {
namespace {

/// A commit and a world that has fetched "git::x@PATH" to "far/PATH".
struct FarWorld : test::World {
  std::vector<std::string> fetched = {};

  Outside far() {
    Outside outside = test::World::outside();
    outside.fetch = [this](const std::string& address) -> Result<std::string> {
      fetched.push_back(address);
      const std::size_t at = address.rfind('@');
      if (!address.starts_with("git::x")) return Error{Errc::denied, "remote-denied: " + address};
      return "far/" + address.substr(at + 1);
    };
    return outside;
  }
  /// "ns/web=YAML" of each release, or the error.
  std::string releases() {
    auto loaded = load({}, far());
    if (!loaded) return std::string(to_string(loaded.error().code)) + ": " + loaded.error().what;
    std::string text;
    for (const State& state : loaded->states) {
      for (const Release& release : state.releases) {
        auto values = values_of(state, release, far());
        if (!values) return std::string(to_string(values.error().code)) + ": " + values.error().what;
        auto merged = merge_values(*values, [](std::string_view) { return Result<std::string>(""); });
        text += state.folder + " " + release.chart.path + "\n" + write_yaml(*merged).str();
      }
    }
    return text;
  }
};

TEST(RemoteFiles, AreBasesValuesAndHelmfilesThatLookAroundWhereTheyAre) {
  FarWorld world;
  world.tree = {{"helmfile.yaml.gotmpl",
                 "bases: [git::x@base.yaml]\n---\nenvironments: {default: {values: [git::x@env.yaml]}}\n---\n"
                 "helmfiles: [git::x@sub/helmfile.yaml]\nreleases:\n- {name: web, namespace: ns, chart: ./web, timeout: {{ .Values.seconds }}, "
                 "values: [git::x@web.yaml.gotmpl]}\n"},
                {"far/base.yaml", "helmDefaults: {wait: true}\n"},
                {"far/env.yaml", "seconds: 5\n"},
                {"far/web.yaml.gotmpl", "name: {{ .Release.Name }}\nbeside: {{ readFile \"note.txt\" }}\n"},
                {"far/note.txt", "here"},
                {"far/sub/helmfile.yaml", "releases:\n- {name: db, namespace: ns, chart: ./db, values: [db.yaml]}\n"},
                {"far/sub/db.yaml", "size: 1\n"}};
  EXPECT_EQ(world.releases(), "far/sub far/sub/db\nsize: 1.0\n. web\nbeside: here\nname: web\n");
  EXPECT_EQ(world.fetched, (std::vector<std::string>{"git::x@base.yaml", "git::x@env.yaml", "git::x@sub/helmfile.yaml", "git::x@web.yaml.gotmpl"}));
}

TEST(RemoteFiles, ThatAreNotThereOrNotAllowedAreNamed) {
  FarWorld world;
  const auto with = [&world](const std::string& text) {
    world.tree = {{"helmfile.yaml", text}};
    return world.releases();
  };
  EXPECT_EQ(with("releases:\n- {name: web, chart: ./web, values: [git::x@no.yaml]}\n"),
            "not_found: release \"web\": values file \"git::x@no.yaml\": there is no such file");
  EXPECT_EQ(with("releases:\n- {name: web, chart: ./web, values: ['https://h/x.yaml']}\n"),
            "denied: release \"web\": values file: remote-denied: https://h/x.yaml");
  EXPECT_EQ(with("bases: ['https://h/x.yaml']\n"), "denied: in helmfile.yaml: base of helmfile.yaml: remote-denied: https://h/x.yaml");
  EXPECT_EQ(with("helmfiles: ['https://h/x.yaml']\n"), "denied: in helmfile.yaml: helmfiles[0]: remote-denied: https://h/x.yaml");
}

TEST(RemoteFiles, AreRefusedWhereNothingIsFetched) {
  test::World world{{{"helmfile.yaml", "bases: ['git::x@b.yaml']\n"}}};
  EXPECT_EQ(world.order(),
            "unsupported: in helmfile.yaml: base of helmfile.yaml: \"git::x@b.yaml\": files from other addresses are not read here; put it into "
            "the repository");
}

TEST(GitAddress, IsARepositoryAPathAndARef) {
  auto address = parse_git_address("git::ssh://git@host/x.git@a/./b.yaml?depth=1&ref=v1");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->url + " " + address->path + " " + address->ref, "ssh://git@host/x.git a/b.yaml v1");
  EXPECT_EQ(parse_git_address("git::https://host/x.git@a").error().what,
            "add ?ref= with a tag or a commit, so that it is known what is deployed");
  EXPECT_EQ(parse_git_address("git::https://host/x.git?ref=a").error().what, "expected git::https://host/repository.git@path?ref=name");
}

}  // namespace
}  // namespace sluice::helmfile
