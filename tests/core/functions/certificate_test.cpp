#include <gtest/gtest.h>

#include "core/functions/functions.hpp"
#include "core/gotemplate/gotemplate.hpp"
#include "core/value/walk.hpp"
#include "tests/core/functions/still_world.hpp"

namespace sluice::functions {
namespace {

/// Renders in a world that counts what it makes and makes none of it twice.
struct Workshop {
  Outside world = still_world();
  std::string made;

  Workshop() {
    world.once = [this](std::string_view what, const std::function<Result<Value>()>&) -> Result<Value> {
      made += std::string(what) + " ";
      if (what == "genSelfSignedCert") return Error{Errc::invalid, "the forge is cold"};
      const std::string number = std::to_string(std::count(made.begin(), made.end(), ' '));
      return Value::new_map({{"cert", Value::of_string(Text("cert " + number))}, {"key", Value::of_string(Text("key " + number))}});
    };
  }

  std::string render(const std::string& text, const Value& dot = Value::new_map()) {
    return rendered(text, dot, [](const Text&) {});
  }

  /// The same, with what may wait put off until all is printed; `look` sees the output before that.
  std::string render_late(const std::string& text, const std::function<void(const Text&)>& look) {
    options.output_may_wait = true;
    return rendered(text, Value::new_map(), look);
  }

 private:
  gotemplate::Options options;

  std::string rendered(const std::string& text, const Value& dot, const std::function<void(const Text&)>& look) {
    gotemplate::TemplateSet set("gotpl", helm_functions(Helm::v3));
    EXPECT_TRUE(set.add("t", text));
    FunctionHost host;
    host.outside = &world;
    options.host = &host;
    auto out = gotemplate::execute(set, "t", dot, options);
    if (!out) return out.error().what;
    look(*out);
    try {
      return out->str();
    } catch (const NotMade& problem) {
      return problem.what();
    }
  }
};

TEST(Certificates, AreNotMadeUnlessSomethingReadsThem) {
  Workshop shop;
  EXPECT_EQ(shop.render("{{ $ca := genCA \"a\" 1 }}{{ $leaf := genSignedCert \"b\" nil nil 1 $ca }}{{ if false }}{{ $leaf.Key }}{{ end }}-"), "-");
  EXPECT_EQ(shop.made, "");
}

TEST(Certificates, AreMadeOnceHoweverOftenTheyAreRead) {
  Workshop shop;
  EXPECT_EQ(shop.render("{{ $ca := genCA \"a\" 1 }}{{ $ca.Cert }}, {{ $ca.Key }}, {{ $ca }}, {{ toJson $ca }}"),
            "cert 1, key 1, {cert 1 key 1}, {\"Cert\":\"cert 1\",\"Key\":\"key 1\"}");
  EXPECT_EQ(shop.made, "genCA ");
}

TEST(Certificates, ThatCannotBeMadeAreAnErrorWhereTheyAreRead) {
  Workshop shop;
  EXPECT_EQ(shop.render("{{ $c := genSelfSignedCert \"a\" nil nil 1 }}\n{{ $c.Key }}"),
            "template: t:2:3: executing \"t\" at <{{$c.Key}}>: the forge is cold");
}

TEST(Certificates, EndWithTheirRender) {
  Workshop shop;
  const Value dot = Value::new_map();
  EXPECT_EQ(shop.render("{{ $_ := set . \"ca\" (genCA \"a\" 1) }}", dot), "");
  EXPECT_EQ(shop.render("{{ .ca.Key }}", dot),
            "template: t:1:3: executing \"t\" at <{{.ca.Key}}>: genCA: the render that asked for this certificate is over");
  EXPECT_EQ(shop.made, "");
}

constexpr auto pem_and_hash = R"({{ $ca := genCA "a" 1 }}{{ define "h" }}<{{ htpasswd "u" "p" }}>{{ end -}}
{{ $ca.Key | b64enc | quote }} {{ include "h" . | sha256sum }} {{ include "h" . }} {{ bcrypt "p" | b64enc }} end)";

TEST(Certificates, AreNotMadeToBePrintedWhereTheOutputMayWait) {
  Workshop shop;
  shop.render_late(pem_and_hash, [&](const Text& out) {
    EXPECT_TRUE(out.is_pending());
    EXPECT_EQ(shop.made, "");
  });
  EXPECT_EQ(shop.made, "genCA ");
}

TEST(Certificates, AndHashesAreTheSameWhetherTheyWaitOrNot) {
  const std::string late = Workshop().render_late(pem_and_hash, [](const Text&) {});
  EXPECT_EQ(late, Workshop().render(pem_and_hash));
  EXPECT_TRUE(late.starts_with("\"a2V5IDE=\" ")) << late;
  EXPECT_TRUE(late.ends_with(" end")) << late;
}

TEST(Certificates, ThatCannotBeMadeNameTheActionThatPrintedThem) {
  EXPECT_EQ(Workshop().render_late("{{ $c := genSelfSignedCert \"a\" nil nil 1 }}\n{{ $c.Key | b64enc }}", [](const Text&) {}),
            "template: t:2:3: executing \"t\" at <{{$c.Key | b64enc}}>: the forge is cold");
}

TEST(Certificates, ThatWaitAreMadeForWhatLooksInside) {
  EXPECT_EQ(Workshop().render_late("{{ $ca := genCA \"a\" 1 }}{{ if contains \"key 1\" $ca.Key }}{{ upper $ca.Key }}{{ end }}", [](const Text&) {}),
            "KEY 1");
}

TEST(Certificates, ThatWaitNestNoDeeperThanTheStackAllows) {
  const std::string out = Workshop().render_late(
      "{{ $x := (genCA \"a\" 1).Key }}{{ range until 20000 }}{{ $x = sha256sum $x }}{{ end }}{{ $x }}", [](const Text&) {});
  EXPECT_EQ(out.size(), 64U);
}

TEST(Certificates, ThatWaitCountAsOutput) {
  const std::string out = Workshop().render_late(
      "{{ define \"d\" }}{{ . }}{{ . }}{{ end }}{{ $x := (genCA \"a\" 1).Key }}{{ range until 30 }}{{ $x = include \"d\" $x }}{{ end }}{{ $x }}",
      [](const Text&) {});
  EXPECT_EQ(out.substr(out.find("template-")), "template-output-too-large: more than 16777216 bytes");
}

TEST(Hashes, OfPasswordsThatAreTooLongAreRefusedAtOnce) {
  EXPECT_EQ(Workshop().render("{{ htpasswd \"u\" (repeat 73 \"p\") }}"),
            "u:failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes");
}

}  // namespace
}  // namespace sluice::functions
