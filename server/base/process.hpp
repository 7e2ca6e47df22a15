#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.hpp"

namespace sluice {

/// A program to run: an argument vector and a whole environment, never a command line.
struct ProcessRequest {
  std::vector<std::string> arguments;    ///< [0] is the program; looked up in the PATH of `environment` if it has no slash
  std::vector<std::string> environment;  ///< "NAME=value", all the child gets
  std::string input;                     ///< what it reads on standard input
  std::string folder;                    ///< where it runs; empty = here
  std::chrono::milliseconds limit = std::chrono::seconds(30);
  std::size_t output_limit = 1 << 20;            ///< bytes of standard output and of standard error, each
  std::uint64_t file_size_limit = 0;             ///< bytes of any file that it or its children write; 0 = as many as we may
  std::vector<std::pair<int, int>> descriptors;  ///< ours -> the child's, beside 0, 1 and 2
};

struct ProcessResult {
  int exit_code = 0;  ///< 128 + the signal's number if it was killed
  std::string output;
  std::string error_output;
};

/// Runs a program to its end. It gets a process group of its own, which is killed as a whole when time or output runs out.
///
/// Blocks; for a worker thread. Errors: not_found (no such program), timeout, invalid (more output than allowed), unavailable.
/// An exit code other than 0 is no Error.
Result<ProcessResult> run_process(const ProcessRequest& request);

/// A program that answers on its standard output what is written to its standard input, as `git cat-file --batch` does.
class Conversation {
 public:
  static Result<Conversation> start(const ProcessRequest& request);
  Conversation(Conversation&& other) noexcept;
  Conversation& operator=(Conversation&& other) noexcept;
  ~Conversation();  ///< kills its process group and waits for it

  Result<> write(std::string_view bytes);
  /// The next line, without its end.
  Result<std::string> read_line();
  Result<std::string> read_exactly(std::size_t count);
  /// Ends it, if it still runs, and says how it came to its end: "exit code 1", "signal SIGXCPU".
  std::string end();

 private:
  Conversation() = default;
  Result<> fill();

  pid_t child_ = -1;
  int to_child_ = -1;
  int from_child_ = -1;
  std::chrono::milliseconds limit_{};
  std::string buffer_;
  std::size_t begin_ = 0;
};

}  // namespace sluice
