#pragma once

#include <filesystem>
#include <random>

namespace sluice::store {

/// A disk whose power can be cut. While one exists, SQLite's files go through it: it keeps apart what was written and not yet
/// flushed. One at a time.
///
/// The cut is not felt by who uses the disk. It leaves, in another folder, the files as a machine could find them after its
/// restart: what was flushed is there; of what was not, each sector of 512 bytes is there, is missing, came before an earlier
/// one, or ends in the middle. Names of files that were not flushed may be missing, and names that were removed be there again.
class PowerCutDisk {
 public:
  explicit PowerCutDisk(std::uint32_t seed);
  ~PowerCutDisk();
  PowerCutDisk(const PowerCutDisk&) = delete;
  PowerCutDisk& operator=(const PowerCutDisk&) = delete;

  /// From here on the files in `folder` are watched, as they are now on the disk. At the `instant`-th write, truncation, flush or
  /// removal from now on (1: the next) the power is cut, and `remains` gets what is left. No file of `folder` may be open.
  void watch(const std::filesystem::path& folder, std::uint64_t instant, const std::filesystem::path& remains);
  /// Cuts now if it has not happened.
  void cut_now();
  bool is_cut() const;
  /// Instants passed since `watch`.
  std::uint64_t passed() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace sluice::store
