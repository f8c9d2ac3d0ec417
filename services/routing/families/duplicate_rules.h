// A case whose issue repeats that of another one, the first. Pure.
//
// Duplicates are linked, not merged: each stays a case with its owner, and each enterprise gets an answer. By
// the terms of the duplicate its clocks, and with them its escalation ladder, either run on or stand still
// while the first one is worked on. They stand still only while that is so: the first one is neither
// withdrawn nor closed, and the duplicate is open and has no open child.
//
// When the first one is closed, a duplicate that stood still lives again: as RESOLVED or UNCONFIRMED it
// awaits its own call-back; with reasons (EXPLAINED, DECLINED) it stays where it stood, for its lead to
// answer. That is once and for all: a first case that is reopened does not stop it again.
#ifndef ZHUQI_SERVICES_ROUTING_FAMILIES_DUPLICATE_RULES_H_
#define ZHUQI_SERVICES_ROUTING_FAMILIES_DUPLICATE_RULES_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "services/routing/cases/case_rules.h"
#include "zhuqi/routing/v1/case.pb.h"

namespace zhuqi::routing {

// When something happened, and when it is recorded.
struct FamilyMoment {
  absl::Time at;
  absl::Time recorded_at;
};

// The case as a duplicate of `first`, or as none any more.
CaseChange LinkDuplicate(const CaseRecord& before, const v1::Case& first, absl::Time linked_at,
                         const std::string& linked_by, const FamilyMoment& moment,
                         const Directory& directory);
CaseChange UnlinkDuplicate(const CaseRecord& before, const FamilyMoment& moment, const Directory& directory);

// The case that gained or lost a duplicate. That is an entry of its history, so that whoever closes it at the
// same moment is told of the duplicate.
CaseChange NoteDuplicate(const CaseRecord& before, const v1::Case& duplicate, bool removed,
                         const FamilyMoment& moment, const Directory& directory);

// Whether something of a case changed that its duplicates follow, or that decides whether it stands still
// itself.
bool ConcernsDuplicates(const v1::Case& before, const v1::Case& after);
bool ConcernsItsStanding(const v1::Case& before, const v1::Case& after);
// The duplicate by what the first one is now; `first` is null when it is linked to none. Absent when nothing
// changes.
std::optional<CaseChange> FollowFirst(const CaseRecord& before, const v1::Case* first,
                                      const FamilyMoment& moment, const Directory& directory);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_FAMILIES_DUPLICATE_RULES_H_
