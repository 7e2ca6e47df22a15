#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "server/config/config.hpp"
#include "server/source/git.hpp"

namespace sluice::worker {

/// Which commit a deployment is about, and its files.
struct Checkout {
  std::string sha;
  std::string title;  ///< first line of its message
  std::shared_ptr<source::CommitTree> tree;
};

struct CheckoutRequest {
  std::string ref;      ///< "refs/heads/main", a branch, a tag, or a full commit id
  std::string commit;   ///< empty: whatever `ref` points to now
  bool must_be_head = false;  ///< an automatic trigger: a commit that is no longer the head of `ref` is stale
};

/// What planning learns about a commit that is no longer the head of its branch.
struct Stale {
  bool happened = false;
  std::string head;  ///< where the branch is now; empty: it is gone
};

/// The mirror of a repository below `data_dir`. Errors: whatever reading its credentials says.
Result<source::GitMirror> open_mirror(const std::filesystem::path& data_dir, const config::Repository& repository);

/// Asks the remote for the head, brings the commit here and opens it. Blocks for as long as git takes.
///
/// `stale.happened` is set, and the Error is `conflict`, when the commit must be the head and is not (the head decides, not the order
/// in which deliveries arrived).
Result<Checkout> check_out(source::GitMirror& mirror, const CheckoutRequest& request, Stale& stale);

}  // namespace sluice::worker
