#include "core/functions/world.hpp"

namespace sluice::functions {

const Outside& outside_of(const Call& call) {
  static const Outside nothing;
  const auto* host = call.host<FunctionHost>();
  return host && host->outside ? *host->outside : nothing;
}

Result<Moment> read_clock(const Call& call) {
  const Outside& outside = outside_of(call);
  if (!outside.now) return failure("there is no clock here");
  return outside.now();
}

Result<std::string> random_bytes(const Call& call, std::size_t size) {
  const Outside& outside = outside_of(call);
  if (!outside.random_bytes) return failure("there are no random bytes here");
  auto bytes = outside.random_bytes(size);
  if (bytes && bytes->size() != size)
    return failure("asked for " + std::to_string(size) + " random bytes, got " + std::to_string(bytes->size()));
  return bytes;
}

Result<std::uint64_t> random_below(const Call& call, std::uint64_t end) {
  auto bytes = random_bytes(call, 8);
  if (!bytes) return std::move(bytes).error();
  std::uint64_t number = 0;
  for (char c : *bytes) number = number << 8 | static_cast<unsigned char>(c);
  return number % end;
}

CostlyWork* costly_work(const Call& call) {
  const auto* host = call.host<FunctionHost>();
  if (!host) return nullptr;
  return host->outside ? host->outside->costly.get() : &host->costly;
}

Result<> count_costly_call(const Call& call) {
  CostlyWork* const work = costly_work(call);
  if (!work || ++work->calls <= limits::costly_calls) return {};
  return past_limit("the number of generated keys, certificates and password hashes", limits::costly_calls, "in one plan");
}

Result<Value> once(const Call& call, std::string_view what, const std::function<Result<Value>()>& make) {
  if (auto allowed = count_costly_call(call); !allowed) return std::move(allowed).error();
  const Outside& outside = outside_of(call);
  return outside.once ? outside.once(what, make) : make();
}

}  // namespace sluice::functions
