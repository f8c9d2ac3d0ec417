// How many units one summary may sum up, read from a real database.
#include "services/intake/summaries/evidence_store.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/rpc/errors.h"
#include "gtest/gtest.h"
#include "services/intake/directory/test_replica.h"
#include "services/intake/summaries/test_summaries.h"

namespace zhuqi::intake {
namespace {

// The chain with so many townships below 中牟, which has none of its own.
std::shared_ptr<const Directory> WithTownships(int count) {
  feed::v1::DirectoryChanged change;
  for (int i = 0; i < count; ++i) {
    directory::v1::OrgUnit& unit = *change.add_org_units();
    unit.set_org_unit_id(absl::StrCat("town", i));
    unit.set_name(absl::StrCat("第", i, "镇"));
    unit.set_parent_id("zhongmu");
    unit.set_level(directory::v1::ORG_UNIT_LEVEL_TOWNSHIP);
  }
  return Chain()->With(change, Chain()->sequence() + 1).value();
}

absl::Status ReadWith(IntakeDatabase& database, int townships) {
  const std::shared_ptr<const Directory> directory = WithTownships(townships);
  const std::unique_ptr<db::Pool> pool = database.NewPool(1);
  db::Lease lease = *pool->Acquire(absl::InfiniteFuture());
  return ReadEvidence(*lease, directory, OwedBy(*directory, "zhongmu", "district"), Counted::kAll).status();
}

TEST(ReadEvidence, SumsUp1000UnitsAndNotOneMore) {
  IntakeDatabase database;
  EXPECT_EQ(ReadWith(database, 1000), absl::OkStatus());
  const absl::Status one_more = ReadWith(database, 1001);
  EXPECT_EQ(one_more.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::ReasonOf(one_more), "TOO_MANY_LOWER_UNITS");
}

}  // namespace
}  // namespace zhuqi::intake
