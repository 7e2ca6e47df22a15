#include "core/helmfile/name_space.hpp"

#include <gtest/gtest.h>

namespace sluice::helmfile {
namespace {

std::string changed(const std::string& file, const std::string& name_space = "shop") {
  const auto text = with_namespace(Text(file), name_space);
  return text ? text->str() : text.error().what;
}

TEST(Namespace, IsPutAtTheEndOfTheMetadata) {
  EXPECT_EQ(changed("kind: A\nmetadata:\n  name: a\n  labels:\n    x: y\nspec: {}\n"),
            "kind: A\nmetadata:\n  name: a\n  labels:\n    x: y\n  namespace: shop\nspec: {}\n");
  EXPECT_EQ(changed("metadata:\n    name: a\nkind: A"), "metadata:\n    name: a\n    namespace: shop\nkind: A\n");
  EXPECT_EQ(changed("kind: A\nmetadata:\n  name: a"), "kind: A\nmetadata:\n  name: a\n  namespace: shop\n");
  EXPECT_EQ(changed("metadata: {name: a}\nkind: A\n"), "metadata: {name: a, namespace: shop}\nkind: A\n");
  EXPECT_EQ(changed("metadata: {}\n"), "metadata: {namespace: shop}\n");
}

TEST(Namespace, LeavesObjectsThatNameOneAndThoseWithoutMetadata) {
  for (const char* text : {"metadata:\n  name: a\n  namespace: own\n", "kind: List\nitems:\n- metadata: {name: a}\n",
                           "metadata:\nkind: A\n", "# only this\n"}) {
    EXPECT_EQ(changed(text), text);
  }
}

TEST(Namespace, KeepsCommentsAndBlocksAsTheyAre) {
  EXPECT_EQ(changed("# c\nmetadata:\n  name: a  # d\n  annotations:\n    text: |\n      one\n\n      # two\n\n# e\nspec:\n- a\n"),
            "# c\nmetadata:\n  name: a  # d\n  annotations:\n    text: |\n      one\n\n      # two\n  namespace: shop\n\n# "
            "e\nspec:\n- a\n");
}

TEST(Namespace, GoesIntoEveryDocumentOfAFile) {
  EXPECT_EQ(changed("metadata: {name: a}\n---\nmetadata: {name: b}\n"),
            "metadata: {name: a, namespace: shop}\n---\nmetadata: {name: b, namespace: shop}\n");
}

TEST(Namespace, IsATextWhateverItLooksLike) {
  EXPECT_EQ(changed("metadata: {name: a}", "12"), "metadata: {name: a, namespace: \"12\"}\n");
}

TEST(Namespace, WritesADocumentAnewThatLeavesNoPlaceForIt) {
  EXPECT_EQ(changed("\"metadata\": {name: a}\nkind: A\n"), "kind: A\nmetadata:\n  name: a\n  namespace: shop\n");
  EXPECT_EQ(changed("x: &m {name: a}\nmetadata: *m\n"), "metadata:\n  name: a\n  namespace: shop\nx:\n  name: a\n");
}

TEST(Namespace, KeepsTheMarksOfSecrets) {
  TextBuilder file;
  file.append("metadata: {name: a}\nkey: ");
  file.append_secret("pw");
  const auto text = with_namespace(file.finish(), "shop");
  ASSERT_TRUE(text);
  ASSERT_EQ(text->marks().size(), 1u);
  EXPECT_EQ(text->view().substr(text->marks()[0].begin, 2), "pw");
}

}  // namespace
}  // namespace sluice::helmfile
