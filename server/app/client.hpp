#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/base/result.hpp"

namespace sluice::app {

/// Asks a running daemon, at SLUICE_URL with SLUICE_TOKEN (and SLUICE_CA, a PEM file, when its certificate is not public).
class Client {
 public:
  /// Errors: invalid, saying which variable is missing or wrong; an http:// address is taken for this machine only, because
  /// the token would travel in clear.
  static Result<Client> from_environment();
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  /// The JSON of a 2xx answer. Errors: the problem's code and message, for any other.
  Result<nlohmann::json> get(const std::string& path);
  Result<nlohmann::json> post(const std::string& path, const nlohmann::json& body);
  Result<std::string> get_text(const std::string& path);
  /// Follows server-sent events after `after` until the stream says `end`, reconnecting when it breaks off.
  Result<> follow(const std::string& path, std::function<void(const nlohmann::json& event)> tell);

 private:
  struct State;
  explicit Client(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sluice::app
