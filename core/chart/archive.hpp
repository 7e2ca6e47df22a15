#pragma once

#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/chart/chart.hpp"

namespace sluice::chart {

/// What is left of a chart's Limits while its archives, nested ones included, are unpacked.
struct UnpackBudget {
  explicit UnpackBudget(const Limits& given) : limits(given), bytes(given.unpacked), files(given.files) {}
  Limits limits;
  std::size_t bytes;
  std::size_t files;
};

/// The regular files of a .tgz in their order there, without the first part of their names; nothing touches the disk.
///
/// Errors: invalid: Helm's texts and our own, under the code archive-unsafe for what no chart needs: links and other special entries, two entries of one name
/// (also if they differ in case only), control characters, names over 255 bytes a part, and everything beyond the limits, which
/// are checked on the bytes that come out.
Result<std::vector<File>> read_archive(std::string_view bytes, UnpackBudget& budget);

}  // namespace sluice::chart
