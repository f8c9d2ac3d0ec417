#include "common/db/errors.h"

#include <initializer_list>
#include <map>
#include <utility>

#include "gtest/gtest.h"

namespace zhuqi::db {
namespace {

TEST(Errors, EveryNumberOfTheTableMeansWhatTheHandlersRelyOn) {
  constexpr bool kKeep = false;
  constexpr bool kDrop = true;
  std::map<int, std::pair<absl::StatusCode, bool>> expected;
  const auto expect = [&expected](absl::StatusCode code, bool drop, std::initializer_list<int> numbers) {
    for (const int number : numbers) expected[number] = {code, drop};
  };
  expect(absl::StatusCode::kAlreadyExists, kKeep, {1062});
  expect(absl::StatusCode::kAborted, kKeep, {1020, 1205, 1213, 1412, 1615, 1689, 3101, 3572});
  expect(absl::StatusCode::kDeadlineExceeded, kKeep, {1317, 1969, 3024});
  expect(absl::StatusCode::kResourceExhausted, kKeep, {1038, 1114, 1637});
  expect(absl::StatusCode::kResourceExhausted, kDrop, {1021, 1037, 1041, 1206, 1461, 2008});
  // The server itself: connections full, not in its cluster, shutting down, no thread, read only, killed,
  // idle.
  expect(absl::StatusCode::kUnavailable, kDrop, {1040, 1047, 1053, 1135, 1203, 1226, 1290, 1836, 1927, 4031});
  // Not let in: a refusal that no caller may see as his own (PERMISSION_DENIED, UNAUTHENTICATED, NOT_FOUND).
  expect(absl::StatusCode::kUnavailable, kDrop,
         {1042, 1043, 1044, 1045, 1049, 1129, 1130, 1251, 1698, 1820, 1862, 4151, 2049, 2059, 2061});
  // Not reached, or broken off: unknown host is 2005, TLS 2026.
  expect(absl::StatusCode::kUnavailable, kDrop,
         {1152, 1158, 1159, 1160, 1161, 1184, 2001, 2002, 2003, 2004, 2005, 2006, 2007, 2012, 2013, 2026,
          2027, 2055});
  expect(absl::StatusCode::kUnavailable, kDrop, {1180});
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

// Statements too long for a packet: what is halved may fit, and the server closes the connection.
TEST(Errors, APacketThatIsTooLargeIsTheBatchsOwnFault) {
  for (const int number : {1153, 2020}) {
    EXPECT_EQ(MeaningOf(number).code, absl::StatusCode::kInternal);
    EXPECT_TRUE(MeaningOf(number).drop_connection);
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
