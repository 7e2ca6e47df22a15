#pragma once

// server/api/api.hpp
//
// What people and their tools ask of a running daemon: list, look, decide, follow; REST and JSON.
//   in:   requests with a bearer token, whose roles and environments say what it may do
//   out:  answers from the store; decisions, triggers and locks written to it
//   not:  deciding whether a decision counts (core/deployment, inside the store's transaction), acting on it (server/worker),
//         the page in a browser (server/api/page.hpp)
// What a caller may not see does not exist for it: 404, as for what is not there.
// Why no cookie is accepted here: a browser sends cookies along with requests that another site has made up. The page has
// routes of its own, with its own checks.
// Read next: guard.hpp, deployments.cpp, decisions.cpp.

#include <memory>

#include "server/api/world.hpp"

namespace sluice::http {
class Router;
}

namespace sluice::api {

class Guard;

/// Adds every route of the API and its guard to `router`. Both objects must outlive the server.
void add_routes(http::Router& router, const World& world, Guard& guard);

}  // namespace sluice::api
