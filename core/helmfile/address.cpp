#include "core/helmfile/address.hpp"

#include <algorithm>

#include "core/helmfile/paths.hpp"

namespace sluice::helmfile {

Result<GitAddress> parse_git_address(std::string_view address) {
  std::string rest(address.substr(std::min(std::string_view("git::").size(), address.size())));
  const std::size_t question = rest.find('?');
  const std::string query = question == std::string::npos ? "" : rest.substr(question + 1);
  rest.resize(std::min(question, rest.size()));
  const std::size_t scheme = rest.find("://");
  const std::size_t path = scheme == std::string::npos ? scheme : rest.find('/', scheme + 3);
  const std::size_t at = rest.rfind('@');
  if (path == std::string::npos || at == std::string::npos || at < path) {
    return Error{Errc::invalid, "expected git::https://host/repository.git@path?ref=name"};
  }
  GitAddress git{rest.substr(0, at), clean_path(rest.substr(at + 1)), {}};
  for (std::size_t begin = 0; begin < query.size();) {
    const std::size_t end = std::min(query.find('&', begin), query.size());
    const std::string item = query.substr(begin, end - begin);
    if (item.starts_with("ref=")) git.ref = item.substr(4);
    begin = end + 1;
  }
  if (git.ref.empty()) return Error{Errc::invalid, "add ?ref= with a tag or a commit, so that it is known what is deployed"};
  return git;
}

}  // namespace sluice::helmfile
