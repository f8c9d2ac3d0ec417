#include "services/routing/catalogue/simulation_store.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace zhuqi::routing {

absl::Status ReadPastCases(db::Connection& connection, const ReplaySpan& span,
                           const std::optional<ReplayPlace>& after, int limit,
                           absl::FunctionRef<void(const ReplayPlace&, v1::Case)> take) {
  // An issue is replayed once, not with its children again.
  std::string where = "WHERE c.child_number = 0 AND c.outcome <> ?";
  db::Values values{static_cast<int>(v1::OUTCOME_WITHDRAWN)};
  if (span.first.has_value()) {
    absl::StrAppend(&where, " AND c.received_at >= ?");
    values.push_back(*span.first);
  }
  if (span.end.has_value()) {
    absl::StrAppend(&where, " AND c.received_at < ?");
    values.push_back(*span.end);
  }
  if (after.has_value()) {
    absl::StrAppend(&where, " AND c.received_at <= ? AND (c.received_at < ? OR c.case_id > ?)");
    values.push_back(after->received_at);
    values.push_back(after->received_at);
    values.push_back(after->case_id);
  }
  values.push_back(limit);
  return connection.Query(
      // The page's keys from the index in the order of receipts, then its cases alone.
      absl::StrCat(
          "SELECT b.body, page.received_at, page.case_id FROM (SELECT c.case_id, c.received_at FROM cases c ",
          "FORCE INDEX (by_receipt) ", where,
          " ORDER BY c.received_at DESC, c.case_id LIMIT ?) page JOIN case_bodies b ON b.case_id = ",
          "page.case_id ORDER BY page.received_at DESC, page.case_id"),
      values, [&](db::Row& row) -> absl::Status {
        v1::Case body;
        if (!body.ParseFromString(row.Text(0))) return absl::DataLossError("a stored case can not be read");
        const absl::Time received_at = row.Time(1);
        take({received_at, row.ReadUuid(2)}, std::move(body));
        return absl::OkStatus();
      });
}

}  // namespace zhuqi::routing
