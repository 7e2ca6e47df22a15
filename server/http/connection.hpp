#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <list>
#include <memory>
#include <string>

#include "server/http/limits.hpp"
#include "server/http/peers.hpp"
#include "server/http/router.hpp"
#include "server/http/server.hpp"

namespace sluice::http {

class Channel;

/// What all connections of one server share.
struct Shared {
  Limits limits;
  Router router;
  TrustedProxies proxies;
  bool tls = false;
  bool draining = false;
  ServerCounters counters;
  std::list<Channel*> idle;  ///< Connections between two requests: a drain drops them at once.
};

/// Serves one connection until its end.
boost::asio::awaitable<void> serve_connection(std::shared_ptr<Shared> shared, std::unique_ptr<Channel> channel, std::string peer);

}  // namespace sluice::http
