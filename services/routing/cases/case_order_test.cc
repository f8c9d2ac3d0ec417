// Orders of lists: pages of each hold every case once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/routing/cases/test_lists.h"

namespace zhuqi::routing {
namespace {

using testing::At;
using testing::CaseId;
using testing::CaseListTest;
using testing::kListedAt;
using Request = testing::ListRequest;

// ---- Orders ----

class OrderTest : public CaseListTest, public ::testing::WithParamInterface<v1::CaseOrder> {
 protected:
  // What the order sorts by, of case `number`.
  absl::Time KeyOf(const CaseRecord& record, int number) const {
    switch (GetParam()) {
      case v1::CASE_ORDER_HANDLING_DEADLINE:
        return record.facts.has_handling_due_at() ? TimeFrom(record.facts.handling_due_at())
                                                  : absl::InfiniteFuture();
      case v1::CASE_ORDER_LAST_CHANGED:
        return Recorded(number);
      default:
        return TimeFrom(record.body.received_at());
    }
  }
  static absl::Time Recorded(int number) { return kListedAt - absl::Minutes(number * 7 % 11); }
};

TEST_P(OrderTest, PagesHoldEveryCaseOnceAndInOrder) {
  std::vector<std::pair<absl::Time, std::string>> expected;
  for (int i = 0; i < 23; ++i) {
    const CaseRecord record = NumberedWith(i, [i](CaseRecord& r) {
      *r.body.mutable_received_at() = TimestampMessage(At("2024-09-01 09:00") + absl::Hours(i * 5 % 7));
      *r.facts.mutable_handling_due_at() = TimestampMessage(At("2024-10-01 09:00") + absl::Hours(i * 3 % 8));
      if (i % 6 == 0) r.facts.clear_handling_due_at();
    });
    PutAll({record}, Recorded(i));
    expected.emplace_back(KeyOf(record, i), record.body.case_id());
  }
  const bool descending =
      GetParam() != v1::CASE_ORDER_HANDLING_DEADLINE && GetParam() != v1::CASE_ORDER_LONGEST_OPEN;
  std::sort(expected.begin(), expected.end(), [descending](const auto& left, const auto& right) {
    if (left.first != right.first) return descending ? left.first > right.first : left.first < right.first;
    return left.second < right.second;
  });
  Request request;
  request.set_order(GetParam());
  request.set_page_size(4);
  request.add_tabs(v1::CASE_TAB_OPEN);
  std::vector<std::string> seen;
  do {
    const auto list = ReadListRequest(request, *directory_, now_);
    ASSERT_TRUE(list.ok()) << list.status();
    const auto page = SelectCases(connection(), list->filter, list->order, list->after, list->page_size);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const ListedCase& each : *page) seen.push_back(each.record.body.case_id());
    request.set_page_token(page->empty() ? "" : NextPageToken(*list, page->back().place));
  } while (!request.page_token().empty());
  ASSERT_EQ(seen.size(), expected.size());
  for (size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], expected[i].second) << i;
}

INSTANTIATE_TEST_SUITE_P(Each, OrderTest,
                         ::testing::Values(v1::CASE_ORDER_UNSPECIFIED, v1::CASE_ORDER_NEWEST,
                                           v1::CASE_ORDER_HANDLING_DEADLINE, v1::CASE_ORDER_LONGEST_OPEN,
                                           v1::CASE_ORDER_LAST_CHANGED),
                         [](const auto& order) { return v1::CaseOrder_Name(order.param); });

TEST_F(CaseListTest, TokenBelongsToItsFilterAndOrder) {
  const auto list = Read([](Request& r) { r.set_order(v1::CASE_ORDER_LONGEST_OPEN); });
  ASSERT_TRUE(list.ok());
  const std::string token = NextPageToken(*list, ListPlace{kListedAt, *Uuid::Parse(CaseId(1))});
  EXPECT_TRUE(Read([&](Request& r) {
                r.set_order(v1::CASE_ORDER_LONGEST_OPEN);
                r.set_page_token(token);
              }).ok());
  EXPECT_EQ(ReasonOf([&](Request& r) { r.set_page_token(token); }), "PAGE_TOKEN_INVALID");
  EXPECT_EQ(ReasonOf([&](Request& r) {
              r.set_order(v1::CASE_ORDER_LONGEST_OPEN);
              r.add_tabs(v1::CASE_TAB_OPEN);
              r.set_page_token(token);
            }),
            "PAGE_TOKEN_INVALID");
}

}  // namespace
}  // namespace zhuqi::routing
