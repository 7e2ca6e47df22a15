#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "server/net/client.hpp"
#include "server/net/url.hpp"

namespace sluice::source {

/// What opens a chart repository or registry, and how far it is trusted.
struct Access {
  std::string user;
  Secret password;
  bool pass_credentials = false;  ///< also to other hosts that the index names (helm's switch of that name)
  bool plain_http = false;        ///< of a registry: its API is spoken to without TLS, where the rules allow it
  std::string token_host = {};    ///< of a registry: where else its tokens may be asked for with the password; may be empty
  std::string ca_pem, certificate_pem;
  Secret key_pem;
};

/// Rules for all downloads.
struct DownloadRules {
  std::size_t max_bytes = 128u << 20;
  std::chrono::milliseconds time = std::chrono::seconds(120);
  int max_redirects = 3;
  /// Whether a resolved address may be connected to; see private_address_rule. None: any.
  std::function<Result<>(const std::string& host, const std::string& address, std::uint16_t port)> may_connect;
  /// Whether http:// may be spoken to that origin ("http://127.0.0.1:8879") although nothing protects it.
  std::function<bool(const std::string& origin)> may_speak_plainly;
};

/// Refuses private, loopback and link-local addresses but for the origins in `listed` ("127.0.0.1:8879").
std::function<Result<>(const std::string&, const std::string&, std::uint16_t)> private_address_rule(
    std::vector<std::string> listed);

/// What the daemon downloads by: TLS only and no private address, but for the mirrors that its configuration lists.
/// `mirrors`: repository URL -> URL to ask instead.
DownloadRules strict_rules(const std::map<std::string, std::string>& mirrors);

struct Download {
  int status = 0;
  std::string body;
  std::string etag, last_modified;
  std::string challenge;  ///< WWW-Authenticate
  std::string link;       ///< Link
};

/// GETs with redirects, deadlines and caps. A credential goes to the host it was configured for and nowhere else: not along
/// a redirect to another host. Connections are kept for later requests. Blocks; one thread at a time.
class Downloader {
 public:
  explicit Downloader(DownloadRules rules) : rules_(std::move(rules)) {}
  ~Downloader();

  struct Request {
    std::string url;
    const Access* access = nullptr;  ///< for its certificates; may be null
    std::string authorization = {};  ///< complete header value; dropped at a redirect to another host
    std::vector<net::Header> headers = {};
  };
  /// The answer, whatever its status but for redirects. Errors: unavailable, timeout, denied, invalid; they name the URL
  /// without its query.
  Result<Download> get(const Request& request);

 private:
  Result<net::BlockingClient*> client_for(const net::Url& url, const Access* access);

  DownloadRules rules_;
  std::map<std::string, std::unique_ptr<net::BlockingClient>> clients_;
};

/// "Basic ..." for what `access` holds; empty unless it has both user and password.
std::string basic_authorization(const Access& access);

/// The URL without its query: what errors may show.
std::string shown_url(std::string_view url);

/// An answer other than 200 as an Error: 401 and 403 denied, 404 not_found, 429 and 5xx unavailable, else invalid.
Error bad_status(const std::string& url, int status);

}  // namespace sluice::source
