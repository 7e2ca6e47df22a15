#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <map>
#include <string>

namespace sluice::test {

/// A .tgz with these files, and links that lead to these places.
inline std::string packed(const std::map<std::string, std::string>& files, const std::map<std::string, std::string>& links = {}) {
  std::string bytes(1u << 20, '\0');
  std::size_t used = 0;
  archive* writer = archive_write_new();
  archive_write_set_format_ustar(writer);
  archive_write_add_filter_gzip(writer);
  archive_write_open_memory(writer, bytes.data(), bytes.size(), &used);
  for (const auto& [path, content] : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, path.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(writer, entry);
    archive_write_data(writer, content.data(), content.size());
    archive_entry_free(entry);
  }
  for (const auto& [path, target] : links) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, path.c_str());
    archive_entry_set_filetype(entry, AE_IFLNK);
    archive_entry_set_symlink(entry, target.c_str());
    archive_write_header(writer, entry);
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  bytes.resize(used);
  return bytes;
}

/// A chart with nothing but a name and a version.
inline std::string packed_chart(const std::string& name, const std::string& version) {
  return packed({{name + "/Chart.yaml", "apiVersion: v2\nname: " + name + "\nversion: " + version + "\n"}});
}

}  // namespace sluice::test
