#include "core/chart/archive.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <memory>
#include <unordered_set>

#include "core/base/gunzip.hpp"
#include "core/value/text.hpp"
#include "core/value/unicode.hpp"

namespace sluice::chart {

namespace {

constexpr std::size_t ratio_matters_from = 1U << 20;
constexpr std::size_t max_part = 255;

template <auto close>
struct Closer {
  template <class T>
  void operator()(T* handle) const noexcept {
    close(handle);
  }
};
using Archive = std::unique_ptr<archive, Closer<archive_read_free>>;

Error refused(std::string what) { return {Errc::invalid, std::move(what)}; }

/// What no chart needs and only harm can come of.
Error unsafe(const std::string& what) { return refused("archive-unsafe: " + what); }

Error failed(archive* in) {
  const char* text = archive_error_string(in);
  return refused("cannot read chart archive: " + std::string(text ? text : "damaged"));
}

std::string size_limit(const Limits& limits) {
  return "decompressed chart is larger than the maximum file size " + std::to_string(limits.unpacked);
}

std::string ratio_limit(const Limits& limits) {
  return "chart archive unpacks to more than " + std::to_string(limits.ratio) + " times its size";
}

/// The tar archive inside. What it may hold is checked file by file: here only as much is let pass as can come of that.
Result<Bytes> unpack(std::string_view bytes, const UnpackBudget& budget) {
  const std::size_t for_headers = (1U << 20) + budget.files * 2048;
  const std::size_t by_ratio = std::max(ratio_matters_from, bytes.size() * budget.limits.ratio);
  auto tar = gunzip(bytes, std::min(budget.bytes, by_ratio) + for_headers);
  if (!tar) return refused("cannot read chart archive: " + tar.error().what);
  if (!*tar) return unsafe(by_ratio < budget.bytes ? ratio_limit(budget.limits) : size_limit(budget.limits));
  return *std::move(*tar);
}

/// The name below the chart's folder: first part dropped, cleaned. Follows: Helm, loader.LoadArchiveFiles.
Result<std::string> chart_path(const std::string& name) {
  const char delimiter = name.find('\\') == name.npos ? '/' : '\\';
  const std::size_t cut = name.find(delimiter);
  std::string rest = cut == name.npos ? "" : name.substr(cut + 1);
  for (char& c : rest)
    if (c == delimiter) c = '/';
  if (rest.starts_with('/')) return unsafe("chart illegally contains absolute paths");

  std::string clean;
  for (std::size_t at = 0; at <= rest.size();) {
    const std::size_t end = std::min(rest.find('/', at), rest.size());
    const std::string_view part = std::string_view(rest).substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") return unsafe("chart illegally references parent directory");
    if (part.size() > max_part) return unsafe("chart archive: a part of the name " + quoted(name) + " is longer than 255 bytes");
    if (!clean.empty()) clean += '/';
    clean += part;
  }
  if (clean.empty()) return unsafe("chart illegally contains content outside the base directory: " + quoted(name));
  if (clean.starts_with("..")) return unsafe("chart illegally references parent directory");
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (clean.size() > 2 && is_letter(clean[0]) && clean[1] == ':' && clean[2] == '/') {
    return unsafe("chart contains illegally named files");
  }
  for (const char c : clean) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) {
      return unsafe("chart archive: the name " + quoted(name) + " has a control character");
    }
  }
  if (name.substr(0, cut) == "Chart.yaml") return refused("chart yaml not in base directory");
  return clean;
}

std::string folded(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    const Rune rune = decode_rune(name);
    append_rune(out, to_lower(rune.value));
    name.remove_prefix(rune.size);
  }
  return out;
}

std::string entry_name(archive_entry* entry) {
  const char* name = archive_entry_pathname(entry);
  if (!name) name = archive_entry_pathname_utf8(entry);
  return name ? name : "";
}

/// The bytes of the entry at hand.
Result<std::string> read_entry(archive* in, archive_entry* entry, const std::string& name, std::size_t packed,
                               UnpackBudget& budget) {
  const Limits& limits = budget.limits;
  const std::string too_large =
      "decompressed chart file " + quoted(name) + " is larger than the maximum file size " + std::to_string(limits.file);
  const auto declared = archive_entry_size(entry);
  if (declared < 0 || static_cast<std::size_t>(declared) > budget.bytes) return unsafe(size_limit(limits));
  if (static_cast<std::size_t>(declared) > limits.file) return unsafe(too_large);

  std::string data;
  data.reserve(static_cast<std::size_t>(declared));
  const void* piece = nullptr;
  std::size_t size = 0;
  la_int64_t at = 0;
  for (;;) {
    const auto status = archive_read_data_block(in, &piece, &size, &at);
    if (status == ARCHIVE_EOF) break;
    if (status != ARCHIVE_OK) return failed(in);
    data.append(static_cast<const char*>(piece), size);
  }
  const std::size_t got = data.size();
  if (got != static_cast<std::size_t>(declared)) return refused("chart archive: the file " + quoted(name) + " is cut off");
  budget.bytes -= got;
  const std::size_t total = limits.unpacked - budget.bytes;
  if (total > ratio_matters_from && total / limits.ratio > packed) {
    return unsafe(ratio_limit(limits));
  }
  if (data.starts_with("\xEF\xBB\xBF")) data.erase(0, 3);
  return data;
}

}  // namespace

Result<std::vector<File>> read_archive(std::string_view bytes, UnpackBudget& budget) {
  if (!is_gzip(bytes)) return refused("gzip: invalid header");
  if (bytes.size() > budget.limits.packed) {
    return unsafe("chart archive is larger than " + std::to_string(budget.limits.packed) + " bytes");
  }
  auto tar = unpack(bytes, budget);
  if (!tar) return std::move(tar).error();
  const Archive in(archive_read_new());
  archive_read_support_format_tar(in.get());
  if (archive_read_open_memory(in.get(), tar->data.get(), tar->size) != ARCHIVE_OK) return failed(in.get());

  std::vector<File> files;
  std::unordered_set<std::string> seen;
  archive_entry* entry = nullptr;
  for (;;) {
    const int status = archive_read_next_header(in.get(), &entry);
    if (status == ARCHIVE_EOF) break;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return failed(in.get());
    const std::string name = entry_name(entry);
    if (archive_entry_filetype(entry) == AE_IFDIR) continue;
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) || archive_entry_symlink(entry) ||
        archive_entry_sparse_count(entry) > 0) {
      return unsafe("chart archive: " + quoted(name) + " is neither a plain file nor a folder");
    }
    auto path = chart_path(name);
    if (!path) return std::move(path).error();
    if (!seen.insert(folded(*path)).second) return unsafe("chart archive: two entries are named " + quoted(name));
    if (budget.files-- == 0) {
      budget.files = 0;
      return unsafe("chart archive has more than " + std::to_string(budget.limits.files) + " files");
    }
    auto data = read_entry(in.get(), entry, name, bytes.size(), budget);
    if (!data) return std::move(data).error();
    files.push_back({*std::move(path), *std::move(data)});
  }
  if (files.empty()) return refused("no files in chart archive");
  return files;
}

}  // namespace sluice::chart
