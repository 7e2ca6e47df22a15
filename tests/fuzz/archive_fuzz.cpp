// Loads and renders bytes as a packed chart. Three ways in: the bytes as they are; as a tar file, whose checksums are put right; as
// the text of one, "== NAME TYPE SIZE" before the content of each entry, where TYPE is tar's letter and SIZE what the header claims.

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "core/chart/chart.hpp"

namespace {

using namespace sluice;

constexpr std::size_t block = 512;
constexpr std::size_t checksum_at = 148;

void must(bool holds) {
  if (!holds) std::abort();
}

/// Puts the checksum of every block right that could be a header.
void repair(std::string& tar) {
  tar.resize((tar.size() + block - 1) / block * block, '\0');
  for (std::size_t at = 0; at < tar.size(); at += block) {
    char* const header = tar.data() + at;
    if (std::string_view(header + 257, 5) != "ustar") continue;
    std::memset(header + checksum_at, ' ', 8);
    unsigned sum = 0;
    for (std::size_t i = 0; i < block; ++i) sum += static_cast<unsigned char>(header[i]);
    std::snprintf(header + checksum_at, 8, "%06o", sum);
  }
}

void append_entry(std::string& tar, std::string_view head, std::string_view content) {
  std::string header(block, '\0');
  const std::string_view name = head.substr(0, head.find(' '));
  char type = '0';
  std::size_t size = content.size();
  if (name.size() + 1 < head.size()) {
    type = head[name.size() + 1];
    if (name.size() + 3 < head.size()) std::from_chars(head.data() + name.size() + 3, head.data() + head.size(), size);
  }
  std::memcpy(header.data(), name.data(), std::min<std::size_t>(name.size(), 100));
  std::memcpy(header.data() + 100, "0000644", 7);
  std::snprintf(header.data() + 124, 12, "%011llo", static_cast<unsigned long long>(size & 0777777777));
  header[156] = type;
  std::memcpy(header.data() + 257, "ustar\0" "00", 8);
  tar += header;
  tar += content;
  tar.resize((tar.size() + block - 1) / block * block, '\0');
}

std::string tar_of(std::string_view text) {
  std::string tar;
  while (text.starts_with("== ")) {
    const std::size_t line = std::min(text.find('\n'), text.size());
    const std::size_t next = std::min(text.find("\n== ", line), text.size());
    append_entry(tar, text.substr(3, line - 3), text.substr(std::min(line + 1, text.size()), next > line ? next - line : 0));
    text.remove_prefix(std::min(next + 1, text.size()));
  }
  repair(tar);
  return tar + std::string(2 * block, '\0');
}

std::string gzip(std::string_view bytes) {
  std::string out(bytes.size() + 4096, '\0');
  std::size_t size = 0;
  archive* const writer = archive_write_new();
  archive_write_add_filter_gzip(writer);
  archive_write_set_filter_option(writer, "gzip", "compression-level", "0");
  archive_write_set_format_raw(writer);
  must(archive_write_open_memory(writer, out.data(), out.size(), &size) == ARCHIVE_OK);
  archive_entry* const entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_write_header(writer, entry);
  archive_write_data(writer, bytes.data(), bytes.size());
  archive_entry_free(entry);
  archive_write_close(writer);
  archive_write_free(writer);
  out.resize(size);
  return out;
}

Result<std::string> render(const chart::Chart& chart, chart::HelmVersion helm) {
  chart::RenderRequest request;
  request.helm = helm;
  request.capabilities = chart::default_capabilities(helm);
  request.max_steps = 20'000;
  request.max_output = 1U << 18;
  auto rendered = chart::render(chart, request);
  if (!rendered) return std::move(rendered).error();
  auto text = chart::print_template_output(*rendered, {.crds = chart::Crds::include, .helm = helm});
  if (!text) return std::move(text).error();
  return text->str();
}

void load(std::string_view packed, chart::HelmVersion helm) {
  const chart::Limits limits{.unpacked = 1U << 20, .file = 1U << 18, .files = 100};
  const auto chart = chart::load_archive(packed, helm, limits);
  const auto again = chart::load_archive(packed, helm, limits);
  must(chart.has_value() == again.has_value());
  if (!chart) {
    must(chart.error().what == again.error().what);
    return;
  }
  std::size_t bytes = 0;
  for (const auto* files : {&(*chart)->templates, &(*chart)->files})
    for (const chart::File& file : *files) {
      must(file.data.size() <= limits.file);
      must(!file.name.starts_with('/') && file.name.find("..") != 0);
      bytes += file.data.size();
    }
  must(bytes <= limits.unpacked);
  const auto first = render(**chart, helm);
  const auto second = render(**chart, helm);
  must(first.has_value() == second.has_value() && (first ? *first == *second : first.error().what == second.error().what));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string packed;
  if (bytes.starts_with("\x1F\x8B")) {
    packed = bytes;
  } else if (bytes.starts_with("== ")) {
    packed = gzip(tar_of(bytes));
  } else {
    std::string tar(bytes);
    repair(tar);
    packed = gzip(tar);
  }
  load(packed, chart::HelmVersion::v3);
  load(packed, chart::HelmVersion::v4);
  return 0;
}
