#include "common/db/errors.h"

#include <map>

#include "gtest/gtest.h"

namespace zhuqi::db {
namespace {

TEST(Errors, EveryNumberOfTheTableMeansWhatTheHandlersRelyOn) {
  const std::map<int, std::pair<absl::StatusCode, bool>> expected = {
      {1062, {absl::StatusCode::kAlreadyExists, false}},
      {1020, {absl::StatusCode::kAborted, false}},
      {1205, {absl::StatusCode::kAborted, false}},
      {1213, {absl::StatusCode::kAborted, false}},
      {1317, {absl::StatusCode::kDeadlineExceeded, false}},
      {1969, {absl::StatusCode::kDeadlineExceeded, false}},
      {3024, {absl::StatusCode::kDeadlineExceeded, false}},
      {1040, {absl::StatusCode::kUnavailable, true}},
      {1047, {absl::StatusCode::kUnavailable, true}},
      {1053, {absl::StatusCode::kUnavailable, true}},
      {1290, {absl::StatusCode::kUnavailable, true}},
      {1836, {absl::StatusCode::kUnavailable, true}},
      {1927, {absl::StatusCode::kUnavailable, true}},
      {2002, {absl::StatusCode::kUnavailable, true}},
      {2003, {absl::StatusCode::kUnavailable, true}},
      {2006, {absl::StatusCode::kUnavailable, true}},
      {2013, {absl::StatusCode::kUnavailable, true}},
  };
  for (const auto& [number, meaning] : expected) {
    SCOPED_TRACE(number);
    EXPECT_EQ(MeaningOf(number).code, meaning.first);
    EXPECT_EQ(MeaningOf(number).drop_connection, meaning.second);
  }
  // All others of the table are faults of ours that leave the session usable, and no number is there twice.
  std::map<int, int> seen;
  for (const ErrorMeaning& error : KnownErrors()) {
    SCOPED_TRACE(error.number);
    EXPECT_EQ(++seen[error.number], 1);
    if (expected.count(error.number) > 0) continue;
    EXPECT_EQ(error.code, absl::StatusCode::kInternal);
    EXPECT_FALSE(error.drop_connection);
  }
}

TEST(Errors, AnUnknownNumberIsInternalAndCostsTheConnection) {
  EXPECT_EQ(MeaningOf(65000).code, absl::StatusCode::kInternal);
  EXPECT_TRUE(MeaningOf(65000).drop_connection);
  EXPECT_TRUE(MeaningOf(0).drop_connection);
}

TEST(Errors, TheMessageIsNumberAndStateAlone) {
  const absl::Status status = DatabaseError(1062, "23000");
  EXPECT_EQ(status, absl::AlreadyExistsError("database error 1062 (23000)"));
  EXPECT_EQ(DatabaseErrorNumber(status), 1062);
  EXPECT_TRUE(DuplicateKey(status));
}

TEST(Errors, OtherStatusesAreNoDuplicateKey) {
  EXPECT_FALSE(DuplicateKey(absl::OkStatus()));
  EXPECT_FALSE(DuplicateKey(absl::AlreadyExistsError("a case of this number")));
  EXPECT_FALSE(DuplicateKey(DatabaseError(1213, "40001")));
  EXPECT_EQ(DatabaseErrorNumber(absl::InternalError("database error")), 0);
}

}  // namespace
}  // namespace zhuqi::db
