#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/value/value.hpp"

namespace sluice::functions {

/// What a template asks a cluster for. With an empty `name` it is the list of all such objects.
struct ObjectQuery {
  std::string api_version;  ///< "apps/v1"
  std::string kind;
  std::string namespace_;  ///< empty for what has no namespace, or for all of them
  std::string name;
};

/// A moment, in nanoseconds since 1970 UTC.
struct Moment {
  std::int64_t nanoseconds = 0;
};

/// What takes long to compute, by all who share this: the renders of one plan.
struct CostlyWork {
  std::size_t calls = 0;                      ///< keys, certificates and password hashes made so far
  std::map<std::string, Secret> master_keys;  ///< of derivePassword, by a digest of the password and the user
};

/// Everything that a template function learns from the world rather than from its arguments. The one seam for it: with the same
/// answers, a render gives the same bytes. Functions that are empty are not there; what happens then stands beside each.
struct Outside {
  /// Helm's `lookup`: the object as plain data, an empty map if there is none. What comes from a Secret is marked.
  /// Empty: there is no cluster, every lookup finds an empty map.
  std::function<Result<Value>(const ObjectQuery&)> lookup;
  /// Empty: an error that says there is no clock.
  std::function<Result<Moment>()> now;
  /// So many random bytes. Empty: an error.
  std::function<Result<std::string>(std::size_t size)> random_bytes;
  /// An address of `host`. Empty: the empty text, as Helm answers without --enable-dns.
  std::function<Result<std::string>(std::string_view host)> host_by_name;
  /// The compiled zone file (TZif) of "Europe/Berlin". Empty, or an error: the zone is not known, and UTC is used as Go does.
  std::function<Result<std::string>(std::string_view zone)> zone_file;
  /// The JSON schema at an http(s) address, to which a chart's own schema refers. Empty: none is read.
  std::function<Result<std::string>(const std::string& url)> schema;
  /// Runs `make`, whose result differs from run to run although its arguments do not (keys, certificates, salted hashes), or gives
  /// the result it had in the run that is being repeated. `what` tells one from another. Empty: `make` is run.
  std::function<Result<Value>(std::string_view what, const std::function<Result<Value>()>& make)> once;
  std::shared_ptr<CostlyWork> costly = std::make_shared<CostlyWork>();
};

}  // namespace sluice::functions
