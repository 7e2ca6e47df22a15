#include "server/source/download.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

#include "core/base/digest.hpp"

namespace sluice::source {

namespace {

bool is_private_v4(std::uint32_t address) {
  const auto within = [address](std::uint32_t network, int bits) { return (address >> (32 - bits)) == (network >> (32 - bits)); };
  return within(0x00000000, 8) || within(0x0A000000, 8) || within(0x64400000, 10) || within(0x7F000000, 8) ||
         within(0xA9FE0000, 16) || within(0xAC100000, 12) || within(0xC0A80000, 16) || within(0xE0000000, 4) ||
         within(0xF0000000, 4);
}

bool is_private(const std::string& address) {
  in_addr v4{};
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1) return is_private_v4(ntohl(v4.s_addr));
  in6_addr v6{};
  if (::inet_pton(AF_INET6, address.c_str(), &v6) != 1) return true;
  const std::uint8_t* bytes = v6.s6_addr;
  const bool zeros = std::all_of(bytes, bytes + 10, [](std::uint8_t b) { return b == 0; });
  if (zeros && bytes[10] == 0xFF && bytes[11] == 0xFF) {  // an IPv4 address in disguise
    return is_private_v4(static_cast<std::uint32_t>(bytes[12]) << 24 | static_cast<std::uint32_t>(bytes[13]) << 16 |
                         static_cast<std::uint32_t>(bytes[14]) << 8 | bytes[15]);
  }
  return zeros || (bytes[0] & 0xFE) == 0xFC || (bytes[0] == 0xFE && (bytes[1] & 0xC0) == 0x80) || bytes[0] == 0xFF;
}

bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

}  // namespace

std::function<Result<>(const std::string&, const std::string&, std::uint16_t)> private_address_rule(
    std::vector<std::string> listed) {
  return [listed = std::move(listed)](const std::string& host, const std::string& address, std::uint16_t port) -> Result<> {
    if (!is_private(address)) return {};
    const std::string place = host + ":" + std::to_string(port);
    if (std::find(listed.begin(), listed.end(), place) != listed.end()) return {};
    return Error{Errc::denied,
                 place + " has the private address " + address + "; charts come from there only if it is in chart_mirrors"};
  };
}

DownloadRules strict_rules(const std::map<std::string, std::string>& mirrors) {
  std::vector<std::string> places, origins;
  for (const auto& [from, to] : mirrors) {
    const auto url = net::parse_url(to);
    if (!url) continue;  // a registry's mirror: oci:// is asked over TLS
    places.push_back(url->host + ":" + std::to_string(url->port));
    origins.push_back(url->origin());
  }
  DownloadRules rules;
  rules.may_connect = private_address_rule(std::move(places));
  rules.may_speak_plainly = [origins](const std::string& origin) {
    return std::find(origins.begin(), origins.end(), origin) != origins.end();
  };
  return rules;
}

Downloader::~Downloader() = default;

Result<net::BlockingClient*> Downloader::client_for(const net::Url& url, const Access* access) {
  const std::string origin = url.origin();
  std::string key = origin;
  if (access != nullptr) key += "\n" + access->ca_pem + "\n" + access->certificate_pem;
  if (const auto known = clients_.find(key); known != clients_.end()) return known->second.get();
  net::ClientOptions options;
  options.plain_http = !url.https;
  options.may_connect = rules_.may_connect;
  if (access != nullptr) {
    options.tls.ca_pem = access->ca_pem;
    options.tls.certificate_pem = access->certificate_pem;
    options.tls.key_pem = access->key_pem;
  }
  auto client = net::BlockingClient::make(std::move(options));
  if (!client) return std::move(client).error().during(origin);
  auto& kept = clients_[key];
  kept = std::make_unique<net::BlockingClient>(std::move(*client));
  return kept.get();
}

Result<Download> Downloader::get(const Request& request) {
  auto url = net::parse_url(request.url);
  if (!url) return std::move(url).error();
  const std::string first_origin = url->origin();
  for (int hop = 0;; ++hop) {
    const std::string shown = shown_url(url->origin() + url->target);
    if (!url->https && (!rules_.may_speak_plainly || !rules_.may_speak_plainly(url->origin()))) {
      return Error{Errc::denied, shown + ": http without TLS is not allowed; use https, or list the address in chart_mirrors"};
    }
    const bool at_home = url->origin() == first_origin;
    auto client = client_for(*url, at_home ? request.access : nullptr);
    if (!client) return std::move(client).error();
    net::Request send{
        .method = "GET", .url = url->origin() + url->target, .headers = request.headers, .body = {}, .repeatable = true};
    if (at_home && !request.authorization.empty()) send.headers.push_back({"Authorization", request.authorization});
    net::Limits limits;
    limits.total = rules_.time;
    limits.body_bytes = rules_.max_bytes;
    auto answer = (*client)->send(std::move(send), limits);
    if (!answer) return std::move(answer).error().during(shown);
    if (!is_redirect(answer->status)) {
      return Download{.status = answer->status,
                      .body = std::move(answer->body),
                      .etag = std::string(answer->header("ETag")),
                      .last_modified = std::string(answer->header("Last-Modified")),
                      .challenge = std::string(answer->header("WWW-Authenticate")),
                      .link = std::string(answer->header("Link"))};
    }
    if (hop == rules_.max_redirects) {
      return Error{Errc::invalid, shown + ": more than " + std::to_string(rules_.max_redirects) + " redirects"};
    }
    const std::string_view location = answer->header("Location");
    if (location.empty()) return Error{Errc::invalid, shown + " redirects to no address: it names none"};
    auto next = net::resolve_url(*url, location);
    if (!next) return std::move(next).error().during(shown + " redirects to no address");
    if (url->https && !next->https) return Error{Errc::denied, shown + " redirects from https to " + next->origin()};
    url = std::move(next);
  }
}

std::string basic_authorization(const Access& access) {
  if (access.user.empty() || access.password.empty()) return {};
  return "Basic " + to_base64(access.user + ":" + access.password.reveal());
}

std::string shown_url(std::string_view url) { return std::string(url.substr(0, url.find('?'))); }

Error bad_status(const std::string& url, int status) {
  const std::string what = shown_url(url) + " answers " + std::to_string(status);
  if (status == 401 || status == 403) return {Errc::denied, what + ": its credentials are missing or wrong"};
  if (status == 404 || status == 410) return {Errc::not_found, what + ": there is no such file"};
  if (status == 429 || status >= 500) return {Errc::unavailable, what + ": try again later"};
  return {Errc::invalid, what};
}

}  // namespace sluice::source
