#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace sluice::net {

/// An absolute http or https URL, taken apart.
struct Url {
  bool https = true;
  std::string host;  ///< lower case; an IPv6 address without its brackets
  std::uint16_t port = 443;
  std::string target = "/";  ///< path and query, as it goes into the request line

  /// "https://host:port" with the port only where it is not the scheme's own.
  std::string origin() const;
  /// "host" or "host:port" as the Host header wants it (IPv6 in brackets).
  std::string authority() const;
  bool operator==(const Url&) const = default;
};

/// Errors: invalid, for anything but http(s)://host[:port][/path][?query] (user names and fragments are refused).
Result<Url> parse_url(std::string_view text);

/// `text` with everything but unreserved characters percent-encoded: one segment of a path, or a query value.
std::string percent_encode(std::string_view text);

/// The URL that `reference` (of a Location header or an index file) means when read at `base`. `base` ends in a file or a slash.
Result<Url> resolve_url(const Url& base, std::string_view reference);

}  // namespace sluice::net
