#include "tools/zhuqictl/record_text.h"

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

intake::v1::Record Issue() {
  intake::v1::Record record;
  record.set_record_id("018f4a10-0000-7000-8000-000000000001");
  record.set_revision(2);
  record.set_state(intake::v1::RECORD_STATE_ACTIVE);
  record.set_has_contact(true);
  intake::v1::RecordSubmission& sent = *record.mutable_submission();
  sent.mutable_key()->set_source_system("oa");
  sent.mutable_key()->set_external_id("I-1");
  sent.set_org_unit_id("jinshui");
  intake::v1::Issue& issue = *sent.mutable_issue();
  issue.set_kind(intake::v1::ISSUE_KIND_NEED);
  issue.set_title("用地");
  *issue.mutable_raised_at() = *ParseInstant("2024-05-09 09:30");
  return record;
}

TEST(RecordTextTest, ARecordSaysThatItHasAContactAndNotWhich) {
  EXPECT_TRUE(absl::StrContains(DescribeRecord(Issue()), "--with-contact"));
  intake::v1::Record shown = Issue();
  shown.mutable_submission()->mutable_issue()->mutable_contact()->set_phone("13800138000");
  EXPECT_TRUE(absl::StrContains(DescribeRecord(shown), "13800138000"));
}

TEST(RecordTextTest, RevisionsShowEachDifferenceAndWithdrawals) {
  intake::v1::ListRecordRevisionsResponse response;
  auto* withdrawn = response.add_revisions();
  withdrawn->set_revision(3);
  withdrawn->set_state(intake::v1::RECORD_STATE_WITHDRAWN);
  withdrawn->set_withdrawal_reason("重复登记");
  auto* changed = response.add_revisions();
  changed->set_revision(2);
  changed->set_actor("clerk");
  for (const char* field : {"issue.title", "issue.legacy"}) {
    changed->add_differences()->set_field(field);
    changed->mutable_differences(changed->differences_size() - 1)->set_after("after");
  }
  response.add_revisions()->set_revision(1);
  const std::string text = DescribeRevisions(response);
  for (const char* part : {"重复登记", "issue.title", "issue.legacy", "clerk", "received"}) {
    EXPECT_TRUE(absl::StrContains(text, part)) << part << "\n" << text;
  }
}

}  // namespace
}  // namespace zhuqi::ctl
