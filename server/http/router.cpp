#include "server/http/router.hpp"

namespace sluice::http {

namespace {

/// Whether `path` has the form of `pattern`; fills in what the braces matched.
bool fits(std::string_view pattern, std::string_view path, std::vector<std::string>& captures) {
  captures.clear();
  while (true) {
    const auto pattern_end = pattern.find('/');
    const auto path_end = path.find('/');
    const auto want = pattern.substr(0, pattern_end);
    const auto have = path.substr(0, path_end);
    const auto open = want.find('{');
    if (open == want.npos) {
      if (want != have) return false;
    } else {
      const auto close = want.find('}');
      const auto before = want.substr(0, open);
      const auto after = want.substr(close + 1);
      if (have.size() <= before.size() + after.size() || !have.starts_with(before) || !have.ends_with(after)) return false;
      captures.emplace_back(have.substr(before.size(), have.size() - before.size() - after.size()));
    }
    if (pattern_end == pattern.npos || path_end == path.npos) return pattern_end == pattern.npos && path_end == path.npos;
    pattern.remove_prefix(pattern_end + 1);
    path.remove_prefix(path_end + 1);
  }
}

}  // namespace

void Router::add(Route route) { routes_.push_back(std::move(route)); }

Result<> Router::check() const {
  for (auto route = routes_.begin(); route != routes_.end(); ++route) {
    const std::string name = route->method + " " + route->pattern;
    if (route->access == Access::undeclared) return Error{Errc::invalid, "route " + name + " declares no access"};
    if (!route->handle) return Error{Errc::invalid, "route " + name + " has no handler"};
    const bool guarded = route->access != Access::open && route->access != Access::signed_body;
    if (guarded && !guard_) return Error{Errc::invalid, "route " + name + " needs a guard and there is none"};
    for (auto other = routes_.begin(); other != route; ++other)
      if (other->method == route->method && other->pattern == route->pattern)
        return Error{Errc::invalid, "route " + name + " is there twice"};
  }
  return {};
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
  Match found;
  std::vector<std::string> captures;
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const auto& route : routes_) {
    if (!fits(route.pattern, path, captures)) continue;
    if (route.method == wanted) {
      found.route = &route;
      found.captures = std::move(captures);
      return found;
    }
    if (!found.allowed.empty()) found.allowed += ", ";
    found.allowed += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  return found;
}

}  // namespace sluice::http
