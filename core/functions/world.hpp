#pragma once

// What functions of this folder ask the world for, through the host of their call.

#include <string>
#include <string_view>

#include "core/functions/support.hpp"

namespace sluice::functions {

/// What the host offers; an Outside without anything if there is no host.
const Outside& outside_of(const Call& call);
Result<Moment> read_clock(const Call& call);
Result<std::string> random_bytes(const Call& call, std::size_t size);
/// A number below `end` (which is above 0), all equally likely but for a bias below 2^-32.
Result<std::uint64_t> random_below(const Call& call, std::uint64_t end);
/// What the plan of this call has computed of the kind that takes long; null without a host.
CostlyWork* costly_work(const Call& call);
/// Errors: invalid, once a plan has made as many keys, certificates and password hashes as it may.
Result<> count_costly_call(const Call& call);
/// Runs `make` once per rendering of a plan, counting it as one of the costly calls that a plan may make.
Result<Value> once(const Call& call, std::string_view what, const std::function<Result<Value>()>& make);

}  // namespace sluice::functions
