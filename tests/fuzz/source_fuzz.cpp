// Reads bytes as what chart repositories and registries say: an index, a version or a range, an address, a challenge, an image's name.

#include <string>

#include "server/net/url.hpp"
#include "server/source/chart_index.hpp"
#include "server/source/image.hpp"
#include "server/source/registry.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace sluice;
using fuzz::must;

void read_addresses(std::string_view text) {
  const auto base = net::parse_url("https://charts.example.org/stable/index.yaml");
  for (const auto& url : {net::parse_url(text), net::resolve_url(*base, text)}) {
    if (!url) continue;
    must(!url->host.empty() && url->target.starts_with('/'));
    must(fuzz::has_no_control(url->host + url->target) && (url->host + url->target).find(' ') == std::string::npos);
    const auto again = net::parse_url(url->origin() + url->target);
    must(again && *again == *url);
  }
  if (const auto name = source::parse_registry_name(text)) must(("/" + name->path + "/").find("/../") == std::string::npos);
  (void)source::parse_image_name(std::string(text));
  (void)source::parse_challenge(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto [first, rest] = fuzz::cut(text, "\n");
  read_addresses(first);
  const auto entries = source::read_index(rest, "web");
  if (!entries) return 0;
  std::vector<std::string> versions;
  for (const auto& entry : *entries) versions.push_back(entry.version);
  must(versions == source::sorted_versions(versions));
  for (const std::string& wanted : {std::string(first), std::string(">=0-0"), std::string()}) {
    const auto chosen = source::choose_version(versions, wanted, source::Devel::no);
    if (chosen) must(*chosen < versions.size());
  }
  return 0;
}
