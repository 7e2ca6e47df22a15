#include "core/kustomize/images.hpp"

#include <algorithm>

#include "core/functions/regex.hpp"

namespace sluice::kustomize {

namespace {

struct Image {
  std::string name, tag, digest;
};

/// "host:5000/app:1.2@sha256:abc": a colon before the first slash is a port.
Image split(const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::size_t from = slash == std::string::npos ? 0 : slash;
  const std::size_t at = text.find('@', from);
  std::size_t colon = text.find(':', from);
  if (at != std::string::npos && colon != std::string::npos && at < colon) colon = std::string::npos;
  Image image{text.substr(0, std::min(colon, at)), {}, {}};
  if (colon != std::string::npos) image.tag = text.substr(colon + 1, at == std::string::npos ? at : at - colon - 1);
  if (at != std::string::npos) image.digest = text.substr(at + 1);
  return image;
}

}  // namespace

Result<Text> changed_image(const Text& image, const ImageChange& change) {
  auto pattern = functions::Regex::compile("^" + change.name + "(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$");
  if (!pattern) return std::move(pattern).error().during("`imageTag.name`");
  auto matches = pattern->matches(image.view());
  if (!matches) return std::move(matches).error();
  if (!*matches) return image;
  Image parts = split(image.str());
  if (!change.new_name.empty()) parts.name = change.new_name;
  if (!change.new_tag.empty() || !change.digest.empty()) {
    parts.tag = change.new_tag;
    parts.digest = change.digest;
  } else if (!change.tag_suffix.empty()) {
    parts.tag += change.tag_suffix;
    parts.digest.clear();
  }
  std::string text = parts.name;
  if (!parts.tag.empty()) text += ":" + parts.tag;
  if (!parts.digest.empty()) text += "@" + parts.digest;
  return image.has_marks() ? Text::secret(text) : Text(text);
}

}  // namespace sluice::kustomize
