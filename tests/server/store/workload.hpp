#pragma once

#include <functional>
#include <string>

namespace sluice::store {

class Store;

/// Uses `store` as the daemon does, from several threads, and tells, a line each and at once, what it was told is done:
///   D guid id      a delivery is acknowledged        A id        an approval is acknowledged
///   W id step      a cluster write is about to go    C id step   ... was noted as confirmed
///   E id state     a deployment ended                F text      something was refused as unavailable
/// `tell` is called from any thread. `seed` names the deliveries of this call, `operations` is how many each thread makes.
void use(Store& store, unsigned seed, int operations, const std::function<void(const std::string&)>& tell);

}  // namespace sluice::store
