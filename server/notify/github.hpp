#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/base/secret.hpp"
#include "server/net/client.hpp"
#include "server/store/records.hpp"

namespace sluice::notify {

// What GitHub is told of a deployment: a status of its commit ("sluice/prod"), and a deployment with statuses of its own.
// Follows: GitHub's REST API, version 2022-11-28.

/// What is kept until it is sent, as JSON {id, repository, environment, commit, plan, status, deployment, description, url}: nothing
/// for a state that changes nothing there, or without a full commit.
std::optional<std::string> github_body(const store::Deployment& one, store::State state, const std::string& reason, const std::string& public_url);

/// The requests that a body gives, for `api` ("https://api.github.com"). Errors: invalid, for a body that is not ours.
class GithubRequests {
 public:
  static Result<GithubRequests> of(const std::string& body, std::string api, const Secret& token);

  net::Request commit_status() const;
  /// The deployments of this commit in this environment, among which an earlier try of ours may be.
  net::Request deployments() const;
  /// The id of ours in the answer to `deployments()`; empty if there is none. Errors: invalid, for an answer that is none.
  Result<std::string> find_ours(const std::string& answer) const;
  net::Request create_deployment() const;
  /// Errors: invalid.
  static Result<std::string> id_of(const std::string& answer);
  net::Request deployment_status(const std::string& id) const;

 private:
  net::Request request(std::string method, const std::string& path, std::string body) const;

  struct Fields {
    std::string sluice_id, repository, environment, commit, plan, status, deployment, description, url;
  };
  Fields about_;
  std::string api_;
  std::string authorization_;
};

/// What an answer other than 2xx means: unavailable, to be tried again (after `pause`, where GitHub says so), or denied for good.
struct GithubRefusal {
  Error error;
  std::chrono::seconds pause{0};
};
GithubRefusal refusal_of(const net::Response& answer, std::chrono::seconds unix_now);

}  // namespace sluice::notify
