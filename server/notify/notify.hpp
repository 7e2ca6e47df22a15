#pragma once

// server/notify/notify.hpp
//
// Outgoing messages about deployments, in the form that their receiver reads.
//   in:   a deployment, its state, where its page is; a format of the configuration
//   out:  the headers and body of one POST
//   not:  keeping messages until they are sent (server/store), sending them (server/worker)
// Holds no secret: what a deployment's row says is masked already.

#include <string>
#include <vector>

#include "server/net/client.hpp"
#include "server/store/records.hpp"

namespace sluice::notify {

/// Whether people want to hear of this state: a decision is asked for, or it has ended other than by nobody's need.
bool is_worth_telling(store::State state);

/// What is kept until it is sent: canonical JSON {id, state, repository, environment, commit, title, reason, url}.
std::string to_body(const store::Deployment& one, store::State state, const std::string& reason, const std::string& public_url);

/// "prod: deployment 7 of ann/web waits for approval: web: Say hello"
std::string to_sentence(const std::string& body);

/// The POST of `body` to `url` as `format` ("json", "ntfy", "slack") wants it. Errors: invalid, for a body that is not ours.
Result<net::Request> to_request(const std::string& body, const std::string& format, const std::string& url);

}  // namespace sluice::notify
