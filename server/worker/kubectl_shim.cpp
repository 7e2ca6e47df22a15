#include "server/worker/kubectl_shim.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>

#include "server/base/files.hpp"

namespace sluice::worker {

namespace fs = std::filesystem;

namespace {

constexpr const char* variable_name = "SLUICE_KUBECTL_SOCKET";
constexpr std::size_t max_text = 8u << 20;
constexpr std::uint32_t max_arguments = 256;

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool receive_all(int socket, char* into, std::size_t size) {
  while (size > 0) {
    const ssize_t count = ::recv(socket, into, size, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    into += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

// Both ends are this program on this machine: a number is its bytes, a text its length and its bytes.
std::string number_bytes(std::uint32_t number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}
std::string text_bytes(std::string_view text) { return number_bytes(static_cast<std::uint32_t>(text.size())) + std::string(text); }
bool receive_number(int socket, std::uint32_t& number) { return receive_all(socket, reinterpret_cast<char*>(&number), sizeof number); }
bool receive_text(int socket, std::string& text) {
  std::uint32_t size = 0;
  if (!receive_number(socket, size) || size > max_text) return false;
  text.resize(size);
  return receive_all(socket, text.data(), size);
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

bool fits_an_address(const std::string& path) { return path.size() < sizeof(sockaddr_un{}.sun_path); }

bool is_same_user(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}

void answer_one(int socket, const KubectlDoor::Answer& answer) {
  const timeval patience{10, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  std::uint32_t count = 0;
  if (!is_same_user(socket) || !receive_number(socket, count) || count > max_arguments) return;
  std::vector<std::string> arguments(count);
  for (std::string& argument : arguments) {
    if (!receive_text(socket, argument)) return;
  }
  const helmfile::ExecOutput output = answer(arguments);
  (void)send_all(socket, number_bytes(static_cast<std::uint32_t>(output.exit_code)) + text_bytes(output.out) + text_bytes(output.error_text));
}

}  // namespace

struct KubectlDoor::State {
  fs::path folder;
  Fd listener, stop;
  Answer answer;
  std::thread thread;

  void serve() const {
    while (true) {
      std::array<pollfd, 2> waits{pollfd{stop.get(), POLLIN, 0}, pollfd{listener.get(), POLLIN, 0}};
      if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
      if (waits[0].revents != 0) return;
      if (waits[1].revents == 0) continue;
      const Fd caller(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (caller) answer_one(caller.get(), answer);
    }
  }

  std::string socket_path() const { return (folder / "socket").string(); }
};

KubectlDoor::KubectlDoor(std::unique_ptr<State> state) : state_(std::move(state)) {}

KubectlDoor::~KubectlDoor() {
  if (state_->thread.joinable()) {
    const std::uint64_t one = 1;
    (void)!::write(state_->stop.get(), &one, sizeof one);
    state_->thread.join();
  }
  std::error_code ignored;
  fs::remove_all(state_->folder, ignored);
}

Result<std::unique_ptr<KubectlDoor>> KubectlDoor::open(Answer answer) {
  const auto failed = [](const std::string& doing) { return Error{Errc::unavailable, "answering kubectl: " + doing + ": " + errno_text(errno)}; };
  std::error_code error;
  std::string name = (fs::temp_directory_path(error) / "sluice-kubectl-XXXXXX").string();
  if (error || ::mkdtemp(name.data()) == nullptr) return failed("making a folder");
  std::unique_ptr<KubectlDoor> door(new KubectlDoor(std::make_unique<State>()));
  State& state = *door->state_;
  state.folder = name;
  state.answer = std::move(answer);
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (!error) fs::create_symlink(self, state.folder / "kubectl", error);
  if (error) return Error{Errc::unavailable, "answering kubectl: linking to this program: " + error.message()};
  if (!fits_an_address(state.socket_path())) return Error{Errc::unavailable, "answering kubectl: the temporary folder's path is too long"};
  state.stop = Fd(::eventfd(0, EFD_CLOEXEC));
  state.listener = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = address_of(state.socket_path());
  if (!state.stop || !state.listener || ::bind(state.listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(state.listener.get(), 8) != 0) {
    return failed("listening");
  }
  state.thread = std::thread([&state] { state.serve(); });
  return door;
}

const fs::path& KubectlDoor::folder() const { return state_->folder; }
std::string KubectlDoor::variable() const { return std::string(variable_name) + "=" + state_->socket_path(); }

bool is_kubectl_shim(const char* program) {
  return program != nullptr && fs::path(program).filename() == "kubectl" && std::getenv(variable_name) != nullptr;
}

int run_kubectl_shim(const std::vector<std::string>& arguments) {
  const std::string path = std::getenv(variable_name);
  const sockaddr_un address = address_of(path);
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket || !fits_an_address(path) || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::fprintf(stderr, "kubectl: sluice does not answer: %s\n", errno_text(errno).c_str());
    return 1;
  }
  std::string question = number_bytes(static_cast<std::uint32_t>(arguments.size()));
  for (const std::string& argument : arguments) question += text_bytes(argument);
  std::uint32_t exit_code = 1;
  std::string out, error_text;
  if (!send_all(socket.get(), question) || !receive_number(socket.get(), exit_code) || !receive_text(socket.get(), out) ||
      !receive_text(socket.get(), error_text)) {
    std::fprintf(stderr, "kubectl: sluice's answer broke off\n");
    return 1;
  }
  std::fwrite(out.data(), 1, out.size(), stdout);
  std::fwrite(error_text.data(), 1, error_text.size(), stderr);
  return std::fflush(stdout) == 0 ? static_cast<int>(exit_code) : 1;
}

}  // namespace sluice::worker
