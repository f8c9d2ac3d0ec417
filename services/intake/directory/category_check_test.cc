#include "services/intake/directory/category_check.h"

#include <string>

#include "common/directory/date_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/directory/test_directory.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kFire[] = "categories { category_id: 'fire' name: '消防' } ";

// The city with version 3 of its categories, from a document.
std::shared_ptr<const Directory> Versioned() {
  return After(*City(), RequestFromText(std::string(kFire) +
                                        "category_tree { version: 3 source: '郑营商办〔2026〕3号' "
                                        "published_on { year: 2026 month: 1 day: 5 } }"));
}

TEST(CategoryTree, IsNotAskedForUntilItIsDeclared) {
  EXPECT_EQ(City()->category_tree(), nullptr);
  EXPECT_EQ(City()->category_tree_version(), 0);
  EXPECT_THAT(Wrong(*City(), kFire), IsEmpty());
}

TEST(CategoryTree, StandsInTheDirectoryAndInTheDifference) {
  const auto versioned = Versioned();
  EXPECT_EQ(versioned->category_tree_version(), 3);
  EXPECT_EQ(versioned->category_tree()->source(), "郑营商办〔2026〕3号");
  const auto next = RequestFromText(
      "categories { category_id: 'tax' name: '税务' } category_tree { version: 4 source: "
      "'郑营商办〔2026〕3号' "
      "published_on { year: 2026 month: 1 day: 5 } }");
  const DirectoryPlan plan = PlanDirectory(*versioned, next, kTestToday);
  ASSERT_EQ(plan.changes.size(), 2U);
  EXPECT_EQ(plan.changes[1].resource(), "category_tree");
  EXPECT_EQ(plan.changes[1].kind(), directory::v1::DirectoryChange::KIND_UPDATED);
  ASSERT_EQ(plan.changes[1].differences_size(), 1);
  EXPECT_EQ(plan.changes[1].differences(0).field(), "version");
  EXPECT_EQ(plan.changes[1].differences(0).before(), "3");
  EXPECT_EQ(plan.changes[1].differences(0).after(), "4");
}

TEST(CategoryTree, ChangedCategoriesNeedTheNextVersion) {
  const auto versioned = Versioned();
  const std::string tax = "categories { category_id: 'tax' name: '税务' } ";
  EXPECT_THAT(Wrong(*versioned, tax), ElementsAre("category_tree REQUIRED"));
  EXPECT_THAT(Wrong(*versioned, tax + "category_tree { version: 3 }"),
              ElementsAre("category_tree.version VERSION_NOT_GROWN"));
  EXPECT_THAT(Wrong(*versioned, tax + "category_tree { version: 4 }"), IsEmpty());
  EXPECT_THAT(Wrong(*versioned, "categories { category_id: 'fire' name: '消防安全' }"),
              ElementsAre("category_tree REQUIRED"));
  EXPECT_THAT(
      Wrong(*versioned,
            "categories { category_id: 'fire' name: '消防' retired_on { year: 2026 month: 1 day: 19 } }"),
      ElementsAre("category_tree REQUIRED"));
}

TEST(CategoryTree, RetiringWhatACompleteRequestLeavesOutIsAChange) {
  EXPECT_THAT(Wrong(*Versioned(), std::string(kFire) + "complete: true"),
              ElementsAre("category_tree REQUIRED"));
}

TEST(CategoryTree, TheSameAgainChangesNothing) {
  const auto versioned = Versioned();
  EXPECT_THAT(Wrong(*versioned, kFire), IsEmpty());
  directory::v1::ApplyDirectoryRequest again = RequestFromText(kFire);
  *again.mutable_category_tree() = *versioned->category_tree();
  EXPECT_TRUE(PlanDirectory(*versioned, again, kTestToday).changes.empty());
  again.mutable_category_tree()->set_source("另一份文件");
  EXPECT_THAT(Wrong(*versioned, again), ElementsAre("category_tree.version VERSION_NOT_GROWN"));
}

TEST(CategoryTree, BoundsOfItsFields) {
  EXPECT_THAT(Wrong(*City(), "category_tree { version: 0 }"),
              ElementsAre("category_tree.version OUT_OF_RANGE"));
  EXPECT_THAT(Wrong(*City(), "category_tree { version: 1 }"), IsEmpty());
  const auto with_source = [](int length) {
    return "category_tree { version: 1 source: '" + std::string(static_cast<size_t>(length), 'x') + "' }";
  };
  EXPECT_THAT(Wrong(*City(), with_source(200)), IsEmpty());
  EXPECT_EQ(Wrong(*City(), with_source(201)).size(), 1U);
  EXPECT_EQ(
      Wrong(*City(), "category_tree { version: 1 published_on { year: 2026 month: 2 day: 30 } }").size(), 1U);
}

// What a checkpoint or a copy is made of.
TEST(CategoryTree, SurvivesTheDirectoryAsChanges) {
  const auto versioned = After(*Versioned(), RequestFromText("category_tree { version: 5 }"));
  const auto copy = Directory().With(versioned->AsChanges(), 9).value();
  EXPECT_EQ(copy->category_tree_version(), 5);
  EXPECT_EQ(copy->category_trees().size(), 2U);
  EXPECT_EQ(copy->category_trees().at(3)->source(), "郑营商办〔2026〕3号");
}

}  // namespace
}  // namespace zhuqi::intake
