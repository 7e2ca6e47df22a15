#include "server/worker/checkout.hpp"

#include "core/base/digest.hpp"

namespace sluice::worker {

Result<source::GitMirror> open_mirror(const std::filesystem::path& data_dir, const config::Repository& repository) {
  source::Remote remote;
  remote.url = repository.url;
  if (repository.token) {
    auto token = read_credential(*repository.token);
    if (!token) return std::move(token).error().during(repository.name + ": token");
    remote.token = std::move(*token);
  }
  if (!repository.user.empty()) remote.user = repository.user;
  remote.certificate_authority = repository.certificate_authority;
  if (repository.ssh_key) {
    // git's ssh reads the file itself; that it is there, and for us alone, is better said here
    if (auto key = read_credential(*repository.ssh_key); !key) return std::move(key).error().during(repository.name + ": ssh.key");
    auto path = credential_path(*repository.ssh_key);
    if (!path) return std::move(path).error().during(repository.name + ": ssh.key");
    remote.ssh_key_file = std::move(*path);
  }
  remote.known_hosts_file = repository.known_hosts;
  // One folder a URL: a repository that moves gets a new mirror.
  const std::string folder = to_hex(sha256(repository.url)).substr(0, 24);
  return source::GitMirror(data_dir / "git" / folder, std::move(remote));
}

static Result<std::string> wanted_commit(source::GitMirror& mirror, const CheckoutRequest& request, Stale& stale) {
  if (!request.must_be_head && !request.commit.empty()) return request.commit;
  if (request.commit.empty() && source::is_commit_sha(request.ref)) return request.ref;
  auto head = mirror.head_of(request.ref);
  if (request.commit.empty() || (!head && head.error().code != Errc::not_found)) return head;
  if (head && *head == request.commit) return request.commit;
  stale.happened = true;
  stale.head = head ? *head : std::string();
  return Error{Errc::conflict, head ? request.ref + " has moved on to " + head->substr(0, 12) : request.ref + " is gone"};
}

Result<Checkout> check_out(source::GitMirror& mirror, const CheckoutRequest& request, Stale& stale) {
  auto sha = wanted_commit(mirror, request, stale);
  if (!sha) return std::move(sha).error();
  if (auto fetched = mirror.fetch(*sha); !fetched) return std::move(fetched).error();
  auto info = mirror.info(*sha);
  if (!info) return std::move(info).error();
  auto tree = mirror.open(*sha);
  if (!tree) return std::move(tree).error();
  return Checkout{std::move(*sha), std::move(info->subject), std::move(*tree)};
}

}  // namespace sluice::worker
