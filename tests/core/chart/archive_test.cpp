#include "core/chart/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <functional>

namespace sluice::chart {
namespace {

struct Entry {
  std::string name, data;
  std::function<void(archive_entry*)> change = {};
};

std::string pack(const std::vector<Entry>& entries) {
  std::string out(4U << 20, '\0');
  std::size_t size = 0;
  archive* writer = archive_write_new();
  archive_write_add_filter_gzip(writer);
  archive_write_set_format_pax_restricted(writer);
  archive_write_open_memory(writer, out.data(), out.size(), &size);
  for (const Entry& item : entries) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, item.name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(item.data.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    if (item.change) item.change(entry);
    archive_write_header(writer, entry);
    archive_write_data(writer, item.data.data(), item.data.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  out.resize(size);
  return out;
}

std::string read(const std::vector<Entry>& entries, const Limits& limits = {}) {
  UnpackBudget budget(limits);
  const auto files = read_archive(pack(entries), budget);
  if (!files) return "error: " + files.error().what;
  std::string out;
  for (const File& file : *files) out += file.name + "=" + file.data + ";";
  return out;
}

TEST(ChartArchive, KeepsItsOrderAndLosesTheFirstPartOfNames) {
  EXPECT_EQ(read({{"c/values.yaml", "v"}, {"c/Chart.yaml", "x"}, {"other/b/../x", ""}}),
            "error: archive-unsafe: chart illegally references parent directory");
  EXPECT_EQ(read({{"c/values.yaml", "v"}, {"c/Chart.yaml", "\xEF\xBB\xBFx"}, {"other/./b", "y"}}),
            "values.yaml=v;Chart.yaml=x;b=y;");
  EXPECT_EQ(read({{"c\\templates\\a.yaml", "v"}}), "templates/a.yaml=v;");
  EXPECT_EQ(read({{"c/d", "", [](archive_entry* e) { archive_entry_set_filetype(e, AE_IFDIR); }}, {"c/a", "v"}}), "a=v;");
}

TEST(ChartArchive, RefusesNamesThatLeadElsewhere) {
  EXPECT_EQ(read({{"c//etc/passwd", "x"}}), "error: archive-unsafe: chart illegally contains absolute paths");
  EXPECT_EQ(read({{"c/../../x", "x"}}), "error: archive-unsafe: chart illegally references parent directory");
  EXPECT_EQ(read({{"plain", "x"}}), "error: archive-unsafe: chart illegally contains content outside the base directory: \"plain\"");
  EXPECT_EQ(read({{"c/c:/x", "x"}}), "error: archive-unsafe: chart contains illegally named files");
  EXPECT_EQ(read({{"Chart.yaml/x", "x"}}), "error: chart yaml not in base directory");
  EXPECT_EQ(read({{"c/a\nb", "x"}}), "error: archive-unsafe: chart archive: the name \"c/a\\nb\" has a control character");
  EXPECT_EQ(read({{"c/" + std::string(256, 'n'), "x"}}),
            "error: archive-unsafe: chart archive: a part of the name \"c/" + std::string(256, 'n') + "\" is longer than 255 bytes");
}

TEST(ChartArchive, RefusesLinksAndDevicesAndDoubles) {
  const auto link = [](archive_entry* e) {
    archive_entry_set_filetype(e, AE_IFLNK);
    archive_entry_set_symlink(e, "/etc/passwd");
  };
  EXPECT_EQ(read({{"c/a", "", link}}), "error: archive-unsafe: chart archive: \"c/a\" is neither a plain file nor a folder");
  EXPECT_EQ(read({{"c/a", "", [](archive_entry* e) { archive_entry_set_hardlink(e, "c/b"); }}}),
            "error: archive-unsafe: chart archive: \"c/a\" is neither a plain file nor a folder");
  EXPECT_EQ(read({{"c/a", "", [](archive_entry* e) { archive_entry_set_filetype(e, AE_IFIFO); }}}),
            "error: archive-unsafe: chart archive: \"c/a\" is neither a plain file nor a folder");
  EXPECT_EQ(read({{"c/a", "1"}, {"c/A", "2"}}), "error: archive-unsafe: chart archive: two entries are named \"c/A\"");
}

TEST(ChartArchive, CountsWhatComesOut) {
  EXPECT_EQ(read({{"c/a", "12345"}}, {.file = 4}),
            "error: archive-unsafe: decompressed chart file \"c/a\" is larger than the maximum file size 4");
  EXPECT_EQ(read({{"c/a", "123"}, {"c/b", "123"}}, {.unpacked = 5}),
            "error: archive-unsafe: decompressed chart is larger than the maximum file size 5");
  EXPECT_EQ(read({{"c/a", ""}, {"c/b", ""}}, {.files = 1}), "error: archive-unsafe: chart archive has more than 1 files");
  EXPECT_EQ(read({{"c/a", std::string(3U << 20, '\0')}}, {.ratio = 200}),
            "error: archive-unsafe: chart archive unpacks to more than 200 times its size");
  EXPECT_EQ(read({{"c/a", "x"}}, {.packed = 10}), "error: archive-unsafe: chart archive is larger than 10 bytes");
  EXPECT_EQ(read({}), "error: no files in chart archive");
}

TEST(ChartArchive, NoticesDamage) {
  UnpackBudget budget{Limits()};
  EXPECT_EQ(read_archive("name: x", budget).error().what, "gzip: invalid header");
  const std::string whole = pack({{"c/a", std::string(5000, 'x')}, {"c/b", "y"}});
  for (const std::size_t size : {whole.size() / 2, whole.size() / 3, std::size_t{12}}) {
    UnpackBudget fresh{Limits()};
    EXPECT_FALSE(read_archive(std::string_view(whole).substr(0, size), fresh)) << size;
  }
}

}  // namespace
}  // namespace sluice::chart
