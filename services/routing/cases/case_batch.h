// The changes of one transaction: the cases as they become, their new history and what the feed is told.
// What a change means for the rest of the family (children, parent, duplicates) is carried out with it.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_BATCH_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_BATCH_H_

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "common/directory/directory.h"
#include "common/feed/append.h"
#include "services/routing/cases/assistant_rules.h"
#include "services/routing/cases/case_rules.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/families/family_store.h"
#include "services/routing/notices/notice_store.h"

namespace zhuqi::routing {

class CaseBatch {
 public:
  // `connection`: of this transaction; assistants are chosen by what is stored. Null: nothing is (tests of
  // rules). `known`: the cases as read in this transaction, with their relatives (AddRelatives) where one of
  // them may be closed, opened, divided or revised. `directory`: what the rules are given, by
  // DirectoryInForce. `catalogue` may be null: none is in force. `outbox`: whether notices are kept.
  CaseBatch(db::Connection* connection, CaseMap known, std::shared_ptr<const Directory> directory,
            std::shared_ptr<const v1::Catalogue> catalogue, absl::Time recorded_at, Outbox outbox)
      : connection_(connection),
        known_(std::move(known)),
        directory_(std::move(directory)),
        catalogue_(std::move(catalogue)),
        recorded_at_(recorded_at),
        outbox_(outbox) {}

  // The case as changed so far; null when there is none.
  const CaseRecord* Find(const Uuid& case_id) const;

  // The same, after it has taken over the directory in force: the calendar, so that whatever happens to it
  // next moves no deadline in silence, and successors of its owner, its lead and others with a part in it.
  const CaseRecord* FindForChange(const Uuid& case_id);

  // Adds to `loads` what the changes taken so far make of what was stored.
  void AddLoads(AssistantLoads& loads) const;

  // Takes a change to the case that Find gives now, or a new case, and then what follows from it for its
  // relatives. One that it opens again takes over the directory in force: while it was closed its owner or
  // lead may have ended. Returns its index in events().
  size_t Take(CaseChange change);

  // Makes `duplicate` a duplicate of `first`, or ends that: an entry in the history of both. `at`: when.
  void Link(const Uuid& duplicate, const Uuid& first, const DuplicateLink& link, absl::Time at);
  void Unlink(const Uuid& duplicate, const Uuid& first, absl::Time at);

  // Reckons anew when the next step of its ladder fires, though nothing else may have changed.
  void TimeNextStep(const Uuid& case_id) { timed_.insert(case_id); }

  // Writes everything, with the notices of it, the feed last. Aborted when a case was changed by another
  // transaction meanwhile.
  absl::Status Write(db::Transaction& transaction);

  // In the order in which they were taken; with their sequences after Write.
  const std::vector<feed::OutgoingEvent>& events() const { return outgoing_; }

 private:
  // What of a change concerns others.
  struct Consequences {
    int first_new_child = 0;  // from here on children are to be made
    bool for_children = false;
    bool for_parent = false;
    bool for_duplicates = false;
    bool for_its_standing = false;
  };
  static Consequences ConsequencesOf(const v1::Case* before, const v1::Case& after);
  void FollowUp(const Uuid& case_id, const Consequences& consequences, const v1::CaseEvent& event);
  void FollowUpInChildren(const Uuid& case_id, const Consequences& consequences, const v1::CaseEvent& event);
  void FollowUpInParent(const Uuid& case_id, const v1::CaseEvent& event);
  void FollowUpInDuplicates(const Uuid& case_id, const v1::CaseEvent& event);
  void FollowUpInStanding(const Uuid& case_id, const v1::CaseEvent& event);
  // Hands the case over where its owner, its lead or another one with a part in it ended.
  void HandOver(const Uuid& case_id);
  // FindForChange of one that must have been read; else the transaction fails.
  const CaseRecord* Relative(const std::string& case_id);

  absl::Status WriteSteps(db::Transaction& transaction) const;

  db::Connection* const connection_;
  // As stored.
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
  // Why nothing can be written: a relative is missing, or the database failed.
  absl::Status failure_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_BATCH_H_
