#include "server/base/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "server/base/files.hpp"

namespace sluice {

namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
  Fd read;
  Fd write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return Error{Errc::unavailable, "making a pipe: " + errno_text(errno)};
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (const auto& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

/// The program's file: as given, or the first of that name in the PATH that the child will have.
Result<std::string> find_program(const ProcessRequest& request) {
  if (request.arguments.empty()) return Error{Errc::invalid, "no program given"};
  const std::string& name = request.arguments.front();
  if (name.find('/') != std::string::npos) return name;
  for (const auto& variable : request.environment) {
    if (!variable.starts_with("PATH=")) continue;
    std::size_t begin = 5;
    while (begin <= variable.size()) {
      const std::size_t end = std::min(variable.find(':', begin), variable.size());
      const std::string file = variable.substr(begin, end - begin) + "/" + name;
      if (file.front() == '/' && ::access(file.c_str(), X_OK) == 0) return file;
      begin = end + 1;
    }
  }
  return Error{Errc::not_found, "program \"" + name + "\" is not in PATH"};
}

struct Child {
  pid_t id = -1;
  Fd input;
  Fd output;
  Fd error_output;
};

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    sigset_t defaults;
    sigfillset(&defaults);
    sigdelset(&defaults, SIGKILL);
    sigdelset(&defaults, SIGSTOP);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  posix_spawnattr_t* get() { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

Result<Child> spawn(const ProcessRequest& request) {
  // a child that reads no more must be an error of `write`, not the end of this process
  static const auto ignored = std::signal(SIGPIPE, SIG_IGN);
  (void)ignored;
  auto program = find_program(request);
  if (!program) return std::move(program).error();
  auto input = make_pipe();
  auto output = make_pipe();
  auto error_output = make_pipe();
  if (!input || !output || !error_output) return Error{Errc::unavailable, "out of file descriptors"};

  FileActions actions;
  posix_spawn_file_actions_adddup2(actions.get(), input->read.get(), 0);
  posix_spawn_file_actions_adddup2(actions.get(), output->write.get(), 1);
  posix_spawn_file_actions_adddup2(actions.get(), error_output->write.get(), 2);
  for (const auto& [ours, theirs] : request.descriptors) posix_spawn_file_actions_adddup2(actions.get(), ours, theirs);
  if (!request.folder.empty()) posix_spawn_file_actions_addchdir_np(actions.get(), request.folder.c_str());
  Attributes attributes;
  auto arguments = pointers(request.arguments);
  auto environment = pointers(request.environment);
  Child child;
  const int failed =
      posix_spawn(&child.id, program->c_str(), actions.get(), attributes.get(), arguments.data(), environment.data());
  if (failed != 0) {
    return Error{failed == ENOENT ? Errc::not_found : Errc::unavailable, "starting " + *program + ": " + errno_text(failed)};
  }
  if (request.file_size_limit > 0) {
    // from outside and a moment late: posix_spawn has no means for it, and a program has not written much by now
    const rlimit limit{request.file_size_limit, request.file_size_limit};
    ::prlimit(child.id, RLIMIT_FSIZE, &limit, nullptr);
  }
  child.input = std::move(input->write);
  child.output = std::move(output->read);
  child.error_output = std::move(error_output->read);
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void kill_group(pid_t child) {
  ::kill(-child, SIGKILL);
  wait_for(child);
}

int remaining(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 1 << 30));
}

/// Reads what is there. False at the end of the stream.
bool take(int descriptor, std::string& into) {
  std::array<char, 65536> chunk;
  const ssize_t count = ::read(descriptor, chunk.data(), chunk.size());
  if (count > 0) into.append(chunk.data(), static_cast<std::size_t>(count));
  return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

/// Feeds the child and collects what it says until it closes both outputs.
Result<> exchange(const ProcessRequest& request, Child& child, ProcessResult& result, Clock::time_point deadline) {
  std::string_view unsent = request.input;
  ::fcntl(child.input.get(), F_SETFL, O_NONBLOCK);
  if (unsent.empty()) child.input = Fd();
  while (child.output || child.error_output) {
    std::array<pollfd, 3> waits{pollfd{child.output.get(), POLLIN, 0}, pollfd{child.error_output.get(), POLLIN, 0},
                                pollfd{child.input.get(), POLLOUT, 0}};
    const int ready = ::poll(waits.data(), waits.size(), remaining(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      const auto seconds = std::chrono::duration_cast<std::chrono::milliseconds>(request.limit).count();
      return Error{Errc::timeout, request.arguments.front() + " has not ended after " + std::to_string(seconds) + " ms"};
    }
    if (waits[2].revents != 0) {
      const ssize_t count = ::write(child.input.get(), unsent.data(), unsent.size());
      if (count > 0) unsent.remove_prefix(static_cast<std::size_t>(count));
      if (unsent.empty() || (count < 0 && errno != EAGAIN && errno != EINTR)) child.input = Fd();
    }
    if (waits[0].revents != 0 && !take(child.output.get(), result.output)) child.output = Fd();
    if (waits[1].revents != 0 && !take(child.error_output.get(), result.error_output)) child.error_output = Fd();
    if (std::max(result.output.size(), result.error_output.size()) > request.output_limit) {
      return Error{Errc::invalid,
                   request.arguments.front() + " wrote more than " + std::to_string(request.output_limit) + " bytes"};
    }
  }
  return {};
}

}  // namespace

Result<ProcessResult> run_process(const ProcessRequest& request) {
  const auto deadline = Clock::now() + request.limit;
  auto child = spawn(request);
  if (!child) return std::move(child).error();
  ProcessResult result;
  if (auto done = exchange(request, *child, result, deadline); !done) {
    kill_group(child->id);
    return std::move(done).error();
  }
  // Both outputs are closed; a child that lives on after that still has its deadline.
  siginfo_t ended{};
  while (::waitid(P_PID, static_cast<id_t>(child->id), &ended, WEXITED | WNOWAIT | WNOHANG) == 0 && ended.si_pid == 0) {
    if (remaining(deadline) == 0) {
      kill_group(child->id);
      return Error{Errc::timeout, request.arguments.front() + " has not ended in time"};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ::kill(-child->id, SIGKILL);  // whatever it left running
  result.exit_code = wait_for(child->id);
  return result;
}

Result<Conversation> Conversation::start(const ProcessRequest& request) {
  auto child = spawn(request);
  if (!child) return std::move(child).error();
  Conversation conversation;
  conversation.child_ = child->id;
  conversation.to_child_ = ::fcntl(child->input.get(), F_DUPFD_CLOEXEC, 3);
  conversation.from_child_ = ::fcntl(child->output.get(), F_DUPFD_CLOEXEC, 3);
  conversation.limit_ = request.limit;
  if (conversation.to_child_ < 0 || conversation.from_child_ < 0) return Error{Errc::unavailable, "out of file descriptors"};
  return conversation;
}

Conversation::Conversation(Conversation&& other) noexcept { *this = std::move(other); }

Conversation& Conversation::operator=(Conversation&& other) noexcept {
  std::swap(child_, other.child_);
  std::swap(to_child_, other.to_child_);
  std::swap(from_child_, other.from_child_);
  std::swap(limit_, other.limit_);
  std::swap(buffer_, other.buffer_);
  std::swap(begin_, other.begin_);
  return *this;
}

std::string Conversation::end() {
  if (child_ <= 0) return "it has ended before";
  ::close(std::exchange(to_child_, -1));
  ::close(std::exchange(from_child_, -1));
  ::kill(-child_, SIGKILL);  // does nothing to a child that has ended, whose status waits
  const int code = wait_for(std::exchange(child_, -1));
  const char* name = code > 128 ? ::sigabbrev_np(code - 128) : nullptr;
  return name ? std::string("signal SIG") + name : "exit code " + std::to_string(code);
}

Conversation::~Conversation() {
  if (to_child_ >= 0) ::close(to_child_);
  if (from_child_ >= 0) ::close(from_child_);
  if (child_ > 0) kill_group(child_);
}

Result<> Conversation::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(to_child_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return Error{Errc::unavailable, "the program has ended: " + errno_text(errno)};
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<> Conversation::fill() {
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  pollfd wait{from_child_, POLLIN, 0};
  const int ready = ::poll(&wait, 1, static_cast<int>(limit_.count()));
  if (ready == 0) return Error{Errc::timeout, "no answer in " + std::to_string(limit_.count()) + " ms"};
  if (!take(from_child_, buffer_)) return Error{Errc::unavailable, "the program has ended"};
  return {};
}

Result<std::string> Conversation::read_line() {
  std::size_t end;
  while ((end = buffer_.find('\n', begin_)) == std::string::npos) {
    if (auto more = fill(); !more) return std::move(more).error();
  }
  std::string line = buffer_.substr(begin_, end - begin_);
  begin_ = end + 1;
  return line;
}

Result<std::string> Conversation::read_exactly(std::size_t count) {
  while (buffer_.size() - begin_ < count) {
    if (auto more = fill(); !more) return std::move(more).error();
  }
  std::string bytes = buffer_.substr(begin_, count);
  begin_ += count;
  return bytes;
}

}  // namespace sluice
