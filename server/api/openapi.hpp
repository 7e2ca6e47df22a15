#pragma once

#include <string>
#include <vector>

#include "server/http/router.hpp"

namespace sluice::api {

/// What the document says about a route beyond its path, method and role.
struct RouteText {
  std::string method, pattern;
  std::string summary;
  std::string body = {};  ///< members of the JSON body: "digest!, comment, hold[]" (! = required, [] = list of texts)
};

/// The OpenAPI 3.1 document of these routes, made from the router's own table so that it cannot drift from it.
std::string openapi_document(const std::vector<http::Route>& routes, const std::vector<RouteText>& texts);

}  // namespace sluice::api
