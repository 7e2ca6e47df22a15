#include "core/helmfile/lock.hpp"

#include <gtest/gtest.h>

namespace sluice::helmfile {
namespace {

TEST(Lock, IsWrittenSortedAndReadBack) {
  const Lock lock{.charts = {{"redis", "https://b", "21.2.9"}, {"cert-manager", "https://a", "v1.11.0"}},
                  .digest = "sha256:00",
                  .generated = "2026-01-01T00:00:00Z"};
  const std::string text =
      "version: 1.0.0\ndependencies:\n- name: cert-manager\n  repository: https://a\n  version: v1.11.0\n- name: redis\n  "
      "repository: "
      "https://b\n  version: 21.2.9\ndigest: sha256:00\ngenerated: '2026-01-01T00:00:00Z'\n";
  EXPECT_EQ(write_lock(lock), text);
  EXPECT_EQ(parse_lock(text, "helmfile.lock")->charts, (std::vector<LockedChart>{lock.charts[1], lock.charts[0]}));
}

TEST(Lock, GivesTheFirstVersionThatTheRangeAdmits) {
  const Lock lock{.charts = {{"a", "", "1.0.0"}, {"a", "", "2.0.0"}, {"b", "", "1.0.0-rc.1"}}};
  EXPECT_EQ(*locked_version(lock, "a", ""), "1.0.0");
  EXPECT_EQ(*locked_version(lock, "a", ">1"), "2.0.0");
  EXPECT_EQ(locked_version(lock, "b", "").error().code, Errc::not_found);
  EXPECT_EQ(locked_version(lock, "c", "").error().what,
            "no resolved dependency found for \"c\", running \"sluice deps\" may resolve the issue");
}

TEST(Lock, HasItsNameFromTheStateFile) {
  EXPECT_EQ(lock_file_name("d/helmfile.yaml.gotmpl"), "helmfile.lock");
  EXPECT_EQ(lock_file_name("apps.yml"), "apps.lock");
}

TEST(Lock, MustBeOne) {
  EXPECT_EQ(parse_lock("- a\n", "x.lock").error().what, "lock file x.lock: must be a map");
  EXPECT_EQ(parse_lock("dependencies:\n- {name: a}\n", "x.lock").error().what,
            "lock file x.lock: every entry of dependencies needs a name and a version");
}

}  // namespace
}  // namespace sluice::helmfile
