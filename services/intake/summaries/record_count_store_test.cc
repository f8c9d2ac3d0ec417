// What summaries count, of records that were sent, withdrawn and sent again through the record service.
#include "services/intake/summaries/record_count_store.h"

#include "gmock/gmock.h"
#include "services/intake/records/test_replica.h"

namespace zhuqi::intake {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Pair;
using Counts = std::map<std::string, int64_t>;

class RecordCountTest : public RecordServiceTest {
 protected:
  Counts InMarch() {
    const ScopeSpan march{absl::CivilDay(2024, 3, 1), absl::CivilDay(2024, 3, 31), {"erqi", "jinshui"}};
    db::Lease lease = *pool_->Acquire(absl::InfiniteFuture());
    const absl::StatusOr<Counts> counts = CountRecords(*lease, std::vector<ScopeSpan>{march});
    EXPECT_TRUE(counts.ok()) << counts.status();
    return counts.value_or(Counts());
  }
};

TEST_F(RecordCountTest, WithdrawnRecordsDoNotCountUntilTheyAreSentAgain) {
  const auto replica = StartReplica();
  const v1::SubmitRecordsRequest request =
      Request({Visit("v", 1, {kGoodCode, kOtherCode}), Issue("i"), Visit("w", 20, {kGoodCode}, "erqi")});
  const auto sent = replica->Submit(request);
  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_THAT(Dispositions(*sent), Each("CREATED"));
  const auto all = ElementsAre(Pair("enterprises_reached", 2), Pair("issues_received", 1),
                               Pair("policies_delivered", 0), Pair("visits", 2));
  EXPECT_THAT(InMarch(), all);
  for (int i = 0; i < 2; ++i) {
    v1::WithdrawRecordRequest withdrawal;
    withdrawal.set_request_id(Uuid::NewV7(Clock::System().Now()).ToString());
    withdrawal.set_record_id(sent->results(i).record_id());
    withdrawal.set_reason("重复登记");
    const auto withdrawn = replica->Call(&v1::RecordService::Stub::WithdrawRecord, withdrawal);
    ASSERT_TRUE(withdrawn.ok()) << withdrawn.status();
  }
  EXPECT_THAT(InMarch(), ElementsAre(Pair("enterprises_reached", 1), Pair("issues_received", 0),
                                     Pair("policies_delivered", 0), Pair("visits", 1)));
  ASSERT_TRUE(replica->Submit(Request({Visit("v", 1, {kGoodCode, kOtherCode}), Issue("i")})).ok());
  EXPECT_THAT(InMarch(), all);
}

}  // namespace
}  // namespace zhuqi::intake
