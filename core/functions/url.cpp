#include "core/functions/url.hpp"

#include <algorithm>

#include "core/value/text.hpp"

namespace sluice::functions {
namespace {

/// The part of a URL that a text stands in: it decides which characters may stand for themselves.
enum class Part { path, path_segment, host, zone, user, query, fragment };

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }
bool one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

bool must_escape(char c, Part part) {
  if (is_letter_or_digit(c)) return false;
  if ((part == Part::host || part == Part::zone) && one_of(c, "!$&'()*+,;=:[]<>\"")) return false;
  if (one_of(c, "-_.~")) return false;
  if (one_of(c, "$&+,/:;=?@")) {
    switch (part) {
      case Part::path:
        return c == '?';
      case Part::path_segment:
        return one_of(c, "/;,?");
      case Part::user:
        return one_of(c, "@/?:");
      case Part::query:
        return true;
      case Part::fragment:
        return false;
      case Part::host:
      case Part::zone:
        break;
    }
  }
  return !(part == Part::fragment && one_of(c, "!()*"));
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Error bad(std::string text) { return {Errc::invalid, std::move(text)}; }

Result<std::string> unescape(std::string_view text, Part part) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return bad("invalid URL escape " + quoted(text.substr(i, 3)));
      const int byte = high * 16 + low;
      // In a host only bytes beyond ASCII may be escaped, in its zone anything but what would end it.
      if (part == Part::host && high < 8 && text.substr(i, 3) != "%25") return bad("invalid URL escape " + quoted(text.substr(i, 3)));
      if (part == Part::zone && text.substr(i, 3) != "%25" && byte != ' ' && must_escape(static_cast<char>(byte), Part::host))
        return bad("invalid URL escape " + quoted(text.substr(i, 3)));
      out += static_cast<char>(byte);
      i += 2;
    } else if (c == '+' && part == Part::query) {
      out += ' ';
    } else {
      if ((part == Part::host || part == Part::zone) && static_cast<unsigned char>(c) < 0x80 && must_escape(c, part))
        return bad("invalid character " + quoted(text.substr(i, 1)) + " in host name");
      out += c;
    }
  }
  return out;
}

std::string escape(std::string_view text, Part part) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (!must_escape(c, part)) {
      out += c;
    } else if (c == ' ' && part == Part::query) {
      out += '+';
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

/// Whether `text` may be kept as the written form of what it decodes to.
bool is_valid_encoding(std::string_view text, Part part) {
  return std::all_of(text.begin(), text.end(), [part](char c) {
    if (one_of(c, "!$&'()*+,;=:@[]%")) return true;
    return !must_escape(c, part);
  });
}

std::string encoded(const std::string& decoded, const std::string& raw, Part part) {
  if (!raw.empty() && is_valid_encoding(raw, part)) {
    auto back = unescape(raw, part);
    if (back && *back == decoded) return raw;
  }
  if (part == Part::path && decoded == "*") return "*";
  return escape(decoded, part);
}

/// Sets the decoded text, and the raw one where encoding again would not give it back.
Result<> set_decoded(std::string_view text, Part part, std::string& decoded, std::string& raw) {
  auto plain = unescape(text, part);
  if (!plain) return std::move(plain).error();
  decoded = std::move(*plain);
  raw = escape(decoded, part) == text ? std::string() : std::string(text);
  return {};
}

/// How long the scheme is: nothing if there is none.
Result<std::optional<std::size_t>> scheme_size(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') continue;
    if ((c >= '0' && c <= '9') || one_of(c, "+-.")) {
      if (i == 0) return std::optional<std::size_t>();
    } else if (c == ':') {
      if (i == 0) return bad("missing protocol scheme");
      return std::optional<std::size_t>(i);
    } else {
      return std::optional<std::size_t>();
    }
  }
  return std::optional<std::size_t>();
}

bool is_port(std::string_view text) {
  if (text.empty()) return true;
  return text[0] == ':' && std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Result<std::string> parse_host(std::string_view host, PortColon port_colon) {
  if (host.starts_with('[')) {
    const std::size_t end = host.rfind(']');
    if (end == std::string_view::npos) return bad("missing ']' in host");
    const std::string_view port = host.substr(end + 1);
    if (!is_port(port)) return bad("invalid port " + quoted(port) + " after host");
    const std::size_t zone = host.substr(0, end).find("%25");
    if (zone != std::string_view::npos) {
      std::string out;
      for (auto [piece, part] : {std::pair{host.substr(0, zone), Part::host}, std::pair{host.substr(zone, end - zone), Part::zone},
                                 std::pair{host.substr(end), Part::host}}) {
        auto plain = unescape(piece, part);
        if (!plain) return plain;
        out += *plain;
      }
      return out;
    }
  } else if (const std::size_t colon = port_colon == PortColon::first ? host.find(':') : host.rfind(':'); colon != std::string_view::npos) {
    if (!is_port(host.substr(colon))) return bad("invalid port " + quoted(host.substr(colon)) + " after host");
  }
  return unescape(host, Part::host);
}

bool is_user_info(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_letter_or_digit(c) || one_of(c, "-._:~!$&'()*+,;=%@"); });
}

Result<> parse_authority(std::string_view authority, PortColon colon_of_port, Url& url) {
  const std::size_t at = authority.rfind('@');
  auto host = parse_host(at == std::string_view::npos ? authority : authority.substr(at + 1), colon_of_port);
  if (!host) return std::move(host).error();
  url.host = std::move(*host);
  if (at == std::string_view::npos) return {};
  const std::string_view info = authority.substr(0, at);
  if (!is_user_info(info)) return bad("net/url: invalid userinfo");
  const std::size_t colon = info.find(':');
  auto name = unescape(info.substr(0, colon), Part::user);
  if (!name) return std::move(name).error();
  url.user = Url::UserInfo{std::move(*name), std::nullopt};
  if (colon == std::string_view::npos) return {};
  auto password = unescape(info.substr(colon + 1), Part::user);
  if (!password) return std::move(password).error();
  url.user->password = std::move(*password);
  return {};
}

Result<> parse_without_fragment(std::string_view text, PortColon colon_of_port, Url& url) {
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return bad("net/url: invalid control character in URL");
  if (text == "*") {
    url.path = "*";
    return {};
  }
  auto scheme = scheme_size(text);
  if (!scheme) return std::move(scheme).error();
  std::string_view rest = text;
  if (*scheme) {
    url.scheme = text.substr(0, **scheme);
    std::transform(url.scheme.begin(), url.scheme.end(), url.scheme.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    rest = text.substr(**scheme + 1);
  }
  if (rest.ends_with('?') && std::count(rest.begin(), rest.end(), '?') == 1) {
    url.force_query = true;
    rest.remove_suffix(1);
  } else if (const std::size_t query = rest.find('?'); query != std::string_view::npos) {
    url.raw_query = rest.substr(query + 1);
    rest = rest.substr(0, query);
  }
  if (!rest.starts_with('/')) {
    if (!url.scheme.empty()) {
      url.opaque = rest;
      return {};
    }
    // A colon in the first segment would make it look like a scheme.
    if (rest.substr(0, rest.find('/')).find(':') != std::string_view::npos)
      return bad("first path segment in URL cannot contain colon");
  }
  if ((!url.scheme.empty() || !rest.starts_with("///")) && rest.starts_with("//")) {
    std::string_view authority = rest.substr(2);
    const std::size_t slash = authority.find('/');
    rest = slash == std::string_view::npos ? std::string_view() : authority.substr(slash);
    authority = authority.substr(0, slash);
    if (url.scheme != "http" && url.scheme != "https") colon_of_port = PortColon::last;
    if (auto parsed = parse_authority(authority, colon_of_port, url); !parsed) return parsed;
  }
  return set_decoded(rest, Part::path, url.path, url.raw_path);
}

}  // namespace

std::string Url::hostname() const {
  std::string_view name = host;
  if (const std::size_t colon = name.rfind(':'); colon != std::string_view::npos && is_port(name.substr(colon)))
    name = name.substr(0, colon);
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  return std::string(name);
}

std::string to_string(const Url::UserInfo& user) {
  std::string out = escape(user.name, Part::user);
  if (user.password) out += ':' + escape(*user.password, Part::user);
  return out;
}

std::string Url::text() const {
  std::string out;
  if (!scheme.empty()) out += scheme + ':';
  if (!opaque.empty()) {
    out += opaque;
  } else {
    if (!scheme.empty() || !host.empty() || user) {
      if (!host.empty() || !path.empty() || user) out += "//";
      if (user) out += to_string(*user) + '@';
      if (!host.empty()) out += escape(host, Part::host);
    }
    const std::string shown = encoded(path, raw_path, Part::path);
    if (!shown.empty() && shown[0] != '/' && !host.empty()) out += '/';
    // What would read as a scheme, or as a host, is kept a path.
    if (out.empty() && shown.substr(0, shown.find('/')).find(':') != std::string::npos) out += "./";
    out += shown;
  }
  if (force_query || !raw_query.empty()) out += '?' + raw_query;
  if (!fragment.empty()) out += '#' + encoded(fragment, raw_fragment, Part::fragment);
  return out;
}

Result<Url> parse_url(std::string_view text, PortColon colon) {
  auto failed = [text](const Error& error) { return Error{error.code, "parse " + quoted(text) + ": " + error.what}; };
  const std::size_t hash = text.find('#');
  Url url;
  if (auto parsed = parse_without_fragment(text.substr(0, hash), colon, url); !parsed)
    return Error{parsed.error().code, "parse " + quoted(text.substr(0, hash)) + ": " + parsed.error().what};
  if (hash != std::string_view::npos && hash + 1 < text.size())
    if (auto parsed = set_decoded(text.substr(hash + 1), Part::fragment, url.fragment, url.raw_fragment); !parsed)
      return failed(parsed.error());
  return url;
}

}  // namespace sluice::functions
