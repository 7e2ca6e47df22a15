#pragma once

// server/api/page.hpp
//
// The page: what waits, one deployment with its diff and its decision, the log as it grows. HTML made here, for a browser
// that has logged in with a token.
//   not:  another way to decide: the forms end in the same store operation as the API's requests
// Works without scripts; the one script adds live lines to the log and reloads when the state changes. No byte comes from
// elsewhere, and the content security policy holds browsers to that.
// Read next: html.hpp, page_diff.cpp, page.cpp.

#include "server/api/world.hpp"

namespace sluice::http {
class Router;
}

namespace sluice::api {

class Guard;

/// Adds the page's routes; `add_routes` comes after it, so that its guard is set. Both objects must outlive the server.
void add_page(http::Router& router, const World& world, Guard& guard);

}  // namespace sluice::api
