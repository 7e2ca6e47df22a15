#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace sluice::app {

/// Tells systemd what this process is up to ("READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=..."); nothing happens without one.
/// Follows: sd_notify(3), the datagram to $NOTIFY_SOCKET.
void tell_service_manager(const std::string& state);

/// How often systemd wants to hear "WATCHDOG=1" (half of WatchdogSec); nothing if it does not.
std::optional<std::chrono::milliseconds> watchdog_interval();

}  // namespace sluice::app
