#include "core/value/fmt.hpp"
#include "core/value/walk.hpp"

#include <gtest/gtest.h>

namespace sluice {
namespace {

Value s(std::string_view text) { return Value::of_string(Text(text)); }
Value i(std::int64_t n) { return Value::of_int(n); }
Value f(double d) { return Value::of_float(d); }

std::string print(std::string_view format, std::vector<Value> arguments) { return sprintf(Text(format), arguments).str(); }

TEST(ToText, PrintsContainersAsGoDoes) {
  const Value map = Value::new_map({{"b", i(1)}, {"a", Value()}, {"c", Value::new_list({s("x"), f(1e6), Value::of_bool(true)})}});
  EXPECT_EQ(to_text(map).str(), "map[a:<nil> b:1 c:[x 1e+06 true]]");
  EXPECT_EQ(to_text(Value()).str(), "<nil>");
  EXPECT_EQ(to_text(Value::nil_list()).str(), "[]");
  EXPECT_EQ(to_text(Value::of_bytes(Text("AB"))).str(), "[65 66]");
  EXPECT_EQ(to_text(Value::of_complex(1.5, -2.5)).str(), "(1.5-2.5i)");
}

TEST(ToText, KeepsTheMarksOfSecrets) {
  const Value list = Value::new_list({s("a"), Value::of_string(Text::secret("pw")), s("b")});
  const Text text = to_text(list);
  EXPECT_EQ(text.str(), "[a pw b]");
  ASSERT_EQ(text.marks().size(), 1u);
  EXPECT_EQ(text.marks()[0], (Mark{3, 5}));
}

TEST(ToText, RefusesAMapThatContainsItself) {
  Value map = Value::new_map({});
  map.map()->set("self", map);
  EXPECT_THROW(to_text(map), TooLarge);
  map.map()->erase("self");
}

TEST(Sprint, PutsASpaceBetweenTwoThatAreNoStrings) {
  EXPECT_EQ(sprint(std::vector<Value>{i(1), i(2), s("a"), s("b"), i(3), i(4)}).str(), "1 2ab3 4");
  EXPECT_EQ(sprint(std::vector<Value>{i(1), Value::of_bool(true), Value()}).str(), "1 true <nil>");
  EXPECT_EQ(sprintln(std::vector<Value>{i(1), s("a")}).str(), "1 a\n");
}

TEST(Sprintf, PrintsNumbersInEveryBase) {
  EXPECT_EQ(print("%d|%5d|%-5d|%05d|%+d|% d", {i(42), i(42), i(42), i(42), i(42), i(42)}), "42|   42|42   |00042|+42| 42");
  EXPECT_EQ(print("%x|%X|%o|%#o|%O|%b|%#x|%#b", {i(255), i(255), i(8), i(8), i(8), i(5), i(255), i(5)}),
            "ff|FF|10|010|0o10|101|0xff|0b101");
  EXPECT_EQ(print("%c|%q|%U|%#U", {i(65), i(65), i(65), i(65)}), "A|'A'|U+0041|U+0041 'A'");
  EXPECT_EQ(print("%d|%05d|%x", {i(-42), i(-42), i(-255)}), "-42|-0042|-ff");
  EXPECT_EQ(print("%.5d|%8.5d|%08.5d|%.0d|%+.3d", {i(42), i(42), i(42), i(0), i(7)}), "00042|   00042|   00042||+007");
}

TEST(Sprintf, SaysWhichKindAVerbCannotPrint) {
  EXPECT_EQ(print("%d|%d|%s|%s|%t|%p", {f(8080), s("s"), i(1), Value(), i(1), s("x")}),
            "%!d(float64=8080)|%!d(string=s)|%!s(int=1)|%!s(<nil>)|%!t(int=1)|%!p(string=x)");
  EXPECT_EQ(print("%d", {Value::new_list({i(1), s("a"), i(2)})}), "[1 %!d(string=a) 2]");
  EXPECT_EQ(print("%z|%!|%é", {i(1), s("s"), i(1)}), "%!z(int=1)|%!!(string=s)|%!é(int=1)");
}

TEST(Sprintf, CountsArgumentsAsGoDoes) {
  EXPECT_EQ(print("%d %d", {i(1)}), "1 %!d(MISSING)");
  EXPECT_EQ(print("%d", {i(1), s("x"), Value(), f(2.5)}), "1%!(EXTRA string=x, <nil>, float64=2.5)");
  EXPECT_EQ(print("%[2]d %[1]d %d", {i(1), i(2)}), "2 1 2");
  EXPECT_EQ(print("%[3]d|%[x]d", {i(1)}), "%!d(BADINDEX)|%!d(BADINDEX)");
  EXPECT_EQ(print("100%", {}), "100%!(NOVERB)");
  EXPECT_EQ(print("%5", {i(1)}), "%!(NOVERB)%!(EXTRA int=1)");
  EXPECT_EQ(print("%*d|%-*d|%.*f", {i(5), i(42), i(5), i(42), i(2), f(3.14159)}), "   42|42   |3.14");
  EXPECT_EQ(print("%*d|", {i(-5), i(42)}), "42   |");
  EXPECT_EQ(print("%*d", {s("x"), i(42)}), "%!(BADWIDTH)42");
  EXPECT_EQ(print("%.*f", {s("x"), f(4.2)}), "%!(BADPREC)4.200000");
  EXPECT_EQ(print("%%|%5%|%d%%", {i(5)}), "%|%|5%");
}

TEST(Sprintf, PrintsFloats) {
  EXPECT_EQ(print("%b|%+b|%#b", {Value::of_float(-2.5), Value::of_float(1), Value::of_float(5e-324)}),
            "-5629499534213120p-51|+4503599627370496p-52|1p-1074");
  EXPECT_EQ(print("%e|%f|%g|%.2f|%8.3f|%-8.1f|%08.3f|%+.1f|% .1f|%6.f",
                  {f(1234.5), f(1234.5), f(1234.5), f(1234.5), f(1234.5), f(1234.5), f(1234.5), f(1234.5), f(1234.5), f(1234.5)}),
            "1.234500e+03|1234.500000|1234.5|1234.50|1234.500|1234.5  |1234.500|+1234.5| 1234.5|  1234");
  EXPECT_EQ(print("%G|%#g|%#.3g|%08.3f", {f(1e6), f(1), f(2), f(-3)}), "1E+06|1.00000|2.00|-003.000");
}

TEST(Sprintf, PrintsStrings) {
  EXPECT_EQ(print("%s|%8s|%-8s|%.2s|%05s|%q", {s("héllo"), s("héllo"), s("héllo"), s("héllo"), s("ab"), s("a\"b")}),
            "héllo|   héllo|héllo   |hé|000ab|\"a\\\"b\"");
  EXPECT_EQ(print("%x|% x|%#x|%# x|%8x|%.1x", {s("hi"), s("hi"), s("hi"), s("hi"), s("hi"), s("hi")}),
            "6869|68 69|0x6869|0x68 0x69|    6869|68");
  EXPECT_EQ(print("%#q|%#q|%+q", {s("raw\\x"), s("has`tick"), s("é")}), "`raw\\x`|\"has`tick\"|\"\\u00e9\"");
}

TEST(Sprintf, WritesGoSyntax) {
  const Value list = Value::new_list({i(1), s("a"), Value(), f(2.5)});
  EXPECT_EQ(print("%#v|%#v|%T", {list, Value::new_map({{"a", i(1)}}), list}),
            "[]interface {}{1, \"a\", interface {}(nil), 2.5}|map[string]interface {}{\"a\":1}|[]interface {}");
  EXPECT_EQ(print("%5v|%-7v|%3d", {Value(), Value(), Value::new_list({i(1), i(2)})}), "<nil>|<nil>  |[  1   2]");
}

TEST(Sprintf, KeepsTheMarksOfSecrets) {
  const Text text = sprintf("%s:%s@%5s", std::vector<Value>{s("user"), Value::of_string(Text::secret("pw")), s("h")});
  EXPECT_EQ(text.str(), "user:pw@    h");
  ASSERT_EQ(text.marks().size(), 1u);
  EXPECT_EQ(text.marks()[0], (Mark{5, 7}));
}

}  // namespace
}  // namespace sluice
