#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/kustomize/resource.hpp"

namespace sluice::kustomize {

/// What is to become of the images of a name: `imageTag` of an ImageTagTransformer.
struct ImageChange {
  std::string name = {};  ///< a regular expression, as it happens
  std::string new_name = {}, new_tag = {}, tag_suffix = {}, digest = {};
};

/// The image after the change; itself if it has another name.
/// Errors: invalid, for a name that is no regular expression.
Result<Text> changed_image(const Text& image, const ImageChange& change);

}  // namespace sluice::kustomize
