// The changes of one transaction: the cases as they become, their new history and what the feed is told.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_BATCH_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_BATCH_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "common/feed/append.h"
#include "services/routing/cases/case_rules.h"
#include "services/routing/cases/case_store.h"

namespace zhuqi::routing {

class CaseBatch {
 public:
  // `known`: the cases as read in this transaction. `directory_sequence`: of the snapshot that the rules are
  // given.
  CaseBatch(CaseMap known, int64_t directory_sequence)
      : known_(std::move(known)), directory_sequence_(directory_sequence) {}

  // The case as changed so far; null when there is none.
  const CaseRecord* Find(const Uuid& case_id) const;

  // Takes a change to the case that Find gives now, or a new case. Returns its index in events().
  size_t Take(CaseChange change);

  // Writes everything, the feed last. Aborted when a case was changed by another transaction meanwhile.
  absl::Status Write(db::Transaction& transaction, absl::Time recorded_at);

  // In the order in which they were taken; with their sequences after Write.
  const std::vector<feed::OutgoingEvent>& events() const { return outgoing_; }

 private:
  CaseMap known_;
  const int64_t directory_sequence_;
  CaseMap changed_;
  std::vector<std::pair<Uuid, v1::CaseEvent>> history_;
  std::vector<feed::OutgoingEvent> outgoing_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_BATCH_H_
