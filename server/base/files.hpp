#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.hpp"

namespace sluice {

/// A file descriptor and its owner. Always opened close-on-exec.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Fd();

  explicit operator bool() const { return number_ >= 0; }
  int get() const { return number_; }

 private:
  int number_ = -1;
};

/// The text of errno `number`, with its name: "ENOSPC (No space left on device)".
std::string errno_text(int number);

/// The whole of a file. Errors: not_found; invalid when it is larger than `limit`; unavailable otherwise.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit);

/// Puts `bytes` at `path` so that after a crash there is the old file or the new one, never part of it: a temporary file
/// beside it, flushed, renamed over it, the folder flushed.
Result<> write_file(const std::filesystem::path& path, std::string_view bytes, mode_t mode = 0600);

/// Makes names created in or renamed into `folder` durable.
Result<> sync_folder(const std::filesystem::path& folder);

/// The folder where sluice keeps its data: made with mode 0700 if absent, refused when it belongs to somebody else,
/// may be entered by others, or lies on a network filesystem (whose locks and flushes cannot be relied on).
Result<> prepare_data_folder(const std::filesystem::path& folder);

/// Bytes that this process could still write to the filesystem of `path`.
Result<std::uint64_t> free_space(const std::filesystem::path& path);

}  // namespace sluice
