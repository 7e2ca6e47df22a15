#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "server/http/router.hpp"
#include "server/sandbox/objects.hpp"
#include "server/task/bell.hpp"

namespace sluice::sandbox {

/// What the routes share.
struct World {
  explicit World(boost::asio::any_io_executor executor) : changed(std::move(executor)) {}
  Objects objects;
  Bell changed;
  std::string token;
};

/// The routes of a Kubernetes API over `world`.
http::Router make_router(std::shared_ptr<World> world);

}  // namespace sluice::sandbox
