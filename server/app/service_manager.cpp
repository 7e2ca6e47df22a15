#include "server/app/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "server/base/files.hpp"

namespace sluice::app {

void tell_service_manager(const std::string& state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (!path || (path[0] != '/' && path[0] != '@')) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string_view name(path);
  if (name.size() >= sizeof(address.sun_path)) return;
  std::memcpy(address.sun_path, name.data(), name.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  (void)!::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), size);
}

std::optional<std::chrono::milliseconds> watchdog_interval() {
  const auto number = [](const char* name) {
    long long value = 0;
    if (const char* text = std::getenv(name)) std::from_chars(text, text + std::strlen(text), value);
    return value;
  };
  const long long microseconds = number("WATCHDOG_USEC");
  const long long owner = number("WATCHDOG_PID");
  if (microseconds <= 0 || (owner != 0 && owner != ::getpid())) return std::nullopt;
  return std::chrono::milliseconds(microseconds / 2000);
}

}  // namespace sluice::app
