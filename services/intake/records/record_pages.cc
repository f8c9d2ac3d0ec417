#include "services/intake/records/record_pages.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/page_token.h"
#include "services/intake/records/record_reader.h"

namespace zhuqi::intake {
namespace {

// Records that are in memory at once when they have to be looked at, and that are looked at for one page.
constexpr int kStep = 500;
constexpr int kMaxLooked = 20000;

// A page as it fills.
class Page {
 public:
  explicit Page(const RecordQuery& query) : query_(query) {}

  // Takes the record if it is meant. False: the page is full, and ends before this record.
  bool Offer(v1::Record record) {
    looked_ = PositionOf(record);
    if (query_.needs_look() && !query_.Matches(record.submission())) return true;
    bytes_ += record.ByteSizeLong();
    // A page ends where its bytes do, too: a client that receives 4 MiB must get every page.
    if (response_.records_size() == query_.page_size ||
        (bytes_ > kMaxPageBytes && response_.records_size() > 0)) {
      EndAt(PositionOf(response_.records(response_.records_size() - 1)));
      return false;
    }
    *response_.add_records() = std::move(record);
    return true;
  }
  void EndAt(const RecordPosition& position) {
    response_.set_next_page_token(PageTokenAfter(query_, position));
  }

  int size() const { return response_.records_size(); }
  // The last record that was offered.
  const std::optional<RecordPosition>& looked() const { return looked_; }
  v1::ListRecordsResponse Take() { return std::move(response_); }

 private:
  const RecordQuery& query_;
  v1::ListRecordsResponse response_;
  std::optional<RecordPosition> looked_;
  size_t bytes_ = 0;
};

}  // namespace

Task<absl::StatusOr<std::vector<v1::Record>>> RecordPages::Step(absl::Time deadline, const RecordQuery& query,
                                                                std::optional<RecordPosition> after,
                                                                int limit) const {
  auto run = sql_.Run<std::vector<v1::Record>>(deadline, [&query, &after, limit](db::Connection& connection) {
    return ListRecords(connection, query.filter, after, limit);
  });
  absl::StatusOr<std::vector<v1::Record>> records = co_await run;
  co_return records;
}

Task<absl::StatusOr<v1::ListRecordsResponse>> RecordPages::Read(absl::Time deadline,
                                                                const RecordQuery& query) const {
  Page page(query);
  // One more than asked for says whether there is a next page.
  const int limit = query.needs_look() ? kStep : query.page_size + 1;
  std::optional<RecordPosition> after = query.after;
  for (int looked = 0; looked < kMaxLooked; looked += limit) {
    auto step = Step(deadline, query, after, limit);
    absl::StatusOr<std::vector<v1::Record>> records = co_await step;
    if (!records.ok()) co_return records.status();
    const bool last = records->size() < static_cast<size_t>(limit);
    for (v1::Record& record : *records) {
      if (!page.Offer(std::move(record))) co_return page.Take();
    }
    if (last) co_return page.Take();
    after = page.looked();
  }
  if (after.has_value()) page.EndAt(*after);
  co_return page.Take();
}

Task<absl::StatusOr<int64_t>> RecordPages::CountByLooking(absl::Time deadline,
                                                          const RecordQuery& query) const {
  int64_t total = 0;
  std::optional<RecordPosition> after;
  while (true) {
    auto step = Step(deadline, query, after, kStep);
    absl::StatusOr<std::vector<v1::Record>> records = co_await step;
    if (!records.ok()) co_return records.status();
    total += std::count_if(records->begin(), records->end(),
                           [&](const v1::Record& record) { return query.Matches(record.submission()); });
    if (records->size() < static_cast<size_t>(kStep)) co_return total;
    after = PositionOf(records->back());
  }
}

Task<absl::StatusOr<int64_t>> RecordPages::Count(absl::Time deadline, const RecordQuery& query) const {
  if (!query.text.empty() || query.look_at_enterprises) {
    auto look = CountByLooking(deadline, query);
    absl::StatusOr<int64_t> total = co_await look;
    co_return total;
  }
  // Units in lists that a statement may have; one that names none asks for all.
  std::vector<std::string> units;
  if (query.units != nullptr) units.assign(query.units->begin(), query.units->end());
  int64_t total = 0;
  size_t done = 0;
  do {
    RecordFilter filter = query.filter;
    const size_t end = std::min(units.size(), done + kMaxUnitsInStatement);
    if (!units.empty()) filter.org_unit_ids.assign(units.data() + done, units.data() + end);
    auto run = sql_.Run<int64_t>(
        deadline, [&filter](db::Connection& connection) { return CountRecords(connection, filter); });
    absl::StatusOr<int64_t> count = co_await run;
    if (!count.ok()) co_return count.status();
    total += *count;
    done = end;
  } while (done < units.size());
  co_return total;
}

}  // namespace zhuqi::intake
