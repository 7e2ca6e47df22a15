#include "core/value/text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace sluice {
namespace {

std::string json_float(double x) {
  std::string out;
  append_json_float(out, x);
  return out;
}

TEST(FloatText, TurnsToExponentsFromAMillionAndBelowATenThousandth) {
  EXPECT_EQ(float_text(100000), "100000");
  EXPECT_EQ(float_text(999999), "999999");
  EXPECT_EQ(float_text(1000000), "1e+06");
  EXPECT_EQ(float_text(1234567.5), "1.2345675e+06");
  EXPECT_EQ(float_text(123456.789), "123456.789");
  EXPECT_EQ(float_text(0.0001), "0.0001");
  EXPECT_EQ(float_text(0.00001), "1e-05");
  EXPECT_EQ(float_text(1), "1");
  EXPECT_EQ(float_text(0), "0");
  EXPECT_EQ(float_text(-0.0), "-0");
  EXPECT_EQ(float_text(1e100), "1e+100");
  EXPECT_EQ(float_text(INFINITY), "+Inf");
  EXPECT_EQ(float_text(-INFINITY), "-Inf");
  EXPECT_EQ(float_text(NAN), "NaN");
}

TEST(FloatText, OfKeysHasThePrecisionOf32Bits) {
  EXPECT_EQ(float32_text(16777217.5), "1.6777218e+07");
  EXPECT_EQ(float32_text(0.1234567891), "0.12345679");
  EXPECT_EQ(float32_text(1.1), "1.1");
}

TEST(FloatText, OfJsonIsPlainBelow1e21) {
  EXPECT_EQ(json_float(1e20), "100000000000000000000");
  EXPECT_EQ(json_float(1e21), "1e+21");
  EXPECT_EQ(json_float(0.000001), "0.000001");
  EXPECT_EQ(json_float(1e-7), "1e-7");
  EXPECT_EQ(json_float(1e-10), "1e-10");
  EXPECT_EQ(json_float(-0.0), "-0");
  EXPECT_EQ(json_float(12345678901234567890.0), "12345678901234567000");
  EXPECT_EQ(json_float(1.7976931348623157e308), "1.7976931348623157e+308");
  EXPECT_EQ(json_float(5e-324), "5e-324");
  EXPECT_EQ(json_float(100.25), "100.25");
}

TEST(FormatFloat, RoundsTheExactBinaryValueTiesToEven) {
  EXPECT_EQ(format_float(2.5, 'f', 0), "2");
  EXPECT_EQ(format_float(2.675, 'f', 2), "2.67");
  EXPECT_EQ(format_float(0.35, 'f', 1), "0.3");
  EXPECT_EQ(format_float(1234.5, 'e', 6), "1.234500e+03");
  EXPECT_EQ(format_float(1e21, 'f', 6), "1000000000000000000000.000000");
  EXPECT_EQ(format_float(1234567, 'g', 3), "1.23e+06");
  EXPECT_EQ(format_float(1234567, 'g', 10), "1234567");
  EXPECT_EQ(format_float(100, 'g', 3), "100");
  EXPECT_EQ(format_float(0, 'e', -1), "0e+00");
  EXPECT_EQ(format_float(0.1, 'f', -1), "0.1");
  EXPECT_EQ(format_float(1.5, 'x', -1), "0x1.8p+00");
  EXPECT_EQ(format_float(1.5, 'x', 2), "0x1.80p+00");
  EXPECT_EQ(format_float(1.96875, 'X', 1), "0X1.0P+01");
}

TEST(Quoted, EscapesWhatIsNotPrintable) {
  EXPECT_EQ(quoted("a\"b\\\n\t\x07\x7f"), R"("a\"b\\\n\t\a\x7f")");
  EXPECT_EQ(quoted("\u00a0 \u200b \ufffd \ufeff \u3000 \u00ad é 😀"), R"("\u00a0 \u200b � \ufeff \u3000 \u00ad é 😀")");
  EXPECT_EQ(quoted("h\xc3"), R"("h\xc3")");
  std::string ascii;
  append_quoted_ascii(ascii, "é😀");
  EXPECT_EQ(ascii, R"("\u00e9\U0001f600")");
}

TEST(ParseInt, KnowsGoPrefixesAndUnderscores) {
  EXPECT_EQ(parse_int("0x1F", 0).value, 31);
  EXPECT_EQ(parse_int("-0b11", 0).value, -3);
  EXPECT_EQ(parse_int("017", 0).value, 15);
  EXPECT_EQ(parse_int("0o17", 0).value, 15);
  EXPECT_EQ(parse_int("1_000", 0).value, 1000);
  EXPECT_EQ(parse_int("1__0", 0).fault, NumberFault::syntax);
  EXPECT_EQ(parse_int("1_", 0).fault, NumberFault::syntax);
  EXPECT_EQ(parse_int("08", 0).fault, NumberFault::syntax);
  EXPECT_EQ(parse_int("0x", 0).fault, NumberFault::syntax);
  EXPECT_EQ(parse_int("010", 10).value, 10);
  EXPECT_EQ(parse_int("", 10).fault, NumberFault::syntax);
  EXPECT_EQ(parse_int("-9223372036854775808", 10).value, std::numeric_limits<std::int64_t>::min());
}

TEST(ParseInt, SaturatesOutOfRange) {
  EXPECT_EQ(parse_int("9223372036854775808", 10).fault, NumberFault::range);
  EXPECT_EQ(parse_int("9223372036854775808", 10).value, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_int("-9223372036854775809", 10).value, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse_uint("18446744073709551615", 10).value, std::numeric_limits<std::uint64_t>::max());
}

TEST(ParseFloat, KnowsGoSyntax) {
  EXPECT_EQ(parse_float("1e3").value, 1000);
  EXPECT_EQ(parse_float("+1.5E-3").value, 0.0015);
  EXPECT_EQ(parse_float(".5").value, 0.5);
  EXPECT_EQ(parse_float("5.").value, 5);
  EXPECT_EQ(parse_float("0x1p4").value, 16);
  EXPECT_EQ(parse_float("-Inf").value, -INFINITY);
  EXPECT_EQ(parse_float("infinity").value, INFINITY);
  EXPECT_TRUE(std::isnan(parse_float("NaN").value));
  EXPECT_EQ(parse_float("1_0.5").value, 10.5);
  EXPECT_EQ(parse_float("1e400").fault, NumberFault::range);
  EXPECT_EQ(parse_float("1e-400").value, 0);
  EXPECT_EQ(parse_float("1e").fault, NumberFault::syntax);
  EXPECT_EQ(parse_float("0x1").fault, NumberFault::syntax);
  EXPECT_EQ(parse_float("").fault, NumberFault::syntax);
  EXPECT_EQ(parse_float("e3").fault, NumberFault::syntax);
}

}  // namespace
}  // namespace sluice
