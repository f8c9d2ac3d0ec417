// Entering enterprises through a real server and a real database.
#include "services/intake/enterprises/enterprise_service.h"

#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "services/intake/enterprises/test_enterprise_replica.h"

namespace zhuqi::intake {
namespace {

using ::testing::ElementsAre;

TEST_F(EnterpriseServiceTest, EnteringTheSameAgainIsUnchangedAndAChangeIsTheNextRevision) {
  v1::Enterprise renamed = Enterprise(kFactory);
  renamed.set_name("示例智造有限公司");
  EXPECT_THAT(Dispositions(*replica_->Apply(Request({Enterprise(kFactory)}))), ElementsAre("CREATED"));
  const auto same = replica_->Apply(Request({Enterprise(kFactory)}));
  EXPECT_THAT(Dispositions(*same), ElementsAre("UNCHANGED"));
  EXPECT_EQ(same->consistency_token(), "");
  const auto changed = replica_->Apply(Request({renamed}));
  EXPECT_THAT(Dispositions(*changed), ElementsAre("UPDATED"));
  EXPECT_NE(changed->consistency_token(), "");
  const auto got = replica_->Get(" ９１４４０３００１９２２０３８２１６");
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->enterprise().name(), "示例智造有限公司");
  EXPECT_EQ(got->enterprise().revision(), 2);
  EXPECT_TRUE(got->enterprise().has_updated_at());
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM enterprises"), 1);
}

TEST_F(EnterpriseServiceTest, EventsCarryTheFactsBeforeAndAfterInTheDistrictsPartition) {
  Enter({Enterprise(kFactory, R"(tags: "key" size: ENTERPRISE_SIZE_MICRO)")});
  v1::Enterprise moved = Enterprise(kFactory, R"(tags: "key" size: ENTERPRISE_SIZE_SMALL)");
  moved.set_org_unit_id("zhongmu");
  Enter({moved});
  const auto events = database_.Events(PartitionOf(*CityWithPolicies(), "jinshui", kTestPartitions));
  ASSERT_EQ(events.size(), 2u);
  EXPECT_FALSE(events[0].enterprise().has_before());
  EXPECT_EQ(events[0].enterprise().after().size(), directory::v1::ENTERPRISE_SIZE_MICRO);
  EXPECT_EQ(events[1].enterprise().before().org_unit_id(), "jinshui");
  EXPECT_EQ(events[1].enterprise().after().org_unit_id(), "zhongmu");
  EXPECT_THAT(events[1].enterprise().after().tags(), ElementsAre("key"));
}

TEST_F(EnterpriseServiceTest, ResultsLineUpWithTheRowsAndABadRowDoesNotTakeTheGoodOnesDown) {
  v1::ApplyEnterprisesRequest request =
      Request({Enterprise(kFactory), Enterprise("914403001922038217"), Enterprise(kBank)});
  for (const char* key : {"sheet1!A2", "sheet1!A3", "sheet1!A4"}) request.add_row_keys(key);
  const auto answer = replica_->Apply(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(Dispositions(*answer), ElementsAre("CREATED", "REJECTED", "CREATED"));
  const v1::EnterpriseResult& bad = answer->results(1);
  EXPECT_EQ(bad.index(), 1);
  EXPECT_EQ(bad.row_key(), "sheet1!A3");
  EXPECT_EQ(bad.uscc(), "914403001922038217");
  EXPECT_EQ(bad.violations(0).field(), "enterprises[1].uscc");
  EXPECT_EQ(bad.violations(0).reason(), "USCC_WRONG_CHECK_CHARACTER");
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM enterprises"), 2);
}

TEST_F(EnterpriseServiceTest, AllOrNothingStoresNothingWhenOneIsRejected) {
  v1::ApplyEnterprisesRequest request = Request({Enterprise(kFactory), Enterprise(kBank, R"(tags: "Bad")")});
  request.set_all_or_nothing(true);
  const auto answer = replica_->Apply(request);
  EXPECT_THAT(Dispositions(*answer), ElementsAre("NOT_ATTEMPTED", "REJECTED"));
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM enterprises"), 0);
  EXPECT_EQ(answer->consistency_token(), "");
}

TEST_F(EnterpriseServiceTest, ValidateOnlyForetellsAndStoresNothing) {
  Enter({Enterprise(kFactory)});
  v1::ApplyEnterprisesRequest request =
      Request({Enterprise(kFactory), Enterprise(kFactory, R"(address: "新址")"), Enterprise(kBank)});
  request.set_validate_only(true);
  EXPECT_THAT(Dispositions(*replica_->Apply(request)), ElementsAre("UNCHANGED", "UPDATED", "CREATED"));
  EXPECT_EQ(replica_->Get(kFactory)->enterprise().revision(), 1);
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM idempotency_keys"), 1);
}

TEST_F(EnterpriseServiceTest, RepeatedRequestGetsTheFirstAnswerAndAnotherBodyIsRefused) {
  v1::ApplyEnterprisesRequest request = Request({Enterprise(kFactory)});
  request.set_request_id(NewRequestId());
  const auto first = replica_->Apply(request);
  EXPECT_EQ(replica_->Apply(request)->SerializeAsString(), first->SerializeAsString());
  request.mutable_enterprises(0)->set_name("另一家");
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(request).status()), "REQUEST_ID_REUSED");
}

TEST_F(EnterpriseServiceTest, RequestItselfIsRefusedByName) {
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(Request({})).status()), "OUT_OF_RANGE");
  v1::ApplyEnterprisesRequest keys = Request({Enterprise(kFactory)});
  keys.add_row_keys("1");
  keys.add_row_keys("2");
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(keys).status()), "ROW_KEYS_MISMATCH");
  v1::ApplyEnterprisesRequest id = Request({Enterprise(kFactory)});
  id.set_request_id("17");
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(id).status()), "UUID_INVALID");
  EXPECT_EQ(rpc::ReasonOf(replica_->Get("17").status()), "USCC_WRONG_LENGTH");
  EXPECT_EQ(rpc::ReasonOf(replica_->Get(kBank).status()), "ENTERPRISE_UNKNOWN");
}

TEST_F(EnterpriseServiceTest, AThousandEnterprisesAreTakenAndOneMoreIsNot) {
  std::vector<v1::Enterprise> enterprises;
  for (int i = 0; i < 1000; ++i) enterprises.push_back(Enterprise(CodeOf(i)));
  Enter(enterprises);
  enterprises.push_back(Enterprise(CodeOf(1000)));
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(Request(enterprises)).status()), "OUT_OF_RANGE");
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM enterprises"), 1000);
}

TEST_F(EnterpriseServiceTest, RowKeyOf100CharactersIsTakenAndOneMoreIsNot) {
  std::string key;
  for (int i = 0; i < 100; ++i) key += "行";
  v1::ApplyEnterprisesRequest request = Request({Enterprise(kFactory)});
  request.add_row_keys(key);
  EXPECT_EQ(replica_->Apply(request)->results(0).row_key(), key);
  request.set_row_keys(0, key + "行");
  EXPECT_EQ(rpc::ReasonOf(replica_->Apply(request).status()), "TEXT_TOO_LONG");
}

TEST_F(EnterpriseServiceTest, TwoReplicasThatEnterTheSameAtOnceLoseNothing) {
  Replica second(database_);
  constexpr int kRounds = 30;
  const auto send = [](Replica& replica, int first_shared) {
    for (int i = 0; i < kRounds; ++i) {
      // Both make the same ones, in opposite orders, and each changes one that both change.
      const auto answer = replica.Apply(
          Request({Enterprise(CodeOf(first_shared == 0 ? i : kRounds - 1 - i)),
                   Enterprise(kFactory, absl::StrCat("address: \"", first_shared, "-", i, "\""))}));
      ASSERT_TRUE(answer.ok()) << answer.status();
    }
  };
  std::thread other([&] { send(second, 1); });
  send(*replica_, 0);
  other.join();
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM enterprises"), kRounds + 1);
  // Every change is one revision and one event.
  EXPECT_EQ(replica_->Get(kFactory)->enterprise().revision(), 2 * kRounds);
  EXPECT_EQ(database_.Count("SELECT COUNT(*) FROM feed_events"), 3 * kRounds);
}

}  // namespace
}  // namespace zhuqi::intake
