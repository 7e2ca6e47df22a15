#include "core/base/gunzip.hpp"

#include <gtest/gtest.h>
#include <libdeflate.h>

#include <string>

namespace sluice {
namespace {

std::string gzip(const std::string& plain) {
  libdeflate_compressor* compressor = libdeflate_alloc_compressor(6);
  std::string out(libdeflate_gzip_compress_bound(compressor, plain.size()), '\0');
  out.resize(libdeflate_gzip_compress(compressor, plain.data(), plain.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

std::string unpack(const std::string& packed, std::size_t limit) {
  auto bytes = gunzip(packed, limit);
  if (!bytes) return "error: " + bytes.error().what;
  return *bytes ? std::string((*bytes)->view()) : "more than " + std::to_string(limit);
}

TEST(Gunzip, ReadsAllMembersAndIgnoresWhatFollows) {
  EXPECT_EQ(unpack(gzip("abc"), 100), "abc");
  EXPECT_EQ(unpack(gzip(""), 100), "");
  EXPECT_EQ(unpack(gzip("abc") + gzip("") + gzip("def"), 6), "abcdef");
  EXPECT_EQ(unpack(gzip("abc") + std::string(512, '\0'), 100), "abc");
}

TEST(Gunzip, GrowsWhenTheStreamPromisesTooLittle) {
  const std::string large(1'000'000, 'x');
  EXPECT_EQ(unpack(gzip(large) + gzip("y"), 2'000'000), large + "y");  // the last member's size is all that is promised
}

TEST(Gunzip, StopsAtItsLimit) {
  EXPECT_EQ(unpack(gzip("abc"), 3), "abc");
  EXPECT_EQ(unpack(gzip("abcd"), 3), "more than 3");
  EXPECT_EQ(unpack(gzip(std::string(1'000'000, 'x')), 999'999), "more than 999999");
  EXPECT_EQ(unpack(gzip("abc") + gzip("d"), 3), "more than 3");
}

TEST(Gunzip, NoticesDamage) {
  const std::string damaged = "error: the gzip stream is cut off or damaged";
  const std::string good = gzip("some text, and some more text");
  EXPECT_EQ(unpack("", 100), damaged);
  EXPECT_EQ(unpack("plain text", 100), damaged);
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_EQ(unpack(good.substr(0, size), 100), damaged) << size;
  std::string flipped = good;
  flipped[good.size() - 6] ^= 1;  // in the checksum
  EXPECT_EQ(unpack(flipped, 100), damaged);
}

}  // namespace
}  // namespace sluice
