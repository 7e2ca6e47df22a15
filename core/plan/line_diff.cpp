#include "core/plan/line_diff.hpp"

#include <algorithm>
#include <span>

namespace sluice::plan {

namespace {

using Lines = std::span<const std::string>;
constexpr std::size_t max_edits = 700;
constexpr std::size_t max_lines = 20'000;

void replace_all(Lines before, Lines after, std::vector<DiffLine>& out) {
  for (const auto& line : before) out.push_back({'-', line});
  for (const auto& line : after) out.push_back({'+', line});
}

/// Myers' greedy algorithm, remembering each round for the way back.
void shortest_edit(Lines before, Lines after, std::vector<DiffLine>& out) {
  const auto n = static_cast<long>(before.size());
  const auto m = static_cast<long>(after.size());
  if (n == 0 || m == 0 || before.size() + after.size() > max_lines) return replace_all(before, after, out);
  const long limit = std::min<long>(n + m, max_edits);
  std::vector<long> reach(static_cast<std::size_t>(2 * limit + 3), 0);
  const auto at = [limit](long k) { return static_cast<std::size_t>(k + limit + 1); };
  std::vector<std::vector<long>> rounds;
  long found = -1;
  for (long d = 0; d <= limit && found < 0; ++d) {
    rounds.push_back(reach);
    for (long k = -d; k <= d && found < 0; k += 2) {
      const bool down = k == -d || (k != d && reach[at(k - 1)] < reach[at(k + 1)]);
      long x = down ? reach[at(k + 1)] : reach[at(k - 1)] + 1;
      while (x < n && x - k < m && before[static_cast<std::size_t>(x)] == after[static_cast<std::size_t>(x - k)]) ++x;
      reach[at(k)] = x;
      if (x >= n && x - k >= m) found = d;
    }
  }
  if (found < 0) return replace_all(before, after, out);
  std::vector<DiffLine> reversed;
  long x = n;
  long y = m;
  for (long d = found; d > 0; --d) {
    const auto& was = rounds[static_cast<std::size_t>(d)];
    const long k = x - y;
    const bool down = k == -d || (k != d && was[at(k - 1)] < was[at(k + 1)]);
    const long from_k = down ? k + 1 : k - 1;
    const long from_x = was[at(from_k)];
    const long from_y = from_x - from_k;
    const long edited_x = down ? from_x : from_x + 1;
    const long edited_y = down ? from_y + 1 : from_y;
    for (; x > edited_x && y > edited_y; --x, --y) reversed.push_back({' ', before[static_cast<std::size_t>(x - 1)]});
    if (down) reversed.push_back({'+', after[static_cast<std::size_t>(--y)]});
    if (!down) reversed.push_back({'-', before[static_cast<std::size_t>(--x)]});
  }
  for (; x > 0; --x) reversed.push_back({' ', before[static_cast<std::size_t>(x - 1)]});
  out.insert(out.end(), reversed.rbegin(), reversed.rend());
}

std::vector<DiffLine> keep_context(std::vector<DiffLine> lines, std::size_t context) {
  std::vector<bool> keep(lines.size(), false);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].mark == ' ') continue;
    const auto begin = i - std::min(i, context);
    for (std::size_t k = begin; k < std::min(lines.size(), i + context + 1); ++k) keep[k] = true;
  }
  std::vector<DiffLine> out;
  bool skipping = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (keep[i]) out.push_back(std::move(lines[i]));
    if (!keep[i] && !skipping) out.push_back({'.', ""});
    skipping = !keep[i];
  }
  return out;
}

}  // namespace

std::vector<DiffLine> line_diff(const std::vector<std::string>& before, const std::vector<std::string>& after,
                                std::size_t context) {
  std::size_t head = 0;
  while (head < before.size() && head < after.size() && before[head] == after[head]) ++head;
  std::size_t tail = 0;
  while (tail < before.size() - head && tail < after.size() - head &&
         before[before.size() - 1 - tail] == after[after.size() - 1 - tail])
    ++tail;
  std::vector<DiffLine> lines;
  for (std::size_t i = 0; i < head; ++i) lines.push_back({' ', before[i]});
  shortest_edit(Lines(before).subspan(head, before.size() - head - tail), Lines(after).subspan(head, after.size() - head - tail),
                lines);
  for (std::size_t i = before.size() - tail; i < before.size(); ++i) lines.push_back({' ', before[i]});
  return keep_context(std::move(lines), context);
}

}  // namespace sluice::plan
