#include "core/chart/documents.hpp"

#include <gmock/gmock.h>

namespace sluice::chart {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Documents, SplitAtThreeDashesInTheFirstColumn) {
  EXPECT_THAT(split_documents("a: 1\n---\nb: 2\n"), ElementsAre("a: 1", "b: 2"));
  EXPECT_THAT(split_documents("---\na: 1\n"), ElementsAre("a: 1"));
  EXPECT_THAT(split_documents("a: 1\n --- \nb: 2"), ElementsAre("a: 1\n --- \nb: 2"));
}

TEST(Documents, SplitWhateverFollowsTheDashes) {
  EXPECT_THAT(split_documents("a: 1\n---b: 2"), ElementsAre("a: 1", "b: 2"));
  EXPECT_THAT(split_documents("a: 1\n--- # c\nb: 2"), ElementsAre("a: 1", "# c\nb: 2"));
}

TEST(Documents, KeepASecondSeparatorInTheText) {
  EXPECT_THAT(split_documents("a: 1\n---\n\n---\nb: 2"), ElementsAre("a: 1", "---\nb: 2"));
  EXPECT_THAT(split_documents("a: 1\n------\nb: 2"), ElementsAre("a: 1", "---\nb: 2"));
}

TEST(Documents, VanishOnlyWhenTheyAreEmpty) {
  EXPECT_THAT(split_documents(" \n\t "), IsEmpty());
  EXPECT_THAT(split_documents("# only this\n---\nnull"), ElementsAre("# only this", "null"));
}

TEST(Documents, AreTrimmedOnBothSides) {
  EXPECT_THAT(split_documents("\n\n  a: 1  \n\n---\n\n  b: 2\n\n"), ElementsAre("a: 1", "b: 2"));
}

TEST(Documents, KeepTheirLastNewlinesInHelm4) {
  EXPECT_THAT(split_documents("a: 1\n\n---\nb: 2\n", HelmVersion::v4), ElementsAre("a: 1\n\n", "b: 2\n"));
  EXPECT_THAT(split_documents("---\n---  \n\n---\na: 1\n---b: 2", HelmVersion::v4), ElementsAre("a: 1\n", "b: 2"));
}

}  // namespace
}  // namespace sluice::chart
