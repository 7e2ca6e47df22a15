#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/plan/json.hpp"
#include "server/kube/allow_list.hpp"
#include "server/kube/discovery.hpp"
#include "server/kube/kubeconfig.hpp"
#include "server/kube/status.hpp"

namespace sluice::kube {

/// Whether sending a request twice does no more than sending it once. GET always may be repeated.
enum class Repeat { no, safe };

struct Call {
  std::string method = "GET";
  std::string path{};          ///< below the server's address, with its query
  std::string content_type{};  ///< of `body`
  std::string body{};
  Repeat repeat = Repeat::no;
  std::string accept{};         ///< empty: application/json
  std::string if_none_match{};  ///< an ETag
};

/// What the API server answered in the end.
struct Answer {
  int status = 0;
  std::string text;                   ///< of a 2xx answer
  std::optional<Refusal> refusal;     ///< set for any other status than 2xx and 304
  std::vector<std::string> warnings;  ///< texts of its Warning headers
  std::string etag, content_type, audit_id;
};

struct ClusterRules {
  AllowList allow{};
  int retries_per_call = 8;
  int retry_budget = 100;  ///< of all calls together; see refill_budget
  std::chrono::milliseconds first_pause{200};
  std::chrono::milliseconds call_limit{30'000};
  std::chrono::milliseconds connect_limit{10'000};
};

/// Which cluster it is, independent of its address.
struct ClusterIdentity {
  std::string uid;        ///< of the namespace kube-system
  std::string ca_sha256;  ///< of the kubeconfig's CA bundle; empty with the system's
  bool operator==(const ClusterIdentity&) const = default;
};

/// One thread: that of its executor.
class Cluster {
 public:
  static Result<std::unique_ptr<Cluster>> make(boost::asio::any_io_executor executor, Access access, ClusterRules rules);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  /// The final answer to `call`, after the repeats that are safe. Errors: only when there was no answer to have.
  boost::asio::awaitable<Result<Answer>> ask(Call call);

  /// The body of the answer to a GET of `path`; any refusal is an Error.
  boost::asio::awaitable<Result<std::string>> get_text(std::string path);
  /// The object at `path`; any refusal is an Error.
  boost::asio::awaitable<Result<plan::Json>> get(std::string path);
  /// The same, with nothing for an object (or its whole kind or namespace) that does not exist.
  boost::asio::awaitable<Result<std::optional<plan::Json>>> find(std::string path);
  /// All objects of a collection, page by page, each with its apiVersion and kind. `query` is "labelSelector=a%3Db" or empty.
  boost::asio::awaitable<Result<std::vector<plan::Json>>> list(const Resource& resource, std::string namespace_,
                                                               std::string query = {});
  /// Metadata alone (PartialObjectMetadata) of a collection.
  boost::asio::awaitable<Result<std::vector<plan::Json>>> list_metadata(const Resource& resource, std::string namespace_,
                                                                        std::string query);

  /// Calls `event` for every change of a collection after `resource_version`, until it returns false, `seconds` have passed
  /// (the last version seen is returned) or the stream fails. Errors: conflict, when the version is too old: list again.
  using OnEvent = std::function<bool(std::string_view type, const plan::Json& object)>;
  boost::asio::awaitable<Result<std::string>> watch(const Resource& resource, std::string namespace_, std::string query,
                                                    std::string resource_version, int seconds, OnEvent event);

  /// What is served; asked for once, and again (by ETag) after `forget_discovery`. Others may go on with what they were given.
  boost::asio::awaitable<Result<std::shared_ptr<const Discovery>>> discovery();
  void forget_discovery();
  /// "v1.34.4+k3s1"
  boost::asio::awaitable<Result<std::string>> version();
  boost::asio::awaitable<Result<ClusterIdentity>> identity();

  const Access& access() const;
  const ClusterRules& rules() const;
  /// To be called at the beginning of a deployment.
  void refill_budget();
  boost::asio::any_io_executor executor() const;

 private:
  struct State;
  explicit Cluster(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Reads of one thread that may block: a template's `lookup`. Connects at its first read.
class BlockingReader {
 public:
  /// `discovery` must outlive it.
  BlockingReader(Access access, ClusterRules rules, const Discovery& discovery);
  ~BlockingReader();

  /// The object, or with an empty name the list (kind, apiVersion, items); nothing when there is no such object or kind.
  Result<std::optional<plan::Json>> lookup(std::string_view api_version, std::string_view kind, std::string_view namespace_,
                                           std::string_view name);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Runs `count` pieces of work, `width` at a time; the first Error wins, and no new piece is begun after it.
boost::asio::awaitable<Result<>> in_parallel(std::size_t count, std::size_t width,
                                             std::function<boost::asio::awaitable<Result<>>(std::size_t index)> work);

}  // namespace sluice::kube
