#include "services/routing/cases/recent_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace zhuqi::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

common::v1::FeedPosition Place(int32_t partition, int64_t sequence) {
  common::v1::FeedPosition place;
  place.set_partition(partition);
  place.set_sequence(sequence);
  return place;
}

// Changes of about `bytes` each at `sequences` of the partition; the stretch ends at `last`.
WatchStretch Read(int32_t partition, const std::vector<int64_t>& sequences, int64_t last,
                  size_t bytes = 100) {
  WatchStretch stretch;
  for (const int64_t sequence : sequences) {
    auto change = std::make_shared<WatchedChange>();
    change->place = Place(partition, sequence);
    change->update.set_title(std::string(bytes, 'x'));
    stretch.changes.push_back(std::move(change));
  }
  stretch.last = Place(partition, last);
  return stretch;
}

std::vector<int64_t> SequencesOf(const std::optional<WatchStretch>& stretch) {
  std::vector<int64_t> sequences;
  if (!stretch.has_value()) return {-1};
  for (const auto& change : stretch->changes) sequences.push_back(change->place.sequence());
  return sequences;
}

TEST(RecentChanges, HoldsNothingBeforeItBegins) {
  RecentChanges recent(10000);
  EXPECT_FALSE(recent.After(Place(1, 0), 10).has_value());
  EXPECT_FALSE(recent.End(1).has_value());
  recent.Add(Place(1, 0), Read(1, {1}, 1));  // nobody began
  EXPECT_FALSE(recent.End(1).has_value());
  recent.Begin(Place(1, 5));
  EXPECT_FALSE(recent.After(Place(1, 4), 10).has_value());
  EXPECT_THAT(SequencesOf(recent.After(Place(1, 5), 10)), IsEmpty());
  EXPECT_EQ(recent.After(Place(1, 5), 10)->last.sequence(), 5);
  EXPECT_FALSE(recent.After(Place(2, 5), 10).has_value());
}

TEST(RecentChanges, GivesWhatFollowsAPlaceUpToALimitAndMovesPastWhatIsNoCase) {
  RecentChanges recent(10000);
  recent.Begin(Place(1, 5));
  recent.Begin(Place(1, 9));  // it has begun
  recent.Add(Place(1, 5), Read(1, {6, 8, 9}, 12));
  EXPECT_EQ(recent.End(1)->sequence(), 12);
  EXPECT_THAT(SequencesOf(recent.After(Place(1, 5), 10)), ElementsAre(6, 8, 9));
  EXPECT_EQ(recent.After(Place(1, 5), 10)->last.sequence(), 12);
  EXPECT_THAT(SequencesOf(recent.After(Place(1, 6), 1)), ElementsAre(8));
  EXPECT_EQ(recent.After(Place(1, 6), 1)->last.sequence(), 8);
  EXPECT_THAT(SequencesOf(recent.After(Place(1, 9), 10)), IsEmpty());
  EXPECT_EQ(recent.After(Place(1, 9), 10)->last.sequence(), 12);
  // Whoever is ahead waits where he is.
  EXPECT_EQ(recent.After(Place(1, 15), 10)->last.sequence(), 15);
}

TEST(RecentChanges, StretchThatDoesNotFollowIsNotTaken) {
  RecentChanges recent(10000);
  recent.Begin(Place(1, 5));
  recent.Add(Place(1, 6), Read(1, {7}, 7));
  EXPECT_EQ(recent.End(1)->sequence(), 5);
  recent.Add(Place(1, 5), Read(1, {6}, 6));
  recent.Add(Place(1, 5), Read(1, {6}, 6));  // twice
  EXPECT_THAT(SequencesOf(recent.After(Place(1, 5), 10)), ElementsAre(6));
}

TEST(RecentChanges, OldestOfTheLargestGoWhenThereIsTooMuch) {
  RecentChanges recent(500);
  recent.Begin(Place(1, 0));
  recent.Begin(Place(2, 0));
  recent.Add(Place(2, 0), Read(2, {1}, 1));
  recent.Add(Place(1, 0), Read(1, {1, 2, 3, 4, 5}, 5));
  EXPECT_LE(recent.bytes(), 500u);
  EXPECT_FALSE(recent.After(Place(1, 0), 10).has_value());
  EXPECT_FALSE(recent.After(Place(1, 1), 10).has_value());
  EXPECT_THAT(SequencesOf(recent.After(Place(1, 2), 10)), ElementsAre(3, 4, 5));
  EXPECT_THAT(SequencesOf(recent.After(Place(2, 0), 10)), ElementsAre(1));
  recent.Add(Place(1, 5), Read(1, {6}, 6, 5000));  // alone too large
  EXPECT_FALSE(recent.After(Place(1, 5), 10).has_value());
  EXPECT_THAT(SequencesOf(recent.After(Place(1, 6), 10)), IsEmpty());
  recent.Clear();
  EXPECT_EQ(recent.bytes(), 0u);
  EXPECT_FALSE(recent.End(2).has_value());
}

}  // namespace
}  // namespace zhuqi::routing
