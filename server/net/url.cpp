#include "server/net/url.hpp"

#include <algorithm>
#include <charconv>

namespace sluice::net {

namespace {

bool is_host_char(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'; }

bool is_ipv6_char(char c) { return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.'; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// Percent-encodes what may not stand in a request line as it is: blanks, controls, quotes and bytes beyond ASCII.
std::string clean_target(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '"' || c == '<' || c == '>' || c == '\\' || c == '^' || c == '`' || c == '{' ||
        c == '|' || c == '}') {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
  return out;
}

Result<> split_authority(std::string_view authority, Url& url) {
  std::string_view port;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return Error{Errc::invalid, "the address has no closing bracket"};
    url.host = lower(authority.substr(1, end - 1));
    if (url.host.empty() || !std::all_of(url.host.begin(), url.host.end(), is_ipv6_char))
      return Error{Errc::invalid, "'" + url.host + "' is not an IPv6 address"};
    port = authority.substr(end + 1);
  } else {
    const auto colon = authority.find(':');
    url.host = lower(authority.substr(0, colon));
    if (url.host.empty() || !std::all_of(url.host.begin(), url.host.end(), is_host_char))
      return Error{Errc::invalid, "'" + url.host + "' is not a host name"};
    port = colon == std::string_view::npos ? std::string_view{} : authority.substr(colon);
  }
  url.port = url.https ? 443 : 80;
  if (port.empty() || port == ":") return {};
  const auto digits = port.substr(1);
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
  if (port[0] != ':' || failed != std::errc{} || end != digits.data() + digits.size() || url.port == 0)
    return Error{Errc::invalid, "'" + std::string(digits) + "' is not a port"};
  return {};
}

}  // namespace

std::string Url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (https ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

std::string Url::origin() const { return (https ? "https://" : "http://") + authority(); }

Result<Url> parse_url(std::string_view text) {
  Url url;
  const auto scheme_end = text.find("://");
  const auto scheme = scheme_end == std::string_view::npos ? std::string{} : lower(text.substr(0, scheme_end));
  if (scheme != "https" && scheme != "http") return Error{Errc::invalid, "a URL must begin with https:// or http://"};
  url.https = scheme == "https";
  auto rest = text.substr(scheme_end + 3);
  rest = rest.substr(0, rest.find('#'));
  const auto path_begin = rest.find_first_of("/?");
  const auto authority = rest.substr(0, path_begin);
  // Why: a password in a URL ends up in logs; credentials are configured apart.
  if (authority.find('@') != std::string_view::npos) return Error{Errc::invalid, "a URL must not carry a user name or password"};
  if (auto split = split_authority(authority, url); !split) return std::move(split).error();
  if (path_begin != std::string_view::npos) url.target = clean_target(rest.substr(path_begin));
  if (url.target.starts_with('?')) url.target.insert(0, "/");
  return url;
}

std::string percent_encode(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                       c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

Result<Url> resolve_url(const Url& base, std::string_view reference) {
  const auto colon = reference.find(':');
  const auto slash = reference.find_first_of("/?#");
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon < slash)) return parse_url(reference);
  if (reference.starts_with("//")) return parse_url((base.https ? "https:" : "http:") + std::string(reference));
  std::string path = base.target.substr(0, base.target.find('?'));
  std::string target;
  if (reference.empty()) {
    target = base.target;
  } else if (reference.starts_with('/')) {
    target = reference;
  } else if (reference.starts_with('?')) {
    target = path + std::string(reference);
  } else {
    target = path.substr(0, path.rfind('/') + 1) + std::string(reference);
  }
  // RFC 3986 5.2.4: dot segments are taken out of the path
  const auto query = target.find('?');
  const std::string tail = query == std::string::npos ? "" : target.substr(query);
  std::string clean;
  std::string_view rest = std::string_view(target).substr(0, query);
  while (!rest.empty()) {
    const auto next = rest.find('/', 1);
    const auto part = rest.substr(0, next);
    const bool last = next == std::string_view::npos;
    if (part == "/..") {
      clean.erase(std::min(clean.rfind('/'), clean.size()));
      if (last) clean += '/';
    } else if (part == "/.") {
      if (last) clean += '/';
    } else {
      clean += part;
    }
    rest = last ? std::string_view{} : rest.substr(next);
  }
  return parse_url(base.origin() + clean + tail);
}

}  // namespace sluice::net
