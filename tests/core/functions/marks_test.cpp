// Every registered function is fed with marked arguments: wherever the result depends on one, it must contain marks.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/functions/functions.hpp"
#include "core/functions/keys.hpp"
#include "core/functions/passwords.hpp"
#include "core/gotemplate/gotemplate.hpp"
#include "tests/core/functions/still_world.hpp"

namespace sluice::functions {
namespace {

/// An argument, and another value for it that makes the result another one.
struct Sample {
  Value value;
  Value other;
};

Sample s(std::string_view text, std::string_view other = "other") { return {Value::of_string(text), Value::of_string(other)}; }
Sample i(std::int64_t n, std::int64_t other) { return {Value::of_int(n), Value::of_int(other)}; }
Sample i64(std::int64_t n, std::int64_t other) { return {Value::of_int64(n), Value::of_int64(other)}; }
Sample f(double n, double other) { return {Value::of_float(n), Value::of_float(other)}; }
Sample b(bool yes) { return {Value::of_bool(yes), Value::of_bool(!yes)}; }

Value list(std::vector<Value> items) { return Value::new_list(std::move(items)); }
Value text(std::string_view t) { return Value::of_string(t); }
Sample l() { return {list({text("b"), text("a"), text("b")}), list({text("c"), text("d")})}; }
Sample m() { return {Value::new_map({{"k", text("v")}}), Value::new_map({{"k", text("w")}})}; }

const std::map<std::string, std::vector<Sample>, std::less<>>& samples() {
  static const std::map<std::string, std::vector<Sample>, std::less<>> all = {
      {"abbrev", {i(5, 6), s("hello world", "other world")}},
      {"abbrevboth", {i(6, 2), i(10, 12), s("alpha beta gamma delta", "alpha beta other delta")}},
      {"add", {i(1, 2), i(2, 3)}},
      {"add1", {i(1, 2)}},
      {"add1f", {f(1, 2)}},
      {"addf", {f(1, 2), f(2, 3)}},
      {"adler32sum", {s("x")}},
      {"ago", {i64(5, 5000)}},
      {"all", {s("x", ""), s("y", "")}},
      {"any", {i(0, 1), i(0, 1)}},
      {"append", {l(), s("x")}},
      {"atoi", {s("12", "13")}},
      {"b32dec", {s("ME======", "MI======")}},
      {"b32enc", {s("x")}},
      {"b64dec", {s("YQ==", "Yg==")}},
      {"b64enc", {s("x")}},
      {"base", {s("a/b", "a/c")}},
      {"bcrypt", {s("pw")}},
      {"biggest", {i(1, 5), i(2, 6)}},
      {"camelcase", {s("a_b")}},
      {"cat", {s("x"), s("y")}},
      {"ceil", {f(1.5, 2.5)}},
      {"chunk", {i(2, 3), l()}},
      {"clean", {s("a/../b", "a/../c")}},
      {"coalesce", {s("x"), s("y")}},
      {"coalesce 2", {i(0, 0), s("y")}},
      {"compact", {l()}},
      {"concat", {l(), l()}},
      {"contains", {s("x", "a"), s("abc", "x")}},
      {"date", {s("2006", "01"), i64(0, 100000000)}},
      {"dateInZone", {s("2006", "01"), i64(0, 100000000), s("UTC", "UTC")}},
      {"decryptAES", {s("key"), s(*encrypt_aes("key", "text", std::string(16, 'i')), *encrypt_aes("key", "other", std::string(16, 'i')))}},
      {"deepCopy", {m()}},
      {"deepEqual", {s("x", "y"), s("x", "y")}},
      {"default", {s("d"), s("x")}},
      {"default 2", {s("d"), i(0, 0)}},
      {"dict", {s("k"), s("v")}},
      {"dig", {s("k", "q"), s("d"), m()}},
      {"dir", {s("a/b", "c/b")}},
      {"div", {i(6, 9), i(3, 1)}},
      {"divf", {f(6, 9), f(3, 1)}},
      {"duration", {s("95", "96")}},
      {"durationRound", {s("3h", "4h1s")}},
      {"empty", {s("x", "")}},
      {"encryptAES", {s("key"), s("text")}},
      {"ext", {s("a.b", "a.c")}},
      {"first", {l()}},
      {"float64", {s("1.5", "2.5")}},
      {"floor", {f(1.5, 2.5)}},
      {"fromJson", {s("{\"a\":1}", "{\"a\":2}")}},
      {"fromJsonArray", {s("[1]", "[2]")}},
      {"fromToml", {s("a = 1\n", "a = 2\n")}},
      {"fromYaml", {s("a: 1", "a: 2")}},
      {"fromYamlArray", {s("- 1", "- 2")}},
      {"get", {m(), s("k", "q")}},
      {"getHostByName", {s("h")}},
      {"has", {s("x", "a"), l()}},
      {"hasPrefix", {s("x", "a"), s("abc", "xa")}},
      {"hasSuffix", {s("x", "c"), s("abc", "ax")}},
      {"htmlDate", {i64(0, 100000000)}},
      {"htmlDateInZone", {i64(0, 100000000), s("UTC", "UTC")}},
      {"htpasswd", {s("user"), s("pw")}},
      {"include", {s("shown", "other"), s("x")}},
      {"indent", {i(2, 3), s("a\nb")}},
      {"initial", {l()}},
      {"initials", {s("a b", "c d")}},
      {"int", {s("1", "2")}},
      {"int64", {s("1", "2")}},
      {"isAbs", {s("a", "/a")}},
      {"join", {s(",", ";"), l()}},
      {"kebabcase", {s("aB")}},
      {"keys", {{Value::new_map({{"k", text("v")}}), Value::new_map({{"k", text("v")}})}}},
      {"last", {l()}},
      {"list", {s("x"), s("y")}},
      {"lookup", {s("v1", "v2"), s("Secret", "ConfigMap"), s("ns"), s("name")}},
      {"lower", {s("Ab")}},
      {"max", {i(1, 5), i(2, 6)}},
      {"maxf", {f(1, 5), f(2, 6)}},
      {"merge", {m(), {Value::new_map({{"q", text("v")}}), Value::new_map({{"q", text("w")}})}}},
      {"mergeOverwrite", {{Value::new_map({{"q", text("v")}}), Value::new_map({{"q", text("w")}})}, m()}},
      {"min", {i(1, 0), i(2, -6)}},
      {"minf", {f(1, 0), f(2, -6)}},
      {"mod", {i(7, 8), i(4, 5)}},
      {"mul", {i(1, 5), i(2, 6)}},
      {"mulf", {f(1, 5), f(2, 6)}},
      {"mustFromJson", {s("{\"a\":1}", "{\"a\":2}")}},
      {"mustRegexFind", {s("a.", "b"), s("abab", "axax")}},
      {"mustToDate", {s("2006-01-02", "2006-02-01"), s("2020-03-04", "2020-05-06")}},
      {"nindent", {i(2, 3), s("a\nb")}},
      {"nospace", {s("a b", "c d")}},
      {"omit", {{Value::new_map({{"k", text("v")}, {"q", text("v")}}), Value::new_map({{"k", text("v")}, {"q", text("w")}})}, s("k", "q")}},
      {"pick", {m(), s("k", "q")}},
      {"pluck", {s("k", "q"), m()}},
      {"plural", {s("one", "eins"), s("many", "viele"), i(1, 2)}},
      {"prepend", {l(), s("x")}},
      {"quote", {s("a\"b"), s("c")}},
      {"randAlpha", {i(3, 4)}},
      {"randAlphaNum", {i(3, 4)}},
      {"randAscii", {i(3, 4)}},
      {"randBytes", {i(3, 9)}},
      {"randInt", {i(3, 4), i(10, 99)}},
      {"randNumeric", {i(3, 4)}},
      {"regexFind", {s("a.", "b"), s("abab", "axax")}},
      {"regexFindAll", {s("a", "b"), s("abab", "ab"), i(-1, 1)}},
      {"regexMatch", {s("x", "a"), s("abc", "x")}},
      {"regexQuoteMeta", {s("a.b")}},
      {"regexReplaceAll", {s("a(b)", "(b)"), s("xabx", "yaby"), s("<$1>", "[$1]")}},
      {"regexReplaceAllLiteral", {s("ab", "b"), s("xabx", "yaby"), s("<>", "[]")}},
      {"regexSplit", {s(",", ";"), s("a,b;c", "d,e;f"), i(-1, 1)}},
      {"repeat", {i(2, 3), s("x")}},
      {"replace", {s("a", "b"), s("c", "d"), s("ab", "aabb")}},
      {"required", {s("why"), s("x")}},
      {"rest", {l()}},
      {"reverse", {l()}},
      {"round", {f(1.5, 2.5), i(0, 1)}},
      {"semver", {s("1.2.3", "1.2.4")}},
      {"semverCompare", {s(">1", "<1"), s("2.0.0", "0.1.0")}},
      {"seq", {i(3, 4)}},
      {"set", {m(), s("q"), s("x")}},
      {"sha1sum", {s("x")}},
      {"sha256sum", {s("x")}},
      {"sha512sum", {s("x")}},
      {"shuffle", {s("abc", "xyz")}},
      {"slice", {l(), i(1, 2), i(2, 3)}},
      {"snakecase", {s("aB")}},
      {"sortAlpha", {l()}},
      {"split", {s(",", ";"), s("a,b;c", "d,e;f")}},
      {"splitList", {s(",", ";"), s("a,b;c", "d,e;f")}},
      {"splitn", {s(",", ";"), i(2, 1), s("a,b;c", "d,e;f")}},
      {"squote", {s("a"), s("c")}},
      {"sub", {i(1, 5), i(2, 6)}},
      {"subf", {f(1, 5), f(2, 6)}},
      {"substr", {i(0, 1), i(2, 3), s("abcd", "efgh")}},
      {"swapcase", {s("aB")}},
      {"ternary", {s("y"), s("n"), b(true)}},
      {"title", {s("ab")}},
      {"toDate", {s("2006-01-02", "2006-02-01"), s("2020-03-04", "2020-05-06")}},
      {"toDecimal", {s("7", "5")}},
      {"toJson", {m()}},
      {"toPrettyJson", {m()}},
      {"toRawJson", {m()}},
      {"toString", {i(1, 2)}},
      {"toStrings", {l()}},
      {"toToml", {m()}},
      {"toYaml", {m()}},
      {"toYamlPretty", {m()}},
      {"tpl", {s("[{{ . }}]", "({{ . }})"), s("x")}},
      {"trim", {s(" x ")}},
      {"trimAll", {s("$", "x"), s("$x$", "$y$")}},
      {"trimPrefix", {s("a", "ab"), s("abc", "xbc")}},
      {"trimSuffix", {s("c", "bc"), s("abc", "abx")}},
      {"trunc", {i(2, 3), s("abcd", "efgh")}},
      {"tuple", {s("x"), s("y")}},
      {"uniq", {l()}},
      {"unset", {{Value::new_map({{"k", text("v")}, {"q", text("v")}}), Value::new_map({{"k", text("v")}, {"q", text("w")}})}, s("k", "k")}},
      {"until", {i(2, 3)}},
      {"untilStep", {i(0, 1), i(5, 9), i(1, 2)}},
      {"untitle", {s("Ab", "Cd")}},
      {"upper", {s("ab")}},
      {"urlJoin", {{Value::new_map({{"host", text("h")}}), Value::new_map({{"host", text("g")}})}}},
      {"urlParse", {s("http://h/p", "http://g/p")}},
      {"values", {m()}},
      {"without", {l(), s("a", "b")}},
      {"wrap", {i(3, 9), s("aaa bbb ccc", "ddd eee fff")}},
      {"wrapWith", {i(3, 9), s("|", "/"), s("aaa bbb ccc", "ddd eee fff")}},
  };
  return all;
}

/// Functions whose results tell nothing about the contents of their arguments, or that have none.
const std::set<std::string, std::less<>> without_samples = {"fail",   "hello",  "now",    "uuidv4",     "kindOf", "typeOf",
                                                            "kindIs", "typeIs", "typeIsLike", "hasKey", "genPrivateKey"};
/// They need keys, times or certificates as arguments: tested below.
const std::set<std::string, std::less<>> tested_apart = {
    "buildCustomCert", "genCA",          "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey",
    "derivePassword",  "dateModify",      "mustDateModify", "date_modify",  "must_date_modify",  "unixEpoch"};

/// "mustAppend" and "push" are the same as "append".
std::string sample_name(std::string_view function) {
  static const std::map<std::string, std::string, std::less<>> same = {
      {"push", "append"},         {"mustPush", "append"}, {"date_in_zone", "dateInZone"}, {"osBase", "base"},  {"osDir", "dir"},
      {"osClean", "clean"},       {"osExt", "ext"},       {"osIsAbs", "isAbs"},           {"trimall", "trimAll"}};
  if (auto at = same.find(function); at != same.end()) return at->second;
  if (samples().contains(function) || !function.starts_with("must")) return std::string(function);
  std::string name(function.substr(4));
  name[0] = static_cast<char>(name[0] | 0x20);
  return name;
}

class Marks : public testing::Test {
 protected:
  /// The output of `{{ FUNCTION .a .b ... }}`; nothing if that is an error.
  static std::optional<Text> call(const gotemplate::FunctionTable& table, std::string_view function, const std::vector<Value>& args) {
    std::string action = "{{ " + std::string(function);
    Value dot = Value::new_map();
    for (std::size_t n = 0; n < args.size(); ++n) {
      const std::string name(1, static_cast<char>('a' + n));
      action += " ." + name;
      dot.map()->set(name, deep_copy(args[n]));
    }
    gotemplate::TemplateSet set("gotpl", table);
    EXPECT_TRUE(set.add("t", "{{ define \"shown\" }}<{{ . }}>{{ end }}{{ define \"other\" }}({{ . }}){{ end }}" + action + " }}"));
    const Outside outside = still_world();
    FunctionHost host;
    host.outside = &outside;
    gotemplate::Options options;
    options.host = &host;
    options.has_secrets = true;
    auto output = gotemplate::execute(set, "t", dot, options);
    if (!output) return std::nullopt;
    return *output;
  }
};

void check(const std::function<std::optional<Text>(const std::vector<Value>&)>& call, std::string_view function, const std::vector<Sample>& args) {
  std::vector<Value> plain;
  for (const Sample& sample : args) plain.push_back(sample.value);
  const auto output = call(plain);
  ASSERT_TRUE(output) << function;
  EXPECT_FALSE(output->has_marks()) << function << " marks what is no secret";
  for (std::size_t n = 0; n < args.size(); ++n) {
    std::vector<Value> changed = plain, marked = plain;
    changed[n] = args[n].other;
    marked[n] = mark_secret(args[n].value);
    const auto with_other = call(changed), with_secret = call(marked);
    ASSERT_TRUE(with_secret) << function << ": argument " << n + 1;
    EXPECT_EQ(with_secret->view(), output->view()) << function << ": a mark on argument " << n + 1 << " changes the bytes";
    if (with_other && with_other->view() == output->view()) continue;
    EXPECT_TRUE(with_secret->has_marks()) << function << ": argument " << n + 1 << " leaves no mark on " << output->view();
  }
}

TEST_F(Marks, ReachEveryResultThatDependsOnASecret) {
  for (Helm helm : {Helm::v3, Helm::v4}) {
    const auto& table = helm_functions(helm);
    int checked = 0;
    for (std::string_view function : table.names()) {
      if (without_samples.contains(function) || tested_apart.contains(function)) continue;
      const auto sample = samples().find(sample_name(function));
      if (sample == samples().end()) {
        ADD_FAILURE() << "no sample arguments for " << function;
        continue;
      }
      const auto call_it = [&](const std::vector<Value>& args) { return call(table, function, args); };
      check(call_it, function, sample->second);
      if (const auto second = samples().find(sample->first + " 2"); second != samples().end()) check(call_it, function, second->second);
      ++checked;
    }
    EXPECT_GT(checked, 180);
  }
}

TEST_F(Marks, StayOnTheBytesThatCameFromTheSecret) {
  const Text password("user:s3cret\nend", {{5, 11}});
  auto marked_part = [&](std::string_view function, std::vector<Value> args) {
    args.push_back(Value::of_string(password));
    const auto output = call(helm_functions(Helm::v3), function, args);
    std::string parts;
    for (const Mark& mark : output->marks()) parts += '[' + std::string(output->view().substr(mark.begin, mark.end - mark.begin)) + ']';
    return parts;
  };
  EXPECT_EQ(marked_part("indent", {Value::of_int(4)}), "[s3cret]");
  EXPECT_EQ(marked_part("nindent", {Value::of_int(4)}), "[s3cret]");
  EXPECT_EQ(marked_part("quote", {}), "[s3cret]");
  EXPECT_EQ(marked_part("squote", {}), "[s3cret]");
  EXPECT_EQ(marked_part("upper", {}), "[S3CRET]");
  EXPECT_EQ(marked_part("trunc", {Value::of_int(7)}), "[s3]");
  EXPECT_EQ(marked_part("trimPrefix", {text("user:s3")}), "[cret]");
  EXPECT_EQ(marked_part("repeat", {Value::of_int(2)}), "[s3cret][s3cret]");
  EXPECT_EQ(marked_part("replace", {text("e"), text("E")}), "[s3cr][t]");
  EXPECT_EQ(marked_part("list", {text("x")}), "[s3cret]");
  EXPECT_EQ(marked_part("toJson", {}), "[s3cret]");
  EXPECT_EQ(marked_part("toYaml", {}), "[s3cret]");
  EXPECT_EQ(marked_part("default", {text("x")}), "[s3cret]");
  EXPECT_EQ(marked_part("cat", {text("x")}), "[s3cret]");
  EXPECT_EQ(marked_part("splitList", {text(":")}), "[s3cret]");
  EXPECT_EQ(marked_part("b64enc", {}), "[dXNlcjpzM2NyZXQKZW5k]");
}

TEST_F(Marks, ReachPartsOfObjects) {
  gotemplate::FunctionTable table;
  add_sprig_functions(table, Helm::v3);
  gotemplate::TemplateSet set("gotpl", table);
  ASSERT_TRUE(set.add("version", "{{ (semver .v).Major }}"));
  ASSERT_TRUE(set.add("key", "{{ (genCAWithKey \"ca\" 1 .k).Key }}"));
  ASSERT_TRUE(set.add("epoch", "{{ unixEpoch (dateModify .d (toDate \"2006\" \"2020\")) }}"));
  ASSERT_TRUE(set.add("derived", "{{ derivePassword 1 \"pin\" .v \"user\" \"site\" }}"));
  const Outside outside = still_world();
  FunctionHost host;
  host.outside = &outside;
  gotemplate::Options options;
  options.host = &host;
  options.has_secrets = true;
  const Value dot = Value::new_map({{"v", Value::of_string(Text::secret("7.0.0"))},
                                    {"k", Value::of_string(Text::secret(*to_pem(**generate_key("ecdsa", 0))))},
                                    {"d", Value::of_string(Text::secret("24h"))}});
  for (const char* name : {"version", "key", "epoch", "derived"}) {
    auto output = gotemplate::execute(set, name, dot, options);
    ASSERT_TRUE(output) << output.error().what;
    EXPECT_TRUE(output->has_marks()) << name;
  }
}

}  // namespace
}  // namespace sluice::functions
