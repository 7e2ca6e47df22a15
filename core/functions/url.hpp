#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace sluice::functions {

/// A URL taken apart as Go's net/url does it.
struct Url {
  struct UserInfo {
    std::string name;
    std::optional<std::string> password;
  };

  std::string scheme;
  std::string opaque;  ///< what follows the scheme when that is not a slash: "me@x.org" of "mailto:me@x.org"
  std::optional<UserInfo> user;
  std::string host;      ///< with its port
  std::string path;      ///< decoded
  std::string raw_path;  ///< as written, where that is not the usual encoding of `path`
  bool force_query = false;  ///< a "?" with nothing behind it
  std::string raw_query;
  std::string fragment;      ///< decoded
  std::string raw_fragment;  ///< like raw_path

  /// The host without port and brackets.
  std::string hostname() const;
  std::string text() const;
};

/// Where the port of a host with several colons begins: for http and https at the first one from Go 1.26 on. Helm 3 has that off.
enum class PortColon { first, last };
/// Errors: invalid, with Go's text: parse "http://a b": invalid character " " in host name.
Result<Url> parse_url(std::string_view text, PortColon colon = PortColon::last);
/// "name:password", encoded.
std::string to_string(const Url::UserInfo& user);

}  // namespace sluice::functions
