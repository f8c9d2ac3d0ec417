#include "services/reporting/figures/answer_cache.h"

#include <string>

#include "gtest/gtest.h"

namespace zhuqi::reporting {
namespace {

constexpr std::size_t kMaxBytes = 100'000;

grpc::Slice Answer(std::size_t bytes) { return grpc::Slice(std::string(bytes, 'x')); }

TEST(AnswerCacheTest, AnAnswerIsGoodForItsVersionAndItsDayAlone) {
  AnswerCache cache(kMaxBytes);
  cache.Put("a", 7, 100, Answer(10));
  EXPECT_TRUE(cache.Find("a", 7, 100).has_value());
  EXPECT_FALSE(cache.Find("a", 8, 100).has_value());
  EXPECT_FALSE(cache.Find("a", 7, 101).has_value());
  EXPECT_FALSE(cache.Find("b", 7, 100).has_value());
  cache.Put("a", 8, 100, Answer(20));
  EXPECT_EQ(cache.Find("a", 8, 100)->size(), 20u);
}

TEST(AnswerCacheTest, WhatWasNotAskedForLongestGoesFirst) {
  AnswerCache cache(kMaxBytes);
  for (const char* request : {"a", "b", "c", "d"}) cache.Put(request, 1, 1, Answer(24'000));
  EXPECT_TRUE(cache.Find("a", 1, 1).has_value());
  cache.Put("e", 1, 1, Answer(24'000));
  EXPECT_TRUE(cache.Find("a", 1, 1).has_value());
  EXPECT_FALSE(cache.Find("b", 1, 1).has_value());
  EXPECT_TRUE(cache.Find("e", 1, 1).has_value());
}

TEST(AnswerCacheTest, LongRequestsCountLikeLongAnswers) {
  // Fields that this version does not know make a request as long as a message may be.
  AnswerCache cache(kMaxBytes);
  for (int i = 0; i < 10; ++i) cache.Put(std::string(20'000, 'r') + std::to_string(i), 1, 1, Answer(0));
  int kept = 0;
  for (int i = 0; i < 10; ++i) {
    if (cache.Find(std::string(20'000, 'r') + std::to_string(i), 1, 1).has_value()) ++kept;
  }
  EXPECT_EQ(kept, 4);
}

TEST(AnswerCacheTest, AnAnswerThatWouldDriveOutTheOthersIsNotKept) {
  AnswerCache cache(kMaxBytes);
  cache.Put("small", 1, 1, Answer(10));
  cache.Put("large", 1, 1, Answer(kMaxBytes / 2));
  EXPECT_TRUE(cache.Find("small", 1, 1).has_value());
  EXPECT_FALSE(cache.Find("large", 1, 1).has_value());
}

}  // namespace
}  // namespace zhuqi::reporting
