#include "server/source/image.hpp"

#include <algorithm>

#include "server/source/registry.hpp"

namespace sluice::source {

static bool is_loopback(const std::string& host) {
  const std::string bare = host.substr(0, host.find(':'));
  return bare == "localhost" || bare.starts_with("127.");
}

Result<ImageName> parse_image_name(const std::string& text) {
  const Error wrong{Errc::invalid, "\"" + text + "\" is no name of an image: expected [registry/]name[:tag]"};
  ImageName name;
  std::string rest = text;
  const auto slash = rest.find('/');
  const std::string first = rest.substr(0, slash);
  const bool has_host = slash != std::string::npos && (first.find_first_of(".:") != std::string::npos || first == "localhost");
  name.host = has_host ? first : "docker.io";
  if (has_host) rest = rest.substr(slash + 1);
  if (const auto digest = rest.find('@'); digest != std::string::npos) {
    name.tag = rest.substr(digest + 1);
    rest = rest.substr(0, digest);
  }
  const auto colon = rest.find(':', rest.rfind('/') == std::string::npos ? 0 : rest.rfind('/'));
  if (colon != std::string::npos) {
    if (name.tag.empty()) name.tag = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
  }
  if (name.tag.empty()) name.tag = "latest";
  if (name.host == "docker.io" && rest.find('/') == std::string::npos) rest = "library/" + rest;
  constexpr std::string_view tag_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:";
  if (name.tag.find_first_not_of(tag_letters) != std::string::npos) return wrong;
  auto checked = parse_registry_name("oci://" + name.host + "/" + rest);
  if (!checked) return wrong;
  name.host = checked->host;
  name.path = checked->path;
  return name;
}

Result<bool> image_exists(const std::string& image, const Access& access) {
  auto name = parse_image_name(image);
  if (!name) return std::move(name).error();
  DownloadRules rules;
  rules.time = std::chrono::seconds(20);
  rules.max_bytes = 4u << 20;
  const std::string origin = (is_loopback(name->host) ? "http://" : "https://") + name->host;
  rules.may_speak_plainly = [host = name->host](const std::string&) { return is_loopback(host); };
  Downloader downloader(rules);
  Registry registry(downloader, access, origin, RegistryName{name->host, name->path});
  auto there = registry.has(name->tag);
  if (!there) return std::move(there).error().during("asking for image " + image);
  return there;
}

}  // namespace sluice::source
