#include "tools/zhuqictl/consultation_text.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace zhuqi::ctl {
namespace {

using ::testing::HasSubstr;

template <class Message>
Message ParsedText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

TEST(TaskTableTest, ColumnsAlignUnderChineseTextsAndGuessesAreMarked) {
  const std::string table = TaskTable(ParsedText<routing::v1::ListConsultationTasksResponse>(R"(
    tasks { consultation_id: "c1" task { number: 1 text: "现场复核" owner_department_id: "js.fire" overdue: true
            due_on { year: 2024 month: 5 day: 9 } } }
    tasks { consultation_id: "c2" task { number: 12 text: "ok" owner_department_id: "js.planning"
            due_provisional: true due_on { year: 2025 month: 1 day: 7 } } }
    next_page_token: "more")"));
  EXPECT_THAT(table, HasSubstr("2024-05-09   js.fire      open, overdue  现场复核  c1             1\n"));
  EXPECT_THAT(table, HasSubstr("2025-01-07?  js.planning  open           ok        c2            12\n"));
  EXPECT_THAT(table, HasSubstr("2 tasks … and more: --limit or --all\n"));
}

TEST(ConsultationTableTest, CountsOpenTasksOfAll) {
  const std::string table = ConsultationTable(ParsedText<routing::v1::ListConsultationsResponse>(R"(
    consultations { consultation_id: "c1" why: "规划与消防" chair_department_id: "js.office" round: 1 case_count: 2
      state: CONSULTATION_STATE_IN_FOLLOW_UP task_count: 3 open_task_count: 2 overdue_task_count: 1 })"));
  EXPECT_THAT(table, HasSubstr("in_follow_up      1      2   2/3        1  规划与消防\n"));
}

TEST(DescribeConsultationTest, VoidSignOffIsVisible) {
  const std::string text = DescribeConsultation(ParsedText<routing::v1::Consultation>(R"(
    consultation_id: "c1" why: "规划与消防" state: CONSULTATION_STATE_CONVENED chair_department_id: "js.office"
    invitations { department_id: "js.fire" state: INVITATION_STATE_REPRESENTED substitute_department_id: "zz.fire" }
    invitations { department_id: "zz.fire" state: INVITATION_STATE_INVITED on_behalf_of_department_id: "js.fire" }
    minutes { text: "议定两项" revision: 2 digest: "abcdef0123"
      sign_offs { department_id: "js.office" revision: 2 }
      sign_offs { department_id: "js.planning" revision: 1 voided_at { seconds: 1715218200 } voided_by_sequence: 7 } }
    allowed_actions: "invite" etag: "v7")"));
  EXPECT_THAT(text, HasSubstr("js.fire     represented  sends zz.fire\n"));
  EXPECT_THAT(text, HasSubstr("zz.fire     invited      for js.fire\n"));
  EXPECT_THAT(text, HasSubstr("revision 2, digest abcdef0123\n议定两项\n"));
  EXPECT_THAT(text, HasSubstr("void since 2024-05-09 09:30 by entry 7\n"));
}

TEST(CheckReadDigestTest, TakesWhatWasReadAndNothingElse) {
  const auto minutes = ParsedText<routing::v1::Minutes>("digest: 'abcdef0123456789'");
  EXPECT_TRUE(CheckReadDigest("abcdef01", minutes).ok());
  EXPECT_TRUE(CheckReadDigest("ABCDEF0123456789", minutes).ok());
  EXPECT_FALSE(CheckReadDigest("abcdef0", minutes).ok());
  EXPECT_FALSE(CheckReadDigest("abcdef02", minutes).ok());
  EXPECT_FALSE(CheckReadDigest("abcdef01", routing::v1::Minutes()).ok());
}

}  // namespace
}  // namespace zhuqi::ctl
