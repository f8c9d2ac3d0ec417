#include "services/routing/families/child_rules.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/routing/cases/case_actions.h"
#include "services/routing/cases/case_assignments.h"
#include "services/routing/cases/case_clocks.h"
#include "services/routing/cases/case_facts.h"
#include "services/routing/knowledge/search_text_rules.h"
#include "services/routing/special/special_rules.h"

namespace zhuqi::routing {
namespace {

using ParentMove = v1::ChildChanged::Move;

constexpr size_t kAnswerCharacters = 500;

// A child that was closed together with its parent stands, for the family, as it stood before.
bool CountsAsClosed(const v1::Case& child) {
  return child.has_closed_at() && !child.parent().closed_with_it();
}

bool StandsWithdrawn(const v1::Case& body) {
  return body.outcome() == v1::OUTCOME_WITHDRAWN || body.issue_withdrawn();
}

absl::Status CheckAsked(const Step& step, int index, const std::string& department_id) {
  const directory::v1::Department* department = step.directory.FindDepartment(department_id);
  if (department == nullptr || department->has_closed_on()) {
    return Refuse("DEPARTMENT_CLOSED", absl::StrCat("children[", index, "]: the department has been closed"),
                  "该部门已撤销");
  }
  for (const v1::ChildCase& child : step.body().children()) {
    if (child.department_id() != department_id || child.has_closed_at()) continue;
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "CHILD_OPEN",
                      absl::StrCat("children[", index, "]: ", department_id, " has an open child already"),
                      "该部门已有未办结的子工单", {{"case_id", child.case_id()}});
  }
  return absl::OkStatus();
}

// The issue as a child shows it: that of its parent, with its own question.
v1::IssueSummary IssueOfChild(const v1::Case& parent, const std::string& question) {
  v1::IssueSummary issue = parent.issue();
  issue.set_text(question);
  return issue;
}

// The clock of the department that is asked: a new one, or else one that goes on from the parent's, under the
// same version of the same policy with the time used so far. Either is a ledger of its own.
v1::CaseClock HandlingClockOf(const v1::Case& parent, const v1::Case& child, absl::Time at) {
  if (child.terms().has_child_policy()) {
    return NewClockOfTerms(child, v1::CLOCK_KIND_HANDLING, child.terms().child_policy(), at, "divided");
  }
  const v1::CaseClock* clock = FindClock(parent, v1::CLOCK_KIND_HANDLING);
  return clock == nullptr ? v1::CaseClock() : GoOnFrom(*clock, at, "divided");
}

// Whether the receipt of the parent was corrected, so that what the child's clock has of the parent's was
// wrong, too, and is put right.
bool FollowReceipt(const v1::Case& parent, const calendar::WorkingCalendar& calendar, v1::Case& child) {
  const v1::CaseClock* of_parent = FindClock(parent, v1::CLOCK_KIND_HANDLING);
  v1::CaseClock* clock = FindClock(child, v1::CLOCK_KIND_HANDLING);
  if (of_parent == nullptr || clock == nullptr) return false;
  // What it has of the parent's is its first stretch, which ended when the child was made.
  const auto& stretches = clock->former().empty() ? clock->intervals() : clock->former(0).intervals();
  const bool goes_on_from_it = !stretches.empty() && stretches.begin()->has_end() &&
                               TimeFrom(stretches.begin()->end()) <= TimeFrom(child.received_at());
  if (!goes_on_from_it || StartOf(*clock) == StartOf(*of_parent)) return false;
  MoveStart(*clock, calendar, StartOf(*of_parent));
  return true;
}

void StandOnLadder(const v1::Case& parent, const google::protobuf::Timestamp& from, v1::Case& child) {
  if (!parent.has_ladder()) return;
  *child.mutable_ladder()->mutable_ladder() = parent.ladder().ladder();
  child.mutable_ladder()->set_catalogue_version(parent.ladder().catalogue_version());
  *child.mutable_ladder()->mutable_applies_from() = from;
}

// When what happened to one of the family takes effect for another one: not before what moved that last.
absl::Time FollowsAt(const CaseRecord& record, const v1::CaseEvent& event) {
  return std::max(TimeFrom(event.occurred_at()), record.latest_at);
}

void FinishFollowing(CaseChange& change, absl::Time at, const v1::CaseEvent& cause,
                     const Directory& directory) {
  TimeClocks(change.record.body, directory.calendar());
  change.event.MergeFrom(NextEvent(change.record, at, TimeFrom(cause.recorded_at()), kBySystem));
  change.event.set_state_after(change.record.body.state());
  change.record.facts = FactsOf(change.record, directory);
}

// What was said when a child was closed.
const std::string& AnswerIn(const v1::CaseEvent& event) {
  const v1::CaseAction& action = event.action();
  if (action.has_resolve()) return action.resolve().text();
  if (action.has_explain()) return action.explain().text();
  if (action.has_decline()) return action.decline().reason();
  return action.withdraw().reason();
}

std::string AnswersOf(const v1::Case& parent) {
  std::vector<std::string> lines;
  for (const v1::ChildCase& child : parent.children()) {
    if (!child.has_closed_at() || child.outcome() == v1::OUTCOME_WITHDRAWN) continue;
    lines.push_back(absl::StrCat(child.department_id(), ": ", child.answer()));
  }
  return absl::StrJoin(lines, "\n");
}

bool HasChild(const v1::Case& parent, v1::Outcome outcome) {
  return std::any_of(parent.children().begin(), parent.children().end(),
                     [outcome](const v1::ChildCase& child) { return child.outcome() == outcome; });
}

bool WasContacted(const v1::Case& parent) {
  const v1::CaseClock* response = FindClock(parent, v1::CLOCK_KIND_RESPONSE);
  return response != nullptr && response->has_stopped_at();
}

bool IsWorkedOn(const v1::Case& parent) {
  return parent.state() == v1::PROCESS_STATE_IN_PROGRESS ||
         parent.state() == v1::PROCESS_STATE_AWAITING_ACCEPTANCE;
}

// What becomes of the parent; its note of the child is the new one.
ParentMove MoveOfParent(const v1::Case& parent, bool closed) {
  if (!closed)
    return IsWorkedOn(parent) ? v1::ChildChanged::MOVE_UNSPECIFIED : v1::ChildChanged::MOVE_TAKEN_UP;
  if (OpenChildren(parent) > 0 || !IsWorkedOn(parent)) return v1::ChildChanged::MOVE_UNSPECIFIED;
  if (HasChild(parent, v1::OUTCOME_ANSWERED)) return v1::ChildChanged::MOVE_TO_CALL_BACK;
  if (!HasChild(parent, v1::OUTCOME_EXPLAINED) && !HasChild(parent, v1::OUTCOME_DECLINED)) {
    return v1::ChildChanged::MOVE_UNDIVIDED;
  }
  // What is followed to the end is closed after the final report alone.
  if (parent.has_special() && IsFollowed(parent.special())) return v1::ChildChanged::MOVE_TO_ANSWER;
  // An answer that nobody gave is none.
  return WasContacted(parent) ? v1::ChildChanged::MOVE_CLOSED : v1::ChildChanged::MOVE_TO_ANSWER;
}

void MoveParent(ParentMove move, absl::Time at, const calendar::WorkingCalendar& calendar,
                CaseRecord& parent) {
  switch (move) {
    case v1::ChildChanged::MOVE_TO_CALL_BACK:
      return MoveToCallBack(parent, at, calendar);
    case v1::ChildChanged::MOVE_CLOSED:
      ClearOutcome(parent);
      CloseWith(parent,
                HasChild(parent.body, v1::OUTCOME_EXPLAINED) ? v1::OUTCOME_EXPLAINED : v1::OUTCOME_DECLINED,
                at, calendar);
      parent.body.set_state(v1::PROCESS_STATE_CLOSED);
      parent.latest_at = at;
      return;
    case v1::ChildChanged::MOVE_TAKEN_UP:
      TakeUp(parent, at, "a child was reopened", kBySystem, calendar);
      parent.body.set_state(LeadHasAccepted(parent.body) ? v1::PROCESS_STATE_IN_PROGRESS
                                                         : v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
      parent.latest_at = at;
      return;
    default:
      return;  // what happens to children makes nothing late that is done to the parent
  }
}

}  // namespace

int OpenChildren(const v1::Case& body) {
  return static_cast<int>(std::count_if(body.children().begin(), body.children().end(),
                                        [](const v1::ChildCase& child) { return !child.has_closed_at(); }));
}

std::string OpenChildrenText(const v1::Case& body) {
  std::vector<std::string> names;
  for (const v1::ChildCase& child : body.children()) {
    if (child.has_closed_at()) continue;
    names.push_back(absl::StrCat(child.number(), " ", child.department_id(), " (", child.case_id(), ")"));
  }
  return absl::StrJoin(names, ", ");
}

absl::Status Apply(Step& step, const v1::Divide& divide) {
  v1::Case& body = step.body();
  if (body.children_size() + divide.children_size() > kMostChildren) {
    return Refuse("TOO_MANY_CHILDREN",
                  absl::StrCat("a case has at most ", kMostChildren, " children, and this one has ",
                               body.children_size()),
                  absl::StrCat("子工单不得超过", kMostChildren, "件，现有", body.children_size(), "件"));
  }
  for (int i = 0; i < divide.children_size(); ++i) {
    ZHUQI_RETURN_IF_ERROR(CheckAsked(step, i, divide.children(i).department_id()));
  }
  for (const v1::ChildQuestion& question : divide.children()) {
    const int number = body.children_size() + 1;
    v1::ChildCase& child = *body.add_children();
    child.set_number(number);
    child.set_case_id(
        Uuid::Derived("child", absl::StrCat(body.case_id(), "/", number), step.at()).ToString());
    child.set_department_id(question.department_id());
    child.set_question(question.question());
    *child.mutable_divided_at() = TimestampMessage(step.at());
  }
  return absl::OkStatus();
}

CaseChange MakeChild(const CaseRecord& parent, int index, const v1::CaseEvent& divided,
                     const Directory& directory) {
  const v1::ChildCase& noted = parent.body.children(index);
  const absl::Time at = TimeFrom(noted.divided_at());
  CaseChange change;
  v1::Case& body = change.record.body;
  body.set_case_id(noted.case_id());
  body.mutable_parent()->set_case_id(parent.body.case_id());
  body.mutable_parent()->set_number(noted.number());
  body.set_issue_record_id(parent.body.issue_record_id());
  *body.mutable_issue_key() = parent.body.issue_key();
  *body.mutable_issue() = IssueOfChild(parent.body, noted.question());
  body.set_org_unit_id(parent.body.org_unit_id());
  body.set_owner_org_unit_id(directory.FindDepartment(noted.department_id())->org_unit_id());
  body.set_state(v1::PROCESS_STATE_AWAITING_ACCEPTANCE);
  body.set_green_channel(parent.body.green_channel());
  *body.mutable_terms() = parent.body.terms();
  *body.mutable_received_at() = noted.divided_at();
  *body.add_clocks() = HandlingClockOf(parent.body, body, at);
  ChangeLead(body, noted.department_id(), directory.calendar(), at);
  StandOnLadder(parent.body, divided.recorded_at(), body);
  change.record.latest_at = at;
  change.record.partition = parent.partition;
  v1::DividedFrom& told = *change.event.mutable_divided_from();
  told.set_parent_case_id(parent.body.case_id());
  told.set_number(noted.number());
  told.set_question(noted.question());
  told.set_reason(divided.action().divide().reason());
  FinishFollowing(change, at, divided, directory);
  change.event.set_actor(divided.actor());
  return change;
}

bool ConcernsChildren(const v1::Case& before, const v1::Case& after) {
  return StandsWithdrawn(before) != StandsWithdrawn(after) || before.org_unit_id() != after.org_unit_id() ||
         TimeFrom(before.received_at()) != TimeFrom(after.received_at()) ||
         !google::protobuf::util::MessageDifferencer::Equals(before.issue(), after.issue());
}

std::optional<CaseChange> FollowParent(const CaseRecord& before, const v1::Case& parent,
                                       const v1::CaseEvent& event, const Directory& directory) {
  CaseChange change;
  change.record = before;
  v1::Case& body = change.record.body;
  const absl::Time at = FollowsAt(before, event);
  const v1::IssueSummary issue = IssueOfChild(parent, before.body.issue().text());
  std::vector<std::string> fields = DifferingFields(body.issue(), issue);
  if (body.org_unit_id() != parent.org_unit_id()) fields.emplace_back("org_unit_id");
  *body.mutable_issue() = issue;
  body.set_org_unit_id(parent.org_unit_id());
  if (FollowReceipt(parent, directory.calendar(), body)) fields.emplace_back("raised_at");
  v1::ParentChanged& told = *change.event.mutable_parent_changed();
  *told.mutable_deadlines() = MovedDeadlines(before.body, body);
  v1::ParentChanged::Cause cause = v1::ParentChanged::CAUSE_REVISED;
  const bool withdrawn = StandsWithdrawn(parent);
  if (withdrawn && !before.body.parent().withdrawn()) {
    cause = v1::ParentChanged::CAUSE_WITHDRAWN;
    body.mutable_parent()->set_closed_with_it(!body.has_closed_at());
    CloseAsWithdrawn(change.record, at, "with its parent", kBySystem, directory.calendar());
  } else if (!withdrawn && before.body.parent().withdrawn()) {
    cause = v1::ParentChanged::CAUSE_BROUGHT_BACK;
    if (body.parent().closed_with_it()) OpenAgain(change.record, at, kBySystem, directory.calendar());
    body.mutable_parent()->clear_closed_with_it();
  } else if (fields.empty()) {
    return std::nullopt;
  }
  body.mutable_parent()->set_withdrawn(withdrawn);
  told.set_cause(cause);
  for (std::string& field : fields) told.add_fields(std::move(field));
  FinishFollowing(change, at, event, directory);
  return change;
}

bool ConcernsParent(const v1::Case& before, const v1::Case& after) {
  return after.has_parent() && CountsAsClosed(before) != CountsAsClosed(after);
}

std::optional<CaseChange> FollowChild(const CaseRecord& before, const v1::Case& child,
                                      const v1::CaseEvent& event, const Directory& directory) {
  CaseChange change;
  change.record = before;
  v1::Case& body = change.record.body;
  const int index = child.parent().number() - 1;
  if (index < 0 || index >= body.children_size()) return std::nullopt;
  v1::ChildCase& noted = *body.mutable_children(index);
  const bool closed = CountsAsClosed(child);
  if (noted.has_closed_at() == closed) return std::nullopt;
  noted.clear_closed_at();
  noted.clear_outcome();
  noted.clear_answer();
  if (closed) {
    *noted.mutable_closed_at() = child.closed_at();
    noted.set_outcome(child.outcome());
    noted.set_answer(std::string(FirstCharacters(AnswerIn(event), kAnswerCharacters)));
  }
  const absl::Time at = FollowsAt(before, event);
  v1::ChildChanged& told = *change.event.mutable_child_changed();
  *told.mutable_child() = noted;
  told.mutable_child()->clear_question();
  told.set_open_children(OpenChildren(body));
  told.set_move(MoveOfParent(body, closed));
  if (closed && told.move() != v1::ChildChanged::MOVE_UNSPECIFIED) told.set_answers(AnswersOf(body));
  MoveParent(told.move(), at, directory.calendar(), change.record);
  FinishFollowing(change, at, event, directory);
  return change;
}

}  // namespace zhuqi::routing
