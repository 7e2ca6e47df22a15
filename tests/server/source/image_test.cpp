#include "server/source/image.hpp"

#include <gtest/gtest.h>

namespace sluice::source {
namespace {

std::string parts(const std::string& text) {
  const auto name = parse_image_name(text);
  return name ? name->host + " " + name->path + " " + name->tag : name.error().what;
}

TEST(ImageName, IsReadAsContainerRuntimesDo) {
  EXPECT_EQ(parts("nginx"), "registry-1.docker.io library/nginx latest");
  EXPECT_EQ(parts("ann/web:1.2"), "registry-1.docker.io ann/web 1.2");
  EXPECT_EQ(parts("registry.example/frontend:0123abc"), "registry.example frontend 0123abc");
  EXPECT_EQ(parts("localhost:5000/a/b"), "localhost:5000 a/b latest");
  EXPECT_EQ(parts("ghcr.io/a/b:v1@sha256:00ff"), "ghcr.io a/b sha256:00ff");
}

TEST(ImageName, RefusesWhatIsNone) {
  EXPECT_EQ(parts("registry.example/Front end:1"), "\"registry.example/Front end:1\" is no name of an image: expected [registry/]name[:tag]");
  EXPECT_EQ(parts("a/b:x y"), "\"a/b:x y\" is no name of an image: expected [registry/]name[:tag]");
}

}  // namespace
}  // namespace sluice::source
