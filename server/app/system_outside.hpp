#pragma once

#include "core/functions/outside.hpp"

namespace sluice::app {

/// The machine's own clock, random bytes and time zones, for renders that are done by hand; there is no cluster.
functions::Outside system_outside();

}  // namespace sluice::app
