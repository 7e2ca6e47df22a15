// Executes templates that are well formed, whatever the bytes: each byte decides what is written next, a statement, a word, an
// argument. All functions that charts may call take part, with arguments of any type. Rendering twice must give the same, and the
// secret among the values must not be in an error or in unmarked bytes of the output.

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "core/functions/functions.hpp"
#include "core/gotemplate/gotemplate.hpp"
#include "tests/core/functions/still_world.hpp"

namespace sluice::functions {
namespace {

constexpr std::string_view canary = "Zq7-canary-Zq7";

/// What takes milliseconds by design, or random bytes that differ between two calls.
const std::set<std::string_view> left_out = {"bcrypt",       "buildCustomCert", "derivePassword",       "genCA",         "genCAWithKey",
                                             "genPrivateKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert",
                                             "genSignedCertWithKey", "htpasswd", "encryptAES"};

constexpr auto literals = std::to_array<std::string_view>(
    {"\"\"", "\"a\"", "\"a,b,,c\"", "\"1.2.3-rc.1+b\"", "\">=1.2 <2 || ~3\"", "\"^(a|b)*[x-z]+$\"", "\"$1-${0}\"", "\"2006-01-02T15:04:05Z07:00\"",
     "\"Europe/Berlin\"", "\"1h30m\"", "\"a: {b: [1, 2.5, null, &x y, *x]}\\n\"", "\"{\\\"a\\\": [1, {\\\"b\\\": null}]}\"", "\"a = 1\\n[b.c]\\nd = [1, 2]\\n\"",
     "\"%v %5.2f %+q %x %T %*d\"", "\"https://u:p@h:8/p?q=1#f\"", "\"\\xff\\u00e9\\u2028\"", "\"line\\n  two\\r\\n\"", "\"{{ .s }}{{ include \\\"d\\\" . }}\"", "\"d\"",
     "\"YWJj\"", "0", "1", "-1", "2", "64", "100001", "9223372036854775807", "-9223372036854775808", "1.5", "-0.0", "1e300", "'x'", "true", "false", "nil"});
constexpr auto paths = std::to_array<std::string_view>({".", "$", "$x", "$x.k", ".s", ".m", ".m.n.deep", ".l", ".nul", ".pw", ".m.pw", ".missing", ".missing.more", ".n", "$.f", ".day"});

class Generator {
 public:
  Generator(const std::uint8_t* data, std::size_t size, const std::vector<std::string_view>& names, const gotemplate::FunctionTable& table)
      : data_(data), size_(size), names_(names), table_(table) {}

  std::string text() {
    out_ = "{{ $x := dict \"k\" (list 1 .s) }}";
    while (at_ < size_) statement(0, false);
    return out_ + "{{ define \"d\" }}<{{ .s }}{{ $ }}>{{ end }}";
  }

 private:
  unsigned decide(std::size_t choices) { return at_ < size_ ? data_[at_++] % static_cast<unsigned>(choices) : 0; }
  unsigned decide_wide(std::size_t choices) { return (decide(256) * 256 + decide(256)) % static_cast<unsigned>(choices); }

  void statement(int depth, bool in_range) {
    switch (depth > 3 ? 1 : decide(9)) {
      case 0: out_ += "text\n  - "; break;
      case 1:
      case 2: action("", 0); break;
      case 3: action("$x = ", 0); break;
      case 4: block("if ", depth, in_range); break;
      case 5: block("with ", depth, in_range); break;
      case 6: block("range ", depth, true); break;
      case 7: out_ += in_range ? decide(2) ? "{{ break }}" : "{{ continue }}" : "{{- /* none */ -}}"; break;
      default: action("template \"d\" ", 0); break;
    }
  }

  void block(std::string_view keyword, int depth, bool in_range) {
    action(keyword, 0);
    for (unsigned i = 1 + decide(3); i > 0; --i) statement(depth + 1, in_range);
    if (decide(3) == 0) {
      out_ += "{{ else }}";
      statement(depth + 1, in_range && keyword != "range ");
    }
    out_ += "{{ end }}";
  }

  void action(std::string_view keyword, int depth) {
    (out_ += decide(8) == 0 ? "{{- " : "{{ ") += keyword;
    pipeline(depth);
    out_ += decide(8) == 0 ? " -}}" : " }}";
  }

  void pipeline(int depth) {
    decide(3) == 0 ? word(depth) : call(depth, 0);
    for (unsigned i = decide(4); i > 1 && depth < 3; --i) {
      out_ += " | ";
      call(depth, 1);
    }
  }

  void call(int depth, std::size_t piped) {
    const std::string_view name = names_[decide_wide(names_.size())];
    out_ += name;
    const gotemplate::Function* function = table_.find(name);
    std::size_t wanted = function ? function->parameters.size() : 1 + decide(3);
    if (function && function->arity == gotemplate::Arity::variadic) wanted += decide(4);
    if (decide(32) == 0) ++wanted;
    for (std::size_t i = piped; i < wanted; ++i) {
      out_ += ' ';
      word_for(function && i < function->parameters.size() ? function->parameters[i].type : GoType::any, depth);
    }
  }

  /// Mostly something of the wanted type, so that calls get past the checks of their arguments.
  void word_for(GoType type, int depth) {
    if (decide(6) == 0) return word(depth);
    switch (type) {
      case GoType::string: out_ += decide(4) == 0 ? paths[4] : literals[decide(20)]; return;
      case GoType::int_:
      case GoType::int64: out_ += literals[20 + decide(8)]; return;
      case GoType::float64: out_ += literals[28 + decide(3)]; return;
      case GoType::map_any: out_ += std::to_array<std::string_view>({"$x", ".m", ".", "(dict \"a\" .)", "$.m.n"})[decide(5)]; return;
      case GoType::list_any: out_ += ".l"; return;
      case GoType::list_string: out_ += "(splitList \",\" \"a,b\")"; return;
      default: return word(depth);
    }
  }

  void word(int depth) {
    switch (decide(depth > 3 ? 2 : 3)) {
      case 0: out_ += literals[decide(literals.size())]; return;
      case 1: out_ += paths[decide(paths.size())]; return;
      default:
        out_ += '(';
        pipeline(depth + 1);
        out_ += ')';
    }
  }

  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
  const std::vector<std::string_view>& names_;
  const gotemplate::FunctionTable& table_;
  std::string out_;
};

Value values() {
  const auto text = [](std::string_view t) { return Value::of_string(t); };
  const Value secret = Value::of_string(Text::secret(canary));
  return Value::new_map({{"s", text("str")},
                         {"n", Value::of_float(3)},
                         {"f", Value::of_float(1.5)},
                         {"day", Value::of_int64(1700000000)},
                         {"l", Value::new_list({text("x"), Value::of_float(2), Value()})},
                         {"m", Value::new_map({{"k", text("v")}, {"n", Value::new_map({{"deep", Value::of_float(3)}})}, {"pw", secret}})},
                         {"nul", Value()},
                         {"pw", secret}},
                        MapType::values);
}

Result<Text> render(const gotemplate::TemplateSet& set, bool is_v3) {
  const Outside outside = still_world();
  FunctionHost host;
  host.outside = &outside;
  gotemplate::Options options;
  options.errors = is_v3 ? gotemplate::ErrorForm::helm3 : gotemplate::ErrorForm::helm4;
  options.host = &host;
  options.has_secrets = true;
  options.budget = {.steps = 20'000, .output = 1U << 18};
  return gotemplate::execute(set, "t", values(), options);
}

std::string unmarked(const Text& text) {
  std::string rest;
  std::size_t from = 0;
  for (const Mark& mark : text.marks()) {
    rest.append(text.view().substr(from, mark.begin - from)) += '|';
    from = mark.end;
  }
  return rest.append(text.view().substr(from));
}

void must(bool holds) {
  if (!holds) std::abort();
}

std::vector<std::string_view> callable(const gotemplate::FunctionTable& table) {
  std::vector<std::string_view> names = {"and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "len", "index", "slice", "print", "printf", "println", "html", "js", "urlquery"};
  for (const std::string_view name : table.names())
    if (!left_out.contains(name)) names.push_back(name);
  return names;
}

}  // namespace
}  // namespace sluice::functions

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::functions;
  if (size == 0 || size > 1000) return 0;
  const bool is_v3 = data[0] % 2 == 0;
  const auto& table = helm_functions(is_v3 ? Helm::v3 : Helm::v4);
  static const std::vector<std::string_view> names[] = {callable(helm_functions(Helm::v3)), callable(helm_functions(Helm::v4))};
  const std::string text = Generator(data + 1, size - 1, names[is_v3 ? 0 : 1], table).text();
  static const bool shows = std::getenv("FUZZ_SHOW") != nullptr;  // to look at what a kept input means
  if (shows) std::fprintf(stderr, "%s\n", text.c_str());
  sluice::gotemplate::TemplateSet set("gotpl", table);
  if (!set.add("t", text)) return 0;  // a function without the word after it that Go's parser asks for
  const auto first = render(set, is_v3);
  const auto second = render(set, is_v3);
  if (shows) std::fprintf(stderr, "%s\n", first ? first->str().c_str() : first.error().what.c_str());
  must(first.has_value() == second.has_value());
  if (!first) {
    must(first.error().what == second.error().what);
    must(first.error().what.find(canary) == std::string::npos);
  } else {
    must(first->view() == second->view());
    must(unmarked(*first).find(canary) == std::string::npos);
  }
  return 0;
}
