#include "services/intake/summaries/month_opening.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "common/base/status_macros.h"
#include "common/feed/append.h"
#include "services/intake/summaries/obligation_rules.h"
#include "services/intake/summaries/period_store.h"
#include "services/intake/summaries/summary_store.h"

namespace zhuqi::intake {

absl::Status MonthOpening::ReadMissing(db::Transaction& transaction) {
  const std::string& form_id = form_.form_id();
  ZHUQI_ASSIGN_OR_RETURN(const Periods periods, ReadPeriods(transaction.connection(), {{form_id, month_}}));
  if (periods.empty()) {
    ZHUQI_RETURN_IF_ERROR(
        InsertPeriod(transaction, NewPeriod(form_, month_, directory_.calendar(), now_), now_));
  }
  ZHUQI_ASSIGN_OR_RETURN(const absl::flat_hash_set<std::string> obliged,
                         ReadObligedUnits(transaction.connection(), form_id, month_));
  missing_.clear();
  for (const auto& [id, unit] : directory_.units()) {
    if (!obliged.contains(id) && !WhyNotOwed(unit, form_, month_).has_value()) missing_.push_back(&unit);
  }
  std::reverse(missing_.begin(), missing_.end());
  return absl::OkStatus();
}

absl::StatusOr<int> MonthOpening::MakeBatch(db::Transaction& transaction) {
  if (!missing_is_known_) ZHUQI_RETURN_IF_ERROR(ReadMissing(transaction));
  // Until this transaction is known to be committed: when it runs again, another replica may have been there.
  missing_is_known_ = false;
  batch_ = std::min(missing_.size(), static_cast<std::size_t>(limit_));
  std::vector<StoredSummary> made;
  std::vector<feed::OutgoingEvent> events;
  for (auto unit = missing_.rbegin(); made.size() < batch_; ++unit) {
    made.push_back(NewObligation(directory_, **unit, form_, month_, partitions_, now_));
    events.push_back(EventOf(nullptr, made.back(), directory_.sequence()));
  }
  if (made.empty()) return 0;
  ZHUQI_RETURN_IF_ERROR(InsertObligations(transaction, made, now_));
  ZHUQI_RETURN_IF_ERROR(feed::Append(transaction, now_, events));
  return static_cast<int>(made.size());
}

void MonthOpening::Committed() {
  missing_.resize(missing_.size() - batch_);
  batch_ = 0;
  missing_is_known_ = true;
}

}  // namespace zhuqi::intake
