#include "core/functions/recorder.hpp"

#include <gtest/gtest.h>

#include "core/functions/functions.hpp"
#include "core/gotemplate/gotemplate.hpp"


namespace sluice::functions {
namespace {

Outside counting_outside(int& calls) {
  Outside outside;
  outside.now = [&calls]() -> Result<Moment> { return Moment{1000 + ++calls}; };
  outside.random_bytes = [&calls](std::size_t size) -> Result<std::string> { return std::string(size, static_cast<char>(0x80 + ++calls)); };
  outside.lookup = [&calls](const ObjectQuery& query) -> Result<Value> {
    ++calls;
    if (query.kind == "Node") return Error{Errc::denied, "nodes are forbidden"};
    return Value::new_map({{"replicas", Value::of_int64(3)},
                           {"password", Value::of_string(Text("a:pw", Marks{{2, 4}}))},
                           {"$odd", Value::of_float(1.5)}});
  };
  return outside;
}

TEST(Recorder, RepeatsAnswersWithoutAskingTheWorld) {
  int calls = 0;
  Recorder recorder;
  Outside recorded = recorder.through(counting_outside(calls));
  EXPECT_EQ(recorded.now()->nanoseconds, 1001);
  EXPECT_EQ(recorded.now()->nanoseconds, 1002);
  EXPECT_EQ(*recorded.random_bytes(2), "\x83\x83");
  ASSERT_TRUE(recorded.lookup({"v1", "Secret", "ns", "x"}));
  EXPECT_EQ(recorded.lookup({"v1", "Node", "", "x"}).error(), (Error{Errc::denied, "nodes are forbidden"}));

  auto again = Recorder::repeating(recorder.record());
  ASSERT_TRUE(again);
  Outside repeated = again->through({});
  EXPECT_EQ(*repeated.random_bytes(2), "\x83\x83");
  EXPECT_EQ(repeated.now()->nanoseconds, 1001);
  EXPECT_EQ(repeated.now()->nanoseconds, 1002);
  EXPECT_EQ(repeated.lookup({"v1", "Node", "", "x"}).error(), (Error{Errc::denied, "nodes are forbidden"}));
  auto object = repeated.lookup({"v1", "Secret", "ns", "x"});
  ASSERT_TRUE(object);
  EXPECT_EQ(object->find("replicas")->kind(), Kind::int64);
  EXPECT_EQ(object->find("$odd")->as_float(), 1.5);
  ASSERT_EQ(object->find("password")->text().marks().size(), 1U);
  EXPECT_EQ(object->find("password")->text().marks()[0], (Mark{2, 4}));
  EXPECT_EQ(calls, 5);
}

TEST(Recorder, SaysWhichAnswerIsMissing) {
  auto recorder = Recorder::repeating(Value::new_list());
  Outside outside = recorder->through({});
  EXPECT_EQ(outside.now().error().what, "recorded answers: there is no further answer to now ");
  EXPECT_EQ(outside.lookup({"v1", "Secret", "ns", "x"}).error().what,
            "recorded answers: there is no further answer to lookup v1/Secret/ns/x");
}

TEST(Recorder, KeepsItsCopyWhenATemplateChangesAnAnswer) {
  int calls = 0;
  Recorder recorder;
  Outside outside = recorder.through(counting_outside(calls));
  Value object = *outside.lookup({"v1", "ConfigMap", "ns", "x"});
  object.map()->set("replicas", Value::of_int64(4));
  EXPECT_EQ(recorder.record().items()[0].find("answer")->find("$map")->find("replicas")->find("$int64")->str(), "3");
}

TEST(Pack, RefusesMarksOutsideTheirText) {
  Value packed = Value::new_map({{"$text", Value::of_string("ab")}, {"marks", Value::new_list({Value::of_int64(1), Value::of_int64(3)})}});
  EXPECT_EQ(unpack(packed).error().what, "recorded answers: \"marks\" are out of range");
}

TEST(Recorder, KeepsWhatWasFoundFromBeingChangedByTemplates) {
  const Value object = Value::new_map({{"data", Value::new_map({{"a", Value::of_string("b")}})}});
  Outside real;
  real.lookup = [&object](const ObjectQuery&) -> Result<Value> { return object; };
  Recorder recorder;
  const Outside outside = recorder.through(real);
  FunctionHost host;
  host.outside = &outside;
  gotemplate::TemplateSet set("gotpl", helm_functions(Helm::v3));
  ASSERT_TRUE(set.add("t",
                      "{{ $o := lookup \"v1\" \"Secret\" \"n\" \"s\" }}{{ $_ := set $o.data \"a\" \"c\" }}"
                      "{{ $o.data.a }}{{ (lookup \"v1\" \"Secret\" \"n\" \"s\").data.a }}"));
  EXPECT_EQ(gotemplate::execute(set, "t", Value::new_map(), {.host = &host})->str(), "cb");
  EXPECT_EQ(object.find("data")->find("a")->str(), "b");
}

}  // namespace
}  // namespace sluice::functions
