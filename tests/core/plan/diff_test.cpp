#include "core/plan/diff.hpp"

#include <gtest/gtest.h>

#include "core/plan/actions.hpp"
#include "core/plan/line_diff.hpp"
#include "core/plan/yaml_text.hpp"

namespace sluice::plan {

namespace {

Desired desired(const std::string& json) {
  Desired out;
  out.body = Json::parse(json);
  out.id = id_of(out.body, "shop");
  out.api_version = text_at(out.body, "apiVersion");
  out.source = "web/templates/x.yaml";
  return out;
}

const Place place{"/collection", "/collection/x"};

Diff diff_of(ObjectDiff object) {
  Diff diff;
  diff.releases.push_back({"web", "shop", "upgrade", "web-1.0.0", 3, {std::move(object)}, {}});
  return diff;
}

std::string lines(const std::vector<DiffLine>& diff) {
  std::string out;
  for (const auto& line : diff) out += std::string(1, line.mark) + line.text + "\n";
  return out;
}

}  // namespace

TEST(Diff, ShowsAChangedImageInItsPlaceAndNothingElse) {
  const auto last = desired(
      R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"template":{"spec":{"containers":[{"name":"web","image":"a:1"}]}}}})");
  auto wanted = last;
  wanted.body["spec"]["template"]["spec"]["containers"][0]["image"] = "a:2";
  Json live = last.body;
  live["metadata"]["uid"] = "u";
  live["status"] = {{"replicas", 1}};
  const auto action = update_action(wanted, &last, live, place);
  EXPECT_EQ(
      action.body,
      R"({"metadata":{"uid":"u"},"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"web"}],"containers":[{"image":"a:2","name":"web"}]}}}})");
  const auto diff = diff_of(show({action, &wanted, &last, &live, nullptr}, Masker(Secret("k"), "shop/web")));
  EXPECT_TRUE(diff.is_image_only());
  EXPECT_EQ(to_text(diff, {.context = 1}),
            "Release shop/web: upgrade, chart web-1.0.0, revision 3\n"
            "  Deployment shop/web will be changed\n"
            "      ...\n"
            "            containers:\n"
            "    -       - image: a:1\n"
            "    +       - image: a:2\n"
            "              name: web\n"
            "\n"
            "Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 unchanged.\n");
  EXPECT_EQ(to_json(diff)["releases"][0]["objects"][0]["changes"],
            Json::parse(R"([{"path":"spec.template.spec.containers[web].image","before":"a:1","after":"a:2","cause":"chart"}])"));
}

TEST(Diff, NeverShowsASecretOnlyWhetherItChanged) {
  const auto wanted = desired(
      R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"same":"c2FtZQ==","password":"bmV3LXBhc3N3b3Jk"}})");
  const Json live = Json::parse(R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","uid":"u","annotations":
    {"kubectl.kubernetes.io/last-applied-configuration":"{\"data\":{\"password\":\"b2xk\"}}"}},"data":{"same":"c2FtZQ==","password":"b2xkLXBhc3N3b3Jk"}})");
  const auto action = update_action(wanted, nullptr, live, place);
  const auto diff = diff_of(show({action, &wanted, nullptr, &live, nullptr}, Masker(Secret("k"), "shop/web")));
  const std::string text = to_text(diff, {.context = 10}) + to_text(to_json(diff));
  for (const char* canary : {"bmV3LXBhc3N3b3Jk", "b2xkLXBhc3N3b3Jk", "c2FtZQ==", "b2xk", "password:  "})
    EXPECT_EQ(text.find(canary), std::string::npos) << canary;
  ASSERT_EQ(diff.releases[0].objects[0].changes.size(), 1U);
  EXPECT_EQ(diff.releases[0].objects[0].changes[0].path, "data.password");
}

TEST(Diff, MasksMarkedLeavesAndVariablesThatSoundSecret) {
  auto wanted = desired(
      R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","args":["--key=hunter2"],
    "env":[{"name":"DB_PASSWORD","value":"hunter3"},{"name":"PASSWORD_FILE","value":"/run/x"}]}]}})");
  wanted.secret_paths = {"/spec/containers/0/args/0"};
  const auto diff =
      diff_of(show({create_action(wanted, place), &wanted, nullptr, nullptr, nullptr}, Masker(Secret("k"), "shop/web")));
  const auto text = to_text(diff, {});
  EXPECT_EQ(text.find("hunter"), std::string::npos) << text;
  EXPECT_NE(text.find("/run/x"), std::string::npos) << text;
}

TEST(Diff, MasksWhatWasMadeFromASecretAlsoWhenItGoes) {
  auto last = desired(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"url":"postgres://ann:hunter2@db","kept":"x"}})");
  last.secret_paths = {"/data/url"};
  Json live = last.body;
  live["metadata"]["uid"] = "u";
  const auto wanted = desired(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"kept":"y"}})");
  const auto change = update_action(wanted, &last, live, place);
  const auto removal = remove_action(last.id, "v1", live, place);
  const Masker masker(Secret("k"), "shop/web");
  for (const auto& shown : {show({change, &wanted, &last, &live, nullptr}, masker), show({removal, nullptr, &last, &live, nullptr}, masker)}) {
    const auto text = to_text(diff_of(shown), {}) + to_text(to_json(diff_of(shown)));
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
    EXPECT_NE(text.find("(secret "), std::string::npos) << text;
  }
}

TEST(Fingerprint, TellsEqualFromDifferentAndNothingElse) {
  const Masker masker(Secret("key"), "shop/web");
  const ObjectId id{"", "Secret", "shop", "s"};
  EXPECT_EQ(masker.fingerprint(id, "data/a", "x"), masker.fingerprint(id, "data/a", "x"));
  EXPECT_NE(masker.fingerprint(id, "data/a", "x"), masker.fingerprint(id, "data/a", "y"));
  EXPECT_NE(masker.fingerprint(id, "data/a", "x"), masker.fingerprint(id, "data/b", "x"));
  EXPECT_NE(masker.fingerprint(id, "data/a", "x"), Masker(Secret("other"), "shop/web").fingerprint(id, "data/a", "x"));
}

TEST(Diff, TellsWhyAFieldChanges) {
  std::vector<Change> changes = changes_between(Json::parse(R"({"spec":{"replicas":5,"image":"a","added":null}})"),
                                                Json::parse(R"({"spec":{"replicas":2,"image":"b","added":1}})"));
  attribute(changes, Json::parse(R"({"spec":{"replicas":2,"image":"a"}})"),
            Json::parse(R"({"spec":{"replicas":2,"image":"b"}})"));
  std::string causes;
  for (const auto& change : changes) causes += change.path + "=" + std::string(to_string(change.cause)) + " ";
  EXPECT_EQ(causes, "spec.added=server spec.image=chart spec.replicas=drift ");
}

TEST(Diff, ShowsDeletionsFirst) {
  Diff diff;
  diff.releases.push_back({"web", "shop", "upgrade", "", 2, {}, {}});
  const auto wanted = desired(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"new"}})");
  const Json live = Json::parse(R"({"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data","uid":"u"}})");
  const Masker masker(Secret("k"), "s");
  diff.releases[0].objects.push_back(show({create_action(wanted, place), &wanted, nullptr, nullptr, nullptr}, masker));
  const auto removal = remove_action({"", "PersistentVolumeClaim", "shop", "data"}, "v1", live, place);
  diff.releases[0].objects.push_back(show({removal, nullptr, nullptr, &live, nullptr}, masker));
  const auto text = to_text(diff, {});
  EXPECT_LT(text.find("PersistentVolumeClaim shop/data will be deleted"), text.find("ConfigMap shop/new will be created"))
      << text;
  EXPECT_EQ(diff.data_losses(), std::vector<std::string>{"PersistentVolumeClaim shop/data"});
}

TEST(Diff, ShowsWhatRunsBesideARelease) {
  Diff diff = diff_of({});
  diff.releases[0].commands = {"presync: sh -c \"psql (secret)\""};
  diff.commands = {"cleanup: rm x"};
  const std::string text = to_text(diff, {});
  EXPECT_NE(text.find("Release shop/web: upgrade, chart web-1.0.0, revision 3\n  runs at presync: sh -c \"psql (secret)\"\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(to_json(diff)["releases"][0]["commands"][0], "presync: sh -c \"psql (secret)\"");
}

TEST(Diff, AnnouncesWhatItCuts) {
  const auto wanted =
      desired(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"new"},"data":{"a":"1","b":"2","c":"3"}})");
  const auto diff = diff_of(show({create_action(wanted, place), &wanted, nullptr, nullptr, nullptr}, Masker(Secret("k"), "s")));
  EXPECT_NE(to_text(diff, {.max_bytes = 120}).find("more lines are not shown: the diff is larger than the limit"),
            std::string::npos);
}

TEST(LineDiff, IsTheShortestEdit) {
  EXPECT_EQ(lines(line_diff({"a", "b", "c", "d"}, {"a", "c", "x", "d"}, 9)), " a\n-b\n c\n+x\n d\n");
  EXPECT_EQ(lines(line_diff({}, {"a"}, 3)), "+a\n");
  EXPECT_EQ(lines(line_diff({"a"}, {}, 3)), "-a\n");
  EXPECT_EQ(lines(line_diff({"1", "2", "3", "4", "5", "6", "7"}, {"1", "2", "3", "x", "5", "6", "7"}, 1)),
            ".\n 3\n-4\n+x\n 5\n.\n");
}

TEST(LineDiff, AlwaysLeadsFromBeforeToAfter) {
  std::uint32_t state = 7;
  const auto next = [&state] { return (state = state * 1664525U + 1013904223U) >> 24; };
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> before, after, left, right;
    for (unsigned i = next() % 12; i > 0; --i) before.push_back(std::string(1, static_cast<char>('a' + next() % 4)));
    for (unsigned i = next() % 12; i > 0; --i) after.push_back(std::string(1, static_cast<char>('a' + next() % 4)));
    if (before == after) continue;  // nothing is shown then
    for (const auto& line : line_diff(before, after, 99)) {
      if (line.mark != '+') left.push_back(line.text);
      if (line.mark != '-') right.push_back(line.text);
    }
    EXPECT_EQ(left, before);
    EXPECT_EQ(right, after);
  }
}

TEST(YamlText, IsReadableAndCannotDriveATerminal) {
  std::string text;
  for (
      const auto& line : yaml_lines(Json::parse(
          R"({"a":{"b":[{"name":"x","list":[]},"y"],"empty":{}},"text":"l1\nl2\n","yes":"yes","n":3,"evil":"\u001b[31m\u202e"})")))
    text += line + "\n";
  EXPECT_EQ(text,
            "a:\n"
            "  b:\n"
            "  - list: []\n"
            "    name: x\n"
            "  - \"y\"\n"
            "  empty: {}\n"
            "evil: <U+001B>[31m<U+202E>\n"
            "\"n\": 3\n"
            "text: |\n"
            "  l1\n"
            "  l2\n"
            "\"yes\": \"yes\"\n");
}

}  // namespace sluice::plan
