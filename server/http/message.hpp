#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::http {

struct Caller;

struct Field {
  std::string name;
  std::string value;
  bool operator==(const Field&) const = default;
};

/// Sees a body while it arrives, so that a digest is ready when its last byte is.
class BodyHook {
 public:
  virtual ~BodyHook() = default;
  virtual void piece(std::string_view bytes) = 0;
};

struct Request {
  std::string method;  ///< As sent: "GET".
  std::string target;  ///< As sent: "/api/v1/deployments?limit=20".
  std::string path;    ///< The target's path, percent-decoded: no "..", no control byte, and no slash that was encoded.
  std::string query;   ///< What follows '?', as sent.
  std::vector<Field> fields;
  std::string body;

  std::string id;                        ///< Made here; names the request in the log and in problem objects.
  std::string peer;                      ///< The client's address; behind a trusted proxy, the one that the proxy saw.
  bool secure = false;                   ///< TLS up to us, or up to a trusted proxy.
  std::vector<std::string> captures;     ///< What the route's {parts} matched, in order.
  std::shared_ptr<BodyHook> hook;        ///< What the route's `before_body` wanted to see the body.
  std::shared_ptr<const Caller> caller;  ///< Whom the Guard found; null on open and signed routes.

  /// The field's value, or nothing; names are compared without case.
  std::optional<std::string_view> field(std::string_view name) const;
  /// The first query parameter of that name, decoded, or nothing.
  std::optional<std::string> parameter(std::string_view name) const;
};

/// Where a handler writes a body that has no end yet. Each write waits until the client has taken the bytes.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  /// Errors: cancelled once the client or the daemon is leaving; timeout when the client takes nothing.
  virtual boost::asio::awaitable<Result<>> write(std::string_view bytes) = 0;
  /// False when the handler should end: the client has gone, the daemon drains, or the connection is old enough.
  virtual bool is_wanted() const = 0;
};

struct Response {
  int status = 200;
  std::string content_type = {};
  std::string body = {};
  std::vector<Field> fields = {};
  bool close = false;  ///< End the connection after this answer.
  /// Writes the body instead of `body`. Runs after the head is out; takes what it needs by value.
  std::function<boost::asio::awaitable<void>(BodyStream&)> stream = {};
  std::function<void()> sent = {};  ///< Called when the last byte has been handed to the system.
};

/// %41 and '+' (in a form or query) made plain; nothing when an escape is broken or there is a NUL.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
/// The first value of `name` in "a=1&b=2", decoded.
std::optional<std::string> form_value(std::string_view form, std::string_view name);
/// All of them, in order; what is not encoded well is left out.
std::vector<std::string> form_values(std::string_view form, std::string_view name);
bool same_name(std::string_view a, std::string_view b);

}  // namespace sluice::http
