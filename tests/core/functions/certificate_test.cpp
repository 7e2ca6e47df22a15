#include <gtest/gtest.h>

#include "core/functions/functions.hpp"
#include "core/gotemplate/gotemplate.hpp"
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
    gotemplate::TemplateSet set("gotpl", helm_functions(Helm::v3));
    EXPECT_TRUE(set.add("t", text));
    FunctionHost host;
    host.outside = &world;
    auto out = gotemplate::execute(set, "t", dot, {.host = &host});
    return out ? out->str() : out.error().what;
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
            "template: t:2:5: executing \"t\" at <$c.Key>: the forge is cold");
}

TEST(Certificates, EndWithTheirRender) {
  Workshop shop;
  const Value dot = Value::new_map();
  EXPECT_EQ(shop.render("{{ $_ := set . \"ca\" (genCA \"a\" 1) }}", dot), "");
  EXPECT_EQ(shop.render("{{ .ca.Key }}", dot),
            "template: t:1:6: executing \"t\" at <.ca.Key>: genCA: the render that asked for this certificate is over");
  EXPECT_EQ(shop.made, "");
}

}  // namespace
}  // namespace sluice::functions
