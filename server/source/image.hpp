#pragma once

#include <string>

#include "core/base/result.hpp"
#include "server/source/download.hpp"

namespace sluice::source {

/// An image's name taken apart as container runtimes do: "nginx" is docker.io/library/nginx:latest.
struct ImageName {
  std::string host;  ///< with its port; Docker Hub's API host for docker.io
  std::string path;  ///< "library/nginx"
  std::string tag;   ///< or "sha256:…"
};
/// Errors: invalid.
Result<ImageName> parse_image_name(const std::string& text);

/// Whether the image is in its registry now. Asks anonymously, or as `access` says; without TLS on loopback only. Blocks.
/// Errors: denied, unavailable, timeout; they name the registry.
Result<bool> image_exists(const std::string& image, const Access& access);

}  // namespace sluice::source
