#pragma once

// server/base/base.hpp
//
// The few things every server folder needs from the world: the log, the clock, random bytes, files, credentials, programs,
// exit codes, and the points where a test may make the process fail.
//   not:  anything about deployments; anything that waits
// Read next: log.hpp, failpoint.hpp, credential.hpp.

#include "server/base/clock.hpp"
#include "server/base/credential.hpp"
#include "server/base/exit_code.hpp"
#include "server/base/failpoint.hpp"
#include "server/base/files.hpp"
#include "server/base/log.hpp"
#include "server/base/random.hpp"
