// A case that became several: what its children take over from it, and what becomes of it by them. Pure.
//
// A child is a case of its own, one level deep. What a parent knows of a child is whether it is open and what
// came of it, so that nobody has to read the children to say what may be done to the parent; what a child
// knows of its parent is the issue and whether the parent is withdrawn. Whoever changes one of them lets the
// others follow in the same transaction (cases/case_batch).
#ifndef ZHUQI_SERVICES_ROUTING_FAMILIES_CHILD_RULES_H_
#define ZHUQI_SERVICES_ROUTING_FAMILIES_CHILD_RULES_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "services/routing/cases/case_rules.h"
#include "zhuqi/routing/v1/case.pb.h"

namespace zhuqi::routing {

// Closed ones too.
inline constexpr int kMostChildren = 20;

int OpenChildren(const v1::Case& body);
// "1 js.fire (UUID), 2 …"; empty when none is open.
std::string OpenChildrenText(const v1::Case& body);

// The child that `parent` has noted as its `index`-th. Its identity follows from the parent's and its number;
// `divided` is the parent's entry.
CaseChange MakeChild(const CaseRecord& parent, int index, const v1::CaseEvent& divided,
                     const Directory& directory);

// Whether something of the case changed that its children follow: the issue, where it was raised, the
// receipt, or that it is withdrawn.
bool ConcernsChildren(const v1::Case& before, const v1::Case& after);
// The child after what happened to its parent at `event`; absent when nothing changes for it.
std::optional<CaseChange> FollowParent(const CaseRecord& before, const v1::Case& parent,
                                       const v1::CaseEvent& event, const Directory& directory);

// Whether the child was closed or reopened, other than together with its parent.
bool ConcernsParent(const v1::Case& before, const v1::Case& after);
// The parent after its child was closed or reopened by `event`; absent when nothing changes for it. When the
// last child is closed:
// - one was answered: the parent awaits its call-back, where the enterprise is asked on the whole;
// - all gave reasons: the parent is closed, EXPLAINED or, when all declined, DECLINED; if nobody was in
//   contact with the enterprise yet it stays open, for its lead to answer;
// - all were withdrawn: the parent goes on as if it had not been divided.
// When one is reopened, a parent that is closed or awaits its call-back is in progress again.
std::optional<CaseChange> FollowChild(const CaseRecord& before, const v1::Case& child,
                                      const v1::CaseEvent& event, const Directory& directory);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_FAMILIES_CHILD_RULES_H_
