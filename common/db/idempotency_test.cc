#include "common/db/idempotency.h"

#include "common/db/migrations.h"
#include "common/db/test_support.h"
#include "dbtest_schema.h"

namespace zhuqi::db {
namespace {

class IdempotencyTest : public DatabaseTest {
 protected:
  IdempotencyTest() { EXPECT_EQ(database_.Migrate(DbTestSchema()), absl::OkStatus()); }

  static AnswerToRemember Answer(const Uuid& id, const std::string& response,
                                 absl::Time at = absl::UnixEpoch()) {
    return {id, "RecordService.Submit", std::string(32, '\x01'), response, at};
  }
  absl::Status Store(std::vector<AnswerToRemember> answers, int max_attempts = 1) {
    TransactionOptions options;
    options.max_attempts = max_attempts;
    return RunTransaction(*pool_, options, [&](Transaction& t) { return StoreAnswers(t, answers); });
  }
  absl::flat_hash_map<Uuid, RememberedAnswer> Find(const std::vector<Uuid>& ids) {
    absl::flat_hash_map<Uuid, RememberedAnswer> found;
    EXPECT_EQ(RunTransaction(*pool_, {},
                             [&](Transaction& t) {
                               auto answers = FindAnswers(t, ids);
                               if (answers.ok()) found = *std::move(answers);
                               return answers.status();
                             }),
              absl::OkStatus());
    return found;
  }
};

TEST_F(IdempotencyTest, TheFirstAnswerIsFoundByItsId) {
  const Uuid first = Uuid::NewV7(absl::Now()), second = Uuid::NewV7(absl::Now()),
             unknown = Uuid::NewV7(absl::Now());
  const std::string bytes("\0\xff\x01", 3);
  ASSERT_EQ(Store({Answer(second, "two"), Answer(first, bytes)}), absl::OkStatus());
  const auto found = Find({first, unknown, second});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found.at(first).response, bytes);
  EXPECT_EQ(found.at(first).digest, std::string(32, '\x01'));
  EXPECT_EQ(found.at(second).response, "two");
  EXPECT_TRUE(Find({}).empty());
}

TEST_F(IdempotencyTest, AnIdThatAnotherTransactionAnsweredFirstAbortsThisOne) {
  const Uuid id = Uuid::NewV7(absl::Now());
  ASSERT_EQ(Store({Answer(id, "first")}), absl::OkStatus());
  EXPECT_EQ(Store({Answer(Uuid::NewV7(absl::Now()), "other"), Answer(id, "second")}),
            absl::AbortedError("a request id was answered by another transaction"));
  EXPECT_EQ(Find({id}).at(id).response, "first");
  EXPECT_EQ(Number("SELECT COUNT(*) FROM idempotency_keys"), 1);
}

TEST_F(IdempotencyTest, PurgingTakesTheOldestUpToTheLimit) {
  std::vector<AnswerToRemember> answers;
  for (int hour = 0; hour < 5; ++hour) {
    answers.push_back(Answer(Uuid::NewV7(absl::Now()), "x", absl::UnixEpoch() + absl::Hours(hour)));
  }
  ASSERT_EQ(Store(answers), absl::OkStatus());
  const absl::Time before = absl::UnixEpoch() + absl::Hours(3);
  EXPECT_EQ(*PurgeAnswers(*Connect(), before, 2), 2);
  EXPECT_EQ(Find({answers[0].request_id, answers[1].request_id}).size(), 0u);
  EXPECT_EQ(*PurgeAnswers(*Connect(), before, 2), 1);
  EXPECT_EQ(*PurgeAnswers(*Connect(), before, 2), 0);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM idempotency_keys"), 2);
}

}  // namespace
}  // namespace zhuqi::db
