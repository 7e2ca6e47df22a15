#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/plan/plan.hpp"
#include "server/worker/sender.hpp"

namespace sluice::worker {

/// Does what the plan's commands of `event` say, one after the other: runs their programs (PushRequest::run) or applies their
/// objects. `failure` is the text of what went wrong before, empty if nothing did.
/// After a crash a command that was begun and not known to have ended runs again.
/// Errors: what the first one that fails says; the rest is not run.
boost::asio::awaitable<Result<>> run_commands(kube::Cluster& cluster, const PushRequest& request, Sender& sender, std::string release,
                                              const std::vector<plan::Command>& commands, std::string event, std::string failure);

}  // namespace sluice::worker
