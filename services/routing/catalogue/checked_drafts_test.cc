#include "services/routing/catalogue/checked_drafts.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/rpc/errors.h"
#include "services/routing/testing.h"

namespace zhuqi::routing {
namespace {

using testing::City;
using testing::CityCatalogue;

TEST(CheckedDrafts, DraftIsCheckedOnceHoweverManyPagesAreReplayed) {
  CheckedDrafts drafts;
  const auto first = drafts.Get(CityCatalogue(), *City());
  ASSERT_TRUE(first.ok()) << first.status();
  v1::Catalogue numbered = CityCatalogue();
  numbered.set_version(7);  // no part of what it says
  for (int page = 0; page < 5; ++page) EXPECT_EQ(*drafts.Get(numbered, *City()), *first);
  EXPECT_EQ(drafts.checks(), 1);
}

TEST(CheckedDrafts, AnotherDraftAndAnotherDirectoryAreCheckedAnew) {
  CheckedDrafts drafts;
  ASSERT_TRUE(drafts.Get(CityCatalogue(), *City()).ok());
  ASSERT_TRUE(drafts.Get(CityCatalogue(), *testing::CityWithNewCalendar()).ok());
  EXPECT_EQ(drafts.checks(), 2);
  v1::Catalogue bad = CityCatalogue();
  bad.mutable_default_target()->set_lead_function("nobody");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(rpc::ReasonOf(drafts.Get(bad, *City()).status()), "FUNCTION_UNKNOWN");
  EXPECT_EQ(drafts.checks(), 4);  // what is refused is not kept
}

TEST(CheckedDrafts, OnlyTheLastFewAreKept) {
  CheckedDrafts drafts;
  const auto get = [&](int number) {
    v1::Catalogue draft = CityCatalogue();
    draft.set_description(absl::StrCat("draft ", number));
    return drafts.Get(draft, *City()).ok();
  };
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(get(i));
  ASSERT_TRUE(get(0));  // the last one asked for again
  ASSERT_TRUE(get(4));
  EXPECT_EQ(drafts.checks(), 5);
  ASSERT_TRUE(get(0));
  EXPECT_EQ(drafts.checks(), 5);
  ASSERT_TRUE(get(1));
  EXPECT_EQ(drafts.checks(), 6);
}

}  // namespace
}  // namespace zhuqi::routing
