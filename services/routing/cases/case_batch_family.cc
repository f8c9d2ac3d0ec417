// What a change of one case means for its relatives.
#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "services/routing/cases/case_batch.h"
#include "services/routing/families/child_rules.h"
#include "services/routing/families/duplicate_rules.h"

namespace zhuqi::routing {
namespace {

Uuid FamilyId(const std::string& text) { return Uuid::Parse(text).value_or(Uuid()); }

}  // namespace

CaseBatch::Consequences CaseBatch::ConsequencesOf(const v1::Case* before, const v1::Case& after) {
  Consequences consequences;
  consequences.first_new_child = before == nullptr ? 0 : before->children_size();
  if (before == nullptr) return consequences;
  consequences.for_children = before->children_size() > 0 && ConcernsChildren(*before, after);
  consequences.for_parent = ConcernsParent(*before, after);
  consequences.for_duplicates = ConcernsDuplicates(*before, after);
  consequences.for_its_standing = ConcernsItsStanding(*before, after);
  return consequences;
}

void CaseBatch::FollowUp(const Uuid& case_id, const Consequences& consequences, const v1::CaseEvent& event) {
  FollowUpInChildren(case_id, consequences, event);
  if (consequences.for_parent) FollowUpInParent(case_id, event);
  if (consequences.for_duplicates) FollowUpInDuplicates(case_id, event);
  if (consequences.for_its_standing) FollowUpInStanding(case_id, event);
}

const CaseRecord* CaseBatch::Relative(const std::string& case_id) {
  const CaseRecord* record = FindForChange(FamilyId(case_id));
  if (record == nullptr) failure_ = absl::InternalError(absl::StrCat("case ", case_id, " was not read"));
  return record;
}

void CaseBatch::FollowUpInChildren(const Uuid& case_id, const Consequences& consequences,
                                   const v1::CaseEvent& event) {
  const int count = Find(case_id)->body.children_size();
  for (int i = consequences.first_new_child; i < count; ++i) {
    Take(MakeChild(*Find(case_id), i, event, *directory_));
  }
  for (int i = 0; consequences.for_children && i < consequences.first_new_child; ++i) {
    const CaseRecord* child = Relative(Find(case_id)->body.children(i).case_id());
    if (child == nullptr) return;
    std::optional<CaseChange> followed = FollowParent(*child, Find(case_id)->body, event, *directory_);
    if (followed.has_value()) Take(*std::move(followed));
  }
}

void CaseBatch::FollowUpInParent(const Uuid& case_id, const v1::CaseEvent& event) {
  const std::string parent_id = Find(case_id)->body.parent().case_id();
  const CaseRecord* parent = Relative(parent_id);
  if (parent == nullptr) return;
  std::optional<CaseChange> followed = FollowChild(*parent, Find(case_id)->body, event, *directory_);
  if (!followed.has_value()) return;
  Take(*std::move(followed));
  // While it was closed its owner may have ended.
  FindForChange(FamilyId(parent_id));
}

void CaseBatch::FollowUpInDuplicates(const Uuid& case_id, const v1::CaseEvent& event) {
  const std::string first_id = case_id.ToString();
  std::set<Uuid> duplicates;
  for (const CaseMap* cases : {&known_, &changed_}) {
    for (const auto& [id, record] : *cases) {
      if (Find(id)->body.duplicate().first_case_id() == first_id) duplicates.insert(id);
    }
  }
  if (static_cast<int>(duplicates.size()) != Find(case_id)->body.duplicate_count()) {
    // One was linked or unlinked after the first case was read: the whole batch runs again on what is there.
    failure_ = absl::AbortedError("a duplicate was linked at the same time");
    return;
  }
  const FamilyMoment moment{TimeFrom(event.occurred_at()), recorded_at_};
  for (const Uuid& id : duplicates) {
    std::optional<CaseChange> followed =
        FollowFirst(*FindForChange(id), &Find(case_id)->body, moment, *directory_);
    if (followed.has_value()) Take(*std::move(followed));
  }
}

void CaseBatch::FollowUpInStanding(const Uuid& case_id, const v1::CaseEvent& event) {
  const v1::Case* first = nullptr;
  if (const v1::Case& body = Find(case_id)->body; body.has_duplicate()) {
    const CaseRecord* read = Relative(body.duplicate().first_case_id());
    if (read == nullptr) return;
    first = &read->body;
  }
  const FamilyMoment moment{TimeFrom(event.occurred_at()), recorded_at_};
  std::optional<CaseChange> followed = FollowFirst(*Find(case_id), first, moment, *directory_);
  if (followed.has_value()) Take(*std::move(followed));
}

void CaseBatch::Link(const Uuid& duplicate, const Uuid& first, const DuplicateLink& link, absl::Time at) {
  const CaseRecord* copy = FindForChange(duplicate);
  const CaseRecord* original = FindForChange(first);
  // Linked already, when both were received at once.
  if (copy == nullptr || original == nullptr || copy->body.duplicate().first_case_id() == first.ToString())
    return;
  const FamilyMoment moment{at, recorded_at_};
  Take(LinkDuplicate(*copy, original->body, link.linked_at, link.linked_by, moment, *directory_));
  Take(NoteDuplicate(*Find(first), Find(duplicate)->body, false, moment, *directory_));
}

void CaseBatch::Unlink(const Uuid& duplicate, const Uuid& first, absl::Time at) {
  const CaseRecord* copy = FindForChange(duplicate);
  const CaseRecord* original = FindForChange(first);
  if (copy == nullptr || original == nullptr || copy->body.duplicate().first_case_id() != first.ToString())
    return;
  const FamilyMoment moment{at, recorded_at_};
  Take(UnlinkDuplicate(*copy, moment, *directory_));
  Take(NoteDuplicate(*Find(first), Find(duplicate)->body, true, moment, *directory_));
}

}  // namespace zhuqi::routing
