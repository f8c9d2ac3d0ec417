// The changes of one transaction: the cases as they become, their new history and what the feed is told.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_BATCH_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_BATCH_H_

#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "common/directory/directory.h"
#include "common/feed/append.h"
#include "services/routing/cases/case_rules.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/notices/notice_store.h"

namespace zhuqi::routing {

class CaseBatch {
 public:
  // `known`: the cases as read in this transaction. `directory`: what the rules are given, by
  // DirectoryInForce. `catalogue` may be null: none is in force. `outbox`: whether notices are kept.
  CaseBatch(CaseMap known, std::shared_ptr<const Directory> directory,
            std::shared_ptr<const v1::Catalogue> catalogue, absl::Time recorded_at, Outbox outbox)
      : known_(std::move(known)),
        directory_(std::move(directory)),
        catalogue_(std::move(catalogue)),
        recorded_at_(recorded_at),
        outbox_(outbox) {}

  // The case as changed so far; null when there is none.
  const CaseRecord* Find(const Uuid& case_id) const;

  // The same, after it has taken over the directory in force: the calendar, so that whatever happens to it
  // next moves no deadline in silence, and successors of its owner and lead.
  const CaseRecord* FindForChange(const Uuid& case_id);

  // Takes a change to the case that Find gives now, or a new case. Returns its index in events().
  size_t Take(CaseChange change);

  // Reckons anew when the next step of its ladder fires, though nothing else may have changed.
  void TimeNextStep(const Uuid& case_id) { timed_.insert(case_id); }

  // Writes everything, with the notices of it, the feed last. Aborted when a case was changed by another
  // transaction meanwhile.
  absl::Status Write(db::Transaction& transaction);

  // In the order in which they were taken; with their sequences after Write.
  const std::vector<feed::OutgoingEvent>& events() const { return outgoing_; }

 private:
  absl::Status WriteSteps(db::Transaction& transaction) const;

  CaseMap known_;
  const std::shared_ptr<const Directory> directory_;
  const std::shared_ptr<const v1::Catalogue> catalogue_;
  const absl::Time recorded_at_;
  const Outbox outbox_;
  CaseMap changed_;
  std::set<Uuid> timed_;
  std::vector<std::pair<Uuid, v1::CaseEvent>> history_;
  std::vector<feed::OutgoingEvent> outgoing_;
  std::vector<v1::NoticeEvent> notices_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_BATCH_H_
